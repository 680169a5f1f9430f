//! In which forms an answer may come: JSON, as it is or as a table, and nothing that could not be judged.

use http::{HeaderMap, HeaderValue, header, header::AsHeaderName};

use crate::target::Shape;

/// The forms that a client takes, in its order; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms(Vec<Form>);

/// One form of one shape of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    text: &'static str,
    /// `as`, `g` and `v`: into what objects are turned. `None` for objects as they are.
    transformation: Option<(&'static str, &'static str, &'static str)>,
    shapes: &'static [Shape],
}

/// The client takes nothing that is served here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the Accept header is served here; accept application/json")]
pub struct NotAcceptable;

impl Forms {
    /// What an `Accept` header says of answers of that shape. Kubernetes clients list protobuf and YAML beside JSON: those are
    /// passed over, and JSON it is.
    pub fn accepted(shape: Shape, headers: &HeaderMap) -> Result<Self, NotAcceptable> {
        let mut forms = Vec::new();
        for entry in entries(headers, header::ACCEPT) {
            if let Some(form) = Form::read(entry).filter(|form| form.fits(shape) && !forms.contains(form)) {
                forms.push(form);
            }
        }
        if !headers.contains_key(header::ACCEPT) {
            forms.push(PLAIN);
        }
        if forms.is_empty() { Err(NotAcceptable) } else { Ok(Self(forms)) }
    }

    /// The `Accept` header for the API server.
    pub(super) fn to_header(&self) -> HeaderValue {
        let texts: Vec<&str> = self.0.iter().map(|form| form.text).collect();
        HeaderValue::try_from(texts.join(",")).expect("media types are visible ASCII")
    }
}

impl Form {
    /// The form that a `Content-Type` names.
    pub(super) fn of_answer(headers: &HeaderMap) -> Option<Self> {
        let mut entries = entries(headers, header::CONTENT_TYPE);
        let form = Self::read(entries.next()?)?;
        entries.next().is_none().then_some(form)
    }

    /// Its `Content-Type`.
    pub(super) fn to_header(self) -> HeaderValue {
        HeaderValue::from_static(self.text)
    }

    fn read(entry: &str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let kind = parts.next()?.to_ascii_lowercase();
        let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
        let of = |name: &str| parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let refused = of("q").is_some_and(|q| q.parse() == Ok(0.0));
        if refused || of("stream").is_some() {
            return None;
        }
        match (kind.as_str(), of("as")) {
            ("*/*" | "application/*" | "application/json", None) => Some(PLAIN),
            ("application/json", Some(kind)) => {
                let wanted = Some((kind, of("g")?, of("v")?));
                KNOWN.into_iter().find(|form| form.transformation == wanted)
            }
            _ => None,
        }
    }

    fn fits(self, shape: Shape) -> bool {
        self.shapes.contains(&shape)
    }
}

fn entries(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|entry| !entry.is_empty())
}

const PLAIN: Form = Form {
    text: "application/json",
    transformation: None,
    shapes: &[Shape::Document, Shape::Object, Shape::List],
};

const OBJECTS: &[Shape] = &[Shape::Object, Shape::List];
const DOCUMENTS: &[Shape] = &[Shape::Document];

/// What kubectl and its libraries ask for.
const KNOWN: [Form; 6] = [
    Form {
        text: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        transformation: Some(("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2")),
        shapes: DOCUMENTS,
    },
    Form {
        text: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        transformation: Some(("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2beta1")),
        shapes: DOCUMENTS,
    },
    Form {
        text: "application/json;as=Table;v=v1;g=meta.k8s.io",
        transformation: Some(("Table", "meta.k8s.io", "v1")),
        shapes: OBJECTS,
    },
    Form {
        text: "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
        transformation: Some(("Table", "meta.k8s.io", "v1beta1")),
        shapes: OBJECTS,
    },
    Form {
        text: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        transformation: Some(("PartialObjectMetadata", "meta.k8s.io", "v1")),
        shapes: &[Shape::Object],
    },
    Form {
        text: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
        transformation: Some(("PartialObjectMetadataList", "meta.k8s.io", "v1")),
        shapes: &[Shape::List],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(shape: Shape, line: &str) -> Result<String, NotAcceptable> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, line.parse().unwrap());
        Forms::accepted(shape, &headers).map(|forms| forms.to_header().to_str().unwrap().to_owned())
    }

    #[test]
    fn what_kubectl_accepts_is_passed_on_without_what_could_not_be_judged() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(accepted(Shape::List, table).as_deref(), Ok(table));
        let discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        assert_eq!(accepted(Shape::Document, discovery).as_deref(), Ok(discovery));
        assert_eq!(accepted(Shape::List, discovery).as_deref(), Ok("application/json"));
        let cp = "application/vnd.kubernetes.protobuf,application/json";
        assert_eq!(accepted(Shape::Object, cp).as_deref(), Ok("application/json"));
        assert_eq!(accepted(Shape::Object, "application/json, */*").as_deref(), Ok("application/json"));
    }

    #[test]
    fn no_accept_header_means_json_and_one_without_it_means_nothing() {
        assert_eq!(Forms::accepted(Shape::List, &HeaderMap::new()), Ok(Forms(vec![PLAIN])));
        for line in [
            "application/yaml",
            "application/vnd.kubernetes.protobuf",
            "text/html",
            "application/json;q=0",
            "application/json;stream=watch",
            "application/json;as=Table;g=meta.k8s.io;v=v2",
            "",
        ] {
            assert_eq!(accepted(Shape::List, line), Err(NotAcceptable), "{line}");
        }
        assert_eq!(
            accepted(Shape::List, "text/html, application/json;q=0.5").as_deref(),
            Ok("application/json")
        );
    }

    #[test]
    fn an_answer_is_in_one_known_form_or_in_none() {
        let of = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, line.parse().unwrap());
            Form::of_answer(&headers).map(|form| form.text)
        };
        let discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        assert_eq!(of(discovery), Some(discovery));
        assert_eq!(of("application/json; charset=utf-8"), Some("application/json"));
        assert_eq!(of("text/html"), None);
        assert_eq!(Form::of_answer(&HeaderMap::new()), None);
    }
}
