//! A marketplace with scarce goods, many hasty buyers, and everything that can go wrong.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use domain::{
    Currency, Money,
    ids::{OrderId, StoreId},
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule, toss::Card};
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use testkit::{KilledAfter, TestAnswer, TestApp, TestRequest, TestUser};

/// What a run does.
pub(crate) struct Plan {
    pub(crate) operations: usize,
    pub(crate) buyers: usize,
}

/// A variant that can be bought.
#[derive(Clone)]
pub(crate) struct Goods {
    pub(crate) listing_id: String,
    pub(crate) variant_id: String,
    pub(crate) stock: u32,
}

/// A checkout that a buyer was told of.
#[derive(Clone)]
struct Placed {
    id: String,
    orders: Vec<PlacedOrder>,
    /// By which its buyer, a guest, moves its orders.
    secret: String,
    amount: Value,
}

#[derive(Clone)]
struct PlacedOrder {
    id: String,
    store_id: String,
}

/// A payment that a buyer made in the window.
#[derive(Clone)]
struct Paying {
    checkout: Placed,
    payment_key: String,
}

/// How often a thing happened, for the summary.
#[derive(Default)]
struct Counts(RefCell<BTreeMap<String, u32>>);

impl Counts {
    fn one_more(&self, what: impl Into<String>) {
        *self.0.borrow_mut().entry(what.into()).or_default() += 1;
    }
}

pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) goods: Vec<Goods>,
    /// Each keeps a store.
    sellers: [TestUser; 2],
    random: RefCell<ChaCha8Rng>,
    placed: RefCell<Vec<Placed>>,
    paying: RefCell<Vec<Paying>>,
    /// First answers by idempotency key, to compare replays with.
    answers: RefCell<BTreeMap<String, (u16, Vec<u8>)>>,
    violations: RefCell<Vec<String>>,
    stream_after: RefCell<Option<String>>,
    counts: Counts,
    numbers: Cell<u32>,
    /// How often a mail may have been sent twice: an attempt was killed, or the clock jumped past
    /// its lease while it ran.
    pub(crate) excuses: Cell<u32>,
    mailing_now: Cell<u32>,
}

impl World {
    pub(crate) async fn start(seed: u64) -> Self {
        let app =
            TestApp::start_all(&[&catalog::SERVICE, &checkout::SERVICE, &notifications::SERVICE, &orders::SERVICE])
                .await;
        // Goods of two stores: some checkouts are two orders.
        let sellers = [app.user("seller").await, app.user("second").await];
        let mut goods = Vec::new();
        for (number, stocks) in [[1_u32, 2, 3], [5, 12, 90]].into_iter().enumerate() {
            let variants: Vec<Value> = ["a", "b", "c"]
                .iter()
                .zip(stocks)
                .map(|(value, stock)| json!({"option_values": [value], "price": {"amount": 4_000 + 500 * stock, "currency": "KRW"}, "stock": stock}))
                .collect();
            let listing = app
                .post("catalog.create_listing")
                .as_user(&sellers[number])
                .idempotency_key(&format!("listing-{number}"))
                .json(json!({
                    "kind": "sell", "title": format!("Scarce goods {number}"), "description": "Few of them.",
                    "category_id": "furniture", "options": [{"name": "kind", "values": ["a", "b", "c"]}],
                    "variants": variants, "pictures": [],
                }))
                .send()
                .await;
            assert_eq!(listing.status, 201, "{}", listing.json());
            let listing = listing.json();
            for (variant, stock) in listing["variants"].as_array().unwrap().iter().zip(stocks) {
                goods.push(Goods {
                    listing_id: listing["id"].as_str().unwrap().to_owned(),
                    variant_id: variant["id"].as_str().unwrap().to_owned(),
                    stock,
                });
            }
        }
        Self {
            app,
            goods,
            sellers,
            random: RefCell::new(ChaCha8Rng::seed_from_u64(seed)),
            placed: RefCell::default(),
            paying: RefCell::default(),
            answers: RefCell::default(),
            violations: RefCell::default(),
            stream_after: RefCell::default(),
            counts: Counts::default(),
            numbers: Cell::new(0),
            excuses: Cell::new(0),
            mailing_now: Cell::new(0),
        }
    }

    fn below(&self, most: usize) -> usize {
        self.random.borrow_mut().random_range(0..most.max(1))
    }

    fn one_in(&self, count: u32) -> bool {
        self.random.borrow_mut().random_range(0..count) == 0
    }

