//! The Payment object. What decides (key, order, status, amounts) must be there; what only informs
//! is taken when it has the expected form and is left out otherwise, so that a change of the API in
//! a field that nobody needs cannot hold up a payment.

use domain::{
    Currency, Money, Timestamp,
    payments::{
        CancelledPart, PaymentKey, PaymentSnapshot, TossPaymentStatus, Total, currency_from_code, from_provider_number,
    },
};
use serde_json::Value;

/// Reads a payment; nothing when the body is not one.
pub(super) fn read(body: &[u8]) -> Option<PaymentSnapshot> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let code = text(&body, "/currency").filter(|code| is_currency_code(code));
    let currency = code.as_deref().and_then(currency_from_code);
    let total = match currency {
        Some(currency) => amount(&body, "/totalAmount", currency).map_or(Total::Unreadable, Total::Known),
        None if code.is_some() => Total::OtherCurrency,
        None => Total::Unreadable,
    };
    Some(PaymentSnapshot {
        payment_key: PaymentKey::parse(&text(&body, "/paymentKey")?).ok()?,
        order_id: text(&body, "/orderId")?,
        status: TossPaymentStatus::parse(&text(&body, "/status")?),
        total,
        balance: currency.and_then(|currency| amount(&body, "/balanceAmount", currency)),
        approved_at: moment(&body, "/approvedAt"),
        method: text(&body, "/method"),
        receipt_url: text(&body, "/receipt/url")
            .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        failure_code: text(&body, "/failure/code"),
        failure_message: text(&body, "/failure/message"),
        cancels: currency.map(|currency| cancels(&body, currency)).unwrap_or_default(),
    })
}

fn cancels(body: &Value, currency: Currency) -> Vec<CancelledPart> {
    let entries = body.get("cancels").and_then(Value::as_array);
    entries.into_iter().flatten().filter_map(|entry| cancel(entry, currency)).collect()
}

fn cancel(entry: &Value, currency: Currency) -> Option<CancelledPart> {
    Some(CancelledPart {
        transaction_key: text(entry, "/transactionKey")?,
        amount: amount(entry, "/cancelAmount", currency)?,
        reason: text(entry, "/cancelReason").unwrap_or_default(),
        cancelled_at: moment(entry, "/canceledAt"),
    })
}

fn text(body: &Value, pointer: &str) -> Option<String> {
    body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

/// As ISO 4217 writes them: `JPY`.
fn is_currency_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn amount(body: &Value, pointer: &str, currency: Currency) -> Option<Money> {
    let number = body.pointer(pointer).and_then(Value::as_number)?;
    from_provider_number(&number.to_string(), currency)
}

fn moment(body: &Value, pointer: &str) -> Option<Timestamp> {
    text(body, pointer).and_then(|text| Timestamp::parse(&text).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payment() -> Value {
        json!({
            "paymentKey": "tviva1", "orderId": "ord_1", "status": "DONE", "currency": "KRW",
            "totalAmount": 12000, "balanceAmount": 10000, "approvedAt": "2026-11-21T18:00:00+09:00",
            "method": "카드", "receipt": { "url": "https://toss.example/r" }, "failure": null,
            "cancels": [{ "transactionKey": "t1", "cancelAmount": 2000, "cancelReason": "half",
                          "canceledAt": "2026-11-21T18:05:00+09:00", "newField": {} }],
            "aFieldOfNextYear": [1, 2],
        })
    }

    #[test]
    fn a_payment_is_read_and_what_is_new_is_ignored() {
        let read = read(payment().to_string().as_bytes()).unwrap();
        assert_eq!(read.status, TossPaymentStatus::Done);
        assert_eq!(read.total, Total::Known(Money::new(12_000, Currency::Krw).unwrap()));
        assert_eq!(read.approved_at, Timestamp::parse("2026-11-21T09:00:00Z").ok());
        assert_eq!(read.cancels.len(), 1);
        assert_eq!(read.receipt_url.as_deref(), Some("https://toss.example/r"));
    }

    #[test]
    fn attack_39_without_what_decides_it_is_not_a_payment() {
        for field in ["paymentKey", "orderId", "status"] {
            for other in [Value::Null, json!(1), json!([]), json!({})] {
                let mut body = payment();
                body[field] = other;
                assert_eq!(read(body.to_string().as_bytes()), None, "{field}");
            }
        }
        for body in ["", "{}", "[]", "null", "<html>OK</html>", "\u{feff}{}", "{\"status\":\"DONE\"}"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        assert_eq!(read("[".repeat(10_000).as_bytes()), None);
    }

    #[test]
    fn attack_16_an_amount_in_another_currency_is_told_apart_from_one_that_cannot_be_read() {
        for currency in ["JPY", "EUR", "XXX"] {
            let mut body = payment();
            body["currency"] = json!(currency);
            assert_eq!(read(body.to_string().as_bytes()).unwrap().total, Total::OtherCurrency, "{currency}");
        }
        for (field, value) in [
            ("currency", Value::Null),
            ("currency", json!("")),
            ("currency", json!("krw")),
            ("currency", json!("WON!")),
            ("totalAmount", json!("12000")),
            ("totalAmount", json!(12000.5)),
            ("totalAmount", json!(-12000)),
            ("totalAmount", Value::Null),
        ] {
            let mut body = payment();
            body[field] = value.clone();
            assert_eq!(read(body.to_string().as_bytes()).unwrap().total, Total::Unreadable, "{field} {value}");
        }
    }

    #[test]
    fn a_strange_field_that_only_informs_does_not_hold_up_the_payment() {
        for field in ["receipt", "cancels", "method", "approvedAt", "failure", "balanceAmount"] {
            let mut body = payment();
            body[field] = json!("strange");
            assert!(read(body.to_string().as_bytes()).is_some(), "{field}");
        }
    }
}
