//! Tables: made from the very properties that the template gives to CloudFormation.

use std::sync::PoisonError;

use serde_json::{Map, Value, json};

use super::{Database, parse};
use crate::{EngineError, permissions::TableKeys};

/// What a table is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSpec {
    create: Map<String, Value>,
    ttl_attribute: Option<String>,
}

/// What `CreateTable` and `AWS::DynamoDB::Table` both know.
const SHARED: [&str; 7] = [
    "TableName",
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
];

/// What changes nothing that a local engine could show.
const IGNORED: [&str; 8] = [
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "Tags",
    "DeletionProtectionEnabled",
    "TableClass",
    "ContributorInsightsSpecification",
    "OnDemandThroughput",
    "KinesisStreamSpecification",
];

impl TableSpec {
    /// Reads the input of `CreateTable`, or the properties of `AWS::DynamoDB::Table` with its
    /// `TimeToLiveSpecification` and its `StreamSpecification` without `StreamEnabled`.
    ///
    /// # Errors
    /// When a property is not known here, so that the template cannot say something that the local
    /// cloud silently leaves out.
    pub fn from_json(properties: &Value) -> Result<Self, EngineError> {
        let properties =
            properties.as_object().ok_or_else(|| EngineError::Table("a table is a JSON object".to_owned()))?;
        let mut spec = Self { create: Map::new(), ttl_attribute: None };
        for (name, value) in properties {
            match name.as_str() {
                known if SHARED.contains(&known) => {
                    spec.create.insert(name.clone(), value.clone());
                }
                "StreamSpecification" => {
                    let mut stream = value.clone();
                    if let Some(stream) = stream.as_object_mut() {
                        stream.entry("StreamEnabled").or_insert(Value::Bool(true));
                    }
                    spec.create.insert(name.clone(), stream);
                }
                "TimeToLiveSpecification" => {
                    let enabled = value.get("Enabled").and_then(Value::as_bool).unwrap_or(false);
                    let attribute = value.get("AttributeName").and_then(Value::as_str);
                    spec.ttl_attribute = attribute.filter(|_| enabled).map(str::to_owned);
                }
                ignored if IGNORED.contains(&ignored) => {}
                other => return Err(EngineError::Table(format!("the local database does not know {other}"))),
            }
        }
        Ok(spec)
    }

    /// The same table under another name; the local cloud names what CloudFormation would.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.create.insert("TableName".to_owned(), Value::String(name.to_owned()));
        self
    }

    /// The name of the table, when the properties give one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.create.get("TableName")?.as_str()
    }
}

impl Database {
    /// Makes the table, or finds it there from an earlier run with the same keys and indexes.
    ///
    /// # Errors
    /// When the properties are refused by the engine, or a table of that name with other keys or
    /// indexes is there: start with an empty data folder then.
    pub fn create_table(&self, spec: &TableSpec) -> Result<(), EngineError> {
        let name = spec.name().ok_or_else(|| EngineError::Table("the table has no name".to_owned()))?.to_owned();
        let wanted = Value::Object(spec.create.clone());
        let existing = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        match existing {
            Some(existing) if shape(&existing) == shape(&wanted) => self.set_view(&name, &existing, &wanted)?,
            Some(_) => {
                return Err(EngineError::Table(format!(
                    "the data folder has a table {name} with other keys or indexes: start with an empty one"
                )));
            }
            None => {
                let request = parse(wanted.clone())?;
                self.inner.engine.create_table(request).map_err(EngineError::database)?;
            }
        }
        self.set_ttl(&name, spec.ttl_attribute.as_deref())?;
        self.remember(name, wanted);
        Ok(())
    }

    /// A stream that an earlier version made may have other images: it is switched off and on again, which
    /// keeps its records.
    fn set_view(&self, table: &str, existing: &Value, wanted: &Value) -> Result<(), EngineError> {
        let Some(stream) = wanted.get("StreamSpecification") else { return Ok(()) };
        let view = |spec: &Value| spec.pointer("/StreamSpecification/StreamViewType").cloned();
        if view(existing) == view(wanted) {
            return Ok(());
        }
        if view(existing).is_some() {
            let off = json!({"TableName": table, "StreamSpecification": {"StreamEnabled": false}});
            self.inner.engine.update_table(parse(off)?).map_err(EngineError::database)?;
        }
        let on = json!({"TableName": table, "StreamSpecification": stream});
        self.inner.engine.update_table(parse(on)?).map_err(EngineError::database)?;
        Ok(())
    }

