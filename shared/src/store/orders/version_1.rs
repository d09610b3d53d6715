//! Orders as they were stored before there were checkouts and stores.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{CheckoutId, OrderId, StoreId, UserId};

use super::super::item::Attributes;
use crate::fault::{Fault, FaultKind};

/// Version 1 is from before there were checkouts and stores: an order carried its own payment, and could
/// have several sellers. It becomes the only order of a checkout of its own, at the stall of the first seller.
pub(super) fn upgraded(mut item: Attributes) -> Result<Attributes, Fault> {
    let broken = || Fault::new(FaultKind::Corrupt, "read an order of version 1");
    let text = |value: Option<&AttributeValue>| value.and_then(|value| value.as_s().ok()).cloned();
    let id: OrderId = text(item.get("id")).and_then(|id| id.parse().ok()).ok_or_else(broken)?;
    let seller: UserId = item
        .remove("sellers")
        .and_then(|sellers| sellers.as_l().ok().and_then(|sellers| sellers.first().cloned()))
        .and_then(|share| share.as_m().ok().and_then(|share| text(share.get("seller_id"))))
        .and_then(|seller| seller.parse().ok())
        .ok_or_else(broken)?;
    let payment = item.remove("payment").ok_or_else(broken)?;
    let provider = payment.as_m().ok().and_then(|payment| payment.get("provider").cloned()).ok_or_else(broken)?;
    let mut nothing = item.get("total").and_then(|total| total.as_m().ok()).cloned().ok_or_else(broken)?;
    nothing.insert("amount".to_owned(), AttributeValue::N("0".to_owned()));
    item.extend([
        ("checkout_id".to_owned(), AttributeValue::S(CheckoutId::of_lone_order(id).to_string())),
        ("store_id".to_owned(), AttributeValue::S(StoreId::stall_of(seller).to_string())),
        ("provider".to_owned(), provider),
        ("refunded".to_owned(), AttributeValue::M(nothing)),
        ("old_payment".to_owned(), payment),
    ]);
    Ok(item)
}
