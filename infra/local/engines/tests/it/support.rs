//! One cloud per test, and clients that sign with the access key of a function.

use std::collections::HashMap;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::AttributeValue,
};
use engines::{Engines, EnginesConfig, OPERATOR, TableSpec};
use serde_json::{Value, json};

pub(crate) const TABLE: &str = "jangteo-table";
pub(crate) const BUCKET: &str = "jangteo-uploads";

/// The marketplace's kind of table, as a template would say it.
pub(crate) fn table() -> TableSpec {
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let names = ["pk", "sk", "gsi1pk", "gsi1sk"];
    let attributes: Vec<Value> =
        names.iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect();
    TableSpec::from_json(&json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        "GlobalSecondaryIndexes": [{
            "IndexName": "gsi1",
            "KeySchema": [key("gsi1pk", "HASH"), key("gsi1sk", "RANGE")],
            "Projection": {"ProjectionType": "ALL"},
        }],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
    }))
    .unwrap()
}

pub(crate) async fn start(config: EnginesConfig) -> Engines {
    let engines = Engines::start(EnginesConfig { buckets: vec![BUCKET.to_owned()], ..config }).await.unwrap();
    engines.database().create_table(&table()).unwrap();
    engines
}

pub(crate) async fn cloud() -> Engines {
    start(EnginesConfig::in_memory()).await
}

fn credentials(access_key: &str, secret: &str) -> Credentials {
    Credentials::new(access_key, secret, None, None, "local")
}

macro_rules! client {
    ($name:ident, $at:ident, $sdk:ident, $($more:tt)*) => {
        pub(crate) fn $name(engines: &Engines, access_key: &str) -> $sdk::Client {
            $at(&engines.aws_url(), access_key, engines.permissions().secret())
        }

        pub(crate) fn $at(url: &str, access_key: &str, secret: &str) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("ap-northeast-2"))
                .credentials_provider(credentials(access_key, secret))
                .endpoint_url(url)
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .retry_config(RetryConfig::disabled())
                $($more)*
                .build();
            $sdk::Client::from_conf(config)
        }
    };
}

client!(dynamodb, dynamodb_at, aws_sdk_dynamodb,);
client!(s3, s3_at, aws_sdk_s3, .force_path_style(true));
client!(ses, ses_at, aws_sdk_sesv2,);
client!(ssm, ssm_at, aws_sdk_ssm,);

pub(crate) fn operator(engines: &Engines) -> aws_sdk_dynamodb::Client {
    dynamodb(engines, OPERATOR)
}

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn item(attributes: &[(&str, &str)]) -> Item {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()
}

pub(crate) fn key(pk: &str) -> Item {
    item(&[("pk", pk), ("sk", "ITEM")])
}

pub(crate) fn indexed(pk: &str, gsi1pk: &str) -> Item {
    item(&[("pk", pk), ("sk", "ITEM"), ("gsi1pk", gsi1pk), ("gsi1sk", pk)])
}

pub(crate) async fn put(client: &aws_sdk_dynamodb::Client, item: Item) {
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
}

pub(crate) async fn exists(client: &aws_sdk_dynamodb::Client, pk: &str) -> bool {
    let found = client.get_item().table_name(TABLE).set_key(Some(key(pk))).consistent_read(true).send().await.unwrap();
    found.item.is_some()
}

/// The partition keys that a query of the index answers with, in its order.
pub(crate) async fn in_index(client: &aws_sdk_dynamodb::Client, gsi1pk: &str) -> Vec<String> {
    let found = client
        .query()
        .table_name(TABLE)
        .index_name("gsi1")
        .key_condition_expression("gsi1pk = :p")
        .expression_attribute_values(":p", text(gsi1pk))
        .send()
        .await
        .unwrap();
    found.items().iter().map(|item| item["pk"].as_s().unwrap().clone()).collect()
}
