//! `Idempotency-Key`: the same request twice is done once (draft-ietf-httpapi-idempotency-key-header).
//!
//! The record of a request is written in the same transaction as its work, under the condition
//! that there is none yet. So there is no moment at which the work is done and not remembered, the
//! usual request costs no extra read, and of two at once exactly one does the work. Whoever loses
//! finds the record of the winner in the failed condition and answers with it.
//!
//! An answer may hold an address or a name, and nobody could find the record of a person who is to be
//! erased: it is named after a hash. So it is sealed under a key that is made of the
//! `Idempotency-Key` and kept nowhere: who does not repeat the request cannot read its answer.

use bytes::Bytes;
use domain::{ErrorCode, Language, ServiceError, Timestamp, timestamp::Seconds};
use ring::{digest, hmac};

use super::{
    encryption,
    fault::{Failure, Fault, FaultKind},
};

/// What tells one caller from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A person's id, or a secret that only one caller has.
    Known(String),
    /// Nobody can tell.
    Unknown,
}

/// For how long a request is remembered.
pub const REMEMBERED_FOR: Seconds = Seconds::days(1);

/// What an `Idempotency-Key` claims: that this caller sends this request to this endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Names the record: a hash of caller, endpoint and key, so that no caller meets another's.
    pub record: String,
    /// A keyed hash of the request; another request under the same key is refused.
    pub fingerprint: String,
    /// When the request came.
    pub at: Timestamp,
    key: ReplyKey,
}

/// What seals the answer to a request: made of the request's own key, and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
struct ReplyKey([u8; 32]);

impl std::fmt::Debug for ReplyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReplyKey(…)")
    }
}

impl Claim {
    /// A claim, from who calls what with which key and request ([`Sent::canonical`]).
    ///
    /// Where callers cannot be told apart, the request itself stands for the caller: two guests who
    /// choose the same key never meet, and one who repeats a request from another network is still
    /// answered. So only a known caller is told that a key belongs to another request.
    ///
    /// [`Sent::canonical`]: crate::api::request::Sent::canonical
    #[must_use]
    pub fn new(caller: &Identity, operation: &str, key: &str, request: &str, at: Timestamp) -> Self {
        let named_after = match caller {
            Identity::Known(caller) => [caller.as_str(), operation, key, ""],
            Identity::Unknown => ["anyone", operation, key, request],
        };
        let named_after = named_after.as_slice();
        let mut reply_key = [0; 32];
        for (to, from) in reply_key.iter_mut().zip(digest_of(&[&["reply"], named_after].concat()).as_ref()) {
            *to = *from;
        }
        let fingerprint = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &reply_key), request.as_bytes());
        Self {
            record: hex::encode(digest_of(named_after)),
            fingerprint: hex::encode(fingerprint),
            at,
            key: ReplyKey(reply_key),
        }
    }

    /// A text that only who makes the same claim can read.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn seal(&self, text: &str) -> Result<Vec<u8>, Fault> {
        encryption::encrypt(&self.key.0, text.as_bytes())
    }

    /// The text again.
    ///
    /// # Errors
    /// When it was sealed under another claim, or is none.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<String, Fault> {
        let text = encryption::decrypt(&self.key.0, sealed).and_then(|text| String::from_utf8(text).ok());
        text.ok_or_else(|| Fault::new(FaultKind::Cryptography, "open an answer"))
    }
}

/// A hash of some texts, each after its length, so that no two lists of texts are hashed alike.
fn digest_of(parts: &[&str]) -> digest::Digest {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finish()
}

/// The answer that a request got the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// The hash of the request that it answers.
    pub fingerprint: String,
    /// The status.
    pub status: u16,
    /// The JSON text of the body, before the endpoint completes it with what is not stored.
    pub body: String,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
}

/// An answer that can be remembered.
pub trait Answer {
    /// The status.
    fn status(&self) -> u16;

    /// The JSON text of the body.
    ///
    /// # Errors
    /// When it cannot be written.
    fn json(&self) -> Result<Bytes, Fault>;
}

