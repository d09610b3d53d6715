//! Demo data: two shops with six listings, made through the API as people would make them, with the
//! codes from the mailbox and pictures that are drawn here.
//!
//! Done again, it makes only what is missing.

mod client;
mod goods;
mod painting;

use serde_json::{Value, json};

pub use self::client::DemoError;
use self::{
    client::Client,
    goods::{Good, SHOPS, Shop},
};
use crate::cloud::Cloud;

/// The password of both shops. It opens nothing but this machine's own play shops.
const PASSWORD: &str = "lamp over the old market";

/// Fills the marketplace, if that was not done before, and tells how to sign in.
///
/// # Errors
/// When the API answers something else than the demo needs.
pub async fn fill(cloud: &Cloud) -> Result<String, DemoError> {
    let client = Client::new(cloud);
    let mut made = 0_usize;
    for shop in &SHOPS {
        let token = sign_in(&client, shop).await?;
        let there = titles(&client, shop).await?;
        for good in shop.goods.iter().filter(|good| !there.iter().any(|title| title == good.title)) {
            list(&client, cloud, good, &token).await?;
            made = made.saturating_add(1);
        }
    }
    let people: Vec<String> = SHOPS.iter().map(|shop| format!("  {}", shop.email)).collect();
    Ok(format!(
        "Demo: {made} listings made. Sign in at {}/sign-in with one of\n{}\nand the password: {PASSWORD}",
        cloud.origin(),
        people.join("\n"),
    ))
}

/// A token for the shop's keeper, who signs up first when nobody knows them yet.
async fn sign_in(client: &Client, shop: &Shop) -> Result<String, DemoError> {
    let credentials = json!({"email": shop.email, "password": PASSWORD});
    let (status, answer) = client.post("/auth/sign-in", &credentials, None, None).await?;
    if status == 200 {
        return text(&answer, "/access_token");
    }
    sign_up(client, shop).await?;
    let answer = client.make("/auth/sign-in", &credentials, None, None).await?;
    text(&answer, "/access_token")
}

async fn sign_up(client: &Client, shop: &Shop) -> Result<(), DemoError> {
    client.make("/auth/email-codes", &json!({"email": shop.email, "purpose": "sign_up"}), None, None).await?;
    let code = client.code_for(shop.email).await?;
    let proof = json!({"email": shop.email, "purpose": "sign_up", "code": code});
    let answer = client.make("/auth/email-codes/verify", &proof, None, None).await?;
    let person = json!({
        "email_proof": text(&answer, "/email_proof")?,
        "nickname": shop.nickname,
        "password": PASSWORD,
        "language": "ko",
    });
    client.make("/auth/sign-up", &person, None, Some(&format!("demo-{}", shop.email))).await?;
    Ok(())
}

/// The titles of what the shop offers already.
async fn titles(client: &Client, shop: &Shop) -> Result<Vec<String>, DemoError> {
    let mut titles = Vec::new();
    let mut address = "/listings?limit=100".to_owned();
    loop {
        let page = client.get(&address, None).await?;
        for card in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            if card.get("seller_nickname").and_then(Value::as_str) == Some(shop.nickname) {
                titles.push(text(card, "/title")?);
            }
        }
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(cursor) => address = format!("/listings?limit=100&cursor={cursor}"),
            None => return Ok(titles),
        }
    }
}

async fn list(client: &Client, cloud: &Cloud, good: &Good, token: &str) -> Result<(), DemoError> {
    let picture = upload(client, cloud, good, token).await?;
    let variants: Vec<Value> = good
        .variants
        .iter()
        .map(|(values, won, stock)| {
            json!({"option_values": values, "price": {"amount": won, "currency": "KRW"}, "stock": stock})
        })
        .collect();
    let options: Vec<Value> =
        good.options.iter().map(|(name, values)| json!({"name": name, "values": values})).collect();
    let listing = json!({
        "kind": "sell",
        "title": good.title,
        "description": good.description,
        "category_id": good.category,
        "currency": "KRW",
        "options": options,
        "variants": variants,
        "pictures": [picture],
    });
    client.make("/listings", &listing, Some(token), Some(&format!("demo-{picture}"))).await?;
    Ok(())
}

/// Draws the picture, uploads it, waits until it was looked at, and tells its id.
async fn upload(client: &Client, cloud: &Cloud, good: &Good, token: &str) -> Result<String, DemoError> {
    let picture = painting::jpeg(good.motif)?;
    let asked = json!({"purpose": "listing", "content_type": "image/jpeg", "size_bytes": picture.len()});
    let key = format!("demo-{}", shared::random::bytes::<8>().map(u64::from_be_bytes).unwrap_or_default());
    let grant = client.make("/media/uploads", &asked, Some(token), Some(&key)).await?;
    let media_id = text(&grant, "/media_id")?;
    client.put(&grant, picture).await?;
    cloud.quiet().await;
    let media = client.get(&format!("/media/{media_id}"), Some(token)).await?;
    if media.get("state").and_then(Value::as_str) == Some("ready") {
        Ok(media_id)
    } else {
        Err(DemoError::Answer(format!("the picture of {} was not taken: {media}", good.title)))
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String, DemoError> {
    let found = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| DemoError::Answer(format!("{pointer} is missing in {answer}")))
}
