//! Demo clusters on plain HTTP: where TLS is not the test's concern.

use execgate::demo::{DemoCluster, DemoSettings, Scheme};

/// One with nothing special, named alpha.
pub(crate) async fn cluster() -> DemoCluster {
    cluster_named("alpha").await
}

/// One of that name.
pub(crate) async fn cluster_named(name: &str) -> DemoCluster {
    cluster_with(DemoSettings { name: name.to_owned(), ..DemoSettings::default() }).await
}

/// One with other settings.
pub(crate) async fn cluster_with(settings: DemoSettings) -> DemoCluster {
    DemoCluster::start(DemoSettings { scheme: Scheme::Http, ..settings }).await.unwrap()
}
