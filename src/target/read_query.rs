//! The query string of a read: parsed strictly, written canonically, so that what was judged is what is asked.

use percent_encoding::utf8_percent_encode;

use super::{
    QueryError, Shape,
    query::{ESCAPED, is_true, query_pairs},
};

/// What a read says besides its path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Parameters that the API server is told as they came, each once, in the order of [`passed`].
    pairs: Vec<(&'static str, String)>,
    /// Where to go on with a list.
    resume: Option<String>,
}

impl ReadOptions {
    /// Reads the query of a read of that shape (without the `?`).
    pub fn parse_query(shape: Shape, query: &str) -> Result<Self, QueryError> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        for pair in query_pairs(query) {
            let (_, name, value) = pair?;
            let known = KNOWN.iter().find(|known| known.name == name && known.shapes.contains(&shape));
            let Some(known) = known else {
                return Err(QueryError::Unknown { name, known: passed(shape) });
            };
            if seen.contains(&known.name) {
                return Err(QueryError::Repeated { name: known.name });
            }
            seen.push(known.name);
            options.take(known, value)?;
        }
        options.pairs.sort_unstable_by_key(|(name, _)| KNOWN.iter().position(|known| known.name == *name));
        Ok(options)
    }

    /// Where to go on with a list: what an earlier page said under `metadata.continue`.
    pub fn resume(&self) -> Option<&str> {
        self.resume.as_deref()
    }

    /// Writes the query that the API server reads, with `resume` in the place of what the client said there.
    pub fn to_query(&self, resume: Option<&str>) -> String {
        let pairs = self.pairs.iter().map(|(name, value)| (*name, value.as_str()));
        let pairs = pairs.chain(resume.map(|resume| ("continue", resume)));
        let written: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED))).collect();
        written.join("&")
    }

    fn take(&mut self, known: &Known, value: String) -> Result<(), QueryError> {
        match known.treatment {
            Treatment::Pass => self.pairs.push((known.name, value)),
            Treatment::Watch if is_true(&value) => return Err(QueryError::Watch),
            Treatment::Drop | Treatment::Watch => {}
            Treatment::Resume => self.resume = Some(value).filter(|value| !value.is_empty()),
            Treatment::RowObjects => match value.as_str() {
                "" => {}
                "Metadata" | "Object" => self.pairs.push((known.name, value)),
                _ => return Err(QueryError::RowObjects { value }),
            },
        }
        Ok(())
    }
}

/// A parameter that clients send.
struct Known {
    name: &'static str,
    shapes: &'static [Shape],
    treatment: Treatment,
}

/// What becomes of it.
enum Treatment {
    /// The API server is told.
    Pass,
    /// It changes nothing here.
    Drop,
    /// Refused if it is true, dropped if not.
    Watch,
    /// Taken apart.
    Resume,
    /// A row without its object could not be judged.
    RowObjects,
}

impl Known {
    const fn new(name: &'static str, shapes: &'static [Shape], treatment: Treatment) -> Self {
        Self { name, shapes, treatment }
    }
}

const LISTS: &[Shape] = &[Shape::List];
const OBJECTS_AND_LISTS: &[Shape] = &[Shape::Object, Shape::List];
const ALL: &[Shape] = &[Shape::Document, Shape::Object, Shape::List];

/// `metav1.ListOptions`, `GetOptions` and `TableOptions` as far as they mean something in a read. `pretty` only moves white space;
/// `allowWatchBookmarks` means nothing without a watch.
const KNOWN: [Known; 12] = [
    Known::new("limit", LISTS, Treatment::Pass),
    Known::new("continue", LISTS, Treatment::Resume),
    Known::new("labelSelector", LISTS, Treatment::Pass),
    Known::new("fieldSelector", LISTS, Treatment::Pass),
    Known::new("resourceVersion", OBJECTS_AND_LISTS, Treatment::Pass),
    Known::new("resourceVersionMatch", LISTS, Treatment::Pass),
    Known::new("includeObject", OBJECTS_AND_LISTS, Treatment::RowObjects),
    Known::new("timeoutSeconds", LISTS, Treatment::Pass),
    Known::new("timeout", ALL, Treatment::Pass),
    Known::new("pretty", ALL, Treatment::Drop),
    Known::new("allowWatchBookmarks", LISTS, Treatment::Drop),
    Known::new("watch", OBJECTS_AND_LISTS, Treatment::Watch),
];

/// What to propose instead of an unknown parameter.
fn passed(shape: Shape) -> &'static str {
    match shape {
        Shape::Document => "timeout",
        Shape::Object => "resourceVersion, includeObject, timeout",
        Shape::List => {
            "limit, continue, labelSelector, fieldSelector, resourceVersion, resourceVersionMatch, includeObject, timeoutSeconds, timeout"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(query: &str) -> Result<ReadOptions, QueryError> {
        ReadOptions::parse_query(Shape::List, query)
    }

    #[test]
    fn what_a_list_may_be_asked_is_written_again_in_one_way() {
        let options = list(
            "timeout=32s&limit=500&labelSelector=app+in+(a,b)%2Ctier%3Dweb&watch=0&pretty=1&continue=abc%3D",
        )
        .unwrap();
        assert_eq!(options.resume(), Some("abc="));
        assert_eq!(
            options.to_query(Some("e&f")),
            "limit=500&labelSelector=app%20in%20%28a%2Cb%29%2Ctier%3Dweb&timeout=32s&continue=e%26f"
        );
        assert_eq!(options.to_query(None), options.to_query(Some("x")).replace("&continue=x", ""));
        assert_eq!(list("").unwrap().to_query(None), "");
        assert_eq!(list("continue=").unwrap().resume(), None);
    }

    #[test]
    fn a_watch_is_refused_whatever_true_is_spelled_like() {
        for query in ["watch=1", "watch=true", "watch", "watch=yes", "w%61tch=1"] {
            assert_eq!(list(query), Err(QueryError::Watch), "{query}");
        }
        assert!(list("watch=false").is_ok());
    }

    #[test]
    fn what_is_unknown_repeated_or_cannot_be_judged_is_refused_and_named() {
        assert!(
            matches!(list("sendInitialEvents=true"), Err(QueryError::Unknown { name, .. }) if name == "sendInitialEvents")
        );
        assert_eq!(list("limit=1&limit=2"), Err(QueryError::Repeated { name: "limit" }));
        assert!(matches!(list("includeObject=None"), Err(QueryError::RowObjects { .. })));
        assert!(list("includeObject=Object").is_ok());
        assert!(matches!(list("limit=%zz"), Err(QueryError::Encoding { .. })));
        let object = |query| ReadOptions::parse_query(Shape::Object, query);
        assert!(matches!(object("limit=1"), Err(QueryError::Unknown { .. })));
        assert_eq!(object("resourceVersion=0").unwrap().to_query(None), "resourceVersion=0");
        assert!(matches!(
            ReadOptions::parse_query(Shape::Document, "labelSelector=a"),
            Err(QueryError::Unknown { known: "timeout", .. })
        ));
    }
}
