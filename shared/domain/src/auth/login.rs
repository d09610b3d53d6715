//! Signing in by the account that a person has elsewhere.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{text::BadText, timestamp::Seconds};

/// For how long a person may be at the provider, from our page to our page.
pub const LOGIN_ATTEMPT_LIFETIME: Seconds = Seconds::minutes(10);

/// For how long a login without an account may be made into one: a code must be mailed and typed.
pub const LOGIN_COMPLETION_LIFETIME: Seconds = Seconds::minutes(30);

/// Whose word we take on who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginProvider {
    /// accounts.google.com.
    Google,
    /// kauth.kakao.com.
    Kakao,
}

impl LoginProvider {
    /// Every provider.
    pub const ALL: [Self; 2] = [Self::Google, Self::Kakao];

    /// As paths and keys spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Kakao => "kakao",
        }
    }

    /// As people know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Kakao => "Kakao",
        }
    }
}

impl fmt::Display for LoginProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A provider's own name for a person, which never changes: with the provider it is the key of a
/// login, since an address can go to somebody else (ASVS 6.8.1). At most 255 ASCII characters
/// (OpenID Connect Core §2), none of them blank.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LoginSubject(String);

impl LoginSubject {
    /// Reads what a provider says.
    ///
    /// # Errors
    /// When it is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let is_good = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadText::Form("must be 1 to 255 visible ASCII characters", "공백 없는 ASCII 문자 1~255자여야 합니다"))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hidden, because debug output ends in logs and it is a person's name.
impl fmt::Debug for LoginSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginSubject(…)")
    }
}

impl<'de> Deserialize<'de> for LoginSubject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

/// Where a person goes on after signing in: a page of our own site, as the path and query of its
/// address.
///
/// Nothing that any reader could take for another site (attack 54): one slash in front, none doubled,
/// no backslash, no control character, and none of these hidden behind a percent sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

impl ReturnTo {
    const FORM: BadText = BadText::Form(
        "must be the path of a page of this site, such as /order.html?id=1",
        "/order.html?id=1과 같은 이 사이트의 경로여야 합니다",
    );

    /// Reads a path.
    ///
    /// # Errors
    /// When it could lead anywhere else.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let is_good = text.len() <= 500
            && text.starts_with('/')
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>`^{|}#".contains(&byte))
            && !path.contains("//")
            && path.split('/').all(|part| !matches!(part, "." | ".."))
            && !hides_something(path)
            && !path.starts_with("/api/");
        if is_good { Ok(Self(text.to_owned())) } else { Err(Self::FORM) }
    }

    /// The path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a percent sign in the path hides a slash, a backslash, a dot, a control character or
/// another percent sign; or is none.
fn hides_something(path: &str) -> bool {
    path.split('%').skip(1).any(|after| {
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_none_or(|byte| byte.is_ascii_control() || b"/\\.%".contains(&byte))
    })
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl<'de> Deserialize<'de> for ReturnTo {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl JsonSchema for ReturnTo {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ReturnTo".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^/",
            "maxLength": 500,
            "examples": ["/order.html"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_our_own_is_a_place_to_return_to() {
        for good in [
            "/",
            "/index.html",
            "/order.html?id=ord_1&x=%2F%2Fa",
            "/search.html?q=%ED%95%9C%EA%B8%80",
            "/%ED%95%9C",
            "/a?next=https://shop.example/b",
            "/apiary.html",
        ] {
            assert_eq!(ReturnTo::parse(good).map(|path| path.as_str().to_owned()), Ok(good.to_owned()));
        }
        assert_eq!(ReturnTo::parse(ReturnTo::default().as_str()), Ok(ReturnTo::default()));
    }

    #[test]
    fn attack_54_nothing_that_leads_to_another_site_is() {
        for wrong in [
            "",
            "evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/a//evil.example",
            "https:evil.example",
            "https://evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            " /",
            "\t/",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\r\nset-cookie: x=1",
            "/\0",
            "/\u{a0}",
            "/한글",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%5C%5Cevil.example",
            "%2f%2fevil.example",
            "/%252fevil.example",
            "/%09/evil.example",
            "/%0d%0aset-cookie:x",
            "/%00",
            "/.//evil.example",
            "/..//evil.example",
            "/%2e%2e/x",
            "/./x",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/#x",
            "/a\"b",
            "/<script>",
            "/api/auth/oauth/google/start",
        ] {
            assert!(ReturnTo::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(ReturnTo::parse(&format!("/{}", "a".repeat(500))).is_err());
    }

    #[test]
    fn a_subject_is_visible_ascii_within_its_bounds() {
        for good in ["1", "110169484474386276334", "auth0|5f7c8ec7c33c6c004bbafe82", &"x".repeat(255)] {
            assert!(LoginSubject::parse(good).is_ok(), "{good}");
        }
        for wrong in ["", " ", "a b", "가", "a\0", "a\n", &"x".repeat(256)] {
            assert!(LoginSubject::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(format!("{:?}", LoginSubject::parse("110169484474386276334")), "Ok(LoginSubject(…))");
    }
}
