//! `POST /checkouts`: place the orders of a checkout, by a member or a guest.
//!
//! Prices, shipping fees and total come from what is stored; the buyer's numbers are only compared.
//! The payment and one order for each store are written as pending, and their stock held, in one
//! transaction, before anybody speaks to a payment provider, so a payment can never come back to no order.
//! The transaction happens only while the listings are still on sale at the prices that were read.

use domain::{
    ErrorCode, Language, Money,
    catalog::{self, CatalogError},
    checkout::{
        self, Checkout, CheckoutError, CheckoutRequest, LineToPrice, PricedCheckout, PricedLine, PricedOrder,
        ShippingPolicy, holding::most_of_variant, merge_lines, price_checkout,
    },
    ids::{CheckoutId, OrderId, UserId, VariantId},
    media::PICTURE_SIZES,
    orders::{HistoryEntry, OrderLine},
    payments::PaymentProvider,
    processes::{
        payment::PAYMENT,
        sell::{HOLD, SELL},
    },
    text::{Email, StoreName},
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault, FaultKind,
    api::{Context, Created, Endpoint, MaybeSignedIn, Method, Route, Tools as _, Touch, problem::RequestError},
    config::Config,
    random,
    secrets::SecretName,
    store::{
        Item, Kind, Transaction,
        expression::{Condition, Value},
        holdings::{HeldLine, Holding},
        limits::Limit,
        listings::{Listing, Stock},
        orders::{By, StoredOrder},
        payments::{PaidPart, Payment, PlacedCheckout},
        users::User,
    },
    uploads::Uploads,
};

use crate::CheckoutTools;

/// How many checkouts a member places. Each holds its stock for 15 minutes, paid or not.
const PER_MEMBER: Limit = Limit { feature: "checkouts-member", most: 30, window: Seconds::hours(1) };
/// How many checkouts guests place from one network address. Thousands of phones share an address of a
/// mobile carrier, so it is generous: it keeps one machine from holding everything for ever, and whoever
/// shares an address with it may sign in.
const PER_SOURCE: Limit = Limit { feature: "checkouts-source", most: 120, window: Seconds::hours(1) };

/// The endpoint.
#[derive(Debug)]
pub struct CreateCheckout;

/// The checkout, and how to pay it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreateCheckoutReply {
    /// The checkout with its orders.
    pub checkout: Checkout,
    /// By which a guest sees the checkout and each of its orders; null for members, who need none. Told
    /// only here.
    pub order_secret: Option<String>,
    /// What the payment window needs.
    pub payment: PaymentStart,
}

/// What the provider's payment window needs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PaymentStart {
    /// Whose window.
    pub provider: PaymentProvider,
    /// The public key for it.
    pub client_key: String,
    /// What the provider shall call the order: the id of the checkout.
    pub order_id: CheckoutId,
    /// What the window calls the order.
    pub order_name: String,
    /// What is to be paid.
    pub amount: Money,
    /// Names the member to the provider; null for guests.
    pub customer_key: Option<String>,
    /// Where the window sends the buyer who paid.
    pub success_url: String,
    /// Where the window sends the buyer who did not.
    pub fail_url: String,
    /// The page of the simulated window. Only on a local cloud; null in production, where the
    /// provider's own script opens the window.
    pub window_url: Option<String>,
}

impl Endpoint for CreateCheckout {
    const ROUTE: Route = Route::new("checkout.create_checkout", Method::Post, "/checkouts")
        .summary("Place an order at each store and hold the stock, as a member or a guest")
        .touches(&[
            Touch::BatchGet(Kind::LISTING),
            Touch::BatchGet(Kind::STOCK),
            Touch::Check(Kind::LISTING),
            Touch::Check(Kind::USER),
            Touch::Put(Kind::PAYMENT),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Update(Kind::STOCK),
            Touch::Update(Kind::HOLDINGS),
            Touch::Update(Kind::HOLDINGS_OF_VARIANT),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Secret(SecretName::OrderKey),
        ])
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[
        catalog::codes::LISTING_NOT_FOUND,
        checkout::codes::LINE_INVALID,
        checkout::codes::PRICE_CHANGED,
        checkout::codes::STOCK_INSUFFICIENT,
        checkout::codes::TOTAL_TOO_LARGE,
        checkout::codes::MIXED_CURRENCIES,
        checkout::codes::TOO_MANY_ORDERS,
        checkout::codes::TOO_MUCH_HELD,
        checkout::codes::UNPAID_TOO_OFTEN,
    ];