    fn set_ttl(&self, table: &str, attribute: Option<&str>) -> Result<(), EngineError> {
        let engine = &self.inner.engine;
        let described =
            engine.describe_time_to_live(parse(json!({"TableName": table}))?).map_err(EngineError::database)?;
        let described = serde_json::to_value(&described).map_err(EngineError::database)?;
        let enabled =
            described.pointer("/TimeToLiveDescription/TimeToLiveStatus").and_then(Value::as_str) == Some("ENABLED");
        if let Some(attribute) = attribute.filter(|_| !enabled) {
            let specification = json!({"AttributeName": attribute, "Enabled": true});
            let request = json!({"TableName": table, "TimeToLiveSpecification": specification});
            engine.update_time_to_live(parse(request)?).map_err(EngineError::database)?;
        }
        Ok(())
    }

    /// A file has its tables already, before anybody asks for them.
    pub(super) fn remember_existing_tables(&self) -> Result<(), EngineError> {
        let engine = &self.inner.engine;
        let listed = engine.list_tables(parse(json!({}))?).map_err(EngineError::database)?;
        let listed = serde_json::to_value(&listed).map_err(EngineError::database)?;
        let names = listed.get("TableNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in names {
            let described = engine.describe_table(parse(json!({"TableName": name}))?).map_err(EngineError::database)?;
            let mut described = serde_json::to_value(&described).map_err(EngineError::database)?;
            let table = described.get_mut("Table").map(Value::take).unwrap_or_default();
            self.remember(name.to_owned(), table);
        }
        Ok(())
    }

    fn remember(&self, name: String, spec: Value) {
        let keys = TableKeys::of(&spec);
        self.inner.keys.write().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), keys);
        self.inner.tables.write().unwrap_or_else(PoisonError::into_inner).insert(name, spec);
    }

    /// The table as `CreateTable` input, without its stream: what a copy of it is made from.
    pub(super) fn spec_of_copy(&self, table: &str) -> Option<Value> {
        let tables = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner);
        let spec = tables.get(table)?.as_object()?;
        let mut copy: Map<String, Value> = spec
            .iter()
            .filter(|(name, _)| SHARED.contains(&name.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        copy.remove("ProvisionedThroughput");
        copy.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
        for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            for index in copy.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(index) = index.as_object_mut() {
                    index.retain(|name, _| matches!(name.as_str(), "IndexName" | "KeySchema" | "Projection"));
                }
            }
        }
        Some(Value::Object(copy))
    }
}

/// What may not differ between the table that is there and the one that is wanted.
fn shape(spec: &Value) -> Vec<(String, Value, Value)> {
    let mut shape = vec![(String::new(), spec.get("KeySchema").cloned().unwrap_or_default(), Value::Null)];
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for index in spec.get(kind).and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| index.get(name).cloned().unwrap_or_default();
            let name = field("IndexName").as_str().unwrap_or_default().to_owned();
            shape.push((name, field("KeySchema"), field("Projection")));
        }
    }
    shape.sort_by(|a, b| a.0.cmp(&b.0));
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_properties_of_the_template_become_a_table() {
        let spec = TableSpec::from_json(&json!({
            "KeySchema": [], "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
        }))
        .unwrap()
        .named("jangteo-table");
        assert_eq!(spec.name(), Some("jangteo-table"));
        assert_eq!(spec.ttl_attribute.as_deref(), Some("ttl"));
        assert_eq!(spec.create["StreamSpecification"]["StreamEnabled"], json!(true));
        assert!(!spec.create.contains_key("PointInTimeRecoverySpecification"));
    }

    #[test]
    fn a_property_that_the_local_database_does_not_know_is_refused() {
        let error = TableSpec::from_json(&json!({"TableName": "t", "ResourcePolicy": {}})).unwrap_err();
        assert!(error.to_string().contains("ResourcePolicy"), "{error}");
        assert!(TableSpec::from_json(&json!([])).is_err());
    }
}
