//! Refusals that any request may get, whatever its endpoint does. How they look on the wire:
//! [`crate::api::problem`].

use domain::{ErrorCode, FieldCode, FieldError, Language, ServiceError};

/// What is wrong with one field, before anybody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// Which field, as a JSON Pointer into the request; empty for the request as a whole.
    pub pointer: String,
    /// What is wrong with it.
    pub error: FieldError,
}

impl BadField {
    /// What is wrong with the field there.
    #[must_use]
    pub const fn new(pointer: String, error: FieldError) -> Self {
        Self { pointer, error }
    }

    /// The same, seen from the object or list that the field is in.
    #[must_use]
    pub(crate) fn inside(self, step: impl std::fmt::Display) -> Self {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("/{step}{}", self.pointer), ..self }
    }
}

impl From<FieldError> for BadField {
    fn from(error: FieldError) -> Self {
        Self::new(String::new(), error)
    }
}

/// Why a body is not the JSON that it says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// It is JSON and no object.
    NotAnObject,
    /// It is no JSON.
    At {
        /// In which way.
        what: Syntax,
        /// Where, counted from 1.
        line: usize,
        /// Where in the line, counted from 1.
        column: usize,
    },
}

/// In which way a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// The end of the text is missing.
    EndsTooEarly,
    /// There is a character that may not stand there.
    Wrong,
}

impl Malformed {
    fn detail(self, language: Language) -> String {
        match (self, language) {
            (Self::NotAnObject, Language::English) => "the body must be one JSON object".to_owned(),
            (Self::NotAnObject, Language::Korean) => "본문은 JSON 객체 하나여야 합니다".to_owned(),
            (Self::At { what, line, column }, Language::English) => {
                let what = match what {
                    Syntax::EndsTooEarly => "ends too early",
                    Syntax::Wrong => "is not JSON",
                };
                format!("the body {what}, at line {line}, column {column}")
            }
            (Self::At { what, line, column }, Language::Korean) => {
                let what = match what {
                    Syntax::EndsTooEarly => "본문이 중간에 끝났습니다",
                    Syntax::Wrong => "본문이 올바른 JSON이 아닙니다",
                };
                format!("{what}({line}번째 줄, {column}번째 글자)")
            }
        }
    }
}

