//! Callers of webhooks: programs of a provider that tell us that something has happened.
//!
//! They send what they like, as any content type, so such a caller is made from the raw body and a
//! handler gets the body in it. Two kinds:
//!
//! - [`Hint`]: nobody vouches for it. A handler believes none of it; it takes the name of a thing out
//!   of it and asks the provider about that thing.
//! - [`SignedBy`]: the body was signed with a secret that we share with the sender.
//!
//! An endpoint of this kind is written so:
//!
//! ```ignore
//! const ROUTE: Route = Route::webhook("checkout.toss_webhook", "/webhooks/toss").touches(&[…]);
//! type Caller = Hint;
//! type Request = Empty;
//! type Reply = NoContent;
//!
//! async fn handle(tools: &CheckoutTools, hint: Hint, _: Empty, context: &Context) -> Result<NoContent, Failure> {
//!     // Nonsense, and what we do not care about, is answered like everything else: a provider
//!     // repeats for days what we refuse.
//!     let Some(event) = hint.json::<TossEvent>() else { return Ok(NoContent) };
//!     …
//! }
//! ```
//!
//! The answer must be quick and the work idempotent: providers wait for some seconds, send events
//! again and send them in any order. So a handler does one conditional write, or one question to the
//! provider, under the id that the provider gave to the event.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use domain::{Timestamp, timestamp::Seconds};
use http::HeaderMap;
use ring::hmac;
use serde::de::DeserializeOwned;

use super::{
    Access, Caller, Core, Touch,
    caller::Identity,
    problem::RequestError,
    wire::{self, HttpRequest},
};
use crate::{
    fault::Failure,
    secrets::{Secret, SecretName},
    tokens::seal::equal_in_constant_time,
};

/// The largest body of a webhook. Those of Toss and Stripe have a few kilobytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// How old a signature may be, and how far ahead of our time: what Stripe's own libraries allow.
pub const TOLERANCE: Seconds = Seconds::minutes(5);

/// A body that anybody may have sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct Hint {
    /// The raw body.
    pub body: Bytes,
    headers: HeaderMap,
}

/// A body that a sender has signed.
#[derive(Clone)]
#[non_exhaustive]
pub struct SignedBy<S> {
    /// The raw body, which is what was signed.
    pub body: Bytes,
    sender: PhantomData<S>,
}

/// Who signs its webhooks, and how.
pub trait Sender: Send + Sync + 'static {
    /// The secret that it signs with.
    const SECRET: SecretName;

    /// Whether the signature in the headers is that of the body.
    fn has_signed(request: &HttpRequest, secret: &Secret) -> bool;
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

fn body_of(request: &HttpRequest) -> Result<Bytes, RequestError> {
    if request.body.len() > BODY_BYTES_MAX {
        Err(RequestError::TooLarge(BODY_BYTES_MAX))
    } else {
        Ok(request.body.clone())
    }
}

impl Hint {
    /// A header's value, if it is there once and is visible text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        wire::header(&self.headers, name)
    }

    /// The body as JSON; `None` when it is something else, which a handler passes over.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        json(&self.body)
    }
}

impl<S> SignedBy<S> {
    /// The body as JSON; `None` when it is something else, which a handler passes over.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        json(&self.body)
    }
}

/// Without the body: it names people, and debug output ends in logs.
impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hint({} bytes)", self.body.len())
    }
}

/// Without the body: it names people, and debug output ends in logs.
impl<S> fmt::Debug for SignedBy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedBy({} bytes)", self.body.len())
    }
}

impl Caller for Hint {
    const ACCESS: Access = Access::Hint;

