//! Paying by a provider: what its answers mean to us, and what we say about them.
//!
//! The provider's words (codes, statuses) are read in one place and become ours here. Two rules
//! stand above the rest: an answer that we do not understand is *unknown* and never *failed*, and
//! a payment counts only when its order, its amount and its currency are the ones that we asked for.

mod amounts;
mod error;
mod provider_codes;
mod settlement;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

pub use amounts::{currency_from_code, from_provider_number, to_provider_number};
pub use error::{PaymentError, codes};
pub use provider_codes::{
    CANCEL_CODES, CONFIRM_CODES, CancelOutcome, ConfirmOutcome, DeclineReason, DocumentedCode, QUERY_CODES,
    QueryOutcome, cancel_outcome, confirm_outcome, query_outcome,
};
pub use settlement::{
    Approval, CancelledPart, PaymentSnapshot, Settlement, TossPaymentStatus, Total, provider_message, settle,
};

use crate::{
    Language,
    ids::{CheckoutId, RefundId},
    text::{BadText, TextRule},
};

/// Who moves the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentProvider {
    /// Toss Payments, Korea.
    Toss,
}

/// The provider's name for one payment, as the browser brings it back from the payment window: 1 to
/// 200 visible ASCII characters (Toss core API, `paymentKey`). It is chosen by the provider and
/// arrives through the browser, so it proves nothing by itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PaymentKey(String);

impl PaymentKey {
    /// Most characters.
    pub const MOST: usize = 200;

    /// Reads a payment key.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is empty, too long, or has anything but visible ASCII.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if is_visible_ascii(text, Self::MOST) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadText::Form(
                "must be 1 to 200 visible ASCII characters, as the payment window gave them",
                "결제창에서 받은 값이어야 합니다",
            ))
        }
    }

    /// The whole key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as a log may show it: its first eight characters.
    #[must_use]
    pub fn shortened(&self) -> String {
        format!("{}…", self.0.chars().take(8).collect::<String>())
    }
}

/// Shortened, because debug output ends in logs.
impl fmt::Debug for PaymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shortened())
    }
}

impl<'de> Deserialize<'de> for PaymentKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

impl schemars::JsonSchema for PaymentKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PaymentKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[!-~]{1,200}$",
            "examples": ["tviva20261121090000aB3dE"],
        })
    }
}

/// Why a payment is cancelled, as the provider is told: 1 to 200 characters on one line (Toss core
/// API, `cancelReason`). Longer ones are refused by us, so that the provider never cuts one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CancelReason(String);

impl CancelReason {
    const RULE: TextRule = TextRule { least: 1, most: 200, lines: false };

    /// Reads a reason.
    ///
    /// # Errors
    /// [`BadText`] when it is empty, too long, or has control characters.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        Self::RULE.apply(text).map(Self)
    }

    /// That the shop does not take this way of paying.
    #[must_use]
    pub fn not_offered(language: Language) -> Self {
        let text = match language {
            Language::English => "This shop does not take this way of paying",
            Language::Korean => "이 상점에서 지원하지 않는 결제 수단",
        };
        Self(text.to_owned())
    }

    /// The reason in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for CancelReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

/// The key under which the provider remembers a call of ours, 1 to 300 visible ASCII characters
/// (Toss, `Idempotency-Key`; kept for 15 days). Made from our own ids and stored before the call,
/// so that a repeated call is the same call, whoever repeats it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ProviderIdempotencyKey(String);

impl ProviderIdempotencyKey {
    /// Most characters; Toss answers `INVALID_IDEMPOTENCY_KEY` to more.
    pub const MOST: usize = 300;

    /// The key of the confirmation of a checkout's payment. `attempt` counts the payment keys with which
    /// it was confirmed: a buyer whose card was declined comes back with another payment key, and under
    /// the old idempotency key would only hear the old answer again.
    #[must_use]
    pub fn of_confirm(checkout: CheckoutId, attempt: u32) -> Self {
        Self(format!("confirm:{checkout}:{attempt}"))
    }

