//! The steps to a paid order, as the tests of each need the ones before it.

use std::collections::BTreeMap;

use domain::{
    Currency, Language, Money,
    catalog::{CategoryId, ListingKind, price_from},
    ids::{CheckoutId, ListingId, MediaId, OrderId, StoreId, VariantId},
    payments::PaymentKey,
    stores::stall_name,
    text::{Description, ListingTitle, OptionValue},
    timestamp::Seconds,
};
use engines::toss::{Card, PaymentView};
use serde_json::{Value, json};
use shared::{
    payments::{FetchAnswer, Payments, TimeLimits},
    random,
    secrets::Secret,
    store::{
        listings::{Card as ListingCard, CardStore, Listing, Stock, Variant},
        orders::StoredOrder,
        payments::Payment,
    },
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

/// What can be bought: a variant of a listing.
#[derive(Debug, Clone)]
pub(crate) struct Goods {
    pub(crate) listing_id: ListingId,
    pub(crate) variant_id: VariantId,
}

/// A checkout as its buyer was told of it.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) checkout: CheckoutId,
    /// The first of its orders, and the only one where all goods are of one store.
    pub(crate) id: OrderId,
    pub(crate) amount: Value,
}

pub(crate) async fn start() -> (TestApp, TestUser) {
    let app = TestApp::start(&checkout::SERVICE).await;
    let seller = app.user("seller").await;
    (app, seller)
}

pub(crate) const fn won(amount: i64) -> Money {
    Money { amount, currency: Currency::Krw }
}

/// A lamp of which there are so many.
pub(crate) async fn lamp(app: &TestApp, seller: &TestUser, price: i64, stock: u32) -> Goods {
    listing(app, seller, "Oak desk lamp", &[(won(price), stock)]).await.remove(0)
}

/// A listing with a variant for each price and stock, put on sale through the store.
pub(crate) async fn listing(app: &TestApp, seller: &TestUser, title: &str, offers: &[(Money, u32)]) -> Vec<Goods> {
    let now = app.now();
    let id = ListingId::new(now, random::entropy().unwrap());
    let title = ListingTitle::parse(title).unwrap();
    let category_id = CategoryId::parse("furniture").unwrap();
    let picture = MediaId::new(now, random::entropy().unwrap());
    let variants: Vec<Variant> = offers
        .iter()
        .enumerate()
        .map(|(number, (price, _))| Variant {
            id: VariantId::new(now, random::entropy().unwrap()),
            option_values: vec![OptionValue::parse(&format!("size {number}")).unwrap()],
            price: *price,
        })
        .collect();
    let lowest = price_from(offers.iter().map(|(price, _)| *price)).unwrap();
    let (store_id, store_name) = (StoreId::stall_of(seller.id), stall_name(&seller.nickname, Language::English));
    let card = ListingCard {
        id,
        kind: ListingKind::Sell,
        title: title.clone(),
        category_id: category_id.clone(),
        price_from: lowest,
        prices_differ: offers.iter().any(|(price, _)| *price != lowest),
        picture: Some(picture),
        store: Some(CardStore { id: store_id, name: store_name.clone() }),
        seller_nickname: seller.nickname.clone(),
        created_at: now,
    };
    let stock: Vec<Stock> = variants
        .iter()
        .zip(offers)
        .map(|(variant, (_, pieces))| Stock {
            listing_id: id,
            variant_id: variant.id,
            available: *pieces,
            held: 0,
            sold: 0,
            sold_at: None,
        })
        .collect();
    let goods = variants.iter().map(|variant| Goods { listing_id: id, variant_id: variant.id }).collect();
    let listing = Listing {
        id,
        listing_kind: ListingKind::Sell,
        store_id,
        store_name,
        seller_id: seller.id,
        seller_nickname: seller.nickname.clone(),
        category_id,
        title,
        description: Description::parse("Warm light.").unwrap(),
        options: Vec::new(),
        variants,
        pictures: vec![picture],
        price_from: lowest,
        created_at: now,
        closed: false,
        card,
    };
    app.table().transaction().create_listing(&listing, &stock).commit().await.unwrap();
    goods
}

