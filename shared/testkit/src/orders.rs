//! Checkouts, placed straight in the table, and the steps that their orders take, for tests of services
//! that do not place any themselves.

use domain::{
    Currency, Language, Money,
    checkout::{
        Quantity,
        holding::{HoldingRule, most_of_variant},
    },
    ids::{CheckoutId, ListingId, OrderId, StoreId, UserId, VariantId},
    ledger::FeePolicy,
    orders::{Contact, HistoryEntry, OrderLine, Postcode, ShippingAddress},
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor,
        payment::{PAYMENT, PaymentEvent},
        sell::{HOLD, SELL, SellEvent, WaitsFor},
    },
    text::{AddressLine, Email, ListingTitle, PersonName, Phone, StoreName},
};
use shared::{
    Fault, FaultKind, random,
    secrets::SecretName,
    store::{
        holdings::{HeldLine, Holding},
        listings::Stock,
        orders::{By, StoredOrder},
        payments::{PaidPart, Payment, PlacedCheckout},
        refunds::RefundState,
    },
    tokens::order_secret::OrderSecrets,
};

use crate::TestApp;

/// What is ordered, by whom, where.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Who orders; `None` for a guest.
    pub buyer: Option<UserId>,
    /// In which language to write to them.
    pub language: Language,
    /// Whom to ask.
    pub contact: Contact,
    /// Where the goods go.
    pub shipping: ShippingAddress,
    /// The store.
    pub store_id: StoreId,
    /// What is bought.
    pub line: OrderLine,
}

const fn won(amount: i64) -> Money {
    Money { amount, currency: Currency::Krw }
}

impl TestApp {
    /// Two lamps for 24,000 won and 3,000 won of shipping, ordered by a guest, `mina@example.com`, who reads
    /// Korean.
    ///
    /// # Panics
    /// Never, unless the system has no randomness.
    #[must_use]
    pub fn new_order(&self) -> NewOrder {
        let now = self.now();
        let entropy = || random::entropy().expect("there is randomness");
        let name = PersonName::parse("Kim Mina").expect("a name");
        let phone = Phone::parse("010-1234-5678").expect("a number");
        NewOrder {
            buyer: None,
            language: Language::Korean,
            contact: Contact {
                name: name.clone(),
                phone: phone.clone(),
                email: Email::parse("mina@example.com").expect("an address"),
            },
            shipping: ShippingAddress {
                name,
                phone,
                postcode: Postcode::parse("06236").expect("a postal code"),
                address: AddressLine::parse("12 Teheran-ro").expect("an address"),
                address_detail: None,
                memo: None,
            },
            store_id: StoreId::new(now, entropy()),
            line: OrderLine {
                listing_id: ListingId::new(now, entropy()),
                variant_id: VariantId::new(now, entropy()),
                title: ListingTitle::parse("Oak desk lamp").expect("a title"),
                option_values: Vec::new(),
                quantity: Quantity::new(2).expect("a quantity"),
                unit_price: won(12_000),
                total: won(24_000),
                picture: None,
            },
        }
    }

    /// Places a checkout of one order. Where there is no stock of its variant, five pieces are made.
    ///
    /// # Panics
    /// When it cannot be placed.
    pub async fn place(&self, new: NewOrder) -> StoredOrder {
        let now = self.now();
        let entropy = || random::entropy().expect("there is randomness");
        let (listing_id, variant_id) = (new.line.listing_id, new.line.variant_id);
        if self.all::<Stock>().iter().all(|stock| stock.variant_id != variant_id) {
            let stock = Stock { listing_id, variant_id, available: 5, held: 0, sold: 0, sold_at: None };
            self.table().transaction().create(&stock).commit().await.expect("the stock is made");
        }
        let checkout_id = CheckoutId::new(now, entropy());
        let (subtotal, shipping_fee) = (new.line.total, won(3_000));
        let total = subtotal.plus(shipping_fee).expect("a sum");
        let provider = PaymentProvider::Toss;
        let line =
            HeldLine { variant_id, pieces: new.line.quantity.get(), most: most_of_variant(u32::MAX), position: 0 };
        let holding = match new.buyer {
            Some(member) => Holding::of_member(member, vec![line]),
            None => Holding::of_source(crate::PEER, vec![line]),
        };
        // How much may be held is no matter of these tests.
        let holding = Holding { rule: HoldingRule { pieces: u32::MAX, ..holding.rule }, ..holding };
        let order = StoredOrder {
            id: OrderId::new(now, entropy()),
            checkout_id,
            store_id: new.store_id,
            store_name: Some(StoreName::parse("Oak & Linen").expect("a name")),
            buyer: new.buyer,
            language: new.language,
            contact: new.contact,
            shipping: new.shipping,
            lines: vec![new.line],
            subtotal,
            shipping_fee,
            total,
            refunded: won(0),
            fee: FeePolicy::new(500).expect("a fee"),
            provider,
            status: SELL.start,
            entered_at: now,
            version: 1,
            placed_at: now,
            expires_at: now.plus(HOLD),
            paid_at: None,
            shipment: None,
            cancellation: None,
            history: vec![HistoryEntry { status: SELL.start, at: now }],
            old_payment: None,
        };
        let payment = Payment {
            checkout_id,
            buyer: order.buyer,
            language: order.language,
            orders: vec![PaidPart { order_id: order.id, store_id: order.store_id, total }],
            subtotal,
            shipping_fee,
            total,
            provider,
            attempt: 0,
            key: None,
            ask_at: None,
            asked: 0,
            receipt_url: None,
            captured: won(0),
            refunded: won(0),
            status: PAYMENT.start,
            entered_at: now,
            version: 1,
            placed_at: now,
            expires_at: now.plus(HOLD),
            held: Some(holding.held()),
        };
        let placed = PlacedCheckout { payment, orders: vec![order.clone()] };
        let short = |_, _, _| Fault::new(FaultKind::Corrupt, "the test's stock is gone");
        let writes = self.table().transaction().open_checkout(&placed, &holding, &self.by(), short);
        writes.expect("the checkout begins").commit().await.expect("the checkout is placed");
        order
    }

