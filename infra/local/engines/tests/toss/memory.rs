//! What survives a restart. Nothing is written when the simulator ends, so ending it here is no
//! kinder than killing it.

use std::{fs, path::Path};

use domain::{Timestamp, payments::PaymentKey};
use engines::{
    Clock, Faults,
    toss::{Card, Status, Toss, TossSettings, TossState},
};
use shared::payments::{CancelAnswer, ConfirmAnswer};

use crate::support::{Shop, confirmation, krw, order, refund};

fn settings(folder: &Path) -> TossSettings {
    let clock = Clock::fixed(Timestamp::parse("2026-11-21T09:00:00Z").unwrap());
    TossSettings { data: Some(folder.to_owned()), ..TossSettings::for_tests(clock, Faults::none()) }
}

async fn shop(folder: &Path) -> Shop {
    let folder = folder.to_owned();
    Shop::open_with(|settings| settings.data = Some(folder)).await
}

#[tokio::test]
async fn an_answered_payment_and_its_answer_survive_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = shop(folder.path()).await;
    let key = first.paid(1).await;
    let waiting = first.buyer(order(2), 5_000, Card::LimitExceeded);
    let refunded = first.cancel(&refund(&key, 1, Some(2_000), Some(12_000))).await;
    assert!(matches!(refunded, CancelAnswer::Done { .. }), "{refunded:?}");
    let before = first.toss.state().payments();
    drop(first);

    let second = shop(folder.path()).await;
    assert_eq!(second.toss.state().payments(), before);
    assert_eq!(second.cancel(&refund(&key, 1, Some(2_000), Some(12_000))).await, refunded, "the key is remembered");
    assert_eq!(second.view(&key).balance, krw(10_000));
    let declined = second.confirm(&confirmation(&waiting, order(2), 5_000)).await;
    assert!(matches!(declined, ConfirmAnswer::Settled(domain::payments::Settlement::Declined { .. })), "{declined:?}");
    drop(second);
    assert_eq!(shop(folder.path()).await.view(&waiting).status, Status::Aborted);
}

#[tokio::test]
async fn a_line_that_was_cut_off_by_a_crash_costs_that_line_only() {
    let folder = tempfile::tempdir().unwrap();
    let key = shop(folder.path()).await.paid(1).await;
    let file = folder.path().join("toss.jsonl");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str("{\"payments\":[{\"payment_key\":\"tviv");
    fs::write(&file, text).unwrap();
    let again = shop(folder.path()).await;
    assert_eq!(again.view(&key).captured, krw(12_000));
    let later = again.paid(2).await;
    drop(again);
    assert_eq!(shop(folder.path()).await.view(&later).captured, krw(12_000), "what follows is on a line of its own");
}

#[tokio::test]
async fn a_restart_keeps_the_journal_as_short_as_what_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    let first = shop(folder.path()).await;
    let key: PaymentKey = first.paid(1).await;
    for number in 1..=20 {
        let _ = first.cancel(&refund(&key, number, Some(100), None)).await;
    }
    drop(first);
    let long = fs::metadata(folder.path().join("toss.jsonl")).unwrap().len();
    drop(TossState::open(settings(folder.path())).unwrap());
    assert!(fs::metadata(folder.path().join("toss.jsonl")).unwrap().len() < long);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_an_error_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Toss::start(settings(&file.join("under"))).await.is_err());
}