    type Tools = CheckoutTools;
    type Caller = MaybeSignedIn;
    type Request = CheckoutRequest;
    type Reply = Created<CreateCheckoutReply>;

    async fn handle(
        tools: &CheckoutTools,
        caller: MaybeSignedIn,
        request: CheckoutRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let table = &tools.core().table;
        let lines = merge_lines(&request.lines)?;
        let wanted: Vec<_> = lines.iter().map(|line| (line.listing_id, line.variant_id)).collect();
        let (listings, stock) = table.get_offers(&wanted).await?;
        let lines: Vec<LineToPrice> =
            lines.into_iter().map(|line| with_price(line, &listings)).collect::<Result<_, _>>()?;
        let currency = lines.first().map(|line| line.unit_price.currency).unwrap_or_default();
        let priced = price_checkout(&lines, &ShippingPolicy::standard(currency))?;

        let holding = holding_of(&priced, &stock, &caller, context);
        let placed = checkout_of(tools, request, &priced, &listings, &holding, caller.user_id(), context)?;
        let reply = Created(reply_of(&placed, &tools.core().config, context));
        let by = By { now: context.now, request_id: &context.request_id, user_id: caller.user_id() };
        let short = |order: usize, line: usize, available| {
            let position = priced.orders.get(order).and_then(|order| order.lines.get(line)).map(|line| line.position);
            CheckoutError::StockInsufficient { line: position.unwrap_or(line), available }
        };
        let writes = table.transaction().open_checkout(&placed, &holding, &by, short)?;
        let writes = still_offered(writes, &listings, &lines)?;
        // A member who was banned, or withdraws, orders nothing more, whatever their token says.
        let (writes, limit, subject) = match &caller {
            MaybeSignedIn::User(member) => {
                let is_still = User::is_still(member);
                let writes = writes.check(&User::key(member.user_id), is_still).or_else(|_| RequestError::SignInNeeded);
                (writes, PER_MEMBER, member.user_id.to_string())
            }
            MaybeSignedIn::Anyone => (writes, PER_SOURCE, context.source.clone()),
        };
        // Only a checkout that holds stock counts.
        let writes =
            writes.count(limit, &subject, context.now, |retry_after_s| CheckoutError::TooManyOrders { retry_after_s });
        writes.remember(context.claim.as_ref(), &reply).commit().await?;
        Ok(reply)
    }

    /// The guest's secret is made from the checkout's id each time, and stored nowhere.
    fn complete(tools: &CheckoutTools, reply: Self::Reply) -> Result<Self::Reply, Fault> {
        let Created(mut reply) = reply;
        if reply.payment.customer_key.is_none() {
            reply.order_secret = Some(tools.order_secrets()?.of(reply.checkout.id));
        }
        Ok(Created(reply))
    }
}

fn with_price(line: checkout::MergedLine, listings: &[Listing]) -> Result<LineToPrice, CatalogError> {
    let listing = listings.iter().find(|listing| listing.id == line.listing_id).ok_or(CatalogError::ListingNotFound)?;
    let variant = listing.variant(line.variant_id).ok_or(CatalogError::ListingNotFound)?;
    Ok(LineToPrice { store_id: listing.store_id, unit_price: variant.price, line })
}

/// For whom the pieces count as held.
fn holding_of(priced: &PricedCheckout, stock: &[Stock], caller: &MaybeSignedIn, context: &Context) -> Holding {
    let lines = priced.orders.iter().flat_map(|order| &order.lines).map(|line| {
        let stock = stock.iter().find(|stock| stock.variant_id == line.variant_id);
        let there = stock.map_or(0, |stock| stock.available.saturating_add(stock.held));
        HeldLine {
            variant_id: line.variant_id,
            pieces: line.quantity.get(),
            most: most_of_variant(there),
            position: line.position,
        }
    });
    match caller {
        MaybeSignedIn::User(member) => Holding::of_member(member.user_id, lines.collect()),
        MaybeSignedIn::Anyone => Holding::of_source(&context.source, lines.collect()),
    }
}

