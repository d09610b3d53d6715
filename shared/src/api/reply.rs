//! What an endpoint answers with. The status is in the type, and thus in the documents.

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::cookies::Cookie;
use crate::{
    fault::{Fault, FaultKind},
    ground::idempotency::Answer,
};

/// An answer that went well.
pub trait Reply: Sized + Send {
    /// The statuses that it may have.
    const STATUSES: &'static [u16];
    /// The JSON that it carries.
    type Body: JsonSchema;

    /// The status of this one.
    fn status(&self) -> u16;

    /// Headers of its own, such as cookies. They are never remembered under an idempotency key.
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The JSON text; empty where the status has no body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON, which is a mistake of ours.
    fn to_json(&self) -> Result<Bytes, Fault>;

    /// The answer again, from what [`Reply::to_json`] wrote and its status. Replies that are never
    /// remembered under an idempotency key may refuse.
    ///
    /// # Errors
    /// When the text is not such a reply.
    fn from_json(status: u16, json: &[u8]) -> Result<Self, Fault>;
}

impl<R: Reply> Answer for R {
    fn status(&self) -> u16 {
        Reply::status(self)
    }

    fn json(&self) -> Result<Bytes, Fault> {
        self.to_json()
    }
}

fn write<T: Serialize>(body: &T) -> Result<Bytes, Fault> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|error| Fault::new(FaultKind::Corrupt, "write the reply").with_source(error))
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    domain::text::as_stored(|| serde_json::from_slice(json))
        .map_err(|error| Fault::new(FaultKind::Corrupt, "read a remembered reply").with_source(error))
}

macro_rules! replies {
    ($($(#[$doc:meta])* $name:ident = $status:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name<T>(pub T);

        impl<T: Serialize + DeserializeOwned + JsonSchema + Send> Reply for $name<T> {
            const STATUSES: &'static [u16] = &[$status];
            type Body = T;

            fn status(&self) -> u16 {
                $status
            }

            fn to_json(&self) -> Result<Bytes, Fault> {
                write(&self.0)
            }

            fn from_json(_: u16, json: &[u8]) -> Result<Self, Fault> {
                read(json).map(Self)
            }
        }
    )*};
}

replies! {
    /// 200: here it is, or it is done.
    Okay = 200;
    /// 201: it was made.
    Created = 201;
    /// 202: it was taken and will be done.
    Accepted = 202;
}

/// 200 when it is done, 202 when it is taken and not yet known to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OkayOrAccepted<T> {
    /// 200.
    Okay(T),
    /// 202.
    Accepted(T),
}

impl<T: Serialize + DeserializeOwned + JsonSchema + Send> Reply for OkayOrAccepted<T> {
    const STATUSES: &'static [u16] = &[200, 202];
    type Body = T;

    fn status(&self) -> u16 {
        match self {
            Self::Okay(_) => 200,
            Self::Accepted(_) => 202,
        }
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        match self {
            Self::Okay(body) | Self::Accepted(body) => write(body),
        }
    }

    fn from_json(status: u16, json: &[u8]) -> Result<Self, Fault> {
        let body = read(json)?;
        Ok(if status == 202 { Self::Accepted(body) } else { Self::Okay(body) })
    }
}

/// No body at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
pub struct Nothing {}

/// 204: it is done and there is nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoContent;

impl Reply for NoContent {
    const STATUSES: &'static [u16] = &[204];
    type Body = Nothing;

    fn status(&self) -> u16 {
        204
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        Ok(Bytes::new())
    }

    fn from_json(_: u16, _: &[u8]) -> Result<Self, Fault> {
        Ok(Self)
    }
}

/// No answer but a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {}

impl Reply for Never {
    const STATUSES: &'static [u16] = &[];
    type Body = Nothing;

    fn status(&self) -> u16 {
        match *self {}
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        match *self {}
    }

    fn from_json(_: u16, _: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new(FaultKind::Corrupt, "read a reply where there is none"))
    }
}

/// 303: go on there, with GET (RFC 9110 §15.4.4). The address is ours to choose, never the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeeOther(pub String);

impl Reply for SeeOther {
    const STATUSES: &'static [u16] = &[303];
    type Body = Nothing;

    fn status(&self) -> u16 {
        303
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("location", self.0.clone())]
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        Ok(Bytes::new())
    }

    fn from_json(_: u16, _: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new(FaultKind::Corrupt, "a redirect is never remembered"))
    }
}

/// A reply that also sets cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithCookies<R> {
    /// The reply.
    pub reply: R,
    /// What the browser is to keep.
    pub cookies: Vec<Cookie>,
}

impl<R: Reply> Reply for WithCookies<R> {
    const STATUSES: &'static [u16] = R::STATUSES;
    type Body = R::Body;

    fn status(&self) -> u16 {
        self.reply.status()
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = self.reply.headers();
        headers.extend(self.cookies.iter().map(|cookie| ("set-cookie", cookie.to_header())));
        headers
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        self.reply.to_json()
    }

    fn from_json(status: u16, json: &[u8]) -> Result<Self, Fault> {
        Ok(Self { reply: R::from_json(status, json)?, cookies: Vec::new() })
    }
}

/// 200 with a document that a browser saves as a file in place of showing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment<T> {
    /// The document.
    pub body: T,
    /// What the file is called: letters, digits, points and hyphens of ours, nothing that was sent.
    pub file_name: String,
}

impl<T: Serialize + DeserializeOwned + JsonSchema + Send> Reply for Attachment<T> {
    const STATUSES: &'static [u16] = &[200];
    type Body = T;

    fn status(&self) -> u16 {
        200
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("content-disposition", format!("attachment; filename=\"{}\"", self.file_name))]
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        write(&self.body)
    }

    fn from_json(_: u16, _: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new(FaultKind::Corrupt, "a file is never remembered"))
    }
}

/// 200 with a JSON document that was written when the program was built.
#[derive(Debug, Clone, Copy)]
pub struct Document(pub &'static str);

/// Any JSON object.
#[derive(Debug, JsonSchema)]
pub struct AnyObject {}

impl Reply for Document {
    const STATUSES: &'static [u16] = &[200];
    type Body = AnyObject;

    fn status(&self) -> u16 {
        200
    }

    fn to_json(&self) -> Result<Bytes, Fault> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }

    fn from_json(_: u16, _: &[u8]) -> Result<Self, Fault> {
        Err(Fault::new(FaultKind::Corrupt, "a document is never remembered"))
    }
}
