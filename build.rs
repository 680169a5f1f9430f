//! Builds the terminal page in `web/` with npm and esbuild, for `src/front/page.rs` to embed.
//!
//! The source tree is only read: the sources are copied to Cargo's build folder and built there, and the packages that npm
//! installs there stay until the lock file changes. Without npm, or when it fails, the build goes on with a
//! warning that says why, and the cfg `execgate_page` stays off: the page's place then tells what to install.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// What the page is made of, in `web/`. `node_modules`, if somebody has one there, is not.
const SOURCES: [&str; 4] = ["package.json", "package-lock.json", "build.mjs", "src"];

/// `--ignore-scripts`: esbuild's program comes as a package of its own, so no package's script has to run. The retries are
/// for a machine that is offline: it should learn so in seconds.
const NPM_CI: [&str; 7] = [
    "ci",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500",
];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(execgate_page)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=EXECGATE_SKIP_PAGE");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    match build_page() {
        Ok(()) => println!("cargo::rustc-cfg=execgate_page"),
        Err(problem) => println!(
            "cargo::warning=the terminal page is left out, all else works: {problem}; once that is mended, `touch build.rs` and build again"
        ),
    }
}

/// Leaves the page in `OUT_DIR/page`, or says in one line why not.
fn build_page() -> Result<(), String> {
    if env::var("EXECGATE_SKIP_PAGE").is_ok_and(|value| value == "1") {
        return Err("EXECGATE_SKIP_PAGE=1 was set".to_owned());
    }
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it for build scripts"));
    let web = out_dir.join("web");
    copy_sources(&web).map_err(|error| format!("copying web/ to {} failed: {error}", web.display()))?;
    install_packages(&web)?;
    let page = out_dir.join("page");
    run(Command::new("node").arg("build.mjs").arg(&page).current_dir(&web))
}

/// Copies `web/`; what was deleted there is deleted here.
fn copy_sources(to: &Path) -> io::Result<()> {
    let _ = fs::remove_dir_all(to.join("src"));
    SOURCES.iter().try_for_each(|source| copy(&Path::new("web").join(source), &to.join(source)))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().expect("it lies in the build folder"))?;
        return fs::write(to, fs::read(from)?);
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// `npm ci`, unless the packages of this very lock file are there. The stamp is written last: an install that was cut off
/// is done again.
fn install_packages(web: &Path) -> Result<(), String> {
    let stamp = web.join("node_modules/.installed-lock");
    let lock =
        fs::read(web.join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(Command::new("npm").args(NPM_CI).current_dir(web))?;
    fs::write(&stamp, lock).map_err(|error| format!("writing {} failed: {error}", stamp.display()))
}

/// Runs a program to its end; a failure is told in one line, with the last line that the program wrote about it.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{program} was not found; install Node.js 18 or newer with npm"),
        _ => format!("{program} could not be started: {error}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().find(|line| line.to_ascii_lowercase().contains("error")).unwrap_or_default();
    Err(format!("{program} failed ({}): {}", output.status, why.trim()))
}