    async fn identify(request: &HttpRequest, _: &Core) -> Result<Self, Failure> {
        Ok(Self { body: body_of(request)?, headers: request.headers.clone() })
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

impl<S: Sender> Caller for SignedBy<S> {
    const ACCESS: Access = Access::Signed;
    const TOUCHES: &'static [Touch] = &[Touch::Secret(S::SECRET)];

    async fn identify(request: &HttpRequest, core: &Core) -> Result<Self, Failure> {
        let body = body_of(request)?;
        core.secrets.ready().await?;
        if S::has_signed(request, core.secrets.get(S::SECRET)?) {
            Ok(Self { body, sender: PhantomData })
        } else {
            Err(RequestError::SignatureInvalid.into())
        }
    }

    fn identity(&self) -> Identity {
        Identity::Unknown
    }
}

/// Whether a body carries a signature as Stripe makes it: `Stripe-Signature: t=…,v1=…[,v1=…]`, where
/// `t` is the time in seconds and each `v1` the HMAC-SHA256 of `{t}.{body}` in hexadecimal. While a
/// secret is exchanged there is one for the old and one for the new. Other schemes (`v0`) count for
/// nothing.
#[must_use]
pub fn is_signed_as_by_stripe(header: Option<&str>, body: &[u8], secret: &Secret, now: Timestamp) -> bool {
    let parts = || header.unwrap_or_default().split(',').filter_map(|part| part.trim().split_once('='));
    let values = |name: &'static str| parts().filter(move |(known, _)| *known == name).map(|(_, value)| value);
    let mut times = values("t");
    let (Some(time), None) = (times.next(), times.next()) else { return false };
    let Ok(seconds) = time.parse::<i64>() else { return false };
    let at = Timestamp::from_seconds(seconds);
    if at.plus(TOLERANCE) < now || now.plus(TOLERANCE) < at {
        return false;
    }
    let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()));
    signing.update(time.as_bytes());
    signing.update(b".");
    signing.update(body);
    let ours = hex::encode(signing.sign());
    values("v1").any(|theirs| equal_in_constant_time(theirs.as_bytes(), ours.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;
    const AT: i64 = 1_492_774_577;
    // printf '1492774577.{"id":"evt_1","object":"event"}' | openssl dgst -sha256 -hmac whsec_test
    const SIGNATURE: &str = "da4a28bb1e8ecf97feff14bd141aa183c9cbe6a13dcfb1a2ace8dc472e62593b";

    fn holds(header: &str, body: &[u8], secret: &str, at: i64) -> bool {
        is_signed_as_by_stripe(Some(header), body, &Secret::new(secret), Timestamp::from_seconds(at))
    }

    fn header(t: impl fmt::Display, v1: &str) -> String {
        format!("t={t},v1={v1}")
    }

    #[test]
    fn a_signature_of_stripe_holds_for_its_body_for_five_minutes() {
        for age in [-300, 0, 299, 300] {
            assert!(holds(&header(AT, SIGNATURE), BODY, "whsec_test", AT + age), "{age}");
        }
        for age in [-301, 301, 86_400] {
            assert!(!holds(&header(AT, SIGNATURE), BODY, "whsec_test", AT + age), "{age}");
        }
    }

    #[test]
    fn one_of_several_signatures_is_enough_while_a_secret_is_exchanged() {
        let other = "0".repeat(64);
        for good in [
            format!("t={AT},v1={other},v1={SIGNATURE}"),
            format!("t={AT},v1={SIGNATURE},v1={other},v0={other}"),
            format!("t={AT}, v1={SIGNATURE}"),
        ] {
            assert!(holds(&good, BODY, "whsec_test", AT), "{good}");
        }
    }

    #[test]
    fn what_is_no_signature_of_this_body_does_not_hold() {
        let good = header(AT, SIGNATURE);
        let longer = [BODY, b" "].concat();
        assert!(!holds(&good, &longer, "whsec_test", AT), "a byte more");
        assert!(!holds(&good, b"", "whsec_test", AT), "no body");
        assert!(!holds(&good, BODY, "whsec_other", AT), "another secret");
        let wrong = [
            String::new(),
            header(AT + 1, SIGNATURE),
            header(AT, ""),
            header(AT, &SIGNATURE[1..]),
            header(AT, &SIGNATURE.to_uppercase()),
            header("banana", SIGNATURE),
            header("9223372036854775807", SIGNATURE),
            header("-9223372036854775808", SIGNATURE),
            format!("t={AT},v0={SIGNATURE}"),
            format!("v1={SIGNATURE}"),
            format!("t={AT},t={AT},v1={SIGNATURE}"),
            format!("t={AT}"),
            ",,,".to_owned(),
        ];
        for header in wrong {
            assert!(!holds(&header, BODY, "whsec_test", AT), "{header}");
        }
        assert!(!is_signed_as_by_stripe(None, BODY, &Secret::new("whsec_test"), Timestamp::from_seconds(AT)));
    }
}
