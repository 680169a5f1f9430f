//! What README.md says word for word: its configuration, and its commands in their order.

use std::{fs, path::Path, process::Command};

use super::{
    house::{Authority, House, NOW},
    process::Execgate,
};

#[test]
fn the_configuration_and_the_commands_work_as_they_stand() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let house = House::alone();
    house.put("config.yaml", &block(&readme, "yaml", "clusters:"));
    // What the reader has: certificates and tokens.
    let authority = Authority::new(NOW);
    let certificate = authority.certify("execgate.example.com", NOW);
    house.put("tls.crt", &certificate.chain);
    house.put("tls.key", &certificate.key);
    for cluster in ["prod", "staging"] {
        fs::create_dir(house.path(cluster)).unwrap();
        house.put(&format!("{cluster}/ca.crt"), authority.pem());
        house.put(&format!("{cluster}/token"), "a-token-of-the-cluster");
    }
    fs::remove_file(house.path("users.yaml")).unwrap();

    let commands = block(&readme, "sh", "can-i");
    let (all_but_serve, serve) = commands.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(serve, "execgate serve --config config.yaml");
    let said = shell(&house, all_but_serve);
    assert!(said.contains("config.yaml is right. It means:\n"), "{said}");
    assert!(said.contains("\nyes\nuser \"alice\" may exec in pod \"web-0\""), "{said}");
    assert!(!said.contains("warning"), "{said}");
    house.change("0.0.0.0:8443", "127.0.0.1:0");
    Execgate::serve(&house.path("config.yaml")).address();
}

/// The guide is run word for word by the tests on a real cluster.
#[test]
fn the_five_commands_are_those_of_the_guide() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/getting-started.md")).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let commands: Vec<String> =
        guide.split("\n```sh\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0.to_owned()).collect();
    let short = block(&readme, "sh", "execgate init");
    let short: Vec<&str> = short.lines().map(|line| line.split("  #").next().unwrap().trim_end()).collect();
    assert_eq!((short.len(), short), (5, commands.iter().map(String::as_str).collect()));
}

/// Runs lines in the house's folder, ending with the first that fails; gives all that they said.
fn shell(house: &House, lines: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_execgate")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let script = format!("exec 2>&1; set -e\n{lines}");
    let ran = Command::new("sh").arg("-c").arg(script).env("PATH", path).current_dir(house.folder()).output();
    let ran = ran.unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}");
    said
}

/// The first code block in `language` that holds `word`.
fn block(text: &str, language: &str, word: &str) -> String {
    let blocks = text.split("```").skip(1).step_by(2);
    let of_language = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    of_language.into_iter().find(|block| block.contains(word)).expect("the block is there").to_owned()
}
