use aws_sdk_dynamodb::types::{Get, Put, ReturnConsumedCapacity, TransactGetItem, TransactWriteItem};
use engines::{Call, Engine, Engines, OPERATOR, REQUEST_HEADER, Units};

use crate::support::{TABLE, cloud, indexed, item, key, operator, put, text};

/// The units of the last call.
fn last(engines: &Engines) -> (Units, Units) {
    let call = engines.meter().since(0).pop().unwrap();
    (call.read_units, call.write_units)
}

/// An item of exactly so many bytes: names and values count (pk, sk and data: 8 bytes of names).
fn sized(pk: &str, bytes: usize) -> crate::support::Item {
    let others = ["pk", pk, "sk", "ITEM", "data"].concat().len();
    let data = "x".repeat(bytes.checked_sub(others).unwrap());
    item(&[("pk", pk), ("sk", "ITEM"), ("data", &data)])
}

#[tokio::test]
async fn writes_are_counted_per_started_kilobyte_twice_in_transactions_and_once_more_per_index() {
    let engines = cloud().await;
    let client = operator(&engines);
    put(&client, sized("A", 1_024)).await;
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(1)));
    put(&client, sized("B", 1_025)).await;
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(2)));
    put(&client, indexed("C", "CHAIRS")).await;
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(2)));
    let put_of = |item| {
        let put = Put::builder().table_name(TABLE).set_item(Some(item)).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    client.transact_write_items().transact_items(put_of(sized("D", 1_024))).send().await.unwrap();
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(2)));
    let two = client.transact_write_items().transact_items(put_of(key("E"))).transact_items(put_of(key("F")));
    two.send().await.unwrap();
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(4)));
}

#[tokio::test]
async fn reads_are_counted_per_started_four_kilobytes_half_when_eventual_and_twice_in_transactions() {
    let engines = cloud().await;
    let client = operator(&engines);
    put(&client, sized("A", 4_097)).await;
    let get = || client.get_item().table_name(TABLE).set_key(Some(key("A")));
    get().send().await.unwrap();
    assert_eq!(last(&engines), (Units::whole(1), Units::ZERO));
    get().consistent_read(true).send().await.unwrap();
    assert_eq!(last(&engines), (Units::whole(2), Units::ZERO));
    client.get_item().table_name(TABLE).set_key(Some(key("nothing"))).send().await.unwrap();
    assert_eq!(last(&engines), (Units::halves(1), Units::ZERO));
    let in_transaction = Get::builder().table_name(TABLE).set_key(Some(key("A"))).build().unwrap();
    let item = TransactGetItem::builder().get(in_transaction).build();
    client.transact_get_items().transact_items(item).send().await.unwrap();
    assert_eq!(last(&engines), (Units::whole(4), Units::ZERO));
}

#[tokio::test]
async fn the_caller_gets_the_report_only_when_it_asks() {
    let engines = cloud().await;
    let client = operator(&engines);
    let silent = client.put_item().table_name(TABLE).set_item(Some(key("A"))).send().await.unwrap();
    assert!(silent.consumed_capacity().is_none());
    let asked = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(indexed("B", "CHAIRS")))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.consumed_capacity().unwrap().capacity_units(), Some(2.0));
    assert_eq!(last(&engines), (Units::ZERO, Units::whole(2)));
}

#[tokio::test]
async fn a_call_is_recorded_with_who_made_it_for_which_request_and_what_it_needed() {
    let engines = cloud().await;
    let mark = engines.meter().next();
    let put = operator(&engines).put_item().table_name(TABLE).set_item(Some(key("USER#1")));
    put.customize()
        .mutate_request(|request| {
            request.headers_mut().insert(REQUEST_HEADER, "req-7");
        })
        .send()
        .await
        .unwrap();
    let calls: Vec<Call> = engines.meter().caused_by("req-7");
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.number, mark);
    assert_eq!((call.caller.as_str(), call.engine, call.operation.as_str()), (OPERATOR, Engine::Database, "PutItem"));
    assert_eq!(call.status, 200);
    assert_eq!(call.demands[0].action, "dynamodb:PutItem");
    assert_eq!(call.demands[0].leading_keys, Some(vec!["USER#1".to_owned()]));
    assert!(call.bytes_in > 0 && call.bytes_out > 0);
    let total = engines.meter().total_for(OPERATOR);
    assert_eq!((total.calls, total.write_units), (1, Units::whole(1)));
}

#[tokio::test]
async fn a_query_of_an_index_is_counted() {
    let engines = cloud().await;
    let client = operator(&engines);
    put(&client, indexed("A", "CHAIRS")).await;
    let query = client.query().table_name(TABLE).index_name("gsi1").key_condition_expression("gsi1pk = :p");
    query.expression_attribute_values(":p", text("CHAIRS")).send().await.unwrap();
    assert_eq!(last(&engines), (Units::halves(1), Units::ZERO));
}
