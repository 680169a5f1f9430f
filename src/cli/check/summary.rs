//! What a configuration means, for people.

mod routes;

use std::fmt::{Display, Write};

use jiff::fmt::friendly::SpanPrinter;

use super::sentences;
use crate::{
    cluster::{self, CredentialSettings, ServerUrl, Trust},
    config::Settings,
    front::{self, FrontendSettings, Index, Origin, Origins},
    protocol::bridge::{LastInput, OnDisconnect, Then},
    resolve::{Choice, Find, ResolverSettings},
    target::ClusterName,
};

/// Sections with a line or more for each thing.
pub(super) fn summary(settings: &Settings) -> String {
    let mut text = String::new();
    section(&mut text, "Listens on", listeners(&settings.front));
    section(&mut text, "Shows", page(&settings.front).into_iter().chain(frontend(&settings.front)));
    section(&mut text, "Routes", routes::lines(settings));
    section(&mut text, "Pages that may connect", origins(&settings.front));
    let default = settings.default_cluster.as_ref();
    let clusters = settings.clusters.iter().flat_map(|cluster| cluster_lines(cluster, default));
    section(&mut text, "Clusters", clusters);
    let users = settings.users_files.iter().map(|users| format!("those listed in {}", users.path.display()));
    section(&mut text, "Users", users.chain(cookie(&settings.front)));
    let rules = sentences::in_order(&settings.policy);
    section(&mut text, "Who may do what", rules.chain(["Everything else is denied.".to_owned()]));
    section(&mut text, "Finds pods", settings.resolvers.iter().flat_map(resolver_lines));
    section(&mut text, "Limits", limits(settings));
    text
}

fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let lines: Vec<String> = lines.into_iter().map(|line| format!("  {line}\n")).collect();
    if lines.is_empty() {
        return;
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    write!(text, "{gap}{title}\n{}", lines.concat()).expect("a String takes every write");
}

fn listeners(front: &front::Settings) -> Vec<String> {
    let line = |listener: &front::ListenerSettings| match &listener.tls {
        Some(tls) => format!("{} with TLS, certificate {}", listener.address, tls.cert_file.display()),
        None => format!("{} without TLS", listener.address),
    };
    front.listeners.iter().map(line).collect()
}

fn origins(front: &front::Settings) -> Vec<String> {
    let from = |origins: &[Origin]| origins.iter().map(|origin| format!("those from {origin}")).collect();
    match &front.origins {
        Origins::Same => vec!["those from the same scheme, host and port as execgate".to_owned()],
        Origins::Listed(origins) if origins.is_empty() => vec!["none".to_owned()],
        Origins::Listed(listed) => from(listed),
        Origins::SameAndListed(listed) => {
            let own = "execgate's own, from the same scheme, host and port".to_owned();
            std::iter::once(own).chain(from(listed)).collect()
        }
    }
}

fn page(front: &front::Settings) -> Option<String> {
    let commands = &front.page.as_ref()?.commands;
    Some(format!("a terminal page at /, which proposes {}", commands.join(", ")))
}

fn frontend(front: &front::Settings) -> Option<String> {
    Some(match front.frontend.as_ref()? {
        FrontendSettings::Directory(directory) => {
            let else_index = match directory.index {
                Index::Folders => "",
                Index::Always => ", and its index.html where there is no file",
            };
            format!("the files in {} at every other path{else_index}", directory.path.display())
        }
        FrontendSettings::Server(server) => {
            let kept = server.keep_cookies.iter().map(|name| format!(", with the cookie {name}"));
            let trust = trust(&server.url, &server.trust, server.tls_server_name.as_deref());
            let kept = kept.collect::<String>();
            format!("the page of {} at every other path{kept}; its certificate: {trust}", server.url)
        }
    })
}

fn cookie(front: &front::Settings) -> Option<String> {
    let name = front.token_cookie.as_ref()?;
    Some(format!("their token may also come as the cookie {name}"))
}

fn cluster_lines(cluster: &cluster::Settings, default: Option<&ClusterName>) -> Vec<String> {
    let (name, server) = (&cluster.name, &cluster.server);
    let path = if default == Some(name) {
        format!("/clusters/{name}/api/v1/... and /api/v1/...")
    } else {
        format!("/clusters/{name}/api/v1/...")
    };
    let mut lines = vec![
        format!("{name}: {server}, for {path}"),
        format!("  its certificate: {}", trust(server, &cluster.trust, cluster.tls_server_name.as_deref())),
        format!("  execgate's credential: {}", credential(&cluster.credential)),
        format!(
            "  connects within {}, probes an idle connection after {}",
            time(cluster.connect_timeout),
            time(cluster.keepalive)
        ),
    ];
    if cluster.impersonate {
        lines.push("  sends the user's name and groups along (impersonation)".to_owned());
    }
    lines
}