    /// The key of a refund. `attempt` counts the calls that the provider surely refused, from 1: under the
    /// key of one of them it would only repeat its refusal. A call whose outcome is not known is repeated
    /// under its own key.
    #[must_use]
    pub fn of_refund(refund: RefundId, attempt: u32) -> Self {
        Self(format!("refund:{refund}:{attempt}"))
    }

    /// The key under which a payment that this attempt brought is called off before it was paid.
    /// `asked` counts the questions about it: under the key of the last one the provider would only
    /// repeat an error of its own.
    #[must_use]
    pub fn of_calling_off(checkout: CheckoutId, attempt: u32, asked: u32) -> Self {
        Self(format!("call-off:{checkout}:{attempt}:{asked}"))
    }

    /// Reads a stored key.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is empty, too long, or has anything but visible ASCII.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        if is_visible_ascii(text, Self::MOST) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadText::Form("must be 1 to 300 visible ASCII characters", "공백 없는 ASCII 문자 1~300자여야 합니다"))
        }
    }

    /// The text that goes into the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ProviderIdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(BadText::refuse)
    }
}

fn is_visible_ascii(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, ids::Entropy};

    fn checkout(byte: u8) -> CheckoutId {
        CheckoutId::new(Timestamp::from_seconds(1_790_000_000), Entropy([byte; 10]))
    }

    fn refund(byte: u8) -> RefundId {
        RefundId::new(Timestamp::from_seconds(1_790_000_000), Entropy([byte; 10]))
    }

    #[test]
    fn attack_10_a_payment_key_is_1_to_200_visible_ascii_characters() {
        for good in ["a", "tviva20261121090000aB3dE", &"k".repeat(200), "~!=/?#"] {
            assert_eq!(PaymentKey::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", &"k".repeat(201), "a b", "a\0", "a\r\nHost: x", "키", "a\u{200b}", "\u{ff41}"] {
            assert!(PaymentKey::parse(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<PaymentKey>("[\"a\"]").is_err());
    }

    #[test]
    fn attack_69_a_payment_key_in_a_log_is_shortened() {
        let key = PaymentKey::parse("tviva20261121090000aB3dE").unwrap();
        assert_eq!(format!("{key:?}"), "tviva202…");
    }

    #[test]
    fn attack_38_a_cancel_reason_that_the_provider_would_refuse_is_refused_before_the_call() {
        for bad in ["", "   ", &"r".repeat(201), &"😀".repeat(201), "two\nlines", "nul\0", "a\rb", "\u{202e}gnorw"] {
            assert!(CancelReason::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(CancelReason::parse(&"😀".repeat(200)).unwrap().as_str().chars().count(), 200);
        assert_eq!(CancelReason::parse(" 고객 변심 ").unwrap().as_str(), "고객 변심");
    }

    #[test]
    fn attack_35_the_providers_idempotency_keys_are_the_same_every_time_and_differ_by_operation() {
        let mut keys = vec![
            ProviderIdempotencyKey::of_confirm(checkout(1), 1),
            ProviderIdempotencyKey::of_confirm(checkout(1), 2),
            ProviderIdempotencyKey::of_confirm(checkout(1), u32::MAX),
            ProviderIdempotencyKey::of_confirm(checkout(2), 1),
            ProviderIdempotencyKey::of_refund(refund(1), 1),
            ProviderIdempotencyKey::of_refund(refund(1), 2),
            ProviderIdempotencyKey::of_refund(refund(2), 1),
        ];
        assert_eq!(ProviderIdempotencyKey::of_confirm(checkout(1), 1), keys[0]);
        for key in &keys {
            assert_eq!(ProviderIdempotencyKey::parse(key.as_str()).as_ref(), Ok(key));
        }
        let count = keys.len();
        keys.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert!(ProviderIdempotencyKey::parse(&"k".repeat(301)).is_err());
    }
}
