//! How a rule says no.
//!
//! Each service has one table of errors, written with [`errors!`](crate::errors): a row is a code
//! with its texts in both languages and the variants that answer with it. The dotted code is the
//! contract with clients, the class decides the HTTP status (in one place, in the shared crate),
//! and the title is the same for every occurrence, as RFC 9457 §3.1.3 asks. What happened this time
//! depends on the variant's values and is written in `detail`.

use crate::Language;

/// What kind of refusal this is. HTTP statuses are derived from it by `shared::api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request itself is wrong, whatever the state of the world.
    Invalid,
    /// The caller is not signed in, or the sign-in has expired.
    Unauthenticated,
    /// The payment provider refused the money.
    PaymentDeclined,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// The method does not exist for this address.
    MethodNotAllowed,
    /// The request is well-formed but the present state does not allow it.
    Conflict,
    /// It was there and is gone for good.
    Gone,
    /// The body is larger than the limit.
    TooLarge,
    /// The content type is not one that we read.
    UnsupportedMediaType,
    /// The request is well-formed and contradicts what is stored.
    Unprocessable,
    /// Too many requests; try again later.
    TooMany,
    /// A fault on our side.
    Internal,
    /// A fault on our side, or a provider's, that passes by itself.
    Unavailable,
}

/// One entry of the error catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// Stable and dotted, such as `stock.insufficient`. Never renamed, never reused.
    pub code: &'static str,
    /// Decides the HTTP status.
    pub class: Class,
    /// A short title in English, the same for every occurrence.
    pub title: &'static str,
    /// The same title in Korean.
    pub title_ko: &'static str,
    /// What a client should do when it meets this code; printed in `docs/ERRORS.md`.
    pub advice: &'static str,
    /// The same advice in Korean.
    pub advice_ko: &'static str,
    /// What else its answers tell, beside the members that every answer has.
    pub members: &'static [Member],
}

/// A member of an answer that only some codes have (RFC 9457 §3.2), for programs to decide by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its name, the same for every code that has it.
    pub name: &'static str,
    /// What it tells.
    pub description: &'static str,
    /// Every value that it can have. New ones may come; none is renamed.
    pub values: &'static [&'static str],
}

impl ErrorCode {
    /// The title in the reader's language.
    #[must_use]
    pub const fn title_in(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.title,
            Language::Korean => self.title_ko,
        }
    }
}

/// The error enum of a service.
pub trait ServiceError: std::any::Any + std::fmt::Debug + Send + Sync {
    /// The catalogue entry of this variant: the `entry` that [`errors!`](crate::errors) makes.
    fn code(&self) -> ErrorCode;

    /// What happened this time, for a person, in their language. Never contains anything about
    /// our inside.
    fn detail(&self, language: Language) -> String;

    /// After how many seconds it makes sense to try again, for [`Class::TooMany`] and
    /// [`Class::Unavailable`].
    fn retry_after_s(&self) -> Option<u32> {
        None
    }

    /// The members that its code declares, by name, with the value of this time.
    fn members(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The field of the request that is at fault, as a JSON Pointer (RFC 6901), if there is one.
    fn pointer(&self) -> Option<String> {
        None
    }
}

/// The table of a service's errors. It makes the enum, a module `codes` with an [`ErrorCode`] for
/// each row (and `ALL` of them), and `entry`, which finds the row of a variant.
///
/// A row has the name of its constant, the code, the [`Class`], where its answers tell more the
/// [`Member`]s (`members: [REASON]`), title and advice in English and in
/// Korean, and the variants that answer with it: usually one, several where their details differ,
/// none for a code that no value of the enum stands for. A text that is left out does not compile.
///
/// ```
/// domain::errors! {
///     /// What a cart refuses.
///     #[derive(Debug)]
///     pub enum CartError;
///
///     TOO_FULL = "cart.too_full", Conflict {
///         title: "The cart is full", "장바구니가 가득 찼습니다";
///         advice: "Take something out first.", "먼저 상품을 빼세요.";
///         /// There are as many lines as there may be.
///         TooFull {
///             /// The most lines.
///             most: usize,
///         },
///     }
/// }
/// assert_eq!(CartError::TooFull { most: 50 }.entry(), codes::TOO_FULL);
/// ```
#[macro_export]
macro_rules! errors {
    (@members) => {
        &[]
    };
    (@members $($member:expr),+) => {{
        use super::*;
        &[$($member),+]
    }};
    (
        $(#[$enum_meta:meta])*
        pub enum $name:ident;
        $(
            $constant:ident = $code:literal, $class:ident $(, members: [$($member:expr),+])? {
                title: $title:literal, $title_ko:literal;
                advice: $advice:literal, $advice_ko:literal;
                $(
                    $(#[$meta:meta])*
                    $variant:ident $({ $($fields:tt)* })? $(( $($values:tt)* ))?,
                )*
            }
        )*
    ) => {
        $(#[$enum_meta])*
        pub enum $name {
            $($(
                $(#[$meta])*
                $variant $({ $($fields)* })? $(( $($values)* ))?,
            )*)*
        }

        impl $name {
            /// The row of this variant.
            #[must_use]
            pub const fn entry(&self) -> $crate::ErrorCode {
                match self {
                    $($( Self::$variant { .. } => codes::$constant, )*)*
                }
            }
        }

        /// The rows of the table.
        pub mod codes {
            $(
                #[doc = $title]
                pub const $constant: $crate::ErrorCode = $crate::ErrorCode {
                    code: $code,
                    class: $crate::Class::$class,
                    title: $title,
                    title_ko: $title_ko,
                    advice: $advice,
                    advice_ko: $advice_ko,
                    members: $crate::errors!(@members $($($member),+)?),
                };
            )*

            /// Every row.
            pub const ALL: &[$crate::ErrorCode] = &[$($constant),*];
        }
    };
}
