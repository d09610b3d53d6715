//! The pages of the payment window.

use domain::{Language, Money};

use super::price;
use crate::{
    toss::{object::seoul_time, world::Payment},
    web::{escaped, frame, pick},
};

/// The choices: the value of the form, a title and what will happen, in both languages.
const CARDS: [(&str, [&str; 2], [&str; 2]); 5] = [
    ("approve", ["A good card", "정상 카드"], ["The payment is approved", "결제가 승인됩니다"]),
    (
        "limit_exceeded",
        ["A card at its limit", "한도 초과 카드"],
        ["Declined on confirmation", "승인 단계에서 거절됩니다"],
    ),
    ("expired", ["An expired card", "유효기간 만료 카드"], ["Declined on confirmation", "승인 단계에서 거절됩니다"]),
    (
        "risk_refused",
        ["A suspicious card", "위험 거래로 감지된 카드"],
        ["Declined on confirmation", "승인 단계에서 거절됩니다"],
    ),
    (
        "lost_answer",
        ["A good card, bad network", "정상 카드, 네트워크 오류"],
        ["Approved, but the answer gets lost", "승인되지만 응답이 유실됩니다"],
    ),
];

/// The window itself.
pub(super) fn window(payment_key: &str, order_name: &str, amount: Money, language: Language) -> String {
    let mut cards = String::new();
    for (index, (value, title, note)) in CARDS.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let [english, korean] = *title;
        let [english_note, korean_note] = *note;
        cards.push_str(&format!(
            "<label class=\"card\"><input type=\"radio\" name=\"choice\" value=\"{value}\"{checked}>\
             <span><strong>{}</strong><small>{}</small></span></label>\n",
            pick(language, english, korean),
            pick(language, english_note, korean_note),
        ));
    }
    let title = pick(language, "Pay", "결제하기");
    let price = price(amount);
    let content = format!(
        "<header><p class=\"brand\">toss <span>{simulated}</span></p></header>\n\
         <section class=\"order\"><h1>{name}</h1><p class=\"price\">{price}</p></section>\n\
         <form method=\"post\" action=\"window/authenticate\">\n\
         <input type=\"hidden\" name=\"payment_key\" value=\"{key}\">\n\
         <fieldset><legend>{legend}</legend>\n{cards}</fieldset>\n\
         <button class=\"pay\" type=\"submit\">{pay}</button>\n</form>\n\
         <form method=\"post\" action=\"window/authenticate\">\n\
         <input type=\"hidden\" name=\"payment_key\" value=\"{key}\">\n\
         <button class=\"close\" type=\"submit\" name=\"choice\" value=\"close\">{close}</button>\n</form>\n\
         <p class=\"note\">{note}</p>",
        simulated = pick(language, "simulator", "시뮬레이터"),
        name = escaped(order_name),
        key = escaped(payment_key),
        legend = pick(language, "Choose a card", "카드를 선택하세요"),
        pay = match language {
            Language::English => format!("Pay {price}"),
            Language::Korean => format!("{price} 결제하기"),
        },
        close = pick(language, "Close the window", "결제창 닫기"),
        note = pick(language, "No money moves here.", "실제로 결제되지 않습니다."),
    );
    frame(language, title, "window/style.css", &content)
}

/// A receipt.
pub(super) fn receipt(payment: &Payment, language: Language) -> String {
    let refunds: String = payment
        .cancels
        .iter()
        .map(|cancel| {
            let (at, reason) = (seoul_time(cancel.at), escaped(&cancel.reason));
            format!("<li>−{} · {at} · {reason}</li>\n", price(cancel.amount))
        })
        .collect();
    let content = format!(
        "<section class=\"order\"><h1>{name}</h1><p class=\"price\">{price}</p></section>\n\
         <dl><dt>{order}</dt><dd>{order_id}</dd><dt>{approved}</dt><dd>{at}</dd><dt>{left}</dt><dd>{balance}</dd></dl>\n\
         <ul>{refunds}</ul>",
        name = escaped(&payment.order_name),
        price = price(payment.amount),
        order = pick(language, "Order", "주문번호"),
        order_id = escaped(&payment.order_id),
        approved = pick(language, "Approved", "승인 일시"),
        at = payment.approved_at.map(seoul_time).unwrap_or_default(),
        left = pick(language, "Not refunded", "환불되지 않은 금액"),
        balance = price(payment.balance),
    );
    frame(language, pick(language, "Receipt", "영수증"), "../window/style.css", &content)
}

/// A page that says what is wrong.
pub(super) fn problem(problem: &str, language: Language) -> String {
    let title = pick(language, "This payment cannot be made", "결제를 진행할 수 없습니다");
    let content = format!("<section class=\"order\"><h1>{title}</h1><p>{}</p></section>", escaped(problem));
    frame(language, title, "window/style.css", &content)
}
