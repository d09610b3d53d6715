//! What a DynamoDB request needs, read from the request itself.
//!
//! The actions of each item of a transaction are those of the single calls; batches and queries
//! are actions of their own ("Using IAM with DynamoDB transactions", DynamoDB Developer Guide).

use std::collections::HashMap;

use serde_json::Value;

use super::Demand;

/// The partition key attributes of a table and of its indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableKeys {
    pub(crate) partition: String,
    pub(crate) indexes: HashMap<String, String>,
}

impl TableKeys {
    /// Reads them from the `CreateTable` input.
    pub(crate) fn of(spec: &Value) -> Self {
        let hash_key = |schema: &Value| {
            schema
                .get("KeySchema")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find(|element| text(element, "KeyType") == Some("HASH"))
                .and_then(|element| text(element, "AttributeName"))
                .unwrap_or_default()
                .to_owned()
        };
        let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .iter()
            .filter_map(|kind| spec.get(kind)?.as_array())
            .flatten()
            .filter_map(|index| Some((text(index, "IndexName")?.to_owned(), hash_key(index))))
            .collect();
        Self { partition: hash_key(spec), indexes }
    }

    /// The partition key attribute of the table, or of an index of it.
    fn attribute(&self, index: Option<&str>) -> Option<&str> {
        match index {
            None => Some(self.partition.as_str()),
            Some(index) => self.indexes.get(index).map(String::as_str),
        }
    }
}

/// Everything that the request needs. A request that cannot be understood needs an action that no
/// statement can give, so that only the operator's reaches the engine, which then says what is wrong.
pub(crate) fn demands_of(operation: &str, body: &Value, tables: &HashMap<String, TableKeys>) -> Vec<Demand> {
    let found = match operation {
        "TransactWriteItems" | "TransactGetItems" => of_transaction(body, tables),
        "BatchGetItem" | "BatchWriteItem" => of_batch(operation, body, tables),
        _ => of_single(operation, body, tables),
    };
    found
        .filter(|demands| !demands.is_empty())
        .unwrap_or_else(|| vec![Demand::new(format!("dynamodb:{operation}"), "not-understood")])
}

fn of_transaction(body: &Value, tables: &HashMap<String, TableKeys>) -> Option<Vec<Demand>> {
    let demand_of_item = |item: &Value| {
        let (kind, request) = item.as_object()?.iter().next()?;
        let action = match kind.as_str() {
            "Put" => "dynamodb:PutItem",
            "Update" => "dynamodb:UpdateItem",
            "Delete" => "dynamodb:DeleteItem",
            "ConditionCheck" => "dynamodb:ConditionCheckItem",
            "Get" => "dynamodb:GetItem",
            _ => return None,
        };
        let table = table_of(request)?;
        let attributes = request.get("Item").or_else(|| request.get("Key"))?;
        Some(Demand {
            leading_keys: tables.get(table).and_then(|keys| key_in(attributes, &keys.partition)).map(|key| vec![key]),
            ..Demand::new(action, format!("table/{table}"))
        })
    };
    body.get("TransactItems")?.as_array()?.iter().map(demand_of_item).collect()
}

fn of_batch(operation: &str, body: &Value, tables: &HashMap<String, TableKeys>) -> Option<Vec<Demand>> {
    let demand_of_table = |(table, request): (&String, &Value)| {
        let table = bare_name(table);
        let keys = tables.get(table).map(|keys| keys.partition.as_str()).unwrap_or_default();
        let items: Vec<&Value> = if operation == "BatchGetItem" {
            request.get("Keys")?.as_array()?.iter().collect()
        } else {
            let writes = request.as_array()?.iter();
            writes
                .filter_map(|write| write.pointer("/PutRequest/Item").or_else(|| write.pointer("/DeleteRequest/Key")))
                .collect()
        };
        Some(Demand {
            leading_keys: items.into_iter().map(|item| key_in(item, keys)).collect(),
            ..Demand::new(format!("dynamodb:{operation}"), format!("table/{table}"))
        })
    };
    body.get("RequestItems")?.as_object()?.iter().map(demand_of_table).collect()
}

fn of_single(operation: &str, body: &Value, tables: &HashMap<String, TableKeys>) -> Option<Vec<Demand>> {
    let table = table_of(body)?;
    let index = text(body, "IndexName");
    let resource = index.map_or_else(|| format!("table/{table}"), |index| format!("table/{table}/index/{index}"));
    let partition = tables.get(table).and_then(|keys| keys.attribute(index));
    let leading_keys = partition.and_then(|partition| match operation {
        "PutItem" => key_in(body.get("Item")?, partition).map(|key| vec![key]),
        "GetItem" | "UpdateItem" | "DeleteItem" => key_in(body.get("Key")?, partition).map(|key| vec![key]),
        "Query" => keys_of_condition(body, partition),
        _ => None,
    });
    Some(vec![Demand { leading_keys, ..Demand::new(format!("dynamodb:{operation}"), resource) }])
}

/// The values that a `KeyConditionExpression` gives to the partition key: `name = :value`, either
/// way round, with or without brackets and placeholders. Nothing when there is none.
fn keys_of_condition(body: &Value, partition: &str) -> Option<Vec<String>> {
    let expression = text(body, "KeyConditionExpression")?;
    let is_partition = |name: &str| {
        let name = if name.starts_with('#') {
            body.get("ExpressionAttributeNames").and_then(|names| text(names, name)).unwrap_or_default()
        } else {
            name
        };
        name == partition
    };
    let words = words_of(expression);
    let mut keys = Vec::new();
    for pair in words.windows(3) {
        let [left, operator, right] = pair else { continue };
        if operator != "=" {
            continue;
        }
        let placeholder = match (is_partition(left), is_partition(right)) {
            (true, _) => right,
            (_, true) => left,
            _ => continue,
        };
        keys.push(plain(body.get("ExpressionAttributeValues")?.get(placeholder)?)?);
    }
    (!keys.is_empty()).then_some(keys)
}

