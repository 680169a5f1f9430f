//! The files below one folder, and no others: whatever a link leads out of it to is not there.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use tokio::task::spawn_blocking;
use tower_http::services::fs::{Backend, TokioBackend, TokioFile};

/// A folder. It is looked up anew each time: it may be a link that is set to another version of the page while this runs.
#[derive(Debug, Clone)]
pub(super) struct Confined {
    folder: PathBuf,
}

type Soon<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Confined {
    /// To `folder`, which must be there.
    pub(super) fn to(folder: &Path) -> io::Result<Self> {
        if fs::metadata(folder)?.is_dir() {
            Ok(Self { folder: folder.to_owned() })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// Where `path` really is, if that is a file or a folder below ours. Opening a pipe or a device could take for ever.
    fn find(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        let (folder, path) = (self.folder.canonicalize()?, path.canonicalize()?);
        let metadata = fs::metadata(&path)?;
        if path.starts_with(folder) && (metadata.is_file() || metadata.is_dir()) {
            Ok((path, metadata))
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    async fn find_soon(self, path: PathBuf) -> io::Result<(PathBuf, Metadata)> {
        spawn_blocking(move || self.find(&path)).await.map_err(io::Error::other)?
    }
}

impl Backend for Confined {
    type File = TokioFile;
    type Metadata = Metadata;
    type OpenFuture = Soon<TokioFile>;
    type MetadataFuture = Soon<Metadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let found = self.clone().find_soon(path);
        Box::pin(async move {
            match found.await? {
                (path, metadata) if metadata.is_file() => TokioBackend.open(path).await,
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        })
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let found = self.clone().find_soon(path);
        Box::pin(async move { Ok(found.await?.1) })
    }
}
