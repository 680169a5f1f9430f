//! Listeners, origins and the cookie.

use std::net::SocketAddr;

use super::Check;
use crate::{
    config::{
        file::{CertificatePair, File, Listener, Page},
        key::KeyPath,
    },
    front::{ListenerSettings, Origin, Origins, PageSettings, Settings, TlsFiles},
    identity::CookieName,
    resolve::ResolverSettings,
};

/// The cookie of a page whose configuration names none.
const PAGE_COOKIE: &str = "execgate_token";

impl Check<'_> {
    pub(super) fn front(&mut self, file: &File, resolvers: &[ResolverSettings]) -> Settings {
        let cookie_key = KeyPath::root().field("tokenCookie");
        // A page can't send a header with a WebSocket, so its login needs a cookie.
        let of_page = file.page.as_ref().map(|_| PAGE_COOKIE);
        let cookie = file.token_cookie.as_deref().or(of_page);
        let token_cookie = cookie.and_then(|name| self.keep(&cookie_key, CookieName::parse(name)));
        Settings {
            listeners: self.listeners(&file.listen),
            origins: self.origins(file),
            page: file.page.as_ref().map(|page| self.page(page)),
            frontend: self.frontend(file),
            routes: self.routes(file, token_cookie.as_ref(), resolvers),
            token_cookie,
        }
    }

    fn page(&mut self, page: &Page) -> PageSettings {
        let key = KeyPath::root().field("page").field("commands");
        if page.commands.is_empty() {
            self.refuse(&key, "must have an entry, such as sh, or be left out");
        }
        for (index, command) in page.commands.iter().enumerate() {
            if command.trim().is_empty() {
                self.refuse(&key.index(index), "is no command line; write one, such as sh, or remove it");
            }
        }
        PageSettings { commands: page.commands.clone() }
    }

    fn listeners(&mut self, listen: &[Listener]) -> Vec<ListenerSettings> {
        let key = KeyPath::root().field("listen");
        if listen.is_empty() {
            self.refuse(&key, "must have an entry, such as {address: 127.0.0.1:8080}");
        }
        let mut settings: Vec<ListenerSettings> = Vec::new();
        for (index, listener) in listen.iter().enumerate() {
            let key = key.index(index);
            let tls = listener.tls.as_ref().map(|pair| self.tls(&key.field("tls"), pair));
            let Some(address) = self.address(&key.field("address"), &listener.address) else {
                continue;
            };
            if address.port() != 0 && settings.iter().any(|other| other.address == address) {
                self.refuse(&key.field("address"), format!("{address} is listened on already; remove one"));
            }
            settings.push(ListenerSettings { address, tls });
        }
        settings
    }

    fn address(&mut self, key: &KeyPath, text: &str) -> Option<SocketAddr> {
        let advice = "must be an IP address and a port, such as 0.0.0.0:8443, 127.0.0.1:8080 or [::]:8443";
        self.keep(key, text.parse().map_err(|_| advice))
    }

    fn tls(&mut self, key: &KeyPath, pair: &CertificatePair) -> TlsFiles {
        let (cert_file, key_file) = self.certificate_pair(key, pair);
        TlsFiles { cert_file, key_file }
    }

    fn origins(&mut self, file: &File) -> Origins {
        let Some(allowed) = &file.allowed_origins else {
            return Origins::Same;
        };
        let key = KeyPath::root().field("allowedOrigins");
        let mut origins = Vec::new();
        for (index, text) in allowed.iter().enumerate() {
            origins.extend(self.keep(&key.index(index), Origin::parse(text)));
        }
        if file.page.is_some() { Origins::SameAndListed(origins) } else { Origins::Listed(origins) }
    }
}
