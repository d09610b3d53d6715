//! The handler of mails: the mail is written when SES is asked, from what is stored at that moment.

use domain::{
    Language, Money, Timestamp,
    auth::{self, CODE_LIFETIME, CodePurpose},
    ids::{EmailCodeId, OrderId},
    orders::{ShownShipment, order_number},
    processes::{Notice, Party},
    text::{CancelNote, Email},
};
use shared::{
    Fault,
    mail::{
        MailText, Sent,
        messages::{self, OrderNews, Parcel},
    },
    secrets::SecretName,
    store::orders::StoredOrder,
    tokens::{email_code, order_secret::OrderSecrets, seal::SealKey},
};

use crate::{NotificationsTools, attempt::Outcome};

/// What a mail is about.
pub(crate) enum About<'a> {
    Code { purpose: CodePurpose, code_id: EmailCodeId, made_at: Timestamp },
    Account { what: &'a auth::Notice, at: Timestamp },
    Order { party: Party, notice: Notice, order_id: OrderId, amount: Option<Money> },
}

/// Sends one mail, unless nothing may be sent to the address, or there is no use in it any more.
pub(crate) async fn carry_out(
    tools: &NotificationsTools,
    to: &Email,
    language: Language,
    about: About<'_>,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let suppression = tools.core.table.get_suppression(to).await?;
    if suppression.is_some_and(|suppression| suppression.stops(now)) {
        return Ok(Outcome::Suppressed);
    }
    let mail: MailText = match about {
        About::Code { made_at, .. } if made_at.plus(CODE_LIFETIME) <= now => {
            return Ok(Outcome::Pointless("the code is not good any more"));
        }
        About::Code { purpose, code_id, .. } => {
            let key = SealKey::new(tools.core.secrets.get(SecretName::EmailCodeKey)?)?;
            messages::code(language, purpose, &email_code::digits(&key, code_id, to, purpose))
        }
        About::Account { what, at } => messages::notice(language, what, at, &tools.core.config.site_origin),
        About::Order { party, notice, order_id, amount } => {
            let Some(order) = tools.core.table.get_order(order_id).await? else {
                return Ok(Outcome::Pointless("the order is gone"));
            };
            let shipment = order.shipment.as_ref().filter(|_| notice == Notice::OrderShipped);
            let shown = shipment.map(ShownShipment::from);
            let news = OrderNews {
                number: &order_number(order.id, order.placed_at),
                lines: &order.lines,
                amount: amount.unwrap_or(order.total),
                parcel: shipment.map(|shipment| Parcel {
                    carrier: shipment.carrier_name(language),
                    number: shipment.tracking_number.as_str(),
                    link: shown.as_ref().and_then(|shown| shown.tracking_url.as_deref()),
                }),
                reason: order
                    .cancellation
                    .as_ref()
                    .filter(|_| notice == Notice::OrderCancelled)
                    .and_then(|cancellation| cancellation.reason.as_ref())
                    .map(CancelNote::as_str),
                link: &link_to(tools, &order, party)?,
            };
            messages::order(language, party, notice, &news)
        }
    };
    Ok(match tools.mail.send(to, &mail).await? {
        Sent::Accepted => Outcome::Done,
        Sent::Rejected => Outcome::Pointless("SES cannot read the mail: BadRequestException"),
    })
}

/// The page of an order. A guest's link carries the secret behind the `#`, which no browser sends to
/// a server; the store's link leads to its own page of orders.
fn link_to(tools: &NotificationsTools, order: &StoredOrder, party: Party) -> Result<String, Fault> {
    let site = &tools.core.config.site_origin;
    let page = format!("{site}/order.html?id={}", order.id);
    if party == Party::Store {
        return Ok(format!("{site}/store-orders.html?store={}#{}", order.store_id, order.id));
    }
    if order.buyer.is_some() {
        return Ok(page);
    }
    let secrets = OrderSecrets::new(tools.core.secrets.get(SecretName::OrderKey)?)?;
    Ok(format!("{page}#secret={}", secrets.of(order.checkout_id)))
}
