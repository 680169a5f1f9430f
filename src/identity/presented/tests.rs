use http::{HeaderName, HeaderValue};

use super::*;

/// What was found, with the secret laid open for comparing.
#[derive(Debug, PartialEq)]
enum Found {
    Nothing,
    Token(String, Place),
    Unusable(Place),
}

fn find(lines: &[(HeaderName, &[u8])], subprotocol: Option<&str>) -> Result<Found, PresentedError> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    let cookie = CookieName::parse("token").unwrap();
    let presented = Presented::from_parts(&headers, subprotocol.map(Into::into), Some(&cookie))?;
    Ok(match presented {
        Presented::Absent => Found::Nothing,
        Presented::Token { token, place } => Found::Token(token.expose_secret().to_owned(), place),
        Presented::Unusable { place } => Found::Unusable(place),
    })
}

fn authorization(value: &str) -> (HeaderName, &[u8]) {
    (header::AUTHORIZATION, value.as_bytes())
}

fn cookie(value: &str) -> (HeaderName, &[u8]) {
    (header::COOKIE, value.as_bytes())
}

fn token(text: &str, place: Place) -> Found {
    Found::Token(text.to_owned(), place)
}

#[test]
fn a_token_is_found_in_each_of_the_three_places() {
    assert_eq!(find(&[], None), Ok(Found::Nothing));
    assert_eq!(find(&[authorization("Bearer t-1")], None), Ok(token("t-1", Place::Authorization)));
    assert_eq!(find(&[], Some("t-2")), Ok(token("t-2", Place::Subprotocol)));
    assert_eq!(find(&[cookie("a=b; token=t-3; c=d")], None), Ok(token("t-3", Place::Cookie)));
}

#[test]
fn the_scheme_is_read_in_any_case() {
    for line in ["bearer abc", "BEARER abc", "BeArEr   abc"] {
        assert_eq!(find(&[authorization(line)], None), Ok(token("abc", Place::Authorization)), "{line}");
    }
}

#[test]
fn every_character_of_a_bearer_token_is_taken() {
    let every = "azAZ09-._~+/==";
    assert_eq!(
        find(&[authorization(&format!("Bearer {every}"))], None),
        Ok(token(every, Place::Authorization))
    );
}

#[test]
fn an_authorization_that_is_no_bearer_token_is_unusable_and_not_absent() {
    for line in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer ==",
        "Bearer a=b",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer\ta",
        "Bearer \u{e9}",
        "Basic dXNlcjpwYXNz",
        "Token abc",
        "abc",
    ] {
        let found = find(&[authorization(line)], None);
        assert_eq!(found, Ok(Found::Unusable(Place::Authorization)), "{line:?}");
    }
}

#[test]
fn a_repeated_authorization_header_is_refused_even_if_equal() {
    let twice = [authorization("Bearer a"), authorization("Bearer a")];
    assert_eq!(find(&twice, None), Err(PresentedError::RepeatedAuthorization));
}

#[test]
fn the_same_token_in_two_places_is_one_credential() {
    assert_eq!(
        find(&[authorization("Bearer a"), cookie("token=a")], Some("a")),
        Ok(token("a", Place::Authorization))
    );
}

#[test]
fn two_different_credentials_are_refused_whatever_their_places() {
    let several = |first, second| Err(PresentedError::Several { first, second });
    assert_eq!(
        find(&[authorization("Bearer a")], Some("b")),
        several(Place::Authorization, Place::Subprotocol)
    );
    assert_eq!(
        find(&[authorization("Bearer a"), cookie("token=b")], None),
        several(Place::Authorization, Place::Cookie)
    );
    assert_eq!(find(&[cookie("token=b")], Some("a")), several(Place::Subprotocol, Place::Cookie));
    assert_eq!(
        find(&[authorization("Basic YTpi"), cookie("token=b")], None),
        several(Place::Authorization, Place::Cookie)
    );
}

#[test]
fn the_cookie_twice_counts_once_if_equal_and_is_refused_if_not() {
    assert_eq!(find(&[cookie("token=a; token=a")], None), Ok(token("a", Place::Cookie)));
    let name = CookieName::parse("token").unwrap();
    for lines in [
        &[cookie("token=a; token=b")][..],
        &[cookie("token=a"), cookie("token=b")],
        &[cookie("token=a; token=a%20")],
    ] {
        assert_eq!(find(lines, None), Err(PresentedError::SeveralCookies { name: name.clone() }));
    }
}

#[test]
fn a_cookie_is_read_as_it_stands() {
    for (line, expected) in [
        ("token=a%62", Ok(Found::Unusable(Place::Cookie))),
        ("token=\"ab\"", Ok(token("ab", Place::Cookie))),
        ("token=ab==", Ok(token("ab==", Place::Cookie))),
        ("token=a b", Ok(Found::Unusable(Place::Cookie))),
        ("token=", Ok(Found::Nothing)),
        ("token", Ok(Found::Nothing)),
        ("Token=a; xtoken=b; token2=c", Ok(Found::Nothing)),
    ] {
        assert_eq!(find(&[cookie(line)], None), expected, "{line}");
    }
}

#[test]
fn another_applications_cookie_never_hides_ours() {
    let line = (header::COOKIE, &b"name=\xff\xfe; =; ;; broken; token=a"[..]);
    assert_eq!(find(&[line], None), Ok(token("a", Place::Cookie)));
}

#[test]
fn a_cookie_counts_only_if_the_configuration_names_it() {
    let mut headers = HeaderMap::new();
    headers.append(header::COOKIE, HeaderValue::from_static("token=a"));
    assert!(matches!(Presented::from_parts(&headers, None, None), Ok(Presented::Absent)));
    let other = CookieName::parse("session").unwrap();
    assert!(matches!(Presented::from_parts(&headers, None, Some(&other)), Ok(Presented::Absent)));
}

#[test]
fn neither_debug_nor_display_nor_an_error_shows_a_byte_of_the_credential() {
    let mut headers = HeaderMap::new();
    headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer hunter2-secret"));
    headers.append(header::COOKIE, HeaderValue::from_static("token=hunter2-x; token=hunter2-y"));
    let presented = Presented::from_parts(&headers, None, None).unwrap();
    let name = CookieName::parse("token").unwrap();
    let cookies = Presented::from_parts(&headers, None, Some(&name)).unwrap_err();
    let several = Presented::from_parts(&headers, Some("hunter2-z".into()), None).unwrap_err();
    for text in [
        format!("{presented:?} {presented}"),
        format!("{cookies:?} {cookies}"),
        format!("{several:?} {several}"),
    ] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
