//! One name, spelled by rule: from the id `auth.sign_in` follow the file, the type, the binary, the
//! function and its name in the template.

/// The names that follow from an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// `auth`: the package in `functions/`.
    pub service: String,
    /// `sign_in`: the module, and the file without `.rs`.
    pub operation: String,
}

impl Name {
    /// Reads `service.verb_noun`: lower-case words of letters and digits, one dot.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (service, operation) = id.split_once('.')?;
        let is_word = |text: &str| {
            text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                && !text.ends_with('_')
                && !text.contains("__")
        };
        (is_word(service) && is_word(operation))
            .then(|| Self { service: service.to_owned(), operation: operation.to_owned() })
    }

    /// `auth.sign_in`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }

    /// `functions/auth/src/sign_in.rs`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("functions/{}/src/{}.rs", self.service, self.operation)
    }

    /// `functions/auth/tests/api/sign_in.rs`.
    #[must_use]
    pub fn test_file(&self) -> String {
        format!("functions/{}/tests/api/{}.rs", self.service, self.operation)
    }

    /// `SignIn`.
    #[must_use]
    pub fn type_name(&self) -> String {
        camel(&self.operation)
    }

    /// `auth-sign-in`: the binary, and the end of the function's name.
    #[must_use]
    pub fn binary(&self) -> String {
        format!("{}-{}", self.service, self.operation).replace('_', "-")
    }

    /// `AuthSignIn`: the name in the template.
    #[must_use]
    pub fn logical_id(&self) -> String {
        format!("{}{}", camel(&self.service), self.type_name())
    }

    /// `auth::sign_in::SignIn`.
    #[must_use]
    pub fn type_path(&self) -> String {
        format!("{}::{}::{}", self.service, self.operation, self.type_name())
    }
}

/// `sign_in` or `sign-in` becomes `SignIn`.
#[must_use]
pub fn camel(snake: &str) -> String {
    snake
        .split(['_', '-'])
        .filter_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_follows_from_the_id() {
        let name = Name::of("auth.verify_email_code").unwrap();
        assert_eq!(name.id(), "auth.verify_email_code");
        assert_eq!(name.file(), "functions/auth/src/verify_email_code.rs");
        assert_eq!(name.test_file(), "functions/auth/tests/api/verify_email_code.rs");
        assert_eq!(name.type_path(), "auth::verify_email_code::VerifyEmailCode");
        assert_eq!(name.binary(), "auth-verify-email-code");
        assert_eq!(name.logical_id(), "AuthVerifyEmailCode");
    }

    #[test]
    fn what_is_not_spelled_by_the_rule_is_no_id() {
        for id in [
            "",
            "auth",
            "auth.",
            ".get",
            "auth.SignIn",
            "auth.sign-in",
            "auth.sign__in",
            "auth.1st",
            "a.b.c",
            "auth.in_",
        ] {
            assert_eq!(Name::of(id), None, "{id}");
        }
    }
}
