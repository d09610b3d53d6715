//! Orders as their buyers see them.

mod address;
mod error;
mod shipment;

pub use address::{Contact, Postcode, ShippingAddress};
pub use error::{OrderError, codes};
use serde::{Deserialize, Serialize};
pub use shipment::{Carrier, Shipment, ShownShipment, TrackingNumber};

pub use crate::processes::sell::SellState as OrderStatus;
use crate::{
    Money, Timestamp,
    checkout::Quantity,
    ids::{CheckoutId, ListingId, OrderId, StoreId, VariantId},
    text::{CancelNote, ListingTitle, OptionValue, StoreName},
    timestamp::Seconds,
};

/// One line of an order: what was bought, as it was called and priced when it was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderLine {
    /// The listing.
    pub listing_id: ListingId,
    /// The variant.
    pub variant_id: VariantId,
    /// The title of the listing at the time.
    pub title: ListingTitle,
    /// The values that the variant stands for.
    pub option_values: Vec<OptionValue>,
    /// How many pieces.
    pub quantity: Quantity,
    /// The price of one piece at the time.
    pub unit_price: Money,
    /// The price of all pieces.
    pub total: Money,
    /// The address of a small picture, when the listing has one.
    pub picture: Option<String>,
}

/// One step that an order took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistoryEntry {
    /// The state that was entered.
    pub status: OrderStatus,
    /// When.
    pub at: Timestamp,
}

/// Who called an order off, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cancellation {
    /// Who.
    pub by: CancelledBy,
    /// Why, in their words.
    pub reason: Option<CancelNote>,
    /// When.
    pub at: Timestamp,
}

/// Who calls an order off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// Who ordered.
    Buyer,
    /// Who sells.
    Seller,
}

/// An order as the API shows it to its buyer and to its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Order {
    /// The id.
    pub id: OrderId,
    /// The number that people read out: see [`order_number`].
    pub number: String,
    /// The checkout that it is paid with.
    pub checkout_id: CheckoutId,
    /// The store that sells it.
    pub store_id: StoreId,
    /// What the store was called when it was ordered; null for orders from before that was kept.
    pub store_name: Option<StoreName>,
    /// The state.
    pub status: OrderStatus,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// The price of all lines.
    pub subtotal: Money,
    /// The shipping fee.
    pub shipping_fee: Money,
    /// What is to be paid.
    pub total: Money,
    /// Whom to ask about the order.
    pub contact: Contact,
    /// Where the goods go.
    pub shipping: ShippingAddress,
    /// When the order was placed.
    pub placed_at: Timestamp,
    /// Until when the stock is held, while the order awaits its payment.
    pub expires_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// The parcel, once it is on its way.
    pub shipment: Option<ShownShipment>,
    /// Who called the order off, where somebody did.
    pub cancellation: Option<Cancellation>,
    /// What of the total went back to the buyer.
    pub refunded: Money,
    /// What the caller may do with the order now, such as `pay` and `cancel`.
    pub actions: Vec<String>,
    /// The states that the order went through, the oldest first.
    pub history: Vec<HistoryEntry>,
}

/// Seoul is nine hours ahead of UTC all year (no summer time since 1988).
const SEOUL: Seconds = Seconds::hours(9);

/// The number that people read out to each other: the day in Seoul on which the order was placed,
/// and the last six characters of its id in upper case, such as `20261121-2S4T7K`. For people
/// only: it is not unique by construction, and nothing is looked up by it.
#[must_use]
pub fn order_number(id: OrderId, placed_at: Timestamp) -> String {
    // The text of a timestamp begins with the date, `2026-11-21T…`.
    let day: String = placed_at.plus(SEOUL).to_string().chars().filter(char::is_ascii_digit).take(8).collect();
    let id = id.to_string().to_ascii_uppercase();
    let (_, tail) = id.split_at_checked(id.len().saturating_sub(6)).unwrap_or_default();
    format!("{day}-{tail}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::Entropy;

    #[test]
    fn the_number_carries_the_day_in_seoul_and_the_end_of_the_id() {
        let before_midnight = Timestamp::parse("2026-11-20T14:59:59.999Z").unwrap();
        let after_midnight = Timestamp::parse("2026-11-20T15:00:00.000Z").unwrap();
        let id = OrderId::new(before_midnight, Entropy([0xab; 10]));
        let tail = id.to_string()[24..].to_uppercase();
        assert_eq!(tail.len(), 6);
        assert_eq!(order_number(id, before_midnight), format!("20261120-{tail}"));
        assert_eq!(order_number(id, after_midnight), format!("20261121-{tail}"));
    }

    #[test]
    fn an_order_is_spelled_as_the_contract_says() {
        let won = |amount: i64| json!({ "amount": amount, "currency": "KRW" });
        let order = json!({
            "id": "ord_01jd7c3v1h8k2m4n6p8q0r2s4t",
            "number": "20261121-0R2S4T",
            "checkout_id": "chk_01jd7c3v1h8k2m4n6p8q0r2s4t",
            "store_id": "sto_01jd7c3v1h8k2m4n6p8q0r2s4t",
            "store_name": "Oak & Linen",
            "status": "pending",
            "lines": [{
                "listing_id": "lst_01jd7c3v1h8k2m4n6p8q0r2s4t",
                "variant_id": "var_01jd7c3v1h8k2m4n6p8q0r2s4t",
                "title": "Oak desk lamp",
                "option_values": ["white"],
                "quantity": 2,
                "unit_price": won(12_000),
                "total": won(24_000),
                "picture": null,
            }],
            "subtotal": won(24_000),
            "shipping_fee": won(3_000),
            "total": won(27_000),
            "contact": { "name": "Mina", "phone": "01012345678", "email": "mina@example.com" },
            "shipping": {
                "name": "Mina",
                "phone": "01012345678",
                "postcode": "06236",
                "address": "12 Teheran-ro",
                "address_detail": null,
                "memo": null,
            },
            "placed_at": "2026-11-21T09:00:00.000Z",
            "expires_at": "2026-11-21T09:15:00.000Z",
            "paid_at": null,
            "shipment": null,
            "cancellation": null,
            "refunded": won(0),
            "actions": ["pay", "cancel"],
            "history": [{ "status": "pending", "at": "2026-11-21T09:00:00.000Z" }],
        });
        let read: Order = serde_json::from_value(order.clone()).unwrap();
        assert_eq!(order_number(read.id, read.placed_at), read.number);
        assert_eq!(serde_json::to_value(&read).unwrap(), order);
    }

    #[test]
    fn the_number_of_the_last_moment_is_still_a_number() {
        let id = OrderId::new(Timestamp::MAX, Entropy([0; 10]));
        assert_eq!(order_number(id, Timestamp::MAX), "99991231-000000");
    }
}
