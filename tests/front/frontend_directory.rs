//! A folder of files at every path that is not execgate's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use http::StatusCode;
use tempfile::TempDir;

use crate::browse::Fetched;
use crate::gate::Gate;

const PAGE: &str = "<!doctype html><title>page</title>";

/// A page's folder, inside another one that holds what is nobody's business.
struct Site {
    around: TempDir,
}

impl Site {
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        let site = Self { around };
        for (name, content) in [
            ("dist/index.html", PAGE),
            ("dist/app.js", "let a = 0;"),
            ("dist/a file.txt", "spaced"),
            ("dist/digits", "0123456789"),
            ("dist/empty", ""),
            ("dist/docs/index.html", "docs"),
            ("dist/bare/x.css", "a{}"),
            ("dist/.env", "secret"),
            ("dist/.git/config", "secret"),
            ("dist/.well-known/security.txt", "mailto"),
            ("outside", "secret"),
            ("dist-not/file", "secret"),
        ] {
            let path = site.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        symlink("app.js", site.path("dist/inside.js")).unwrap();
        symlink("../outside", site.path("dist/leak")).unwrap();
        symlink("../dist-not", site.path("dist/leaks")).unwrap();
        symlink(site.around.path(), site.path("dist/up")).unwrap();
        site
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.around.path().join(name)
    }

    async fn gate(&self, index: &str) -> Gate {
        self.gate_on(&self.path("dist"), index).await
    }

    async fn gate_on(&self, folder: &Path, index: &str) -> Gate {
        Gate::with_frontend(&format!("{{directory: {{path: {:?}{index}}}}}", folder.display())).await
    }
}

fn text(fetched: &Fetched) -> &str {
    std::str::from_utf8(&fetched.body).unwrap()
}

