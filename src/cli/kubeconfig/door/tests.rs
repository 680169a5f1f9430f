use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::*;
use crate::front::{ListenerSettings, Origins, TlsFiles};

struct House {
    folder: TempDir,
    front: Settings,
}

/// A listener there, whose certificate is good for `names`.
fn house(address: &str, pem: &str) -> House {
    let folder = tempfile::tempdir().unwrap();
    let cert_file = folder.path().join("tls.crt");
    std::fs::write(&cert_file, pem).unwrap();
    let tls = Some(TlsFiles { cert_file, key_file: "tls.key".into() });
    let plain = ListenerSettings { address: "127.0.0.1:80".parse().unwrap(), tls: None };
    let listeners = vec![plain, ListenerSettings { address: address.parse().unwrap(), tls }];
    let front = Settings {
        listeners,
        origins: Origins::Same,
        token_cookie: None,
        page: None,
        routes: Vec::new(),
        frontend: None,
    };
    House { folder, front }
}

fn self_signed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap().self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn url(address: &str, names: &[&str]) -> Result<String, String> {
    let house = house(address, &self_signed(names));
    Door::find(&house.front, None, None).map(|door| door.url).map_err(|error| error.to_string())
}

#[test]
fn the_url_is_the_listeners_own_address_or_a_name_of_its_certificate() {
    assert_eq!(url("127.0.0.1:8443", &["gate.example", "127.0.0.1"]).unwrap(), "https://127.0.0.1:8443");
    assert_eq!(url("0.0.0.0:8443", &["gate.example", "127.0.0.1"]).unwrap(), "https://gate.example:8443");
    assert_eq!(url("[::]:443", &["::1"]).unwrap(), "https://[::1]:443");
    assert!(url("0.0.0.0:8443", &["*.example"]).unwrap_err().ends_with("name one with --server"));
    assert!(url("127.0.0.1:0", &["127.0.0.1"]).unwrap_err().contains("any free port"));
}

#[test]
fn without_tls_there_is_no_way_in_but_the_one_that_is_given() {
    let mut house = house("127.0.0.1:8443", &self_signed(&["gate.example"]));
    house.front.listeners.pop();
    let error = Door::find(&house.front, None, None).unwrap_err();
    assert!(matches!(error, DoorError::NoTls), "{error}");
    let door = Door::find(&house.front, Some("https://gate.example/"), None).unwrap();
    assert_eq!((door.url.as_str(), door.authority), ("https://gate.example", None));
    assert!(door.note.unwrap().contains("--certificate-authority"));
    for wrong in
        ["http://gate.example", "gate.example:8443", "https://", "https://u:p@gate", "https://a?b", "x"]
    {
        let error = Door::find(&house.front, Some(wrong), None).unwrap_err();
        assert!(matches!(error, DoorError::Server { .. }), "{wrong}: {error}");
    }
}

#[test]
fn trust_comes_from_the_flag_or_from_a_certificate_that_signed_itself_for_that_host() {
    let pem = self_signed(&["gate.example", "127.0.0.1"]);
    let house = house("127.0.0.1:8443", &pem);
    let find = |server, authority| Door::find(&house.front, server, authority).unwrap();
    assert!(find(None, None).authority.is_some() && find(None, None).note.is_none());
    assert!(find(Some("https://GATE.example"), None).authority.is_some());
    let elsewhere = find(Some("https://elsewhere.example"), None);
    assert!(elsewhere.authority.is_none() && elsewhere.note.is_some());
    let other = house.folder.path().join("other.crt");
    std::fs::write(&other, self_signed(&["other"])).unwrap();
    let given = find(None, Some(&other));
    assert!(given.authority.is_some() && given.authority != find(None, None).authority);
    let missing = Door::find(&house.front, None, Some(Path::new("/nowhere/ca.crt"))).unwrap_err();
    assert!(matches!(missing, DoorError::Authority(_)), "{missing}");
}

#[test]
fn a_certificate_of_somebody_elses_is_told_with_the_name_of_who_signed_it() {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "The House Authority");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let leaf = CertificateParams::new(["gate.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().pem();
    let door = Door::find(&house("0.0.0.0:443", &leaf).front, None, None).unwrap();
    assert_eq!(door.authority, None);
    assert!(door.note.unwrap().contains("The House Authority"));
}