pub(crate) fn line(goods: &Goods, quantity: u32) -> Value {
    json!({ "listing_id": goods.listing_id, "variant_id": goods.variant_id, "quantity": quantity })
}

/// A good request for these lines.
pub(crate) fn cart(lines: &[Value]) -> Value {
    json!({
        "lines": lines,
        "contact": { "name": "Kim Mina", "phone": "010-1234-5678", "email": "mina@example.com" },
        "shipping": {
            "name": "Kim Mina", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro",
            "address_detail": "4F", "memo": "Leave it at the door.",
        },
    })
}

/// A checkout by a guest; [`TestRequest::as_user`] makes it a member's.
pub(crate) fn checkout<'a>(app: &'a TestApp, body: &Value, key: &str) -> TestRequest<'a> {
    app.post("checkout.create_checkout").json(body.clone()).idempotency_key(key)
}

/// A guest's checkout of so many pieces.
pub(crate) async fn place(app: &TestApp, goods: &Goods, quantity: u32) -> Placed {
    let key = format!("place-{}", OrderId::new(app.now(), random::entropy().unwrap()));
    // So many buyers do not share one address: what is not paid there would keep the next ones out.
    let number = app.all::<Payment>().len();
    let source = format!("198.51.{}.{}", number / 250, number % 250);
    let answer = checkout(app, &cart(&[line(goods, quantity)]), &key).from(&source).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    placed(&answer)
}

pub(crate) fn placed(answer: &TestAnswer) -> Placed {
    let answer = answer.json();
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    Placed {
        checkout: id(&answer["checkout"]["id"]).parse().unwrap(),
        id: id(&answer["checkout"]["orders"][0]["id"]).parse().unwrap(),
        amount: answer["payment"]["amount"].clone(),
    }
}

/// The buyer goes through the payment window with a card.
pub(crate) fn pay(app: &TestApp, order: &Placed, card: Card) -> String {
    let amount: Money = serde_json::from_value(order.amount.clone()).unwrap();
    app.toss().state().authenticated(&order.checkout.to_string(), amount, card).unwrap()
}

/// The browser brings a payment back from the window.
pub(crate) fn confirm<'a>(app: &'a TestApp, order: &Placed, payment_key: &str) -> TestRequest<'a> {
    confirm_for(app, order, payment_key, order.amount.clone())
}

/// As [`confirm`], with another amount.
pub(crate) fn confirm_for<'a>(app: &'a TestApp, order: &Placed, payment_key: &str, amount: Value) -> TestRequest<'a> {
    app.post("checkout.confirm_payment")
        .json(json!({ "checkout_id": order.checkout, "payment_key": payment_key, "amount": amount }))
        .idempotency_key(&format!("confirm-{payment_key}"))
}

/// Runs a schedule's job now. Answers how many calls to the database it made.
pub(crate) async fn run(app: &TestApp, job: &str) -> u32 {
    let (_, usage) = app.run_job(job, tick(app)).await.unwrap_or_else(|fault| panic!("{job}: {}", fault.chain()));
    usage.calls
}

pub(crate) fn tick(app: &TestApp) -> Value {
    json!({ "time": app.now().to_string() })
}

pub(crate) async fn reconcile(app: &TestApp) -> u32 {
    run(app, "checkout.reconcile_payments").await
}

pub(crate) async fn expire(app: &TestApp) -> u32 {
    run(app, "checkout.expire_holds").await
}

/// Time passes and the schedules run until nothing is left to do.
pub(crate) async fn come_to_rest(app: &TestApp) {
    for _ in 0..3 {
        app.advance(Seconds::minutes(31));
        reconcile(app).await;
        expire(app).await;
    }
}