fn trust(server: &ServerUrl, trust: &Trust, name: Option<&str>) -> String {
    let name = name.unwrap_or_else(|| server.host());
    match trust {
        _ if !server.is_tls() => "none, there is no TLS: anybody can pose as it".to_owned(),
        Trust::SystemRoots => format!("must be for {name}, from an authority that this machine trusts"),
        Trust::File(path) => format!("must be for {name}, from the authority in {}", path.display()),
        Trust::Inline(_) => format!("must be for {name}, from the authority in the configuration"),
        Trust::Insecure => "any is believed (insecureSkipTlsVerify): anybody can pose as it".to_owned(),
    }
}

fn credential(credential: &CredentialSettings) -> String {
    match credential {
        CredentialSettings::TokenEnv(name) => format!("the token in the environment variable {name}"),
        CredentialSettings::TokenFile(path) => format!("the token in {}", path.display()),
        CredentialSettings::ClientCertificate { cert_file, .. } => {
            format!("the client certificate {}", cert_file.display())
        }
    }
}

fn resolver_lines(resolver: &ResolverSettings) -> Vec<String> {
    let choice = |choice: &Choice| match choice {
        Choice::NewestReady => "of several the newest that is ready",
        Choice::Only => "of several none",
    };
    let name = &resolver.name;
    match &resolver.find {
        Find::Labels { selector, namespace, choose } => vec![format!(
            "{name}: those with the labels {selector} in namespace {namespace}, {}",
            choice(choose)
        )],
        Find::Owner { of, namespace, choose } => {
            vec![format!("{name}: those of {of} in namespace {namespace}, {}", choice(choose))]
        }
        Find::Pod { name: pod, namespace } => vec![format!("{name}: {pod} in namespace {namespace}")],
        Find::Http(service) => {
            let mut lines =
                vec![format!("{name}: the one that {} names within {}", service.url, time(service.timeout))];
            let secret = service.secret.as_ref().map(credential);
            lines.extend(secret.map(|secret| format!("  execgate's credential: {secret}")));
            lines
        }
    }
}

fn limits(settings: &Settings) -> Vec<String> {
    let relay = &settings.relay;
    let limit = |duration: Option<_>| {
        duration.map_or_else(|| "never".to_owned(), |limit| format!("after {}", time(limit)))
    };
    vec![
        format!("at most {} sessions at once", settings.sessions.max),
        format!(
            "an idle session ends {}, any session {}",
            limit(relay.idle_timeout),
            limit(relay.max_duration)
        ),
        format!(
            "a silent side is pinged after {}, a stuck one is gone after {}",
            time(relay.ping_period),
            time(relay.stuck_timeout)
        ),
        format!(
            "a slow client's output is read ahead into up to {} a session, {} in all",
            size(relay.read_ahead),
            size(relay.read_ahead_total)
        ),
        format!("when execgate stops, sessions have {} to end", time(settings.sessions.drain_timeout)),
        format!("a terminal whose user leaves is {}", on_disconnect(&relay.on_disconnect)),
    ]
}

fn on_disconnect(leaving: &OnDisconnect) -> String {
    let typed = match &leaving.send {
        LastInput::Nothing => "typed nothing".to_owned(),
        LastInput::Eof => "typed Ctrl-D".to_owned(),
        LastInput::Exit => "typed exit and Enter".to_owned(),
        LastInput::Text(text) => format!("typed {text:?}"),
    };
    match leaving.then {
        Then::HangUp if leaving.grace.is_zero() => "hung up, so that its shell ends".to_owned(),
        Then::HangUp => format!("{typed}, and hung up after {} so that its shell ends", time(leaving.grace)),
        Then::Leave => format!("{typed}, and its shell may live on"),
    }
}

fn size(bytes: usize) -> String {
    match bytes >> 10 {
        kib if kib.is_multiple_of(1024) => format!("{} MiB", kib >> 10),
        kib => format!("{kib} KiB"),
    }
}

fn time(duration: std::time::Duration) -> impl Display {
    SpanPrinter::new().unsigned_duration_to_string(&duration)
}
