//! What to offer an API server, what to offer next, and what to remember. No IO.

use super::Refusal;
use crate::{
    cluster::Offered,
    protocol::{Subprotocol, Wanted},
};

/// The offers of one dial: each is made at most once.
#[derive(Debug)]
pub(super) struct Plan {
    wanted: Wanted,
    remembered: Option<Offered>,
    /// In order; the last one is the current one.
    made: Vec<Offered>,
}

/// What a dial taught about the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lesson {
    /// Nothing that was not known.
    Nothing,
    /// Begin with this the next time.
    Remember(Offered),
    /// What was remembered is no longer so.
    Forget,
}

impl Plan {
    /// Begins with what worked the last time.
    pub(super) fn new(wanted: Wanted, remembered: Option<Offered>) -> Self {
        Self { wanted, remembered, made: vec![remembered.unwrap_or_else(|| chain(wanted)[0])] }
    }

    /// What to offer now.
    pub(super) fn offered(&self) -> Offered {
        *self.made.last().expect("a plan begins with an offer")
    }

    /// True if v5 is known to work here, so that nobody need wait for a late refusal.
    pub(super) fn has_proof(&self) -> bool {
        self.remembered == Some(self.offered())
    }

    /// Moves on to the next offer if that is of use after `refusal`.
    pub(super) fn moves_on_after(&mut self, refusal: &Refusal) -> bool {
        let of_use = match self.offered() {
            // The kubelet's copying path hands v5 to runtimes that refuse it in their own ways; a Status is a real answer.
            Offered::V5ThenV4 => matches!(refusal.code, 400 | 403 | 500) && refusal.status().is_none(),
            Offered::V4 | Offered::V5 | Offered::Older => refusal.is_empty_forbidden(),
        };
        let next = chain(self.wanted).iter().find(|offered| of_use && !self.made.contains(offered));
        self.made.extend(next);
        next.is_some()
    }

    /// Moves on to v4, on which a refusal comes before the 101, if it is of use and was not offered yet.
    pub(super) fn moves_on_after_late_refusal(&mut self) -> bool {
        let untried = chain(self.wanted).contains(&Offered::V4) && !self.made.contains(&Offered::V4);
        if untried {
            self.made.push(Offered::V4);
        }
        untried
    }

    /// True if `refusal` says that the server can't do the one thing that is of use: end standard input.
    pub(super) fn ends_for_want_of_half_close(&self, refusal: &Refusal) -> bool {
        self.wanted == Wanted::HalfCloseOnly && refusal.is_empty_forbidden()
    }

    /// What to remember after the current offer led to `subprotocol`.
    pub(super) fn lesson(&self, subprotocol: Subprotocol) -> Lesson {
        let offered = self.offered();
        // A server without v5 takes v4 from the same line: nothing is gained by remembering.
        let is_news = match (self.wanted, offered) {
            (Wanted::V4, Offered::V4) => false,
            (_, Offered::V5ThenV4) => subprotocol == Subprotocol::V5,
            _ => true,
        };
        match self.remembered {
            remembered if is_news && remembered == Some(offered) => Lesson::Nothing,
            _ if is_news => Lesson::Remember(offered),
            Some(_) => Lesson::Forget,
            None => Lesson::Nothing,
        }
    }
}