    fn number(&self) -> u32 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    fn some_of<T: Clone>(&self, list: &RefCell<Vec<T>>) -> Option<T> {
        let list = list.borrow();
        // Mostly the newest: that is where things are in motion.
        let back = self.below(list.len().min(if self.one_in(4) { list.len() } else { 12 }));
        list.len().checked_sub(back + 1).and_then(|index| list.get(index).cloned())
    }

    /// Everyone acts at once, and everything goes wrong.
    pub(crate) async fn run(&self, plan: Plan) {
        let rule =
            |engine, operation, kind, per_mille| FaultRule::always(engine, kind).on(operation).per_mille(per_mille);
        self.app.fail(vec![
            rule(Engine::Database, "TransactWriteItems", FaultKind::TransactionConflict, 80),
            rule(Engine::Database, "TransactWriteItems", FaultKind::TimeOutAfterApply, 20),
            rule(Engine::Database, "UpdateItem", FaultKind::TimeOutAfterApply, 10),
            rule(Engine::Database, "Query", FaultKind::StaleIndex, 200),
            rule(Engine::Toss, "confirm", FaultKind::TimeOutAfterApply, 120),
            rule(Engine::Toss, "confirm", FaultKind::TimeOutBefore, 60),
            rule(Engine::Toss, "confirm", FaultKind::ServerError, 60),
            rule(Engine::Toss, "fetch", FaultKind::ServerError, 100),
            rule(Engine::Toss, "cancel", FaultKind::TimeOutAfterApply, 120),
            rule(Engine::Toss, "cancel", FaultKind::TimeOutBefore, 60),
            rule(Engine::Toss, "cancel", FaultKind::ServerError, 60),
            rule(Engine::Mail, "SendEmail", FaultKind::Throttle, 100),
        ]);
        let left = Cell::new(plan.operations);
        join_all((0..plan.buyers).map(|_| async {
            while left.get() > 0 {
                left.set(left.get() - 1);
                self.act().await;
            }
        }))
        .await;
        self.app.heal();
    }

    async fn act(&self) {
        match self.below(100) {
            0..=26 => self.place_order().await,
            27..=42 => self.pay_in_the_window(),
            43..=60 => self.come_back().await,
            61..=67 => self.step_of_a_buyer().await,
            68..=77 => self.step_of_a_store().await,
            78..=81 => self.job("checkout.expire_holds").await,
            82..=85 => self.job("checkout.reconcile_payments").await,
            86..=89 => self.job("orders.carry_out_refunds").await,
            90 => self.job("orders.confirm_receipts").await,
            91..=95 => self.deliver_stream().await,
            96 => self.job("notifications.sweep_outbox").await,
            _ => {
                self.excuses.set(self.excuses.get() + self.mailing_now.get());
                self.app.advance(Seconds(self.below(240) as u32));
            }
        }
    }

    fn order_of(&self, goods: &[&Goods], quantity: u32) -> Value {
        let lines: Vec<Value> = goods
            .iter()
            .map(|goods| json!({"listing_id": goods.listing_id, "variant_id": goods.variant_id, "quantity": quantity}))
            .collect();
        let number = self.number();
        json!({
            "lines": lines,
            "contact": {"name": "Buyer", "phone": "01012345678", "email": format!("buyer{number}@example.com")},
            "shipping": {"name": "Buyer", "phone": "01012345678", "postcode": "06236", "address": "12 Teheran-ro"},
        })
    }

    async fn place_order(&self) {
        let first = &self.goods[self.below(self.goods.len())];
        let second = &self.goods[self.below(self.goods.len())];
        let goods = if self.one_in(3) { vec![first, second] } else { vec![first] };
        let order = self.order_of(&goods, if self.one_in(4) { 2 } else { 1 });
        let key = format!("order-{}", self.number());
        let request = self.app.post("checkout.create_checkout").json(order);
        for answer in self.send_a_few_times("checkout.create_checkout", &key, request).await {
            if answer.status == 201 {
                let answer = answer.json();
                let id = answer["checkout"]["id"].as_str().unwrap().to_owned();
                if !self.placed.borrow().iter().any(|placed| placed.id == id) {
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    let orders = answer["checkout"]["orders"].as_array().unwrap().iter();
                    let orders = orders
                        .map(|order| PlacedOrder { id: text(&order["id"]), store_id: text(&order["store_id"]) })
                        .collect();
                    let secret = text(&answer["order_secret"]);
                    let amount = answer["payment"]["amount"].clone();
                    self.placed.borrow_mut().push(Placed { id, orders, secret, amount });
                }
            }
        }
    }

