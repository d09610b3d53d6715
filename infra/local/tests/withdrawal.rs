//! A person from the first code to the last trace: signs up, buys, sells, withdraws, and is erased,
//! through the endpoints alone, while the books of what they bought balance.

#![recursion_limit = "256"]

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::{
        Currency, Money,
        ledger::{Posting, balances},
        timestamp::Seconds,
    };
    use engines::toss::Card;
    use serde_json::{Value, json};
    use shared::store::{audit::AuditRow, orders::StoredOrder};
    use testkit::{TestAnswer, TestApp, TestRequest};

    const EMAIL: &str = "minakim@example.com";
    const PASSWORD: &str = "correct horse battery";
    /// What nobody but this person says.
    const MARKS: [&str; 5] = ["minakim", "Kim Mina", "01098765432", "Teheran", "37.497942"];

    async fn expect(request: TestRequest<'_>, status: u16) -> TestAnswer {
        let answer = request.send().await;
        assert_eq!(answer.status, status, "{:?}", answer.body);
        answer
    }

    /// Mail leaves with the schedule, once the stream has had its time.
    async fn deliver_mail(app: &TestApp) {
        app.advance(Seconds::minutes(2));
        app.run_job("notifications.sweep_outbox", json!({ "time": app.now() })).await.unwrap();
    }

    async fn sign_up(app: &TestApp, nickname: &str) {
        let ask = json!({ "email": EMAIL, "purpose": "sign_up" });
        expect(app.post("auth.send_email_code").json(ask), 202).await;
        deliver_mail(app).await;
        let code = app.mail_code(EMAIL).await;
        let guess = json!({ "email": EMAIL, "purpose": "sign_up", "code": code });
        let proof = expect(app.post("auth.verify_email_code").json(guess), 200).await.json()["email_proof"].clone();
        let person = json!({ "email_proof": proof, "nickname": nickname, "password": PASSWORD });
        let key = format!("sign-up-{nickname}-{}", app.now());
        expect(app.post("auth.sign_up").json(person).idempotency_key(&key), 201).await;
    }

    fn sign_in(app: &TestApp, cancel: bool) -> TestRequest<'_> {
        let body = json!({ "email": EMAIL, "password": PASSWORD, "cancel_withdrawal": cancel });
        app.post("auth.sign_in").json(body)
    }

    async fn token(app: &TestApp) -> String {
        expect(sign_in(app, false), 200).await.json()["access_token"].as_str().unwrap().to_owned()
    }

    fn shipping() -> Value {
        json!({
            "name": "Kim Mina", "phone": "010-9876-5432", "postcode": "06236", "address": "12 Teheran-ro",
            "address_detail": "4F", "memo": "Ask for Kim Mina.",
        })
    }

    fn lamp(title: &str) -> Value {
        json!({
            "kind": "sell", "title": title, "description": "Warm light.", "category_id": "lighting", "options": [],
            "variants": [{ "option_values": [], "price": { "amount": 28_000, "currency": "KRW" }, "stock": 5 }],
            "pictures": [],
        })
    }

    /// Says everything of themselves that a person can say.
    async fn furnish(app: &TestApp, token: &str) {
        let place = json!({
            "coordinates": { "latitude": "37.497942", "longitude": "127.027621" },
            "area": { "city": "Teheran", "district": null },
        });
        expect(app.put("users.set_location").bearer(token).json(json!({ "location": place })), 200).await;
        let address = json!({ "shipping": shipping(), "is_default": true });
        expect(app.post("users.add_address").bearer(token).json(address).idempotency_key("address"), 201).await;
        let upload = json!({ "purpose": "profile", "content_type": "image/jpeg", "size_bytes": 1_000 });
        expect(app.post("media.create_upload").bearer(token).json(upload).idempotency_key("upload"), 201).await;
        let listing = lamp("Lamp of minakim");
        expect(app.post("catalog.create_listing").bearer(token).json(listing).idempotency_key("listing"), 201).await;
        let ask = json!({ "email": EMAIL, "purpose": "confirm" });
        expect(app.post("auth.send_email_code").json(ask), 202).await;
        deliver_mail(app).await;
    }

    /// Buys a lamp and pays it; gives the order's id.
    async fn buy(app: &TestApp, token: &str) -> String {
        let seller = app.user("seller").await;
        let offer = app.post("catalog.create_listing").as_user(&seller).json(lamp("Oak lamp")).idempotency_key("oak");
        let listing = expect(offer, 201).await.json();
        let cart = json!({
            "lines": [{
                "listing_id": listing["id"], "variant_id": listing["variants"][0]["id"], "quantity": 1,
            }],
            "contact": { "name": "Kim Mina", "phone": "010-9876-5432", "email": EMAIL },
            "shipping": shipping(),
        });
        let checkout = app.post("checkout.create_checkout").bearer(token).json(cart).idempotency_key("checkout");
        let placed = expect(checkout, 201).await.json();
        let id = placed["checkout"]["orders"][0]["id"].as_str().unwrap().to_owned();
        let checkout_id = placed["checkout"]["id"].as_str().unwrap();
        let amount = placed["payment"]["amount"].clone();
        let won = Money::new(amount["amount"].as_i64().unwrap(), Currency::Krw).unwrap();
        let payment_key = app.toss().state().authenticated(checkout_id, won, Card::Approve).unwrap();
        let back = json!({ "checkout_id": checkout_id, "payment_key": payment_key, "amount": amount });
        let confirm = app.post("checkout.confirm_payment").bearer(token).json(back).idempotency_key("confirm");
        assert_eq!(expect(confirm, 200).await.json()["payment_state"], "paid");
        deliver_mail(app).await;
        id
    }

    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }

    /// Where anything of the person is found: kinds of items, and objects.
    fn traces(app: &TestApp) -> Vec<String> {
        let is_theirs = |text: &str| MARKS.iter().any(|mark| text.to_lowercase().contains(&mark.to_lowercase()));
        let items = app.items().into_iter().filter(|item| is_theirs(&format!("{item:?}")));
        let mut found: Vec<String> = items.map(|item| item.text("kind").unwrap_or_default().to_owned()).collect();
        let mut objects = Vec::new();
        files(app.engines().objects().folder(), &mut objects);
        for object in objects {
            let bytes = std::fs::read(&object).unwrap();
            if is_theirs(&object.display().to_string()) || is_theirs(&String::from_utf8_lossy(&bytes)) {
                found.push(object.display().to_string());
            }
        }
        found
    }

    fn books(app: &TestApp) -> (Vec<Posting>, Vec<AuditRow>) {
        let (mut postings, mut rows) = (app.all::<Posting>(), app.all::<AuditRow>());
        postings.sort_by_key(Posting::id);
        rows.sort_by_key(|row| (row.order_id, row.version));
        (postings, rows)
    }

    async fn withdraw(app: &TestApp, token: &str) -> TestAnswer {
        app.delete("users.delete_me").bearer(token).json(json!({ "current_password": PASSWORD })).send().await
    }

    async fn erase_due(app: &TestApp) {
        app.run_job("users.erase_withdrawn", json!({ "time": app.now() })).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_person_leaves_nothing_behind_and_the_books_balance() {
        let app = TestApp::start_all(&local::services::all()).await;
        sign_up(&app, "minakim").await;
        let access = token(&app).await;
        furnish(&app, &access).await;
        let order = buy(&app, &token(&app).await).await;
        let before: StoredOrder = app.table().get_order(order.parse().unwrap()).await.unwrap().unwrap();
        let (postings, rows) = books(&app);
        assert!(!postings.is_empty() && balances(&postings).values().sum::<i128>() == 0);
        let there = traces(&app);
        for kind in ["address", "email_owner", "listing", "nickname_owner", "order", "user"] {
            assert!(there.iter().any(|found| found == kind), "{kind}: {there:?}");
        }

        withdraw(&app, &token(&app).await).await.assert_refused(409, "users.withdrawal_hindered");
        // Nobody sends the lamp: after thirty days that holds up nobody any more.
        app.advance(Seconds::days(30));
        let access = token(&app).await;
        assert_eq!(withdraw(&app, &access).await.status, 202);
        deliver_mail(&app).await;
        erase_due(&app).await;
        let cards = expect(app.get("catalog.list_listings"), 200).await.json();
        assert_eq!(cards["items"].as_array().unwrap().len(), 1, "their listing left the list at once");
        sign_in(&app, false).send().await.assert_refused(409, "auth.account_withdrawing");

        app.advance(Seconds::days(7));
        erase_due(&app).await;
        app.run_job("media.sweep_grants", json!({ "time": app.now() })).await.unwrap();
        assert_eq!(traces(&app), [""; 0], "nothing is left");
        assert_eq!(books(&app), (postings, rows), "the books are untouched");
        let after = app.table().get_order(order.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((after.lines, after.total, after.status), (before.lines, before.total, before.status));
        sign_in(&app, true).send().await.assert_refused(401, "auth.bad_credentials");
        // Address and nickname are free again.
        sign_up(&app, "minakim").await;
        let back = expect(app.get("users.get_me").bearer(&token(&app).await), 200).await.json();
        assert_eq!((&back["location"], &back["nickname"]), (&Value::Null, &json!("minakim")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_changes_their_mind_finds_everything_as_it_was() {
        let app = TestApp::start_all(&local::services::all()).await;
        sign_up(&app, "minakim").await;
        let access = token(&app).await;
        furnish(&app, &access).await;
        let access = token(&app).await;
        let me = expect(app.get("users.get_me").bearer(&access), 200).await.json();
        let addresses = expect(app.get("users.list_addresses").bearer(&access), 200).await.json();
        assert_eq!(withdraw(&app, &access).await.status, 202);
        erase_due(&app).await;
        app.advance(Seconds::days(6));
        let back = expect(sign_in(&app, true), 200).await.json()["access_token"].as_str().unwrap().to_owned();
        erase_due(&app).await;
        assert_eq!(expect(app.get("users.get_me").bearer(&back), 200).await.json(), me);
        assert_eq!(expect(app.get("users.list_addresses").bearer(&back), 200).await.json(), addresses);
        let cards = expect(app.get("catalog.list_listings"), 200).await.json();
        assert_eq!(cards["items"].as_array().unwrap().len(), 1);
        deliver_mail(&app).await;
        let subjects: Vec<String> =
            app.engines().mailbox().list(Some(EMAIL)).into_iter().map(|mail| mail.subject).collect();
        assert!(subjects.iter().any(|subject| subject == "Your account stays"), "{subjects:?}");
        app.advance(Seconds::days(30));
        erase_due(&app).await;
        assert_eq!(sign_in(&app, false).send().await.status, 200);
    }
}
