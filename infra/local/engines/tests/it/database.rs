use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::timestamp::Seconds;
use engines::{Engines, EnginesConfig, TableSpec};
use serde_json::json;

use crate::support::{TABLE, cloud, exists, item, key, operator, put, table, text};

fn put_new(item: crate::support::Item) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

#[tokio::test]
async fn a_cancelled_transaction_tells_why_with_what_was_there_and_applies_nothing() {
    let engines = cloud().await;
    let client = operator(&engines);
    put(&client, item(&[("pk", "EMAIL#a"), ("sk", "ITEM"), ("owner", "mina")])).await;
    let refused = client
        .transact_write_items()
        .transact_items(put_new(key("USER#1")))
        .transact_items(put_new(key("EMAIL#a")))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_transaction_canceled_exception());
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(why) =
        refused
    else {
        unreachable!()
    };
    let codes: Vec<&str> = why.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(why.cancellation_reasons()[1].item().unwrap()["owner"], text("mina"));
    assert!(!exists(&client, "USER#1").await);
}

#[tokio::test]
async fn of_many_buyers_at_once_only_as_many_succeed_as_there_is_stock() {
    let engines = cloud().await;
    let client = operator(&engines);
    let stock = [key("STOCK#1"), std::collections::HashMap::from([("left".to_owned(), number(7))])];
    put(&client, stock.into_iter().flatten().collect()).await;
    let buyers: Vec<_> = (0..32)
        .map(|_| {
            let update = client
                .update_item()
                .table_name(TABLE)
                .set_key(Some(key("STOCK#1")))
                .update_expression("SET #l = #l - :one")
                .condition_expression("#l >= :one")
                .expression_attribute_names("#l", "left")
                .expression_attribute_values(":one", number(1));
            tokio::spawn(async move { update.send().await.is_ok() })
        })
        .collect();
    let mut bought = 0;
    for buyer in buyers {
        bought += u32::from(buyer.await.unwrap());
    }
    assert_eq!(bought, 7);
}

fn number(value: u32) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::N(value.to_string())
}

#[tokio::test]
async fn fifty_clouds_live_side_by_side_and_share_nothing() {
    let mut clouds = Vec::new();
    for number in 0..50 {
        let engines = cloud().await;
        put(&operator(&engines), key(&format!("CLOUD#{number}"))).await;
        clouds.push(engines);
    }
    for (number, engines) in clouds.iter().enumerate() {
        let items = engines.database().items(TABLE).unwrap();
        assert_eq!(items, [json!({"pk": {"S": format!("CLOUD#{number}")}, "sk": {"S": "ITEM"}})]);
    }
}

#[tokio::test]
async fn all_items_are_listed_over_many_pages() {
    let engines = cloud().await;
    let client = operator(&engines);
    let large = "x".repeat(300_000);
    for number in 0..8 {
        put(&client, item(&[("pk", &format!("BIG#{number}")), ("sk", "ITEM"), ("data", &large)])).await;
    }
    assert_eq!(engines.database().items(TABLE).unwrap().len(), 8);
    assert!(engines.database().items("no-such-table").is_err());
}

#[tokio::test]
async fn a_shut_down_cloud_answers_no_more() {
    let engines = cloud().await;
    let client = operator(&engines);
    put(&client, key("A")).await;
    engines.shutdown().await;
    assert!(client.get_item().table_name(TABLE).set_key(Some(key("A"))).send().await.is_err());
}

#[tokio::test]
async fn a_table_is_made_once_and_other_keys_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = crate::support::start(EnginesConfig::in_folder(folder.path())).await;
    first.database().create_table(&table()).unwrap();
    drop(first);
    let again = restarted(folder.path()).await;
    again.database().create_table(&table()).unwrap();
    let other = TableSpec::from_json(&json!({
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }))
    .unwrap();
    let refused = again.database().create_table(&other).unwrap_err();
    assert!(refused.to_string().contains("other keys"), "{refused}");
}

/// Opens the folder of a cloud that was dropped: its connections end a moment later.
pub(crate) async fn restarted(folder: &std::path::Path) -> Engines {
    Engines::start(EnginesConfig::in_folder(folder)).await.unwrap()
}

#[tokio::test]
async fn what_has_expired_is_swept_by_our_clock_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    for config in [EnginesConfig::in_memory(), EnginesConfig::in_folder(folder.path())] {
        let engines = crate::support::start(config).await;
        let client = operator(&engines);
        let expires = engines.clock().now().plus(Seconds(600)).seconds();
        let mut code = key("CODE#1");
        code.insert("ttl".to_owned(), aws_sdk_dynamodb::types::AttributeValue::N(expires.to_string()));
        put(&client, code).await;
        put(&client, key("USER#1")).await;
        assert_eq!(engines.database().sweep_ttl().unwrap(), 0);
        let _ = engines.clock().advance(Seconds(602));
        assert!(exists(&client, "CODE#1").await, "nothing expires by itself");
        assert_eq!(engines.database().sweep_ttl().unwrap(), 1);
        assert!(!exists(&client, "CODE#1").await);
        assert!(exists(&client, "USER#1").await);
        let records = engines.database().read_stream(TABLE, None, 100).unwrap();
        let swept = &records.last().unwrap().record;
        assert_eq!(swept["eventName"], "REMOVE");
        assert_eq!(swept["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
    }
}