impl StoredReply {
    /// What to remember of a reply.
    ///
    /// # Errors
    /// When the reply cannot be written as JSON, or is too large to keep.
    pub fn of(claim: &Claim, reply: &impl Answer) -> Result<Self, Fault> {
        let json = reply.json()?;
        let body = String::from_utf8(json.to_vec())
            .map_err(|error| Fault::new(FaultKind::Corrupt, "remember the reply").with_source(error))?;
        Ok(Self {
            fingerprint: claim.fingerprint.clone(),
            status: reply.status(),
            body,
            expires_at: claim.at.plus(REMEMBERED_FOR),
        })
    }

    /// The failure by which the pipeline learns that this request was answered before.
    #[must_use]
    pub fn into_failure(self, claim: &Claim) -> Failure {
        if self.fingerprint == claim.fingerprint {
            Failure::Replayed(Box::new(self))
        } else {
            IdempotencyError::KeyReused.into()
        }
    }
}

/// Reads the header's value: 1 to 255 visible ASCII characters.
///
/// # Errors
/// When it is missing or is none.
pub fn read_key(header: Option<&str>) -> Result<&str, IdempotencyError> {
    let key = header.ok_or(IdempotencyError::KeyMissing)?;
    let good = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if good { Ok(key) } else { Err(IdempotencyError::KeyMalformed) }
}

domain::errors! {
    /// What can be wrong with the use of an idempotency key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum IdempotencyError;

    KEY_MISSING = "request.idempotency_key_missing", Invalid {
        title: "The Idempotency-Key header is missing", "Idempotency-Key 헤더가 없습니다";
        advice:
            "Send a fresh random key with each new request and the same key with each retry of it.",
            "새 요청마다 임의의 새 키를 보내고, 다시 보낼 때는 같은 키를 보내세요.";
        /// The route needs the header and it is not there.
        KeyMissing,
    }

    KEY_MALFORMED = "request.idempotency_key_malformed", Invalid {
        title: "The Idempotency-Key header is malformed", "Idempotency-Key 헤더 형식이 올바르지 않습니다";
        advice: "Use 1 to 255 visible ASCII characters; a UUID is good.", "공백 없는 ASCII 1~255자를 쓰세요. UUID가 알맞습니다.";
        /// The header is not 1 to 255 visible ASCII characters, or is there twice.
        KeyMalformed,
    }

    KEY_REUSED = "request.idempotency_key_reused", Unprocessable {
        title: "The idempotency key was used for another request", "다른 요청에 이미 사용된 Idempotency-Key입니다";
        advice: "Use a new key for a new request.", "새 요청에는 새 키를 쓰세요.";
        /// The key was used for another request.
        KeyReused,
    }

    IN_PROGRESS = "request.in_progress", Conflict {
        title: "The same request is being worked on", "같은 요청이 처리되고 있습니다";
        advice:
            "Wait as long as Retry-After says and send the same request again.",
            "Retry-After에 나온 시간만큼 기다린 뒤 같은 요청을 다시 보내세요.";
        /// The first request with this key has not ended.
        InProgress,
    }
}

impl ServiceError for IdempotencyError {
    fn code(&self) -> ErrorCode {
        self.entry()
    }

    fn detail(&self, language: Language) -> String {
        match (self, language) {
            (Self::KeyMissing, Language::English) => "this request needs an Idempotency-Key header",
            (Self::KeyMissing, Language::Korean) => "이 요청에는 Idempotency-Key 헤더가 필요합니다",
            (Self::KeyMalformed, Language::English) => {
                "the Idempotency-Key must be 1 to 255 visible ASCII characters, once"
            }
            (Self::KeyMalformed, Language::Korean) => {
                "Idempotency-Key는 공백 없는 ASCII 1~255자로 한 번만 보내야 합니다"
            }
            (Self::KeyReused, Language::English) => "this Idempotency-Key belongs to a request with another body",
            (Self::KeyReused, Language::Korean) => "이 Idempotency-Key는 내용이 다른 요청에 사용되었습니다",
            (Self::InProgress, Language::English) => "the first request with this key has not ended yet",
            (Self::InProgress, Language::Korean) => "같은 키의 첫 요청이 아직 끝나지 않았습니다",
        }
        .to_owned()
    }

