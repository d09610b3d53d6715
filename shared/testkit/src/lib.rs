//! The test kit: one service in one process, on the real engines, with a clock that stands still.
//!
//! ```no_run
//! # use shared::api::host::AnyService;
//! # async fn example(service: &'static dyn AnyService) {
//! use serde_json::json;
//! use testkit::TestApp;
//!
//! let app = TestApp::start(service).await;
//! let body = json!({ "email": "mina@example.com", "purpose": "sign_up" });
//! let answer = app.post("auth.send_email_code").json(body).send().await;
//! assert_eq!(answer.status, 202);
//! # }
//! ```
//!
//! Each app has its own table, buckets, mailbox, secrets and payment simulator, so tests run side by
//! side. Requests enter where the Lambda adapter hands them over. Each endpoint runs with its own
//! core, made from what it declares, so a secret that is not declared is not there.
//!
//! **Every answer is checked**, without a test asking for it: what was touched is declared, the error
//! code is declared, nothing broke (unless the test says [`TestRequest::may_break`]), a refusal is a
//! whole problem document, the usual headers are there. And every answer is noted: when an app is
//! dropped, `target/observed/<operation>.jsonl` has what was touched, which codes came out and which
//! statuses, a line each (`{"touched":"Get(User)"}`, `{"code":"…"}`, `{"status":200}`). Lines stay
//! from run to run: whoever holds declared to observed removes the folder before the run.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the kit is part of the tests: what does not work ends the test, with the reason"
)]

mod answer;
mod app;
mod kill;
mod observed;
mod orders;
mod people;
mod request;
pub mod sweeps;

pub use answer::TestAnswer;
pub use app::{ORIGIN_KEY, START, TestApp};
pub use kill::KilledAfter;
pub use orders::NewOrder;
pub use people::{PASSWORD, TestUser};
pub use request::{PEER, TestRequest};
