//! Mails that tell the two sides of an order what happened to it.

use domain::{
    Language, Money,
    orders::OrderLine,
    processes::{Notice, Party},
    text::OptionValue,
};

use super::{super::MailText, SOFT, button, escape, frame};

/// What a mail says of an order besides what happened to it.
#[derive(Debug, Clone, Copy)]
pub struct OrderNews<'a> {
    /// Its number, as people read it.
    pub number: &'a str,
    /// What was bought.
    pub lines: &'a [OrderLine],
    /// The total, or what was given back.
    pub amount: Money,
    /// The parcel, where one is on its way.
    pub parcel: Option<Parcel<'a>>,
    /// Why the order was called off, in the words of who did it.
    pub reason: Option<&'a str>,
    /// The page of the order.
    pub link: &'a str,
}

/// A parcel on its way.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Who carries it.
    pub carrier: &'a str,
    /// The carrier's number.
    pub number: &'a str,
    /// The carrier's page about it.
    pub link: Option<&'a str>,
}

/// What a notice says to one of the two.
struct Words {
    subject: &'static str,
    lead: &'static str,
    /// What the amount is.
    sum: &'static str,
}

/// The mail for one side of an order.
#[must_use]
pub fn order(language: Language, party: Party, notice: Notice, news: &OrderNews<'_>) -> MailText {
    let Words { subject, lead, sum } = match language {
        Language::English => in_english(party, notice),
        Language::Korean => in_korean(party, notice),
    };
    let (number, parcel, why, open) = match language {
        Language::English => ("Order number", "Parcel", "Reason", "See the order"),
        Language::Korean => ("주문번호", "운송장", "사유", "주문 보기"),
    };
    let OrderNews { number: order_number, lines, amount, parcel: shipped, reason, link } = *news;
    let text_lines: String = lines.iter().map(|line| format!("- {}\n", line_text(line))).collect();
    let html_lines: String = lines.iter().map(|line| format!("<li>{}</li>", escape(&line_text(line)))).collect();
    let amount = amount.text(language);
    let (mut text_more, mut html_more) = (String::new(), String::new());
    if let Some(Parcel { carrier, number, link }) = shipped {
        let line = format!("{parcel}: {carrier} {number}");
        text_more.push_str(&format!("{line}\n"));
        match link {
            Some(link) => {
                text_more.push_str(&format!("{link}\n"));
                html_more.push_str(&format!("<p><a href=\"{}\">{}</a></p>", escape(link), escape(&line)));
            }
            None => html_more.push_str(&format!("<p>{}</p>", escape(&line))),
        }
    }
    if let Some(reason) = reason {
        let line = format!("{why}: {reason}");
        text_more.push_str(&format!("{line}\n"));
        html_more.push_str(&format!("<p>{}</p>", escape(&line).replace('\n', "<br>")));
    }
    MailText {
        subject: subject.to_owned(),
        text: format!("{lead}\n\n{number}: {order_number}\n{text_lines}{sum}: {amount}\n{text_more}\n{open}: {link}\n"),
        html: frame(
            language,
            subject,
            &format!(
                "<p>{lead}</p><p style=\"{SOFT}\">{number}: {order_number}</p>\
                 <ul style=\"padding-left:20px;overflow-wrap:anywhere\">{html_lines}</ul>\
                 <p>{sum}: <strong>{amount}</strong></p>{html_more}{}",
                button(link, open)
            ),
        ),
    }
}

/// What was bought with what was chosen of it: "Oak desk lamp (white / S) × 2".
fn line_text(line: &OrderLine) -> String {
    let values: Vec<&str> = line.option_values.iter().map(OptionValue::as_str).collect();
    let chosen = if values.is_empty() { String::new() } else { format!(" ({})", values.join(" / ")) };
    format!("{}{chosen} × {}", line.title.as_str(), line.quantity.get())
}

