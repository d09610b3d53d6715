//! `POST /checkouts`: place an order, by a member or a guest.
//!
//! Prices, shipping fee and total come from what is stored; the buyer's numbers are only compared.
//! The order is written as pending and its stock held in one transaction, before anybody speaks to
//! a payment provider, so a payment can never come back to no order.

use domain::{
    ErrorCode, Language, Money,
    catalog::{self, CatalogError},
    checkout::{self, CheckoutError, CheckoutRequest, LineToPrice, Priced, ShippingPolicy, merge_lines, price_order},
    ids::{EventId, OrderId, UserId},
    media::PICTURE_SIZES,
    orders::{HistoryEntry, Order, OrderLine},
    payments::PaymentProvider,
    processes::sell::{HOLD, SELL},
    text::Email,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault,
    api::{Context, Created, Endpoint, MaybeSignedIn, Method, Route, Tools as _, Touch, problem::RequestError},
    config::Config,
    random,
    secrets::SecretName,
    store::{
        Kind,
        limits::Limit,
        listings::Listing,
        orders::{Move, Payment, StoredOrder},
        users::User,
    },
    uploads::Uploads,
};

use crate::CheckoutTools;

/// How many orders a member places. Each holds its stock for 15 minutes, paid or not.
const PER_MEMBER: Limit = Limit { feature: "checkouts-member", most: 30, window: Seconds::hours(1) };
/// How many orders guests place from one network address. Thousands of phones share an address of a
/// mobile carrier, so it is generous: it keeps one machine from holding everything for ever, and whoever
/// shares an address with it may sign in.
const PER_SOURCE: Limit = Limit { feature: "checkouts-source", most: 120, window: Seconds::hours(1) };

/// The endpoint.
#[derive(Debug)]
pub struct CreateCheckout;

/// The order, and how to pay it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreateCheckoutReply {
    /// The order.
    pub order: Order,
    /// By which a guest sees the order; null for members, who need none. Told only here.
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
    /// The order, as the provider shall name it.
    pub order_id: OrderId,
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
        .summary("Place an order and hold its stock, as a member or a guest")
        .touches(&[
            Touch::BatchGet(Kind::LISTING),
            Touch::Check(Kind::USER),
            Touch::Put(Kind::ORDER),
            Touch::Put(Kind::AUDIT_ROW),
            Touch::Update(Kind::STOCK),
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
        let ids: Vec<_> = lines.iter().map(|line| line.listing_id).collect();
        let listings = table.get_listings(&ids).await?;
        let lines: Vec<LineToPrice> =
            lines.into_iter().map(|line| with_price(line, &listings)).collect::<Result<_, _>>()?;
        let currency = lines.first().map(|line| line.unit_price.currency).unwrap_or_default();
        let priced = price_order(&lines, &ShippingPolicy::standard(currency))?;

        let order = order_of(tools, request, &priced, &listings, caller.user_id(), context)?;
        let reply = Created(reply_of(&order, &tools.core().config, context));
        let how = Move {
            now: context.now,
            request_id: &context.request_id,
            user_id: caller.user_id(),
            posting: None,
            event_id: EventId::new(context.now, random::entropy()?),
        };
        let positions: Vec<usize> = priced.lines.iter().map(|line| line.position).collect();
        let short = |index: usize, available| {
            let line = positions.get(index).copied().unwrap_or(index);
            CheckoutError::StockInsufficient { line, available }
        };
        let writes = table.transaction().open_order(&order, &how, short);
        // A member who was banned, or withdraws, orders nothing more, whatever their token says.
        let (writes, limit, subject) = match &caller {
            MaybeSignedIn::User(member) => {
                let is_still = User::is_still(member);
                let writes = writes.check(&User::key(member.user_id), is_still).or_else(|_| RequestError::SignInNeeded);
                (writes, PER_MEMBER, member.user_id.to_string())
            }
            MaybeSignedIn::Anyone => (writes, PER_SOURCE, context.source.clone()),
        };
        // Only an order that holds stock counts.
        let writes =
            writes.count(limit, &subject, context.now, |retry_after_s| CheckoutError::TooManyOrders { retry_after_s });
        writes.remember(context.claim.as_ref(), &reply).commit().await?;
        Ok(reply)
    }

    /// The guest's secret is made from the order's id each time, and stored nowhere.
    fn complete(tools: &CheckoutTools, reply: Self::Reply) -> Result<Self::Reply, Fault> {
        let Created(mut reply) = reply;
        if reply.payment.customer_key.is_none() {
            reply.order_secret = Some(tools.order_secrets()?.of(reply.order.id));
        }
        Ok(Created(reply))
    }
}