    /// Takes an order along these steps of its process, all at this moment, together with its payment where
    /// that leads it or follows it.
    ///
    /// # Panics
    /// When the process has no such step.
    pub async fn walk(&self, order: &StoredOrder, steps: &[(SellEvent, Actor)]) -> StoredOrder {
        let mut order = self.table().get_order(order.id).await.expect("the table answers").expect("the order is there");
        for (event, actor) in steps {
            let row = order.step(*event, *actor, self.now()).expect("the process has the step");
            let writes = self.table().transaction();
            let (writes, next) = match order.status.waits_for() {
                Some(WaitsFor::Payment) => {
                    let payment = self.payment_of(&order).await;
                    let (writes, next) = self.move_payment(payment, *event, *actor).await;
                    (writes, next.orders.into_iter().find(|moved| moved.id == order.id).expect("it is its payment"))
                }
                Some(WaitsFor::Refund) => {
                    let refunds = self.table().list_refunds(order.id).await.expect("the table answers");
                    let due = refunds.iter().find(|refund| refund.state == RefundState::Due).expect("a refund is due");
                    let payment = self.payment_of(&order).await;
                    writes.close_refund(&order, row, due, &payment, &self.by()).expect("the refund ends")
                }
                Some(WaitsFor::Receipt) | None => {
                    writes.move_order(&order, row, &self.by()).expect("the step is taken")
                }
            };
            writes.commit().await.expect("the order moves");
            order = next;
        }
        order
    }

    /// The payment of an order.
    ///
    /// # Panics
    /// When it has none.
    pub async fn payment_of(&self, order: &StoredOrder) -> Payment {
        let payment = self.table().get_payment(order.checkout_id).await.expect("the table answers");
        payment.expect("the order has a payment")
    }

    async fn move_payment(
        &self,
        payment: Payment,
        event: SellEvent,
        actor: Actor,
    ) -> (shared::store::Transaction<'_>, PlacedCheckout) {
        let mut checkout = self.table().with_orders(payment).await.expect("the orders are there");
        let event = match event {
            SellEvent::BeginConfirmation => {
                let key = format!("tviva-{}", checkout.payment.checkout_id);
                checkout.payment.key = Some(PaymentKey::parse(&key).expect("a key"));
                checkout.payment.attempt = checkout.payment.attempt.saturating_add(1);
                PaymentEvent::BeginConfirmation
            }
            SellEvent::Approve => {
                // A receipt says something of its buyer.
                let buyer = checkout.orders.first().map(|order| order.contact.email.as_str().to_owned());
                checkout.payment.receipt_url = buyer.map(|buyer| format!("https://receipt.example/{buyer}"));
                PaymentEvent::Approve
            }
            SellEvent::Decline => PaymentEvent::Decline,
            SellEvent::Expire => PaymentEvent::Expire,
            SellEvent::Cancel => PaymentEvent::Cancel,
            other => panic!("{other:?} is no step of a payment"),
        };
        let row = checkout.payment.step(event, actor, self.now()).expect("the payment has the step");
        self.table().transaction().move_payment(&checkout, row, &self.by()).expect("the payment moves")
    }

    fn by(&self) -> By<'static> {
        By { now: self.now(), request_id: "a-test", user_id: None }
    }

    /// The secret that a guest was told when the checkout of this order was placed.
    ///
    /// # Panics
    /// When the secret is no key.
    #[must_use]
    pub fn secret_of(&self, order: &StoredOrder) -> String {
        self.order_secrets().of(order.checkout_id)
    }

    /// The making of guests' secrets.
    ///
    /// # Panics
    /// When the secret is no key.
    #[must_use]
    pub fn order_secrets(&self) -> OrderSecrets {
        OrderSecrets::new(&self.secret(SecretName::OrderKey)).expect("the secret is a key")
    }
}