const fn in_english(party: Party, notice: Notice) -> Words {
    let (subject, lead, sum) = match (notice, party) {
        (Notice::OrderPaid, _) => {
            ("Your order is paid", "Thank you for your order. We received your payment.", "Total")
        }
        (Notice::OrderReceived, _) => (
            "You have a new order",
            "An order was paid. Please prepare it and tell the buyer when it is sent.",
            "Total",
        ),
        (Notice::OrderShipped, _) => ("Your order is on its way", "The store has sent your order.", "Total"),
        (Notice::OrderDelivered, _) => (
            "Your order was delivered",
            "If everything is as it should be, please confirm that you received it. After seven days this happens by itself.",
            "Total",
        ),
        (Notice::ReceiptConfirmed, _) => {
            ("A purchase is final", "The buyer keeps the goods. The sale now counts towards your balance.", "Total")
        }
        (Notice::OrderCancelled, Party::Buyer) => {
            ("Your order was cancelled", "Your order was cancelled. We are giving your money back.", "Total")
        }
        (Notice::OrderCancelled, Party::Store) => {
            ("An order was cancelled", "Please do not send this order. The goods are back in stock.", "Total")
        }
        (Notice::ReturnRequested, _) => {
            ("A buyer wants to return an order", "Please look at the request, and accept or refuse it.", "Total")
        }
        (Notice::ReturnRefused, _) => {
            ("Your return was refused", "The store does not take the goods back. The order says more.", "Total")
        }
        (Notice::Refunded, _) => (
            "Your money was given back",
            "Your refund is done. It may take a few days until you see it, depending on how you paid.",
            "Refund",
        ),
    };
    Words { subject, lead, sum }
}

const fn in_korean(party: Party, notice: Notice) -> Words {
    let (subject, lead, sum) = match (notice, party) {
        (Notice::OrderPaid, _) => {
            ("주문이 결제되었습니다", "주문해 주셔서 감사합니다. 결제가 완료되었습니다.", "결제 금액")
        }
        (Notice::OrderReceived, _) => (
            "새 주문이 들어왔습니다",
            "결제가 완료된 주문입니다. 상품을 준비하고 발송 후 송장을 등록해 주세요.",
            "주문 금액",
        ),
        (Notice::OrderShipped, _) => ("상품이 발송되었습니다", "판매자가 주문하신 상품을 발송했습니다.", "결제 금액"),
        (Notice::OrderDelivered, _) => (
            "상품이 배송되었습니다",
            "상품에 문제가 없으면 구매를 확정해 주세요. 7일이 지나면 자동으로 구매가 확정됩니다.",
            "결제 금액",
        ),
        (Notice::ReceiptConfirmed, _) => (
            "구매가 확정되었습니다",
            "구매자가 상품을 받았습니다. 판매 대금이 정산 예정 금액에 반영되었습니다.",
            "주문 금액",
        ),
        (Notice::OrderCancelled, Party::Buyer) => {
            ("주문이 취소되었습니다", "주문이 취소되었습니다. 결제하신 금액은 환불해 드립니다.", "결제 금액")
        }
        (Notice::OrderCancelled, Party::Store) => {
            ("주문이 취소되었습니다", "이 주문의 상품은 발송하지 말아 주세요. 재고는 다시 채워졌습니다.", "주문 금액")
        }
        (Notice::ReturnRequested, _) => (
            "반품 요청이 들어왔습니다",
            "구매자가 반품을 요청했습니다. 내용을 확인하고 승인하거나 거절해 주세요.",
            "주문 금액",
        ),
        (Notice::ReturnRefused, _) => (
            "반품 요청이 거절되었습니다",
            "판매자가 반품 요청을 거절했습니다. 자세한 내용은 주문에서 확인해 주세요.",
            "결제 금액",
        ),
        (Notice::Refunded, _) => (
            "환불이 완료되었습니다",
            "환불 처리가 완료되었습니다. 결제 수단에 따라 입금까지 며칠이 걸릴 수 있습니다.",
            "환불 금액",
        ),
    };
    Words { subject, lead, sum }
}

