//! The table as a person reads it: its items, the ledger, and the stock.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use domain::ledger::{Posting, balances};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::store::{
    Kind,
    listings::{Listing, Stock},
};

use crate::{environment::TABLE, world::World};

type Answer<T> = Result<Json<T>, (StatusCode, String)>;

/// Which items are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// With this partition key; without it, all.
    pk: Option<String>,
}

/// Every item, or those of one partition, with plain values.
pub(super) async fn table(State(world): State<Arc<World>>, Query(wanted): Query<Wanted>) -> Answer<Value> {
    let mut items: Vec<Value> = items(&world)?;
    if let Some(pk) = &wanted.pk {
        items.retain(|item| item.get("pk").and_then(Value::as_str) == Some(pk));
    }
    items.sort_by_key(|item| (text(item, "pk"), text(item, "sk")));
    Ok(Json(json!({ "items": items })))
}

#[derive(Debug, Serialize)]
struct Balance {
    account: String,
    currency: &'static str,
    amount: String,
}

/// Every posting, the newest first, the sum of each account, and the sum of all, which is 0.
pub(super) async fn ledger(State(world): State<Arc<World>>) -> Answer<Value> {
    let mut postings: Vec<Posting> = of_kind(&world, Kind::POSTING)?;
    let sums = balances(&postings);
    let mut totals: BTreeMap<&str, i128> = BTreeMap::new();
    for ((_, currency), amount) in &sums {
        let total = totals.entry(currency).or_default();
        *total = total.saturating_add(*amount);
    }
    let accounts: Vec<Balance> = sums
        .iter()
        .map(|((account, currency), amount)| Balance {
            account: account.to_string(),
            currency,
            amount: amount.to_string(),
        })
        .collect();
    let is_balanced = totals.values().all(|total| *total == 0);
    let totals: BTreeMap<&str, String> = totals.into_iter().map(|(c, total)| (c, total.to_string())).collect();
    postings.sort_by_key(|posting| std::cmp::Reverse((posting.at(), posting.id().to_string())));
    Ok(Json(json!({ "postings": postings, "accounts": accounts, "totals": totals, "balanced": is_balanced })))
}

/// The stock of every variant, with the title of its listing and what was chosen.
pub(super) async fn stock(State(world): State<Arc<World>>) -> Answer<Value> {
    let listings: Vec<Listing> = of_kind(&world, Kind::LISTING)?;
    let stocks: Vec<Stock> = of_kind(&world, Kind::STOCK)?;
    let mut shown: Vec<StockShown> = stocks
        .into_iter()
        .map(|stock| {
            let listing = listings.iter().find(|listing| listing.id == stock.listing_id);
            let variant = listing.and_then(|listing| listing.variants.iter().find(|v| v.id == stock.variant_id));
            StockShown {
                title: listing.map(|listing| json!(listing.title)).unwrap_or_default(),
                option_values: variant.map_or_else(|| json!([]), |variant| json!(variant.option_values)),
                stock,
            }
        })
        .collect();
    shown.sort_by_key(|shown| (shown.title.to_string(), shown.stock.variant_id.to_string()));
    Ok(Json(json!({ "items": shown })))
}

#[derive(Debug, Serialize)]
struct StockShown {
    title: Value,
    option_values: Value,
    #[serde(flatten)]
    stock: Stock,
}

fn items(world: &World) -> Result<Vec<Value>, (StatusCode, String)> {
    let items = world.engines.database().items(TABLE);
    let items = items.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(items.iter().map(plain_item).collect())
}

fn of_kind<T: serde::de::DeserializeOwned>(world: &World, kind: Kind) -> Result<Vec<T>, (StatusCode, String)> {
    let of_kind = items(world)?.into_iter().filter(|item| text(item, "kind") == kind.as_str());
    of_kind
        .map(serde_json::from_value)
        .collect::<Result<_, _>>()
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("an item cannot be read: {error}")))
}

fn text(item: &Value, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// `{"pk": {"S": "…"}}` as `{"pk": "…"}`.
fn plain_item(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), plain(value))).collect())
}

fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|value| value.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "S" | "BOOL" | "B" | "SS" | "BS" => inner.clone(),
        "N" => inner.as_str().and_then(|number| serde_json::from_str(number).ok()).unwrap_or_default(),
        "L" => inner.as_array().map(|list| list.iter().map(plain).collect()).unwrap_or_default(),
        "M" => {
            let fields = inner.as_object().into_iter().flatten();
            Value::Object(fields.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
        }
        "NS" => {
            let numbers = inner.as_array().into_iter().flatten().filter_map(Value::as_str);
            numbers.filter_map(|number| serde_json::from_str::<Value>(number).ok()).collect()
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_shown_with_plain_values() {
        let item = json!({
            "pk": {"S": "A"}, "n": {"N": "12"}, "b": {"BOOL": true}, "z": {"NULL": true},
            "l": {"L": [{"S": "x"}, {"N": "1"}]}, "m": {"M": {"a": {"N": "2"}}}, "ns": {"NS": ["1", "2"]},
        });
        let expected = json!({
            "pk": "A", "n": 12, "b": true, "z": null, "l": ["x", 1], "m": {"a": 2}, "ns": [1, 2],
        });
        assert_eq!(plain_item(&item), expected);
    }
}