/// Splits an expression into names, placeholders and operators; brackets and commas separate.
fn words_of(expression: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in expression.chars() {
        let operator = matches!(character, '=' | '<' | '>');
        let separator = character.is_whitespace() || matches!(character, '(' | ')' | ',');
        let continues = word.chars().next_back().is_none_or(|last| matches!(last, '=' | '<' | '>') == operator);
        if (separator || !continues) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !separator {
            word.push(character);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn table_of(request: &Value) -> Option<&str> {
    text(request, "TableName").map(bare_name)
}

/// A table may be named by its ARN.
fn bare_name(name: &str) -> &str {
    name.rsplit_once(":table/").map_or(name, |(_, name)| name)
}

fn key_in(attributes: &Value, partition: &str) -> Option<String> {
    plain(attributes.get(partition)?)
}

/// The text of a key: a string, a number or base64.
fn plain(value: &Value) -> Option<String> {
    ["S", "N", "B"].iter().find_map(|kind| text(value, kind)).map(str::to_owned)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tables() -> HashMap<String, TableKeys> {
        let spec = json!({
            "TableName": "jangteo-table",
            "KeySchema": [{"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {"IndexName": "gsi1", "KeySchema": [{"AttributeName": "gsi1pk", "KeyType": "HASH"}]}],
        });
        HashMap::from([("jangteo-table".to_owned(), TableKeys::of(&spec))])
    }

    fn keys(operation: &str, body: Value) -> Option<Vec<String>> {
        let demands = demands_of(operation, &body, &tables());
        assert_eq!(demands.len(), 1);
        demands[0].leading_keys.clone()
    }

    #[test]
    fn a_query_is_understood_however_it_is_written() {
        let expressions = [
            "pk = :p",
            "#p=:p AND begins_with(sk, :s)",
            "(sk > :s) and (:p = pk)",
            "begins_with(#s, :s) AND (#p = :p)",
        ];
        for expression in expressions {
            let found = keys(
                "Query",
                json!({
                    "TableName": "jangteo-table", "KeyConditionExpression": expression,
                    "ExpressionAttributeNames": {"#p": "pk", "#s": "sk"},
                    "ExpressionAttributeValues": {":p": {"S": "USER#1"}, ":s": {"S": "pk"}},
                }),
            );
            assert_eq!(found, Some(vec!["USER#1".to_owned()]), "{expression}");
        }
    }

    #[test]
    fn a_query_that_does_not_name_the_partition_key_has_no_keys() {
        for expression in ["sk = :p", "pk > :p", "xpk = :p", "#q = :p", "pk = :missing", ""] {
            let body = json!({
                "TableName": "jangteo-table", "KeyConditionExpression": expression,
                "ExpressionAttributeNames": {"#q": "sk"}, "ExpressionAttributeValues": {":p": {"S": "USER#1"}},
            });
            assert_eq!(keys("Query", body), None, "{expression}");
        }
    }

    #[test]
    fn a_query_of_an_index_is_about_the_key_of_the_index() {
        let body = json!({
            "TableName": "arn:aws:dynamodb:ap-northeast-2:000000000000:table/jangteo-table", "IndexName": "gsi1",
            "KeyConditionExpression": "gsi1pk = :p", "ExpressionAttributeValues": {":p": {"S": "CATEGORY#1"}},
        });
        let demands = demands_of("Query", &body, &tables());
        assert_eq!(demands[0].resource, "table/jangteo-table/index/gsi1");
        assert_eq!(demands[0].leading_keys, Some(vec!["CATEGORY#1".to_owned()]));
    }

    #[test]
    fn every_item_of_a_transaction_is_a_demand_of_its_own() {
        let item = |key: &str| json!({"pk": {"S": key}, "sk": {"S": "X"}});
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "jangteo-table", "Item": item("A")}},
            {"Update": {"TableName": "jangteo-table", "Key": item("B")}},
            {"Delete": {"TableName": "jangteo-table", "Key": item("C")}},
            {"ConditionCheck": {"TableName": "jangteo-table", "Key": item("D")}},
        ]});
        let found: Vec<String> = demands_of("TransactWriteItems", &body, &tables())
            .into_iter()
            .map(|demand| format!("{} {}", demand.action, demand.leading_keys.unwrap_or_default().join(",")))
            .collect();
        let expected =
            ["dynamodb:PutItem A", "dynamodb:UpdateItem B", "dynamodb:DeleteItem C", "dynamodb:ConditionCheckItem D"];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_batch_is_one_demand_with_all_its_keys() {
        let body = json!({"RequestItems": {"jangteo-table": {"Keys": [{"pk": {"S": "A"}}, {"pk": {"N": "7"}}]}}});
        assert_eq!(keys("BatchGetItem", body), Some(vec!["A".to_owned(), "7".to_owned()]));
        let writes = json!({"RequestItems": {"jangteo-table": [
            {"PutRequest": {"Item": {"pk": {"S": "A"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "B"}}}}]}});
        assert_eq!(keys("BatchWriteItem", writes), Some(vec!["A".to_owned(), "B".to_owned()]));
    }

    #[test]
    fn what_cannot_be_understood_needs_what_nobody_has() {
        for body in [json!({}), json!([]), json!({"TransactItems": [{"Steal": {}}]}), json!({"TransactItems": []})] {
            let demands = demands_of("TransactWriteItems", &body, &tables());
            assert_eq!(demands[0].resource, "not-understood");
        }
    }
}