fn with_price(line: checkout::MergedLine, listings: &[Listing]) -> Result<LineToPrice, CatalogError> {
    let listing = listings.iter().find(|listing| listing.id == line.listing_id).ok_or(CatalogError::ListingNotFound)?;
    let variant =
        listing.variants.iter().find(|variant| variant.id == line.variant_id).ok_or(CatalogError::ListingNotFound)?;
    Ok(LineToPrice { seller_id: listing.seller_id, unit_price: variant.price, line })
}

fn order_of(
    tools: &CheckoutTools,
    request: CheckoutRequest,
    priced: &Priced,
    listings: &[Listing],
    buyer: Option<UserId>,
    context: &Context,
) -> Result<StoredOrder, Fault> {
    let now = context.now;
    Ok(StoredOrder {
        id: OrderId::new(now, random::entropy()?),
        buyer,
        language: context.language,
        contact: request.contact,
        shipping: request.shipping,
        lines: priced.lines.iter().filter_map(|line| order_line(line, listings)).collect(),
        sellers: priced.sellers.clone(),
        subtotal: priced.subtotal,
        shipping_fee: priced.shipping_fee,
        total: priced.total,
        fee: tools.fee()?,
        status: SELL.start,
        entered_at: now,
        version: 1,
        placed_at: now,
        expires_at: now.plus(HOLD),
        paid_at: None,
        history: vec![HistoryEntry { status: SELL.start, at: now }],
        payment: Payment {
            provider: PaymentProvider::Toss,
            attempt: 0,
            key: None,
            ask_at: None,
            asked: 0,
            receipt_url: None,
        },
    })
}

/// A copy of what was bought, so that the order stays what it was when the listing changes.
fn order_line(line: &checkout::PricedLine, listings: &[Listing]) -> Option<OrderLine> {
    let listing = listings.iter().find(|listing| listing.id == line.listing_id)?;
    let variant = listing.variants.iter().find(|variant| variant.id == line.variant_id)?;
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

fn reply_of(order: &StoredOrder, config: &Config, context: &Context) -> CreateCheckoutReply {
    let mut payment = PaymentStart {
        provider: order.payment.provider,
        client_key: config.toss_client_key.clone(),
        order_id: order.id,
        order_name: order_name(order, context.language),
        amount: order.total,
        customer_key: order.buyer.map(|buyer| buyer.to_string()),
        success_url: format!("{}/pay-return.html", config.site_origin),
        fail_url: format!("{}/pay-return.html", config.site_origin),
        window_url: None,
    };
    payment.window_url =
        config.toss_window_url.as_deref().map(|window| window_url(window, &payment, &order.contact.email));
    CreateCheckoutReply { order: order.shown_to_buyer(context.now), order_secret: None, payment }
}

/// The first title and how many others there are. Toss shows at most 100 characters; a title has at
/// most 60.
fn order_name(order: &StoredOrder, language: Language) -> String {
    let first = order.lines.first().map(|line| line.title.as_str()).unwrap_or_default();
    match (order.lines.len().saturating_sub(1), language) {
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
            order_id: OrderId::new(Timestamp::from_seconds(1_790_000_000), Entropy([7; 10])),
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