pub(crate) async fn order(app: &TestApp, id: OrderId) -> StoredOrder {
    app.table().get_order(id).await.unwrap().unwrap()
}

/// The payment of a checkout.
pub(crate) async fn paying(app: &TestApp, placed: &Placed) -> Payment {
    app.table().get_payment(placed.checkout).await.unwrap().unwrap()
}

/// Available, held and sold pieces.
pub(crate) fn stock(app: &TestApp, goods: &Goods) -> (u32, u32, u32) {
    let stock = app.all::<Stock>().into_iter().find(|stock| stock.variant_id == goods.variant_id).unwrap();
    (stock.available, stock.held, stock.sold)
}

/// The simulator's payment of this key.
pub(crate) fn payment(app: &TestApp, payment_key: &str) -> PaymentView {
    app.toss().state().payments().into_iter().find(|payment| payment.payment_key == payment_key).unwrap()
}

/// How many payments of the simulator hold money, and how much it is.
pub(crate) fn captured(app: &TestApp) -> (usize, i64) {
    let payments = app.toss().state().payments();
    let sums: Vec<i64> = payments.iter().map(|payment| payment.captured.amount).filter(|sum| *sum > 0).collect();
    (sums.len(), sums.iter().sum())
}

/// Notices whether the provider is called: the next question and the next confirmation would use up
/// an answer that is laid out for each.
pub(crate) struct Tripwire<'a>(&'a TestApp);

impl<'a> Tripwire<'a> {
    const CONFIRM: &'static str = "PROVIDER_ERROR";
    const FETCH: &'static str = "FORBIDDEN_CONSECUTIVE_REQUEST";

    pub(crate) fn lay(app: &'a TestApp) -> Self {
        app.toss().state().inject("confirm", Self::CONFIRM, 1);
        app.toss().state().inject("fetch", Self::FETCH, 1);
        Self(app)
    }

    /// Takes both answers up again, and ends the test if one is gone.
    pub(crate) async fn assert_not_called(self) {
        let secret = Secret::new("test_sk_jangteo");
        let toss = Payments::toss(&self.0.toss().base_url(), &secret, TimeLimits::STANDARD).unwrap();
        let nobody = PaymentKey::parse("nobody").unwrap();
        let fetched = toss.fetch_by_payment_key(&nobody).await.unwrap();
        assert!(matches!(fetched, FetchAnswer::Unknown { .. }), "the provider was asked: {fetched:?}");
        let checkout_id = CheckoutId::new(self.0.now(), random::entropy().unwrap());
        let call = shared::payments::ConfirmCall {
            payment_key: nobody,
            checkout_id,
            amount: won(1_000),
            idempotency_key: domain::payments::ProviderIdempotencyKey::of_confirm(checkout_id, 1),
            language: domain::Language::English,
        };
        let confirmed = toss.confirm(&call).await.unwrap();
        let untouched = matches!(confirmed, shared::payments::ConfirmAnswer::Unknown { .. });
        assert!(untouched, "the provider was told to confirm: {confirmed:?}");
    }
}

/// How many answers have each status and code.
pub(crate) fn counted(answers: &[TestAnswer]) -> BTreeMap<(u16, String), usize> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for answer in answers {
        let count = counts.entry((answer.status, answer.problem_code())).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

/// The item of a payment as the engine has it.
pub(crate) fn raw_payment(app: &TestApp, placed: &Placed) -> Value {
    let items = app.engines().database().items(&app.config().table).unwrap();
    let id = placed.checkout.to_string();
    items.into_iter().find(|item| item["kind"]["S"] == "payment" && item["checkout_id"]["S"] == id).unwrap()
}

/// Writes an item past the store, as a mistake of an operator would.
pub(crate) fn put_raw(app: &TestApp, item: &Value) {
    let request = json!({ "TableName": app.config().table, "Item": item });
    app.engines().database().engine().put_item(serde_json::from_value(request).unwrap()).unwrap();
}