    fn retry_after_s(&self) -> Option<u32> {
        matches!(self, Self::InProgress).then_some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(caller: &str, operation: &str, key: &str, request: &str) -> Claim {
        Claim::new(&Identity::Known(caller.to_owned()), operation, key, request, Timestamp::MIN)
    }

    fn anonymous(key: &str, request: &str) -> Claim {
        Claim::new(&Identity::Unknown, "checkout.create_checkout", key, request, Timestamp::MIN)
    }

    #[test]
    fn attack_35_no_two_callers_operations_or_keys_share_a_record() {
        let record = |caller, operation, key| claim(caller, operation, key, "").record;
        let all = [
            record("usr_1", "auth.sign_up", "k"),
            record("usr_2", "auth.sign_up", "k"),
            record("usr_1", "auth.sign_in", "k"),
            record("usr_1", "auth.sign_up", "kk"),
            record("usr_1a", "uth.sign_up", "k"),
            record("usr_1", "auth.sign_upk", ""),
            Claim::new(&Identity::Unknown, "auth.sign_up", "k", "", Timestamp::MIN).record,
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != one), "{index}");
        }
    }

    #[test]
    fn attack_35_a_known_caller_meets_the_record_of_another_request_under_the_same_key() {
        let (one, other) = (claim("usr_1", "b", "c", "{}"), claim("usr_1", "b", "c", "{1}"));
        assert_eq!(one.record, other.record);
        assert_ne!(one.fingerprint, other.fingerprint);
    }

    #[test]
    fn attack_35_two_guests_with_one_key_meet_only_in_the_same_request() {
        let (one, other) = (anonymous("k", "{}"), anonymous("k", "{1}"));
        assert_ne!(one.record, other.record);
        let sealed = one.seal("the answer").unwrap();
        assert!(other.open(&sealed).is_err());
        assert_eq!(anonymous("k", "{}"), one);
        assert_ne!(anonymous("l", "{}").record, one.record);
    }

    #[test]
    fn an_answer_is_read_by_who_repeats_the_request_and_by_nobody_else() {
        let first = claim("usr_1", "auth.sign_up", "k", "body");
        let sealed = first.seal("mina@example.com").unwrap();
        assert_eq!(claim("usr_1", "auth.sign_up", "k", "other").open(&sealed).unwrap(), "mina@example.com");
        for other in [
            claim("usr_2", "auth.sign_up", "k", "body"),
            claim("usr_1", "auth.sign_in", "k", "body"),
            claim("usr_1", "auth.sign_up", "l", "body"),
        ] {
            assert!(other.open(&sealed).is_err());
        }
        assert!(!sealed.windows(4).any(|part| part == b"mina"));
        assert_ne!(sealed, first.seal("mina@example.com").unwrap(), "no two seals are alike");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        for wrong in [&changed[..], &sealed[..20], &sealed[..5], &[]] {
            assert!(first.open(wrong).is_err());
        }
    }

    #[test]
    fn attack_35_a_key_is_one_to_255_visible_ascii_characters() {
        for good in ["k", "6f1d1c2e-7d4b-4a53-8f4e-3a0a4f0f7f10", "!~", &"k".repeat(255)] {
            assert_eq!(read_key(Some(good)), Ok(good));
        }
        for wrong in ["", " ", "a b", "a\tb", "é", "\u{7f}", &"k".repeat(256)] {
            assert_eq!(read_key(Some(wrong)), Err(IdempotencyError::KeyMalformed), "{wrong:?}");
        }
        assert_eq!(read_key(None), Err(IdempotencyError::KeyMissing));
    }
}
