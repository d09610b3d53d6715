//! Which function a request is for.
//!
//! As an HTTP API chooses: a full match first, and of two templates that match, the one that names
//! more of the path's first parts ("Working with routes for HTTP APIs", API Gateway Developer
//! Guide). A method that a path does not have is not found; `HEAD` is a method like any other.

/// The routes of an API.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    routes: Vec<RouteTemplate>,
}

#[derive(Debug, Clone)]
struct RouteTemplate {
    method: String,
    path: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Exact(String),
    Parameter(String),
}

/// The route that a request matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The number of the route, in the order in which they were given.
    pub route: usize,
    /// `POST /auth/sign-in`.
    pub route_key: String,
    /// The path's parameters, percent-decoded.
    pub parameters: Vec<(String, String)>,
}

impl Routes {
    /// From methods and paths, with `{name}` for parameters.
    #[must_use]
    pub fn new<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let template = |(method, path): (&str, &str)| RouteTemplate {
            method: method.to_owned(),
            path: path.to_owned(),
            parts: parts_of(path).map(Part::of).collect(),
        };
        Self { routes: routes.into_iter().map(template).collect() }
    }

    /// The route for a method and a path, if there is one.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<Match> {
        let asked: Vec<&str> = parts_of(path).collect();
        let of_method = self.routes.iter().enumerate().filter(|(_, route)| route.method == method);
        let (number, route) = of_method
            .filter(|(_, route)| route.matches(&asked))
            .min_by_key(|(_, route)| route.parts.iter().map(Part::is_parameter).collect::<Vec<_>>())?;
        let parameters = route
            .parts
            .iter()
            .zip(&asked)
            .filter_map(|(part, text)| match part {
                Part::Parameter(name) => Some((name.clone(), percent_decoded(text))),
                Part::Exact(_) => None,
            })
            .collect();
        Some(Match { route: number, route_key: format!("{} {}", route.method, route.path), parameters })
    }
}

impl RouteTemplate {
    fn matches(&self, asked: &[&str]) -> bool {
        self.parts.len() == asked.len()
            && self.parts.iter().zip(asked).all(|(part, text)| match part {
                Part::Exact(exact) => exact == text,
                Part::Parameter(_) => !text.is_empty(),
            })
    }
}

impl Part {
    fn of(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Exact(text.to_owned()),
        }
    }

    const fn is_parameter(&self) -> bool {
        matches!(self, Self::Parameter(_))
    }
}

fn parts_of(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// The text with `%XX` read; what is not UTF-8 then, or not well written, stays as it was.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit =
            |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => bytes.push(high.saturating_mul(16).saturating_add(low)),
            _ => return text.to_owned(),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        Routes::new([
            ("GET", "/listings"),
            ("POST", "/listings"),
            ("GET", "/listings/{listing_id}"),
            ("GET", "/listings/new"),
            ("GET", "/orders/{order_id}/lines/{line}"),
        ])
    }

    fn key(method: &str, path: &str) -> Option<String> {
        routes().find(method, path).map(|found| found.route_key)
    }

    #[test]
    fn a_request_finds_the_route_of_its_method_and_path() {
        assert_eq!(key("GET", "/listings").as_deref(), Some("GET /listings"));
        assert_eq!(key("POST", "/listings").as_deref(), Some("POST /listings"));
        assert_eq!(key("GET", "/listings/new").as_deref(), Some("GET /listings/new"));
        assert_eq!(key("GET", "/listings/lst_1").as_deref(), Some("GET /listings/{listing_id}"));
    }

    #[test]
    fn what_no_route_has_is_not_found() {
        for (method, path) in [
            ("DELETE", "/listings"),
            ("HEAD", "/listings"),
            ("OPTIONS", "/listings"),
            ("GET", "/listings/"),
            ("GET", "/listings/a/b"),
            ("GET", "//listings"),
            ("GET", "/Listings"),
            ("GET", ""),
        ] {
            assert_eq!(key(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_percent_decoded_once() {
        let found = routes().find("GET", "/orders/ord%20%2F1/lines/%2525").unwrap();
        let expected = [("order_id", "ord /1"), ("line", "%25")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(found.parameters, expected);
        assert_eq!(percent_decoded("%EC%9E%A5"), "장");
        for broken in ["%", "%2", "%zz", "%FF"] {
            assert_eq!(percent_decoded(broken), broken);
        }
    }
}