/// A line of the request, and at what price it was read.
#[derive(Debug, Clone, Copy)]
struct Expected {
    variant_id: VariantId,
    unit_price: Money,
    position: usize,
}

/// The listings are still on sale, with the variants and prices that were read. Whoever bought meanwhile
/// what has changed is told what.
fn still_offered<'t>(
    mut writes: Transaction<'t>,
    listings: &[Listing],
    lines: &[LineToPrice],
) -> Result<Transaction<'t>, Fault> {
    for listing in listings {
        let expected: Vec<Expected> = lines
            .iter()
            .filter(|line| line.line.listing_id == listing.id)
            .map(|line| Expected {
                variant_id: line.line.variant_id,
                unit_price: line.unit_price,
                position: line.line.position,
            })
            .collect();
        let unchanged = Condition::All(vec![
            Condition::Is("variants", Value::written(&listing.variants)?),
            Condition::Any(vec![Condition::Lacks("closed"), Condition::Is("closed", false.into())]),
        ]);
        writes = writes.check(&Listing::key(listing.id), unchanged).or_else(move |item| what_changed(item, &expected));
    }
    Ok(writes)
}

fn what_changed(item: Option<Item>, expected: &[Expected]) -> Failure {
    let listing = match item.map(Item::read::<Listing>).transpose() {
        Ok(listing) => listing.filter(|listing| !listing.closed),
        Err(fault) => return fault.into(),
    };
    let Some(listing) = listing else { return CatalogError::ListingNotFound.into() };
    for line in expected {
        match listing.variant(line.variant_id) {
            None => return CatalogError::ListingNotFound.into(),
            Some(variant) if variant.price != line.unit_price => {
                return CheckoutError::PriceChanged { line: line.position, price: variant.price }.into();
            }
            Some(_) => {}
        }
    }
    // Something else about it: the buyer's next try reads it as it is now.
    Fault::new(FaultKind::Contention, "a listing changed while it was ordered").into()
}

fn checkout_of(
    tools: &CheckoutTools,
    request: CheckoutRequest,
    priced: &PricedCheckout,
    listings: &[Listing],
    holding: &Holding,
    buyer: Option<UserId>,
    context: &Context,
) -> Result<PlacedCheckout, Fault> {
    let now = context.now;
    let checkout_id = CheckoutId::new(now, random::entropy()?);
    let provider = PaymentProvider::Toss;
    let order = |priced: &PricedOrder| {
        Ok(StoredOrder {
            id: OrderId::new(now, random::entropy()?),
            checkout_id,
            store_id: priced.store_id,
            store_name: store_name(priced, listings),
            buyer,
            language: context.language,
            contact: request.contact.clone(),
            shipping: request.shipping.clone(),
            lines: priced.lines.iter().filter_map(|line| order_line(line, listings)).collect(),
            subtotal: priced.subtotal,
            shipping_fee: priced.shipping_fee,
            total: priced.total,
            refunded: Money::zero(priced.total.currency),
            fee: tools.fee()?,
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
        })
    };
    let orders: Vec<StoredOrder> = priced.orders.iter().map(order).collect::<Result<_, Fault>>()?;
    let parts = orders.iter();
    let payment = Payment {
        checkout_id,
        buyer,
        language: context.language,
        orders: parts
            .map(|order| PaidPart { order_id: order.id, store_id: order.store_id, total: order.total })
            .collect(),
        subtotal: priced.subtotal,
        shipping_fee: priced.shipping_fee,
        total: priced.total,
        provider,
        attempt: 0,
        key: None,
        ask_at: None,
        asked: 0,
        receipt_url: None,
        captured: Money::zero(priced.total.currency),
        refunded: Money::zero(priced.total.currency),
        status: PAYMENT.start,
        entered_at: now,
        version: 1,
        placed_at: now,
        expires_at: now.plus(HOLD),
        held: Some(holding.held()),
    };
    Ok(PlacedCheckout { payment, orders })
}

fn store_name(order: &PricedOrder, listings: &[Listing]) -> Option<StoreName> {
    let first = order.lines.first()?.listing_id;
    listings.iter().find(|listing| listing.id == first).map(|listing| listing.store_name.clone())
}

