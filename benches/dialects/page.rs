//! Pages, each in its own words.

use std::borrow::Cow;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::{Channel, Coding, Subprotocol};
use serde::Deserialize;
use serde_json::json;

use crate::rig::messages::{stdin_frame, text_frame};

/// What a page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// The subprotocol that the others are compared with.
    Base64,
    Scow,
    Kubeutil,
    Kubemgr,
    Raw,
}

impl Page {
    /// All of them, the one to compare with first.
    pub(crate) const ALL: [Self; 5] = [Self::Base64, Self::Scow, Self::Kubeutil, Self::Kubemgr, Self::Raw];

    /// The `dialect` of its route.
    pub(crate) fn dialect(self) -> &'static str {
        match self {
            Self::Base64 => "channel",
            Self::Scow => "scow",
            Self::Kubeutil => "kubeutil",
            Self::Kubemgr => "kubemgr",
            Self::Raw => "raw",
        }
    }

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Base64 { "base64" } else { self.dialect() }
    }

    /// What it asks for.
    pub(crate) fn offer(self) -> Option<Subprotocol> {
        (self == Self::Base64).then_some(Subprotocol::Base64Channel)
    }

    /// The frame of a text that is typed.
    pub(crate) fn typed(self, text: &str) -> Vec<u8> {
        let message = match self {
            Self::Base64 => return stdin_frame(Coding::Base64, text.as_bytes()),
            Self::Scow => json!({"$case": "data", "data": {"data": text}}).to_string(),
            Self::Kubeutil => json!({"operation": "stdin", "data": text}).to_string(),
            Self::Kubemgr => json!({"type": "input", "input": text}).to_string(),
            Self::Raw => text.to_owned(),
        };
        text_frame(message)
    }

    /// What a message puts on the terminal.
    pub(crate) fn shown(self, payload: &[u8]) -> anyhow::Result<Cow<'_, [u8]>> {
        Ok(match self {
            Self::Base64 => match payload.split_first() {
                Some((first, data)) if *first == Channel::Stdout.digit() => STANDARD.decode(data)?.into(),
                // A status says what the close frame says too.
                Some(_) => Cow::default(),
                None => bail!("a message is empty"),
            },
            Self::Scow => scow(payload)?,
            Self::Kubeutil => bytes_of(serde_json::from_slice::<Kubeutil<'_>>(payload)?.data),
            Self::Kubemgr | Self::Raw => payload.into(),
        })
    }
}

/// Text, or a list of byte values; a message without either is that of the end.
fn scow(payload: &[u8]) -> anyhow::Result<Cow<'_, [u8]>> {
    if let Ok(Scow { data }) = serde_json::from_slice::<Scow<Option<InText<'_>>>>(payload) {
        return Ok(data.map(|inner| bytes_of(inner.data)).unwrap_or_default());
    }
    let Scow { data: InBytes { data } } =
        serde_json::from_slice(payload).context("a scow page got neither text nor bytes")?;
    Ok(data.into())
}

#[derive(Deserialize)]
struct Scow<Inner> {
    data: Inner,
}

#[derive(Deserialize)]
struct InText<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

#[derive(Deserialize)]
struct InBytes {
    data: Vec<u8>,
}

#[derive(Deserialize)]
struct Kubeutil<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

fn bytes_of(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => text.as_bytes().into(),
        Cow::Owned(text) => text.into_bytes().into(),
    }
}
