//! The table itself: keys, indexes, stream, expiry. Written once; the template, the local cloud and
//! the tests all make their table from it.

use serde_json::{Value, json};

use crate::ground::kind::Index;

/// The properties of the table, as `CreateTable` and `AWS::DynamoDB::Table` both spell them, without
/// its name. Point-in-time recovery and deletion protection are added by the template: they change
/// nothing that code could see.
#[must_use]
pub fn table() -> Value {
    let mut attributes = vec![text("pk"), text("sk")];
    let mut indexes = Vec::new();
    for index in Index::ALL {
        attributes.extend([text(index.pk()), text(index.sk())]);
        indexes.push(json!({
            "IndexName": index.name(),
            "KeySchema": keys(index.pk(), index.sk()),
            "Projection": projection(index),
        }));
    }
    json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": indexes,
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
    })
}

fn text(name: &str) -> Value {
    json!({ "AttributeName": name, "AttributeType": "S" })
}

fn keys(pk: &str, sk: &str) -> Value {
    json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }])
}

/// Lists show cards, so a list is one read; what is due is looked up by its id. Every projected
/// attribute costs a write to the index whenever it changes.
fn projection(index: Index) -> Value {
    match index {
        Index::Gsi1 | Index::Gsi2 | Index::Gsi3 => {
            json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind", "v", "card"] })
        }
        Index::Due => json!({ "ProjectionType": "KEYS_ONLY" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_attribute_is_defined_once_and_nothing_else_is() {
        let table = table();
        let defined: Vec<&str> = table["AttributeDefinitions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["AttributeName"].as_str().unwrap())
            .collect();
        let mut used: Vec<&str> = vec!["pk", "sk"];
        for index in table["GlobalSecondaryIndexes"].as_array().unwrap() {
            used.extend(index["KeySchema"].as_array().unwrap().iter().map(|k| k["AttributeName"].as_str().unwrap()));
        }
        assert_eq!(defined, used);
        assert_eq!(used.len(), 2 + 2 * Index::ALL.len());
    }
}
