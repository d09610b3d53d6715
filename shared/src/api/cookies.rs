//! Cookies: the few that we set, and how they are read.
//!
//! Each has the `__Host-` prefix, so the browser takes it only over TLS (or from this very machine),
//! for this host alone and for every path, and no sibling of the domain can set it (RFC 6265bis
//! §4.1.3.2). None can be read by a script.

use http::HeaderMap;

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CookieName {
    /// The refresh token. Sent only along with requests that our own pages make.
    Refresh,
    /// That this browser has signed in before, and as whom.
    Device,
    /// A login at a provider that this browser has begun. Comes back along with the provider's
    /// redirect, so it must be sent with top-level navigations from elsewhere.
    Login,
}

impl CookieName {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "__Host-refresh",
            Self::Device => "__Host-device",
            Self::Login => "__Host-login",
        }
    }

    const fn same_site(self) -> &'static str {
        match self {
            Self::Refresh | Self::Device => "Strict",
            Self::Login => "Lax",
        }
    }
}

/// A cookie to set.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    name: CookieName,
    value: String,
    max_age_s: u32,
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookie").field("name", &self.name).field("max_age_s", &self.max_age_s).finish_non_exhaustive()
    }
}

impl Cookie {
    /// A cookie that the browser keeps for so long. The value is visible ASCII without quotes, commas,
    /// semicolons or backslashes: what we seal and encode always is.
    #[must_use]
    pub const fn new(name: CookieName, value: String, max_age_s: u32) -> Self {
        Self { name, value, max_age_s }
    }

    /// What makes the browser forget a cookie.
    #[must_use]
    pub const fn gone(name: CookieName) -> Self {
        Self { name, value: String::new(), max_age_s: 0 }
    }

    /// The value of its `Set-Cookie` header.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!(
            "{}={}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite={}",
            self.name.as_str(),
            self.value,
            self.max_age_s,
            self.name.same_site()
        )
    }
}

/// The value of a cookie of a request; `None` when it is not there, or there more than once: then
/// somebody else has put one beside ours.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: CookieName) -> Option<String> {
    let pairs = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name.as_str())
        .map(|(_, value)| value);
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_for_this_host_over_tls_and_for_no_script() {
        let header = Cookie::new(CookieName::Refresh, "a.b".to_owned(), 600).to_header();
        assert_eq!(header, "__Host-refresh=a.b; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict");
        assert!(Cookie::gone(CookieName::Login).to_header().starts_with("__Host-login=; Max-Age=0; "));
    }

    #[test]
    fn attack_56_a_cookie_that_is_there_twice_is_not_there() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append("cookie", HeaderValue::from_static(value));
            headers
        };
        let read = |value| cookie(&with(value), CookieName::Refresh);
        assert_eq!(read("a=b; __Host-refresh=x.y; c=d").as_deref(), Some("x.y"));
        for none in ["", "__Host-refresh=", "refresh=x", "__host-refresh=x", "__Host-refresh=x; __Host-refresh=y"] {
            assert_eq!(read(none), None, "{none}");
        }
        let mut twice = with("__Host-refresh=x");
        twice.append("cookie", HeaderValue::from_static("__Host-refresh=x"));
        assert_eq!(cookie(&twice, CookieName::Refresh), None);
    }
}
