//! All authenticators, asked in order.

use std::fmt;

use super::{Authenticator, Presented, Principal, Verdict};

/// The authenticators in the configuration's order. The first that is not [`Verdict::Absent`] decides.
pub struct Chain {
    authenticators: Vec<Box<dyn Authenticator>>,
}

/// Why nobody was let in; both are a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// Nothing was presented.
    #[error("no credential was presented")]
    Missing,
    /// Something was presented, and nobody accepts it.
    #[error("the credential that was presented is not accepted")]
    Invalid,
}

impl Chain {
    /// Asks `authenticators` in this order. An empty chain accepts nobody.
    pub fn new(authenticators: Vec<Box<dyn Authenticator>>) -> Self {
        Self { authenticators }
    }

    /// Tells who presented this.
    ///
    /// Authenticators of one kind pass a credential on when they don't know it, so that a second users file is asked. Whatever
    /// nobody knew is invalid at the end: a credential that was shown is never treated as if none had been, and one that could
    /// not be read reaches no authenticator at all.
    pub fn authenticate(&self, presented: &Presented) -> Result<Principal, Unauthenticated> {
        if matches!(presented, Presented::Unusable { .. }) {
            return Err(Unauthenticated::Invalid);
        }
        for authenticator in &self.authenticators {
            match authenticator.authenticate(presented) {
                Verdict::Accepted(principal) => return Ok(principal),
                Verdict::Rejected => return Err(Unauthenticated::Invalid),
                Verdict::Absent => {}
            }
        }
        match presented {
            Presented::Absent => Err(Unauthenticated::Missing),
            Presented::Token { .. } | Presented::Unusable { .. } => Err(Unauthenticated::Invalid),
        }
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("authenticators", &self.authenticators.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Place;

    struct Always(Verdict);

    impl Authenticator for Always {
        fn authenticate(&self, _: &Presented) -> Verdict {
            self.0.clone()
        }
    }

    fn ask(verdicts: &[Verdict], presented: &Presented) -> Result<String, Unauthenticated> {
        let authenticators = verdicts.iter().cloned();
        let chain = Chain::new(
            authenticators.map(|verdict| Box::new(Always(verdict)) as Box<dyn Authenticator>).collect(),
        );
        chain.authenticate(presented).map(|principal| principal.user().to_owned())
    }

    fn token() -> Presented {
        Presented::Token { token: "t".into(), place: Place::Authorization }
    }

    fn accepted(user: &str) -> Verdict {
        Verdict::Accepted(Principal::for_explaining(user, [""; 0]))
    }

    #[test]
    fn the_first_authenticator_not_absent_decides() {
        let verdicts = [Verdict::Absent, accepted("a"), accepted("b")];
        assert_eq!(ask(&verdicts, &token()), Ok("a".to_owned()));
        let verdicts = [Verdict::Rejected, accepted("b")];
        assert_eq!(ask(&verdicts, &token()), Err(Unauthenticated::Invalid));
    }

    #[test]
    fn a_token_that_nobody_knows_is_invalid_and_not_missing() {
        assert_eq!(ask(&[Verdict::Absent, Verdict::Absent], &token()), Err(Unauthenticated::Invalid));
        assert_eq!(ask(&[], &token()), Err(Unauthenticated::Invalid));
    }

    #[test]
    fn nothing_presented_is_missing() {
        assert_eq!(ask(&[Verdict::Absent], &Presented::Absent), Err(Unauthenticated::Missing));
    }

    #[test]
    fn what_could_not_be_read_reaches_no_authenticator() {
        let unusable = Presented::Unusable { place: Place::Authorization };
        assert_eq!(ask(&[accepted("anybody")], &unusable), Err(Unauthenticated::Invalid));
    }
}
