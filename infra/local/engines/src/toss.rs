//! Toss Payments, simulated: the core API over real HTTP with its documented behaviour and errors,
//! and the payment window as a page for people.
//!
//! What it keeps to (Toss Payments core API): Basic authentication with its two errors; one answer
//! for 15 days per idempotency key, API key, address and method, and `IDEMPOTENT_REQUEST_PROCESSING`
//! while the first runs; a window that can be used for 30 minutes and a confirmation within 10
//! minutes of the authentication; cancellation in parts with the guard `refundableAmount`; the
//! header `TossPayments-Test-Code` for test keys; webhooks, kept until they are answered
//! ([`webhooks`]). What it leaves out: billing, easy pay, escrow, the transaction feed, and the limit
//! of 100 calls a minute in the test environment. Of virtual accounts there is the deposit alone.
//!
//! Faults come from the shared [`Faults`] under [`Engine::Toss`](crate::Engine::Toss), by the
//! operations `confirm`, `cancel`, `fetch` and, where they are delivered, `webhook`.

mod api;
mod codes;
mod journal;
mod object;
mod server;
pub mod webhooks;
mod window;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Money, Timestamp, timestamp::Seconds};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

pub use api::router;
pub use codes::{CANCEL_ERRORS, CONFIRM_ERRORS, QUERY_ERRORS, TossError, documented};
pub use server::Toss;
pub use webhooks::Webhook;
pub use world::{Card, NewPayment, Status};

pub use crate::web::NoAnswer;
use crate::{Clock, Faults, queue::EventQueue};
use journal::{Entry, Journal};
use world::{Payment, World};

/// How long an answer is remembered under its idempotency key (Toss: 15 days).
const REMEMBERED: Seconds = Seconds::days(15);

/// How the simulator is set up.
#[derive(Debug, Clone)]
pub struct TossSettings {
    /// The key that the API asks for; test keys start with `test_`.
    pub secret_key: String,
    /// The key that the payment window asks for.
    pub client_key: String,
    /// Scheme, host and port of the sites that the window may send a buyer to; no others.
    pub allowed_origins: Vec<String>,
    /// Where people find the simulator's pages, without a slash at the end; stands in receipts.
    pub public_url: String,
    /// What time it is.
    pub clock: Clock,
    /// What goes wrong.
    pub faults: Faults,
    /// Where the payments are kept; without it, in memory only.
    pub data: Option<PathBuf>,
}

impl TossSettings {
    /// For tests: well-known test keys, `http://shop.test` as the only site, and nothing kept.
    #[must_use]
    pub fn for_tests(clock: Clock, faults: Faults) -> Self {
        Self {
            secret_key: "test_sk_jangteo".to_owned(),
            client_key: "test_ck_jangteo".to_owned(),
            allowed_origins: vec!["http://shop.test".to_owned()],
            public_url: "http://toss.test".to_owned(),
            clock,
            faults,
            data: None,
        }
    }
}

/// A payment, for whoever checks that the books agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentView {
    /// The provider's name for it.
    pub payment_key: String,
    /// The order that it is for.
    pub order_id: String,
    /// Where it stands.
    pub status: Status,
    /// What was asked for.
    pub amount: Money,
    /// What was taken from the buyer: the amount, or nothing.
    pub captured: Money,
    /// What went back to the buyer.
    pub refunded: Money,
    /// What can still be given back: captured less refunded.
    pub balance: Money,
}

/// The simulator's memory. Clones share one memory.
#[derive(Debug, Clone)]
pub struct TossState {
    settings: Arc<TossSettings>,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    world: World,
    /// First answers, by the scope of their idempotency key.
    replies: BTreeMap<String, Reply>,
    /// The scopes of the calls that run at this moment.
    running: BTreeSet<String>,
    injected: Vec<Injected>,
    webhooks: EventQueue<Webhook>,
    journal: Option<Journal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reply {
    at: Timestamp,
    status: u16,
    body: String,
}

#[derive(Debug)]
struct Injected {
    operation: String,
    code: String,
    times: u32,
}

impl TossState {
    /// A simulator that remembers what its data folder remembers.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(settings: TossSettings) -> io::Result<Self> {
        let webhooks = settings.data.as_ref().map(|folder| folder.join("webhooks"));
        let mut inner = Inner {
            world: World::default(),
            replies: BTreeMap::new(),
            running: BTreeSet::new(),
            injected: Vec::new(),
            webhooks: EventQueue::open(webhooks).map_err(io::Error::other)?,
            journal: None,
        };
        if let Some(folder) = &settings.data {
            let (journal, entries) = Journal::open(folder)?;
            for entry in entries {
                inner.remember(entry);
            }
            inner.journal = Some(journal);
        }
        Ok(Self { settings: Arc::new(settings), inner: Arc::new(Mutex::new(inner)) })
    }