    fn pay_in_the_window(&self) {
        let Some(checkout) = self.some_of(&self.placed) else { return };
        let card = match self.below(10) {
            0 => Card::LimitExceeded,
            1 => Card::RiskRefused,
            2 => Card::LostAnswer,
            _ => Card::Approve,
        };
        let amount = Money::new(checkout.amount["amount"].as_i64().unwrap(), Currency::Krw).unwrap();
        if let Ok(payment_key) = self.app.toss().state().authenticated(&checkout.id, amount, card) {
            self.paying.borrow_mut().push(Paying { checkout, payment_key });
        }
    }

    /// The browser comes back from the window: once or several times, as it should or as nobody
    /// should.
    async fn come_back(&self) {
        let Some(paying) = self.some_of(&self.paying) else { return };
        let (mut checkout, mut amount) = (paying.checkout.id.clone(), paying.checkout.amount.clone());
        let mut key = format!("confirm-{}", paying.payment_key);
        match self.below(12) {
            // Attack 14: another sum. Attack 15: another order.
            0 => amount["amount"] = json!(amount["amount"].as_i64().unwrap() - 1),
            1 => {
                if let Some(other) = self.some_of(&self.placed) {
                    amount = other.amount;
                    checkout = other.id;
                }
            }
            2 => key = format!("confirm-{}", self.number()),
            _ => {}
        }
        if checkout != paying.checkout.id || amount != paying.checkout.amount {
            key = format!("confirm-{}", self.number());
        }
        let body = json!({"checkout_id": checkout, "payment_key": paying.payment_key, "amount": amount});
        let request = self.app.post("checkout.confirm_payment").json(body);
        self.send_a_few_times("checkout.confirm_payment", &key, request).await;
    }

    /// Some order, with what its buyer shows.
    fn some_order(&self) -> Option<(PlacedOrder, String)> {
        let placed = self.some_of(&self.placed)?;
        let order = placed.orders[self.below(placed.orders.len())].clone();
        Some((order, placed.secret))
    }

    /// The buyer calls an order off, before it is paid and after, or says that the goods are there.
    async fn step_of_a_buyer(&self) {
        let Some((order, secret)) = self.some_order() else { return };
        let action = if self.one_in(4) { "confirm_receipt" } else { "cancel" };
        let request = self.app.post("orders.transition_order").path("order_id", &order.id);
        let request = request.header("order-secret", secret).json(json!({ "action": action }));
        self.send_a_few_times("orders.transition_order", &format!("step-{}", self.number()), request).await;
    }

    /// The store goes on with an order, or calls it off: often what cannot be done yet, or any more.
    async fn step_of_a_store(&self) {
        let Some((order, _)) = self.some_order() else { return };
        let seller = self.sellers.iter().find(|seller| StoreId::stall_of(seller.id).to_string() == order.store_id);
        let body = match self.below(8) {
            0..=3 => json!({ "action": "prepare" }),
            4 => json!({ "action": "cancel", "reason": "It broke." }),
            5 | 6 => json!({ "action": "ship", "carrier": "cj", "tracking_number": "680312345678" }),
            _ => json!({ "action": "deliver" }),
        };
        let request = self.app.post("orders.transition_store_order").path("store_id", &order.store_id);
        let request = request.path("order_id", &order.id).as_user(seller.unwrap()).json(body);
        self.send_a_few_times("orders.transition_store_order", &format!("step-{}", self.number()), request).await;
    }

    /// A request with its retries: some at once, some killed on the way.
    async fn send_a_few_times(&self, operation: &str, key: &str, request: TestRequest<'_>) -> Vec<TestAnswer> {
        let times = if self.one_in(4) { 3 } else { 1 };
        // So many buyers do not share one address: its limit would keep all but the first out.
        let peer = format!("198.51.100.{}", self.number() % 250);
        let answers = join_all((0..times).map(|_| {
            let request = request.clone().idempotency_key(key).from(&peer).may_break().send();
            let waits = if self.one_in(5) { self.below(24) as u32 } else { u32::MAX };
            KilledAfter::new(request, waits)
        }))
        .await;
        let answers: Vec<TestAnswer> = answers.into_iter().flatten().collect();
        for _ in answers.len()..times {
            self.counts.one_more(format!("{operation} killed"));
        }
        for answer in &answers {
            self.counts.one_more(format!("{operation} {}", code_of(answer)));
            self.compare_with_the_first(key, answer);
        }
        answers
    }