/// A copy of what was bought, so that the order stays what it was when the listing changes.
fn order_line(line: &PricedLine, listings: &[Listing]) -> Option<OrderLine> {
    let listing = listings.iter().find(|listing| listing.id == line.listing_id)?;
    let variant = listing.variant(line.variant_id)?;
    let [small, ..] = PICTURE_SIZES;
    Some(OrderLine {
        listing_id: line.listing_id,
        variant_id: line.variant_id,
        title: listing.title.clone(),
        option_values: variant.option_values.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        total: line.total,
        picture: listing.pictures.first().map(|media| format!("/{}", Uploads::picture_key(*media, small))),
    })
}

fn reply_of(placed: &PlacedCheckout, config: &Config, context: &Context) -> CreateCheckoutReply {
    let payment = &placed.payment;
    let mut start = PaymentStart {
        provider: payment.provider,
        client_key: config.toss_client_key.clone(),
        order_id: payment.checkout_id,
        order_name: order_name(&placed.orders, context.language),
        amount: payment.total,
        customer_key: payment.buyer.map(|buyer| buyer.to_string()),
        success_url: format!("{}/pay-return.html", config.site_origin),
        fail_url: format!("{}/pay-return.html", config.site_origin),
        window_url: None,
    };
    let email = placed.orders.first().map(|order| &order.contact.email);
    start.window_url = config.toss_window_url.as_deref().zip(email).map(|(window, to)| window_url(window, &start, to));
    CreateCheckoutReply { checkout: placed.shown_to_buyer(context.now), order_secret: None, payment: start }
}

/// The first title and how many others there are. Toss shows at most 100 characters; a title has at
/// most 60.
fn order_name(orders: &[StoredOrder], language: Language) -> String {
    let mut lines = orders.iter().flat_map(|order| &order.lines);
    let first = lines.next().map(|line| line.title.as_str()).unwrap_or_default();
    match (lines.count(), language) {
        (0, _) => first.to_owned(),
        (others, Language::English) => format!("{first} and {others} more"),
        (others, Language::Korean) => format!("{first} 외 {others}건"),
    }
}

fn window_url(window: &str, payment: &PaymentStart, email: &Email) -> String {
    let amount = payment.amount.amount.to_string();
    let parameters = [
        ("client_key", payment.client_key.as_str()),
        ("order_id", &payment.order_id.to_string()),
        ("order_name", &payment.order_name),
        ("amount", &amount),
        ("currency", payment.amount.currency.code()),
        ("success_url", &payment.success_url),
        ("fail_url", &payment.fail_url),
        ("customer_email", email.as_str()),
    ]
    .map(|(name, value)| format!("{name}={}", percent_encode(value)));
    format!("{window}?{}", parameters.join("&"))
}

/// Everything but RFC 3986's unreserved characters, as UTF-8.
fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use domain::{Currency, Timestamp, ids::Entropy};

    use super::*;

    #[test]
    fn attack_64_nothing_in_the_address_of_the_simulated_window_can_add_or_change_a_parameter() {
        let payment = PaymentStart {
            provider: PaymentProvider::Toss,
            client_key: "test_ck".to_owned(),
            order_id: CheckoutId::new(Timestamp::from_seconds(1_790_000_000), Entropy([7; 10])),
            order_name: "조명 & 50% off#?amount=1\r\n+<b>".to_owned(),
            amount: Money { amount: 27_000, currency: Currency::Krw },
            customer_key: None,
            success_url: "https://shop.example/pay-return.html".to_owned(),
            fail_url: "https://shop.example/pay-return.html?a=b&c".to_owned(),
            window_url: None,
        };
        let email = Email::parse("mina+a&b=c@example.com").unwrap();
        let url = window_url("http://localhost:3000/_local/toss/window", &payment, &email);
        let id = payment.order_id;
        assert_eq!(
            url,
            format!(
                "http://localhost:3000/_local/toss/window?client_key=test_ck&order_id={id}\
                 &order_name=%EC%A1%B0%EB%AA%85%20%26%2050%25%20off%23%3Famount%3D1%0D%0A%2B%3Cb%3E&amount=27000\
                 &currency=KRW&success_url=https%3A%2F%2Fshop.example%2Fpay-return.html\
                 &fail_url=https%3A%2F%2Fshop.example%2Fpay-return.html%3Fa%3Db%26c\
                 &customer_email=mina%2Ba%26b%3Dc%40example.com"
            )
        );
    }
}