#[tokio::test]
async fn a_file_comes_with_its_type_and_a_browser_asks_again_each_time() {
    let site = Site::new();
    let gate = site.gate("").await;
    for (path, kind, content) in [
        ("/", "text/html; charset=utf-8", PAGE),
        ("/index.html", "text/html; charset=utf-8", PAGE),
        ("/app.js?v=1", "text/javascript; charset=utf-8", "let a = 0;"),
        ("/inside.js", "text/javascript; charset=utf-8", "let a = 0;"),
        ("/a%20file.txt", "text/plain; charset=utf-8", "spaced"),
        ("/bare/x.css", "text/css; charset=utf-8", "a{}"),
        ("/digits", "application/octet-stream", "0123456789"),
        ("/empty", "application/octet-stream", ""),
        ("/.well-known/security.txt", "text/plain; charset=utf-8", "mailto"),
    ] {
        let fetched = gate.get(path).await;
        assert_eq!((fetched.code, fetched.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(text(&fetched), content, "{path}");
        assert_eq!(fetched.header("cache-control"), Some("no-cache"));
        assert_eq!(fetched.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(fetched.header("accept-ranges"), Some("bytes"));
        assert!(fetched.header("etag").is_some() && fetched.header("last-modified").is_some());
    }
}

#[tokio::test]
async fn who_has_the_file_already_is_not_sent_it_again() {
    let site = Site::new();
    let gate = site.gate("").await;
    let first = gate.get("/app.js").await;
    let (tag, date) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());
    for (name, value) in [("if-none-match", tag), ("if-none-match", "*"), ("if-modified-since", date)] {
        let again = gate.fetch("GET", "/app.js", &[(name, value)]).await;
        assert_eq!((again.code, text(&again)), (304, ""), "{name}: {value}");
        assert_eq!(again.header("etag"), Some(tag));
    }
    fs::write(site.path("dist/app.js"), "let a = 1;").unwrap();
    let changed = gate.fetch("GET", "/app.js", &[("if-none-match", tag)]).await;
    assert_eq!((changed.code, text(&changed)), (200, "let a = 1;"));
}

#[tokio::test]
async fn a_part_is_sent_of_the_file_that_its_rest_is_of() {
    let site = Site::new();
    let gate = site.gate("").await;
    for (range, part, place) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
    ] {
        let fetched = gate.fetch("GET", "/digits", &[("range", range)]).await;
        assert_eq!((fetched.code, text(&fetched)), (206, part), "{range}");
        assert_eq!(fetched.header("content-range"), Some(place));
    }
    let past = gate.fetch("GET", "/digits", &[("range", "bytes=10-")]).await;
    assert_eq!((past.code, past.header("content-range")), (416, Some("bytes */10")));
    for several in ["bytes=0-1,4-5", "lines=1-2"] {
        let fetched = gate.fetch("GET", "/digits", &[("range", several)]).await;
        assert_eq!((fetched.code, text(&fetched)), (200, "0123456789"), "{several}");
    }
    let head = gate.fetch("HEAD", "/digits", &[("range", "bytes=2-4")]).await;
    assert_eq!((head.code, head.header("content-length")), (200, Some("10")));

    let tag = head.header("etag").unwrap();
    let date = head.header("last-modified").unwrap();
    let same = gate.fetch("GET", "/digits", &[("range", "bytes=2-4"), ("if-range", tag)]).await;
    assert_eq!((same.code, text(&same)), (206, "234"));
    for (range, other) in [("bytes=2-4", "\"other\""), ("bytes=99-", "\"other\""), ("bytes=2-4", date)] {
        let fetched = gate.fetch("GET", "/digits", &[("range", range), ("if-range", other)]).await;
        assert_eq!((fetched.code, text(&fetched)), (200, "0123456789"), "{other}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body_and_nothing_can_be_written() {
    let site = Site::new();
    let gate = site.gate("").await;
    let head = gate.fetch("HEAD", "/app.js", &[]).await;
    assert_eq!((head.code, text(&head), head.header("content-length")), (200, "", Some("10")));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let refused = gate.fetch(method, "/app.js", &[]).await;
        assert!(refused.refused(StatusCode::METHOD_NOT_ALLOWED).contains(method));
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn folders_have_an_index_and_what_is_not_there_is_not_found() {
    let site = Site::new();
    let gate = site.gate("").await;
    assert_eq!(text(&gate.get("/docs/").await), "docs");
    let moved = gate.get("/docs?a=b").await;
    assert_eq!((moved.code, moved.header("location")), (307, Some("/docs/?a=b")));
    for path in
        ["/nothing", "/nothing/", "/bare/", "/app.js/", "/app.js/x", "/api/users", "/clusters/alpha/x"]
    {
        let words = gate.get(path).await.refused(StatusCode::NOT_FOUND);
        assert_eq!(words, "there is no file at this path", "{path}");
    }
}

#[tokio::test]
async fn a_page_that_draws_every_path_itself_gets_its_index_for_all_that_is_no_file() {
    let site = Site::new();
    let gate = site.gate(", index: always").await;
    for path in ["/", "/settings/profile", "/nothing.js", "/api/users", "/bare/", "/.env", "/leak", "/a//b"] {
        let fetched = gate.get(path).await;
        assert_eq!((fetched.code, text(&fetched)), (200, PAGE), "{path}");
    }
    assert_eq!(text(&gate.get("/docs/").await), "docs");
    gate.get("/%2e%2e/outside").await.refused(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_leads_out_of_the_folder_and_nothing_hidden_is_shown() {
    let site = Site::new();
    let gate = site.gate("").await;
    for path in [
        "/../outside",
        "/..%2foutside",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/outside",
        "/docs/../../outside",
        "/docs/%2e%2e%2f%2e%2e%2foutside",
        "/%252e%252e/outside/%00",
        "/..%5coutside",
        "/./app.js",
    ] {
        let words = gate.get(path).await.refused(StatusCode::BAD_REQUEST);
        assert!(words.starts_with("the path names no file"), "{path}: {words}");
    }
    for path in [
        "/.env",
        "/.git/config",
        "/%2eenv",
        "/leak",
        "/leaks/file",
        "/up/outside",
        "/up/dist/app.js/../../outside%20",
        "//docs",
        "/%252e%252e/outside",
    ] {
        let fetched = gate.get(path).await;
        assert!(matches!(fetched.code, 400 | 404), "{path}: {fetched:?}");
        assert!(!text(&fetched).contains("secret"), "{path}");
    }
}

#[tokio::test]
async fn the_folder_may_be_a_link_that_is_set_to_the_next_version() {
    let site = Site::new();
    let current = site.path("current");
    symlink("dist", &current).unwrap();
    let gate = site.gate_on(&current, "").await;
    assert_eq!(text(&gate.get("/app.js").await), "let a = 0;");
    fs::create_dir(site.path("next")).unwrap();
    fs::write(site.path("next/app.js"), "let a = 2;").unwrap();
    fs::remove_file(&current).unwrap();
    symlink("next", &current).unwrap();
    assert_eq!(text(&gate.get("/app.js").await), "let a = 2;");
}

#[tokio::test]
async fn a_file_as_large_as_no_buffer_comes_whole() {
    let site = Site::new();
    let large = vec![b'x'; 5 << 20];
    fs::write(site.path("dist/large.bin"), &large).unwrap();
    let gate = site.gate("").await;
    let fetched = gate.get("/large.bin").await;
    assert!(fetched.body == large, "{} bytes", fetched.body.len());
}

#[tokio::test]
async fn the_api_stays_execgate_s_and_other_origins_pages_are_refused_there_alone() {
    let site = Site::new();
    let gate = site.gate(", index: always").await;
    let exec = "/api/v1/namespaces/default/pods/web-0/exec?command=sh";
    assert_eq!(gate.get(exec).await.code, 401);
    assert_eq!(gate.get("/version").await.code, 401);
    gate.get("/api/v1/namespaces/default/pods/web%2d0/exec").await.refused(StatusCode::BAD_REQUEST);
    let foreign = [("origin", "https://elsewhere.example")];
    gate.fetch("GET", exec, &foreign).await.refused(StatusCode::FORBIDDEN);
    assert_eq!(gate.fetch("GET", "/app.js", &foreign).await.code, 200);
}
