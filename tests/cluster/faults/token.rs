//! A token of the cluster's own that has expired: ten minutes are the shortest life that the API server gives one, so its key signs it
//! here.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::support::node::Node;

/// The service account's token, good in everything but its time.
pub(super) fn expired(node: &Node) -> String {
    let good = node.token(&[]);
    let [header, claims, _signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("no JWT");
    };
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    // The first hour of 2020.
    for (claim, time) in [("iat", 1_577_836_800), ("nbf", 1_577_836_800), ("exp", 1_577_840_400)] {
        claims[claim] = time.into();
    }
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = raw(&sign(node, signed.as_bytes()));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An ECDSA signature by the key of the cluster's service accounts, in DER.
fn sign(node: &Node, text: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign"])
        .arg(node.file("pki/service-accounts.key"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl made the cluster's keys");
    openssl.stdin.take().expect("piped").write_all(text).unwrap();
    openssl.wait_with_output().unwrap().stdout
}

/// The same as JWTs have it (RFC 7518 section 3.4): two numbers of 32 bytes each.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut raw = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let digits = &number[number.len().saturating_sub(32)..];
        raw.resize(raw.len() + 32 - digits.len(), 0);
        raw.extend(digits);
        rest = after;
    }
    raw
}