    /// Every payment, oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<PaymentView> {
        let inner = self.lock();
        let mut payments: Vec<&Payment> = inner.world.payments.values().collect();
        payments.sort_by_key(|payment| payment.number);
        payments.into_iter().map(view).collect()
    }

    /// Lets the next `times` calls of an operation (`confirm`, `cancel`, `fetch`) fail with a code.
    /// An undocumented code is answered with status 400.
    pub fn inject(&self, operation: &str, code: &str, times: u32) {
        let injected = Injected { operation: operation.to_owned(), code: code.to_owned(), times };
        self.lock().injected.push(injected);
    }

    /// Opens a payment as the window does, without a browser. Returns the payment key.
    ///
    /// # Errors
    /// `DUPLICATED_ORDER_ID` when the order is paid.
    pub fn open_payment(&self, new: NewPayment) -> Result<String, TossError> {
        let now = self.now();
        let payment_key = random_text(10).map(|tail| format!("tviva{}{tail}", digits_of(now)))?;
        self.change(now, |world| world.open(new, payment_key.clone(), now))
    }

    /// Authenticates a buyer as the window does, without a browser. Returns the address that the
    /// browser is sent to.
    ///
    /// # Errors
    /// When the payment does not exist, is too old, or is decided.
    pub fn authenticate(&self, payment_key: &str, card: Card) -> Result<String, TossError> {
        let now = self.now();
        self.change(now, |world| world.authenticate(payment_key, card, now))?;
        self.lock().world.payments.get(payment_key).map(window::success_address).ok_or(codes::NOT_FOUND_PAYMENT)
    }

    /// A buyer who went through the window: a payment that waits for its confirmation. For tests.
    ///
    /// # Errors
    /// As [`TossState::open_payment`] and [`TossState::authenticate`].
    pub fn authenticated(&self, order_id: &str, amount: Money, card: Card) -> Result<String, TossError> {
        let new = NewPayment {
            order_id: order_id.to_owned(),
            order_name: "Oak desk lamp".to_owned(),
            amount,
            success_url: "http://shop.test/paid".to_owned(),
            fail_url: "http://shop.test/failed".to_owned(),
        };
        let payment_key = self.open_payment(new)?;
        self.authenticate(&payment_key, card)?;
        Ok(payment_key)
    }

    /// The buyer pays into the virtual account that they were given.
    ///
    /// # Errors
    /// When no deposit is waited for.
    pub fn deposit(&self, payment_key: &str) -> Result<(), TossError> {
        let (now, transaction_key) = (self.now(), random_text(32)?);
        self.change(now, |world| world.deposit(payment_key, transaction_key, now))
    }

    fn now(&self) -> Timestamp {
        self.settings.clock.now()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends what ran out of time.
    fn expire(&self) {
        let _: Result<(), TossError> = self.change(self.now(), |_| Ok(()));
    }

    /// Makes one change: expires what is due, runs `transition`, writes down what changed, and
    /// queues the notifications.
    fn change<T>(
        &self,
        now: Timestamp,
        transition: impl FnOnce(&mut World) -> Result<T, TossError>,
    ) -> Result<T, TossError> {
        let mut inner = self.lock();
        inner.change(now, &self.settings, transition).0
    }
}

impl Inner {
    /// The result of the transition, and the payments that it changed.
    fn change<T>(
        &mut self,
        now: Timestamp,
        settings: &TossSettings,
        transition: impl FnOnce(&mut World) -> Result<T, TossError>,
    ) -> (Result<T, TossError>, Vec<Payment>) {
        self.world.expire(now);
        let result = transition(&mut self.world);
        let keys = std::mem::take(&mut self.world.changed);
        let changed: Vec<Payment> = keys.iter().filter_map(|key| self.world.payments.get(key)).cloned().collect();
        for payment in &changed {
            self.notify(payment, now, settings);
        }
        self.write(&Entry { payments: changed.clone(), reply: None });
        (result, changed)
    }

    /// The error that the next call of an operation is to fail with, by order of a test.
    fn take_injected(&mut self, operation: &str) -> Option<String> {
        let injected = self.injected.iter_mut().find(|i| i.operation == operation && i.times > 0)?;
        injected.times = injected.times.saturating_sub(1);
        Some(injected.code.clone())
    }

    fn write(&mut self, entry: &Entry) {
        if let Some(journal) = &mut self.journal
            && let Err(error) = journal.append(entry)
        {
            tracing::error!(%error, "the payments could not be written: a restart will forget the last change");
        }
    }

    /// Takes over what the journal tells.
    fn remember(&mut self, entry: Entry) {
        for payment in entry.payments {
            self.world.last_number = self.world.last_number.max(payment.number);
            self.world.payments.insert(payment.payment_key.clone(), payment);
        }
        if let Some((scope, reply)) = entry.reply {
            self.replies.insert(scope, reply);
        }
    }
}

fn view(payment: &Payment) -> PaymentView {
    let nothing = Money::zero(payment.amount.currency);
    let captured = if payment.is_captured() { payment.amount } else { nothing };
    let balance = if payment.is_captured() { payment.balance } else { nothing };
    let refunded = Money::sum(nothing.currency, payment.cancels.iter().map(|cancel| cancel.amount));
    PaymentView {
        payment_key: payment.payment_key.clone(),
        order_id: payment.order_id.clone(),
        status: payment.status,
        amount: payment.amount,
        captured,
        refunded: refunded.unwrap_or(nothing),
        balance,
    }
}

/// Letters and digits that nobody can guess.
fn random_text(length: usize) -> Result<String, TossError> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = vec![0_u8; length];
    SystemRandom::new().fill(&mut bytes).map_err(|_| codes::FAILED_INTERNAL_SYSTEM_PROCESSING)?;
    let letter = |byte: u8| ALPHABET.iter().cycle().nth(usize::from(byte)).copied().map(char::from);
    Ok(bytes.into_iter().filter_map(letter).collect())
}

/// `20261121090000`, as Toss's own keys have it.
fn digits_of(at: Timestamp) -> String {
    object::seoul_time(at).chars().filter(char::is_ascii_digit).take(14).collect()
}