#[cfg(test)]
mod tests {
    use domain::{
        Currency, Timestamp,
        checkout::Quantity,
        ids::{Entropy, ListingId, VariantId},
        text::ListingTitle,
    };

    use super::*;

    fn line(title: &str, values: &[&str]) -> OrderLine {
        let price = Money::new(1, Currency::Krw).unwrap();
        OrderLine {
            listing_id: ListingId::new(Timestamp::from_millis(0), Entropy([0; 10])),
            variant_id: VariantId::new(Timestamp::from_millis(0), Entropy([0; 10])),
            title: ListingTitle::parse(title).unwrap(),
            option_values: values.iter().map(|value| OptionValue::parse(value).unwrap()).collect(),
            quantity: Quantity::new(2).unwrap(),
            unit_price: price,
            total: price,
            picture: None,
        }
    }

    fn mail(language: Language, party: Party, notice: Notice) -> MailText {
        let news = OrderNews {
            number: "20261121-ABCDEF",
            lines: &[line("Oak desk lamp", &["white", "S"]), line("Bulb", &[])],
            amount: Money::new(1_234_567, Currency::Krw).unwrap(),
            parcel: Some(Parcel {
                carrier: "CJ Logistics",
                number: "6012",
                link: Some("https://carrier.example/?no=6012"),
            }),
            reason: Some("The lamp broke"),
            link: "https://shop.example/order.html?id=x",
        };
        order(language, party, notice, &news)
    }

    #[test]
    fn every_notice_speaks_both_languages_in_both_forms_to_both_sides() {
        for (notice, party) in
            Notice::ALL.into_iter().flat_map(|notice| [(notice, Party::Buyer), (notice, Party::Store)])
        {
            let english = mail(Language::English, party, notice);
            let korean = mail(Language::Korean, party, notice);
            assert!(english.subject.is_ascii(), "{english:?}");
            assert!(korean.subject.chars().any(|c| ('가'..='힣').contains(&c)), "{korean:?}");
            for (mail, sum) in [(english, "₩1,234,567"), (korean, "1,234,567원")] {
                assert!(!mail.subject.contains(['\r', '\n']), "{mail:?}");
                for part in [
                    "20261121-ABCDEF",
                    "Oak desk lamp (white / S) × 2",
                    "Bulb × 2",
                    sum,
                    "CJ Logistics 6012",
                    "carrier.example/?no=6012",
                    "The lamp broke",
                    "/order.html?id=x",
                ] {
                    assert!(mail.text.contains(part) && mail.html.contains(part), "{part}: {mail:?}");
                }
            }
        }
    }

    #[test]
    fn a_cancelled_order_tells_the_buyer_of_the_money_and_the_store_of_the_goods() {
        assert!(mail(Language::English, Party::Buyer, Notice::OrderCancelled).text.contains("your money back"));
        assert!(mail(Language::English, Party::Store, Notice::OrderCancelled).text.contains("do not send"));
    }

    #[test]
    fn attack_65_what_people_typed_is_escaped_in_a_mail() {
        let news = OrderNews {
            number: "20261121-ABCDEF",
            lines: &[line("<script>alert(1)</script>\"&'", &["<u>"])],
            amount: Money::new(1, Currency::Krw).unwrap(),
            parcel: Some(Parcel { carrier: "<b>", number: "<i>", link: Some("https://x/\"><i>") }),
            reason: Some("<b>"),
            link: "https://shop.example/order.html?id=\"><x",
        };
        let mail = order(Language::English, Party::Buyer, Notice::OrderShipped, &news);
        for raw in ["<script>", "\"><x", "<b>", "<i>", "<u>"] {
            assert!(!mail.html.contains(raw), "{raw}: {}", mail.html);
        }
        assert!(mail.html.contains("&lt;script&gt;") && mail.html.contains("&lt;b&gt; &lt;i&gt;"));
    }
}
