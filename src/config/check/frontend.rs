//! The page's own place.

use std::path::{Path, PathBuf};

use super::{Check, clusters::TlsKeys};
use crate::{
    cluster::{ServerUrl, ServerUrlError},
    config::{
        Surroundings,
        file::{File, Frontend, FrontendDirectory, FrontendServer, Index},
        key::KeyPath,
        problem::io_words,
    },
    front::{self, DirectorySettings, FrontendSettings, ServerSettings},
    identity::CookieName,
};

impl Check<'_> {
    pub(super) fn frontend(&mut self, file: &File) -> Option<FrontendSettings> {
        let frontend = file.frontend.as_ref()?;
        let key = KeyPath::root().field("frontend");
        if file.page.is_some() {
            self.refuse(&key, "contradicts page: each would answer at /; remove one of the two");
        }
        match frontend {
            Frontend::Directory(directory) => {
                let settings = self.frontend_directory(&key.field("directory"), directory);
                Some(FrontendSettings::Directory(settings))
            }
            Frontend::Server(server) => {
                let settings = self.frontend_server(&key.field("server"), server)?;
                Some(FrontendSettings::Server(Box::new(settings)))
            }
        }
    }

    fn frontend_directory(&mut self, key: &KeyPath, directory: &FrontendDirectory) -> DirectorySettings {
        let path = self.folder_of_files(&key.field("path"), &directory.path);
        let index = match directory.index {
            Index::Folders => front::Index::Folders,
            Index::Always => front::Index::Always,
        };
        let is_here = self.surroundings == Surroundings::Required && path.is_dir();
        if index == front::Index::Always && is_here && !path.join("index.html").is_file() {
            let text = format!("{} holds no index.html, which `always` needs", path.display());
            self.refuse(&key.field("index"), text);
        }
        DirectorySettings { path, index }
    }

    fn folder_of_files(&mut self, key: &KeyPath, path: &Path) -> PathBuf {
        if path.as_os_str().is_empty() {
            self.refuse(key, "is empty; it must be the path of a folder");
        }
        let path = self.resolve(path);
        if self.surroundings == Surroundings::Elsewhere {
            return path;
        }
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => self.refuse(key, format!("{} is no folder; name the one that holds it", path.display())),
            Err(error) => self.refuse(key, format!("{}: {}", path.display(), io_words(&error))),
        }
        path
    }

    fn frontend_server(&mut self, key: &KeyPath, server: &FrontendServer) -> Option<ServerSettings> {
        let url = self.keep(&key.field("url"), ServerUrl::parse(&server.url).map_err(words));
        let tls = TlsKeys {
            authority: server.certificate_authority.as_ref(),
            server_name: server.tls_server_name.as_deref(),
            insecure: server.insecure_skip_tls_verify,
        };
        if let Some(url) = &url {
            self.plain_server(key, url, &tls);
            if !url.prefix().is_empty() {
                let text = "has a path; requests keep the path that they come with, so write scheme, host and port alone";
                self.refuse(&key.field("url"), text);
            }
        }
        let trust = self.trust(key, &tls);
        let connect_timeout = self.positive(&key.field("connectTimeout"), server.connect_timeout);
        let cookies_key = key.field("keepCookies");
        let mut keep_cookies = Vec::new();
        for (index, name) in server.keep_cookies.iter().enumerate() {
            keep_cookies.extend(self.keep(&cookies_key.index(index), CookieName::parse(name)));
        }
        let tls_server_name = server.tls_server_name.clone();
        Some(ServerSettings { url: url?, trust, tls_server_name, connect_timeout, keep_cookies })
    }
}

fn words(error: ServerUrlError) -> String {
    match error {
        ServerUrlError::Malformed => {
            "not a URL; write it as http://HOST:PORT or https://HOST:PORT".to_owned()
        }
        ServerUrlError::Extra => "only scheme, host and port are allowed".to_owned(),
        ServerUrlError::Scheme | ServerUrlError::Port => error.to_string(),
    }
}
