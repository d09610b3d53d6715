//! Conditions and changes as values, and their one translation into DynamoDB's expressions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;

use crate::fault::{Fault, FaultKind};

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A truth value.
    Bool(bool),
    /// Anything, written beforehand by serde.
    Any(AttributeValue),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Text(moment.to_string())
    }
}

impl Value {
    /// Anything, as an entity's field would be written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn written<T: serde::Serialize>(value: &T) -> Result<Self, Fault> {
        serde_dynamo::to_attribute_value(value)
            .map(Self::Any)
            .map_err(|error| Fault::new(FaultKind::Corrupt, "write a value").with_source(error))
    }

    fn into_attribute(self) -> AttributeValue {
        match self {
            Self::Text(text) => AttributeValue::S(text),
            Self::Number(number) => AttributeValue::N(number.to_string()),
            Self::Bool(truth) => AttributeValue::Bool(truth),
            Self::Any(attribute) => attribute,
        }
    }
}

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// There is no such attribute, or no such item.
    Lacks(&'static str),
    /// The set has fewer members than this; an absent one has none.
    FewerThan(&'static str, u32),
    /// The attribute has this value.
    Is(&'static str, Value),
    /// The attribute is this much or more.
    AtLeast(&'static str, Value),
    /// The attribute is less than this, or earlier.
    Below(&'static str, Value),
    /// The attribute is this much or less, or not later.
    AtMost(&'static str, Value),
    /// The attribute is later, or more, than this.
    Above(&'static str, Value),
    /// All of them hold.
    All(Vec<Condition>),
    /// At least one of them holds.
    Any(Vec<Condition>),
}

/// One change of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Sets an attribute.
    Set(&'static str, Value),
    /// Adds to a number; an absent one counts as 0.
    Add(&'static str, i64),
    /// Removes an attribute.
    Remove(&'static str),
    /// Adds a text to a set of texts; an absent one is empty.
    Include(&'static str, String),
    /// Takes texts out of a set of texts, those that are in it.
    Exclude(&'static str, Vec<String>),
}

/// The placeholders of an expression. Attribute names always go through one, so no name can
/// collide with DynamoDB's 573 reserved words.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    pub(crate) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    pub(crate) fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.into_attribute());
        placeholder
    }

    pub(crate) fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Absent => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Present => format!("attribute_exists({})", self.name("pk")),
            Condition::Lacks(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::FewerThan(name, members) => {
                let (name, members) = (self.name(name), self.value(members.into()));
                format!("(attribute_not_exists({name}) OR size({name}) < {members})")
            }
            Condition::Is(name, value) => self.compare(name, "=", value),
            Condition::AtLeast(name, value) => self.compare(name, ">=", value),
            Condition::Below(name, value) => self.compare(name, "<", value),
            Condition::AtMost(name, value) => self.compare(name, "<=", value),
            Condition::Above(name, value) => self.compare(name, ">", value),
            Condition::All(conditions) => self.join(conditions, " AND "),
            Condition::Any(conditions) => self.join(conditions, " OR "),
        }
    }

    fn compare(&mut self, name: &str, operator: &str, value: Value) -> String {
        let name = self.name(name);
        let value = self.value(value);
        format!("{name} {operator} {value}")
    }

    fn join(&mut self, conditions: Vec<Condition>, with: &str) -> String {
        let mut parts: Vec<String> = conditions.into_iter().map(|c| self.condition(c)).collect();
        // DynamoDB refuses parentheses around parentheses.
        if parts.len() == 1 {
            return parts.pop().unwrap_or_default();
        }
        format!("({})", parts.join(with))
    }

    pub(crate) fn changes(&mut self, changes: Vec<Change>) -> String {
        let (mut set, mut add, mut remove, mut delete) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Set(name, value) => {
                    let (name, value) = (self.name(name), self.value(value));
                    set.push(format!("{name} = {value}"));
                }
                Change::Add(name, number) => {
                    let (name, value) = (self.name(name), self.value(Value::Number(number)));
                    add.push(format!("{name} {value}"));
                }
                Change::Remove(name) => remove.push(self.name(name)),
                Change::Include(name, text) => {
                    let (name, value) = (self.name(name), self.value(texts(vec![text])));
                    add.push(format!("{name} {value}"));
                }
                Change::Exclude(name, members) => {
                    let (name, value) = (self.name(name), self.value(texts(members)));
                    delete.push(format!("{name} {value}"));
                }
            }
        }
        [("SET", set), ("ADD", add), ("REMOVE", remove), ("DELETE", delete)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

const fn texts(members: Vec<String>) -> Value {
    Value::Any(AttributeValue::Ss(members))
}
