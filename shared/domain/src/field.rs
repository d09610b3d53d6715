//! Why the value of one field is refused: a code for programs, a sentence for people in their
//! language.
//!
//! A type says so while serde reads it, and serde hands on nothing but what can be printed. So a
//! [`FieldError`] goes into serde by [`FieldError::into_serde`]: its code as the unexpected value, its
//! sentence in English when printed by `{}` and in Korean by `{:#}`. [`FieldError::from_serde`] is the
//! way back, in the error type of whoever reads requests.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Serialize,
    de::{Error, Expected, Unexpected},
};

use crate::Language;

/// What is wrong with a field, for programs. New codes may come; none is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// It must be there.
    Required,
    /// The request has no such field.
    Unknown,
    /// It is there more than once.
    Repeated,
    /// It has another JSON type.
    Type,
    /// It is not one of the values that there are.
    Choice,
    /// The number is too small or too large.
    Range,
    /// The text is too short.
    TooShort,
    /// The text is too long.
    TooLong,
    /// The text has characters that it may not have.
    Characters,
    /// The text is not written in the form that it needs.
    Form,
    /// The list has too few or too many entries, or the object too many fields.
    Count,
    /// It is wrong in another way, which the detail tells.
    Invalid,
}

impl FieldCode {
    const ALL: [Self; 12] = [
        Self::Required,
        Self::Unknown,
        Self::Repeated,
        Self::Type,
        Self::Choice,
        Self::Range,
        Self::TooShort,
        Self::TooLong,
        Self::Characters,
        Self::Form,
        Self::Count,
        Self::Invalid,
    ];

    /// The code as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Unknown => "unknown",
            Self::Repeated => "repeated",
            Self::Type => "type",
            Self::Choice => "choice",
            Self::Range => "range",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Characters => "characters",
            Self::Form => "form",
            Self::Count => "count",
            Self::Invalid => "invalid",
        }
    }
}

/// What is wrong with the value of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// For programs.
    pub code: FieldCode,
    english: Cow<'static, str>,
    korean: Cow<'static, str>,
}

impl FieldError {
    /// What is wrong, in both languages.
    #[must_use]
    pub fn new(code: FieldCode, english: impl Into<Cow<'static, str>>, korean: impl Into<Cow<'static, str>>) -> Self {
        Self { code, english: english.into(), korean: korean.into() }
    }

    /// A number that must be from `least` to `most`.
    #[must_use]
    pub fn range(least: impl fmt::Display, most: impl fmt::Display) -> Self {
        Self::new(
            FieldCode::Range,
            format!("must be from {least} to {most}"),
            format!("{least} 이상 {most} 이하여야 합니다"),
        )
    }

    /// The sentence for a reader.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Korean => &self.korean,
        }
    }

    /// The error of a deserializer that says this.
    #[must_use]
    pub fn into_serde<E: Error>(self) -> E {
        E::invalid_value(Unexpected::Other(self.code.as_str()), &self)
    }

    /// What [`FieldError::into_serde`] said, given what `serde::de::Error::invalid_value` got; `None`
    /// when it was somebody else who called that.
    #[must_use]
    pub fn from_serde(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Option<Self> {
        let Unexpected::Other(code) = unexpected else { return None };
        let code = FieldCode::ALL.into_iter().find(|known| known.as_str() == code)?;
        Some(Self::new(code, format!("{expected}"), format!("{expected:#}")))
    }
}

impl Expected for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(if f.alternate() { Language::Korean } else { Language::English }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Received(Option<FieldError>);

    impl fmt::Display for Received {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("received")
        }
    }

    impl std::error::Error for Received {}

    impl Error for Received {
        fn custom<T: fmt::Display>(_: T) -> Self {
            Self(None)
        }

        fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
            Self(FieldError::from_serde(unexpected, expected))
        }
    }

    #[test]
    fn what_goes_into_serde_comes_out_of_it_whole() {
        for code in FieldCode::ALL {
            let error = FieldError::new(code, "in English", "한국어로");
            let Received(back) = error.clone().into_serde();
            assert_eq!(back, Some(error));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn what_somebody_else_says_is_not_taken_for_ours() {
        for unexpected in [Unexpected::Other("i128"), Unexpected::Str("too_long"), Unexpected::Unsigned(300)] {
            assert_eq!(FieldError::from_serde(unexpected, &"u8"), None);
        }
    }
}