/// What is worth offering, best first.
fn chain(wanted: Wanted) -> &'static [Offered] {
    match wanted {
        Wanted::V4 => &[Offered::V4, Offered::V5, Offered::Older],
        Wanted::HalfClose | Wanted::NoInput => &[Offered::V5ThenV4, Offered::V4, Offered::Older],
        Wanted::HalfCloseOnly => &[Offered::V5],
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn refusal(code: u16, body: &'static str) -> Refusal {
        let content_type = (!body.is_empty()).then(|| http::HeaderValue::from_static("text/plain"));
        Refusal { code, content_type, body: Bytes::from_static(body.as_bytes()), retry_after: None }
    }

    const STATUS: &str = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no"}"#;

    #[test]
    fn v4_is_followed_by_v5_and_then_by_the_older_ones_only_after_an_empty_403() {
        let mut plan = Plan::new(Wanted::V4, None);
        assert_eq!(plan.offered(), Offered::V4);
        for (code, body) in
            [(403, STATUS), (403, "Forbidden"), (404, ""), (400, ""), (500, "container not found")]
        {
            assert!(!plan.moves_on_after(&refusal(code, body)), "{code} {body}");
        }
        assert!(plan.moves_on_after(&refusal(403, "")));
        assert_eq!(plan.offered(), Offered::V5);
        assert!(plan.moves_on_after(&refusal(403, "")));
        assert_eq!(plan.offered(), Offered::Older);
        assert_eq!(plan.lesson(Subprotocol::Channel), Lesson::Remember(Offered::Older));
        assert!(!plan.moves_on_after(&refusal(403, "")));
    }

    #[test]
    fn v5_is_followed_by_v4_unless_a_status_answers() {
        for (code, body) in [(400, ""), (403, ""), (500, "container not found")] {
            let mut plan = Plan::new(Wanted::HalfClose, None);
            assert_eq!(plan.offered(), Offered::V5ThenV4);
            assert!(plan.moves_on_after(&refusal(code, body)), "{code} {body}");
            assert_eq!(plan.offered(), Offered::V4);
            assert_eq!(plan.lesson(Subprotocol::V4), Lesson::Remember(Offered::V4));
            assert_eq!(plan.moves_on_after(&refusal(code, body)), (code, body) == (403, ""));
        }
        for (code, body) in
            [(400, STATUS), (401, STATUS), (403, STATUS), (404, STATUS), (404, ""), (429, "busy")]
        {
            let mut plan = Plan::new(Wanted::HalfClose, None);
            assert!(!plan.moves_on_after(&refusal(code, body)), "{code} {body}");
        }
    }

    #[test]
    fn a_late_refusal_leads_to_v4_once() {
        let mut plan = Plan::new(Wanted::HalfClose, None);
        assert!(plan.moves_on_after_late_refusal());
        assert_eq!(plan.offered(), Offered::V4);
        assert!(!plan.moves_on_after_late_refusal());
        let mut refused = Plan::new(Wanted::V4, None);
        assert!(refused.moves_on_after(&refusal(403, "")));
        assert!(!refused.moves_on_after_late_refusal());
    }

    #[test]
    fn a_client_that_speaks_only_v5_is_never_given_a_command_on_v4() {
        let mut plan = Plan::new(Wanted::HalfCloseOnly, None);
        assert_eq!(plan.offered(), Offered::V5);
        assert!(!plan.moves_on_after(&refusal(403, "")));
        assert!(!plan.moves_on_after_late_refusal());
        assert!(plan.ends_for_want_of_half_close(&refusal(403, "")));
        assert!(!plan.ends_for_want_of_half_close(&refusal(403, STATUS)));
        assert_eq!(plan.lesson(Subprotocol::V5), Lesson::Remember(Offered::V5));
    }

    #[test]
    fn only_what_differs_from_the_ordinary_is_remembered() {
        let lesson = |wanted, remembered, subprotocol| Plan::new(wanted, remembered).lesson(subprotocol);
        assert_eq!(lesson(Wanted::V4, None, Subprotocol::V4), Lesson::Nothing);
        assert_eq!(lesson(Wanted::HalfClose, None, Subprotocol::V4), Lesson::Nothing);
        assert_eq!(lesson(Wanted::HalfClose, None, Subprotocol::V5), Lesson::Remember(Offered::V5ThenV4));
        let known = Some(Offered::V5ThenV4);
        assert_eq!(lesson(Wanted::HalfClose, known, Subprotocol::V5), Lesson::Nothing);
        assert_eq!(lesson(Wanted::HalfClose, known, Subprotocol::V4), Lesson::Forget);
    }

    #[test]
    fn a_memory_that_no_longer_holds_does_not_keep_from_trying_the_rest() {
        let mut plan = Plan::new(Wanted::V4, Some(Offered::Older));
        assert!(plan.moves_on_after(&refusal(403, "")));
        assert_eq!(plan.offered(), Offered::V4);
        assert_eq!(plan.lesson(Subprotocol::V4), Lesson::Forget);
    }
}