    /// I10: the same key gets the same answer, byte for byte.
    fn compare_with_the_first(&self, key: &str, answer: &TestAnswer) {
        // 202 is no last word: the payment is still being asked about.
        if !(200..300).contains(&answer.status) || answer.status == 202 {
            return;
        }
        let mut answers = self.answers.borrow_mut();
        let now = (answer.status, answer.body.to_vec());
        match answers.get(key) {
            Some(first) if *first != now => {
                self.violations.borrow_mut().push(format!("I10: {key} was answered in two ways"))
            }
            Some(_) => {}
            None => {
                answers.insert(key.to_owned(), now);
            }
        }
    }

    async fn job(&self, job: &str) {
        let tick = json!({"time": self.app.now().to_string()});
        if job.starts_with("notifications") {
            return self.mailing(job, tick).await;
        }
        let waits = if self.one_in(4) { self.below(30) as u32 } else { u32::MAX };
        let outcome = KilledAfter::new(self.app.run_job(job, tick), waits).await;
        self.counts.one_more(format!("{job} {}", if outcome.is_some() { "done" } else { "killed" }));
    }

    /// A job that sends mail, and may die while it does.
    async fn mailing(&self, job: &str, payload: Value) {
        let waits = if self.one_in(5) { self.below(25) as u32 } else { u32::MAX };
        self.mailing_now.set(self.mailing_now.get() + 1);
        let outcome = KilledAfter::new(self.app.run_job(job, payload), waits).await;
        self.mailing_now.set(self.mailing_now.get() - 1);
        if outcome.is_none() {
            self.excuses.set(self.excuses.get() + 1);
        }
        self.counts.one_more(format!("{job} {}", if outcome.is_some() { "done" } else { "killed" }));
    }

    /// The stream, as it may come: late, twice, in another order, to a function that dies.
    async fn deliver_stream(&self) {
        let after = self.stream_after.borrow().clone();
        let records =
            self.app.engines().database().read_stream(&self.app.config().table, after.as_deref(), 50).unwrap();
        let Some(last) = records.last() else { return };
        let last = last.sequence.clone();
        let mut records: Vec<Value> = records.into_iter().map(|record| record.record).filter(is_new_effect).collect();
        if self.one_in(3) {
            records.reverse();
        }
        if self.one_in(3) {
            records.extend(records.clone());
        }
        if !records.is_empty() {
            self.mailing("notifications.deliver_outbox", json!({"Records": records})).await;
        }
        // The stream may be lost: what it did not bring, the sweep must find.
        *self.stream_after.borrow_mut() = Some(last);
    }

    /// No more faults; time passes and the schedules run until nothing is left to do.
    pub(crate) async fn come_to_rest(&self) -> Vec<String> {
        for _ in 0..12 {
            self.app.advance(Seconds::minutes(31));
            for job in [
                "checkout.reconcile_payments",
                "checkout.expire_holds",
                "orders.carry_out_refunds",
                "notifications.sweep_outbox",
            ] {
                // Each run takes a bounded number.
                for _ in 0..8 {
                    let tick = json!({"time": self.app.now().to_string()});
                    let told = match self.app.run_job(job, tick).await {
                        Err(fault) => Some(fault.chain()),
                        Ok((_, usage)) => usage.fault,
                    };
                    if let Some(told) = told {
                        self.violations.borrow_mut().push(format!("{job} broke in peace: {told}"));
                    }
                }
            }
        }
        self.violations.borrow().clone()
    }

    /// So many buyers at once want a unit of which there is one.
    pub(crate) async fn all_want_the_last_unit(&self, buyers: usize) -> Vec<TestAnswer> {
        let last = self.goods.iter().find(|goods| goods.stock == 1).unwrap();
        join_all((0..buyers).map(|_| {
            let order = self.order_of(&[last], 1);
            let key = format!("last-{}", self.number());
            self.app.post("checkout.create_checkout").idempotency_key(&key).json(order).send()
        }))
        .await
    }

    pub(crate) fn summary(&self) -> String {
        let counts = self.counts.0.borrow();
        counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn order_ids(&self) -> Vec<OrderId> {
        self.placed.borrow().iter().flat_map(|placed| &placed.orders).map(|order| order.id.parse().unwrap()).collect()
    }
}

/// The error code of an answer, or that there is none.
pub(crate) fn code_of(answer: &TestAnswer) -> String {
    if answer.status < 300 { format!("{}", answer.status) } else { answer.problem_code() }
}

fn is_new_effect(record: &Value) -> bool {
    record["eventName"] == "INSERT" && record["dynamodb"]["NewImage"]["kind"]["S"] == "outbox_event"
}
