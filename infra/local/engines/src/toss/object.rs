//! The Payment object as the API shows it: every documented field, `null` where there is nothing.

use domain::{Money, Timestamp, payments::to_provider_number, timestamp::Seconds};
use serde_json::{Number, Value, json};

use super::{
    codes::documented,
    world::{Cancel, Card, Payment, Status},
};

/// A payment as JSON. `page` is the address of the simulator, for the links to its receipts.
pub(super) fn payment(payment: &Payment, page: &str) -> Value {
    let supplied = supplied_amount(payment.balance);
    let vat = payment.balance.minus(supplied).unwrap_or(Money::zero(payment.amount.currency));
    let is_approved = payment.is_captured();
    let is_virtual = payment.card == Some(Card::VirtualAccount);
    json!({
        "mId": "tvivarepublica",
        "version": "2022-11-16",
        "paymentKey": payment.payment_key,
        "type": "NORMAL",
        "orderId": payment.order_id,
        "orderName": payment.order_name,
        "currency": payment.amount.currency.code(),
        "method": payment.authenticated_at.map(|_| if is_virtual { "가상계좌" } else { "카드" }),
        "totalAmount": number(payment.amount),
        "balanceAmount": number(payment.balance),
        "suppliedAmount": number(supplied),
        "vat": number(vat),
        "taxFreeAmount": 0,
        "taxExemptionAmount": 0,
        "status": payment.status,
        "requestedAt": seoul_time(payment.requested_at),
        "approvedAt": payment.approved_at.map(seoul_time),
        "useEscrow": false,
        "cultureExpense": false,
        "lastTransactionKey": payment.last_transaction_key,
        "isPartialCancelable": true,
        "card": payment.authenticated_at.filter(|_| !is_virtual).map(|_| card(payment)),
        "cancels": cancels(payment),
        "failure": failure(payment),
        "receipt": is_approved.then(|| json!({ "url": format!("{page}/receipt/{}", payment.payment_key) })),
        "checkout": { "url": format!("{page}/checkout/{}", payment.payment_key) },
        "country": "KR",
        "secret": (is_approved || is_virtual).then(|| format!("ps_{}", payment.payment_key.chars().rev().take(20).collect::<String>())),
        "virtualAccount": is_virtual.then(|| virtual_account(payment)),
        "transfer": null,
        "mobilePhone": null,
        "giftCertificate": null,
        "cashReceipt": null,
        "cashReceipts": null,
        "discount": null,
        "easyPay": null,
        "metadata": null,
    })
}

fn card(payment: &Payment) -> Value {
    let acquired = match payment.status {
        Status::Canceled => "CANCELED",
        Status::PartialCanceled => "CANCEL_REQUESTED",
        _ => "READY",
    };
    json!({
        "amount": number(payment.amount),
        "issuerCode": "61",
        "acquirerCode": "31",
        "number": "43301234****123*",
        "installmentPlanMonths": 0,
        "approveNo": if payment.is_captured() { "00000000" } else { "" },
        "useCardPoint": false,
        "cardType": "신용",
        "ownerType": "개인",
        "acquireStatus": acquired,
        "isInterestFree": false,
        "interestPayer": null,
    })
}

/// Toss's default: a week to pay in.
fn virtual_account(payment: &Payment) -> Value {
    json!({
        "accountType": "일반",
        "accountNumber": "X6505831718354",
        "bankCode": "20",
        "customerName": null,
        "depositorName": null,
        "dueDate": seoul_time(payment.requested_at.plus(Seconds::days(7))),
        "expired": false,
        "settlementStatus": "INCOMPLETED",
        "refundStatus": "NONE",
        "refundReceiveAccount": null,
    })
}

fn cancels(payment: &Payment) -> Value {
    if payment.cancels.is_empty() {
        return Value::Null;
    }
    payment.cancels.iter().map(cancel).collect()
}

fn cancel(cancel: &Cancel) -> Value {
    json!({
        "transactionKey": cancel.transaction_key,
        "cancelReason": cancel.reason,
        "cancelAmount": number(cancel.amount),
        "refundableAmount": number(cancel.left),
        "taxFreeAmount": 0,
        "taxExemptionAmount": 0,
        "cardDiscountAmount": 0,
        "transferDiscountAmount": 0,
        "easyPayDiscountAmount": 0,
        "canceledAt": seoul_time(cancel.at),
        "receiptKey": null,
        "cancelStatus": "DONE",
        "cancelRequestId": null,
    })
}

fn failure(payment: &Payment) -> Value {
    let Some(code) = payment.failure.as_deref() else { return Value::Null };
    let message = documented("confirm", code).map_or("", |error| error.message(domain::Language::Korean));
    json!({ "code": code, "message": message })
}

/// A JSON number in whole units of the currency.
pub(super) fn number(money: Money) -> Value {
    to_provider_number(money).parse::<Number>().map_or(Value::Null, Value::Number)
}

/// VAT is a tenth of the net price, thus an eleventh of the gross one, rounded half up.
fn supplied_amount(gross: Money) -> Money {
    let vat = gross.amount.saturating_mul(2).saturating_add(11).div_euclid(22);
    Money::new(gross.amount.saturating_sub(vat), gross.currency).unwrap_or(gross)
}

/// `2026-11-21T18:00:00+09:00`, as the API writes moments.
pub(super) fn seoul_time(at: Timestamp) -> String {
    let text = at.plus(Seconds::hours(9)).to_string();
    format!("{}+09:00", text.get(..19).unwrap_or(&text))
}

/// `2026-11-21T18:00:00.000000`, as webhooks write moments: no offset, and Korean time is meant.
pub(super) fn webhook_time(at: Timestamp) -> String {
    let text = at.plus(Seconds::hours(9)).to_string();
    format!("{}000", text.get(..23).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn moments_are_written_in_korean_time_in_both_forms() {
        let at = Timestamp::parse("2026-11-21T15:30:00.250Z").unwrap();
        assert_eq!(seoul_time(at), "2026-11-22T00:30:00+09:00");
        assert_eq!(webhook_time(at), "2026-11-22T00:30:00.250000");
    }

    #[test]
    fn net_price_and_vat_add_up() {
        for (gross, net) in [(11_000, 10_000), (12_000, 10_909), (100, 91), (5, 5), (6, 5), (0, 0)] {
            assert_eq!(supplied_amount(Money::new(gross, Currency::Krw).unwrap()).amount, net, "{gross}");
        }
    }
}
