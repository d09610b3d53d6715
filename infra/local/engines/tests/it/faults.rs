use std::time::{Duration, Instant};

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem},
};
use engines::{Engine, Engines, FaultKind, FaultPlan, FaultRule};

use crate::support::{TABLE, cloud, exists, in_index, indexed, key, operator, put};

fn plan(engines: &Engines, rule: FaultRule) {
    engines.faults().set(FaultPlan { seed: 1, rules: vec![rule] });
}

fn database(kind: FaultKind) -> FaultRule {
    FaultRule::always(Engine::Database, kind).times(1)
}

fn transaction(
    client: &aws_sdk_dynamodb::Client,
) -> aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder {
    let put = |pk: &str| {
        let put = Put::builder().table_name(TABLE).set_item(Some(key(pk))).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    client.transact_write_items().transact_items(put("A")).transact_items(put("B"))
}

#[tokio::test]
async fn an_injected_conflict_is_what_the_sdk_knows_as_one_and_applies_nothing() {
    let engines = cloud().await;
    let client = operator(&engines);
    plan(&engines, database(FaultKind::TransactionConflict).on("TransactWriteItems"));
    let refused = transaction(&client).send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(why) = refused else { panic!("{refused}") };
    let codes: Vec<&str> = why.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(why.message().unwrap().contains("[TransactionConflict, None]"));
    assert!(!exists(&client, "A").await);
    transaction(&client).send().await.unwrap();
    assert!(exists(&client, "B").await);
}

#[tokio::test]
async fn a_single_write_conflicts_in_its_own_way_and_a_read_never_does() {
    let engines = cloud().await;
    let client = operator(&engines);
    plan(&engines, database(FaultKind::TransactionConflict));
    assert!(!exists(&client, "A").await);
    let refused = client.put_item().table_name(TABLE).set_item(Some(key("A"))).send().await.unwrap_err();
    assert!(refused.into_service_error().is_transaction_conflict_exception());
    assert!(!exists(&client, "A").await);
}

#[tokio::test]
async fn a_throttled_call_and_a_server_error_apply_nothing() {
    let engines = cloud().await;
    let client = operator(&engines);
    plan(&engines, database(FaultKind::Throttle));
    let refused = client.put_item().table_name(TABLE).set_item(Some(key("A"))).send().await.unwrap_err();
    assert!(refused.into_service_error().is_provisioned_throughput_exceeded_exception());
    plan(&engines, database(FaultKind::ServerError));
    let refused = client.put_item().table_name(TABLE).set_item(Some(key("A"))).send().await.unwrap_err();
    assert!(refused.into_service_error().is_internal_server_error());
    assert!(!exists(&client, "A").await);
}

#[tokio::test]
async fn a_time_out_before_is_not_applied_and_one_after_is() {
    let engines = cloud().await;
    let client = operator(&engines);
    for (kind, pk, applied) in [(FaultKind::TimeOutBefore, "A", false), (FaultKind::TimeOutAfterApply, "B", true)] {
        plan(&engines, database(kind).on("PutItem"));
        let lost = client.put_item().table_name(TABLE).set_item(Some(key(pk))).send().await.unwrap_err();
        assert!(lost.as_service_error().is_none(), "no answer came: {lost:?}");
        assert_eq!(exists(&client, pk).await, applied);
        let call = engines.meter().since(0).into_iter().find(|call| call.fault == Some(kind)).unwrap();
        assert_eq!(call.status, 0);
    }
}

#[tokio::test]
async fn a_slow_call_takes_its_time_and_succeeds() {
    let engines = cloud().await;
    let client = operator(&engines);
    plan(&engines, database(FaultKind::SlowMs(120)));
    let started = Instant::now();
    put(&client, key("A")).await;
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_stale_index_answers_as_of_before_the_last_write_to_it() {
    let engines = cloud().await;
    let client = operator(&engines);
    let stale = || plan(&engines, database(FaultKind::StaleIndex));
    stale();
    assert!(in_index(&client, "CHAIRS").await.is_empty());
    put(&client, indexed("LISTING#1", "CHAIRS")).await;
    stale();
    assert!(in_index(&client, "CHAIRS").await.is_empty());
    assert_eq!(in_index(&client, "CHAIRS").await, ["LISTING#1"]);
    put(&client, indexed("LISTING#2", "CHAIRS")).await;
    put(&client, key("NOT-IN-THE-INDEX")).await;
    stale();
    assert_eq!(in_index(&client, "CHAIRS").await, ["LISTING#1"]);
    // A change of the index key is one write: the item is still where it was.
    put(&client, indexed("LISTING#1", "TABLES")).await;
    stale();
    assert_eq!(in_index(&client, "CHAIRS").await, ["LISTING#1", "LISTING#2"]);
    assert_eq!(in_index(&client, "CHAIRS").await, ["LISTING#2"]);
    client.delete_item().table_name(TABLE).set_key(Some(key("LISTING#2"))).send().await.unwrap();
    stale();
    assert_eq!(in_index(&client, "CHAIRS").await, ["LISTING#2"]);
    assert!(in_index(&client, "CHAIRS").await.is_empty());
}