domain::errors! {
    /// Refusals that any endpoint may give, whatever it does.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum RequestError;

    INVALID = "request.invalid", Invalid {
        title: "The request is not valid", "요청이 올바르지 않습니다";
        advice: "Correct the fields that `errors` points at.", "`errors`가 가리키는 항목을 고치세요.";
        /// The body or the query does not have the form of the request.
        Invalid(Vec<BadField>),
    }

    MALFORMED = "request.malformed", Invalid {
        title: "The body is not readable JSON", "본문이 올바른 JSON이 아닙니다";
        advice: "Send one JSON object in UTF-8.", "UTF-8로 된 JSON 객체 하나를 보내세요.";
        /// The body is not JSON.
        Malformed(Malformed),
    }

    TOO_LARGE = "request.too_large", TooLarge {
        title: "The body is too large", "본문이 너무 큽니다";
        advice: "Send less.", "본문을 줄여서 보내세요.";
        /// The body is larger than this many bytes.
        TooLarge(usize),
    }

    NOT_JSON = "request.not_json", UnsupportedMediaType {
        title: "The body is not declared as JSON", "본문 형식이 JSON으로 지정되지 않았습니다";
        advice: "Send the header Content-Type: application/json.", "Content-Type: application/json 헤더를 보내세요.";
        /// The body is not declared as JSON in UTF-8.
        NotJson,
    }

    COMPRESSED = "request.compressed", UnsupportedMediaType {
        title: "The body is compressed", "본문이 압축되어 있습니다";
        advice: "Send the body as it is, without Content-Encoding.", "Content-Encoding 없이 본문을 그대로 보내세요.";
        /// The body is compressed, such as by gzip.
        Compressed,
    }

    SIGNATURE_INVALID = "request.signature_invalid", Invalid {
        title: "The signature does not hold", "서명이 올바르지 않습니다";
        advice: "Compare the secret of the webhook with ours, and the clocks.", "웹훅의 비밀 키와 시각이 서로 맞는지 확인하세요.";
        /// The body of a webhook was not signed by its sender.
        SignatureInvalid,
    }

    SIGN_IN_NEEDED = "auth.sign_in_needed", Unauthenticated {
        title: "Sign in first", "로그인이 필요합니다";
        advice: "Sign in and send the new access token.", "로그인하고 새 액세스 토큰을 보내세요.";
        /// There is no access token, or it does not hold.
        SignInNeeded,
    }

    NOT_ALLOWED = "auth.not_allowed", Forbidden {
        title: "This is not for you", "권한이 없습니다";
        advice: "Sign in with an account that has the role.", "권한이 있는 계정으로 로그인하세요.";
        /// The person is signed in and has not the role that this needs.
        NotAllowed,
    }

    CROSS_SITE = "request.cross_site", Forbidden {
        title: "Another site made the browser send this", "다른 사이트에서 보낸 요청입니다";
        advice: "Send it from a page of the site itself, or without cookies.", "사이트 자신의 페이지에서 보내거나, 쿠키 없이 보내세요.";
        /// Another site made the browser send this.
        CrossSite,
    }

    CURSOR_INVALID = "request.cursor_invalid", Invalid {
        title: "The cursor is not valid", "커서가 올바르지 않습니다";
        advice: "Start again from the first page.", "첫 페이지부터 다시 불러오세요.";
        /// The cursor is not one that this list gave to this caller.
        CursorInvalid,
    }

    NO_SUCH_ROUTE = "request.no_such_route", NotFound {
        title: "There is nothing at this address", "존재하지 않는 주소입니다";
        advice: "Compare the address with the API documentation.", "API 문서의 주소와 비교하세요.";
        /// There is nothing at this address.
        NoSuchRoute,
    }

    NO_SUCH_METHOD = "request.no_such_method", MethodNotAllowed {
        title: "The address does not take this method", "이 주소에서 지원하지 않는 메서드입니다";
        advice: "Compare the method with the API documentation.", "API 문서의 메서드와 비교하세요.";
        /// The address takes these methods, and this one is none of them.
        NoSuchMethod(Vec<&'static str>),
    }

    INTERNAL = "internal", Internal {
        title: "Something went wrong on our side", "서버에 문제가 발생했습니다";
        advice: "Tell us the `instance` of the answer.", "응답의 `instance`를 알려 주세요.";
    }

    UNAVAILABLE = "unavailable", Unavailable {
        title: "The service is not available at this moment", "잠시 서비스를 이용할 수 없습니다";
        advice:
            "Wait as long as Retry-After says and send the same request again, with the same Idempotency-Key.",
            "Retry-After에 나온 시간만큼 기다린 뒤, 같은 Idempotency-Key로 같은 요청을 다시 보내세요.";
    }
}

impl RequestError {
    /// One field is wrong; the empty pointer is the request as a whole.
    #[must_use]
    pub fn of_field(pointer: &str, code: FieldCode, english: &'static str, korean: &'static str) -> Self {
        BadField::new(pointer.to_owned(), FieldError::new(code, english, korean)).into()
    }
}

impl From<BadField> for RequestError {
    fn from(bad: BadField) -> Self {
        Self::Invalid(vec![bad])
    }
}

impl ServiceError for RequestError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::Invalid(_), Language::English) => "some fields need another value".to_owned(),
            (Self::Invalid(_), Language::Korean) => "입력값을 확인해 주세요".to_owned(),
            (Self::Malformed(why), language) => why.detail(language),
            (Self::TooLarge(most), Language::English) => format!("the body may have at most {most} bytes"),
            (Self::TooLarge(most), Language::Korean) => format!("본문은 최대 {most}바이트까지 보낼 수 있습니다"),
            (Self::NotJson, Language::English) => "the Content-Type must be application/json".to_owned(),
            (Self::NotJson, Language::Korean) => "Content-Type은 application/json이어야 합니다".to_owned(),
            (Self::Compressed, Language::English) => {
                "the body must not be compressed: send it without Content-Encoding".to_owned()
            }
            (Self::Compressed, Language::Korean) => {
                "압축한 본문은 읽지 않습니다. Content-Encoding 없이 보내 주세요".to_owned()
            }
            (Self::SignatureInvalid, Language::English) => {
                "the signature is not that of this body, or too old".to_owned()
            }
            (Self::SignatureInvalid, Language::Korean) => {
                "서명이 본문과 일치하지 않거나 너무 오래되었습니다".to_owned()
            }
            (Self::SignInNeeded, Language::English) => "this needs a valid access token".to_owned(),
            (Self::SignInNeeded, Language::Korean) => "로그인 후 이용해 주세요".to_owned(),
            (Self::NotAllowed, Language::English) => "your account may not do this".to_owned(),
            (Self::NotAllowed, Language::Korean) => "이 계정으로는 할 수 없는 작업입니다".to_owned(),
            (Self::CrossSite, Language::English) => "cookies came along from another site's page".to_owned(),
            (Self::CrossSite, Language::Korean) => "다른 사이트의 페이지에서 보낸 요청은 처리하지 않습니다".to_owned(),
            (Self::CursorInvalid, Language::English) => "the cursor is expired or belongs to another list".to_owned(),
            (Self::CursorInvalid, Language::Korean) => "만료되었거나 다른 목록의 커서입니다".to_owned(),
            (Self::NoSuchRoute, Language::English) => "there is nothing at this address".to_owned(),
            (Self::NoSuchRoute, Language::Korean) => "존재하지 않는 주소입니다".to_owned(),
            (Self::NoSuchMethod(allowed), Language::English) => format!("the address takes {}", allowed.join(", ")),
            (Self::NoSuchMethod(allowed), Language::Korean) => {
                format!("이 주소에서 지원하는 메서드는 {}입니다", allowed.join(", "))
            }
        }
    }
}
