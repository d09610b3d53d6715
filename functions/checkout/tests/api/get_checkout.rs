//! Looking at a checkout: who sees it, what they see, and what nobody else learns.

use domain::{ids::CheckoutId, timestamp::Seconds};
use engines::toss::Card;
use serde_json::json;
use shared::random;
use testkit::{TestApp, TestRequest};

use crate::steps::{Placed, cart, checkout, confirm, lamp, line, pay, placed, start};

fn get<'a>(app: &'a TestApp, id: impl ToString) -> TestRequest<'a> {
    app.get("checkout.get_checkout").path("checkout_id", id)
}

fn secret_of(app: &TestApp, placed: &Placed) -> String {
    app.order_secrets().of(placed.checkout)
}

#[tokio::test]
async fn a_guest_sees_the_checkout_with_its_orders_by_the_secret_and_a_member_by_their_token() {
    let (app, seller) = start().await;
    let second = app.user("second").await;
    let mina = app.user("mina").await;
    let (one, two) = (lamp(&app, &seller, 20_000, 9).await, lamp(&app, &second, 10_000, 9).await);
    let body = cart(&[line(&one, 1), line(&two, 1)]);
    let answer = checkout(&app, &body, "guest").send().await;
    let of_guest = placed(&answer);
    let seen = get(&app, of_guest.checkout).header("order-secret", secret_of(&app, &of_guest)).send().await;
    assert_eq!((seen.status, seen.json()), (200, answer.json()["checkout"].clone()));
    // The payment, and its orders together.
    assert_eq!(seen.usage.calls, 2);
    assert_eq!(answer.json()["order_secret"], secret_of(&app, &of_guest));
    let answer = checkout(&app, &body, "member").as_user(&mina).send().await;
    let of_mina = placed(&answer);
    let seen = get(&app, of_mina.checkout).as_user(&mina).send().await;
    assert_eq!((seen.status, seen.json()), (200, answer.json()["checkout"].clone()));
    let payment_key = pay(&app, &of_mina, Card::Approve);
    confirm(&app, &of_mina, &payment_key).send().await;
    let paid = get(&app, of_mina.checkout).as_user(&mina).send().await.json();
    assert_eq!((&paid["status"], &paid["expires_at"]), (&json!("captured"), &json!(null)));
    assert_eq!(paid["orders"].as_array().unwrap().iter().filter(|order| order["status"] == "paid").count(), 2);
}

#[tokio::test]
async fn attack_1_2_3_whoever_may_not_see_a_checkout_gets_the_same_answer_as_for_none_at_all() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 9).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let body = cart(&[line(&goods, 1)]);
    let of_mina = placed(&checkout(&app, &body, "mina").as_user(&mina).send().await);
    let of_guest = placed(&checkout(&app, &body, "guest").send().await);
    let another = placed(&checkout(&app, &body, "another").send().await);
    let nowhere = CheckoutId::new(app.now(), random::entropy().unwrap());
    let secret = secret_of(&app, &of_guest);
    let with = |id: CheckoutId, secret: &str| get(&app, id).header("order-secret", secret);
    let told = |body: &[u8], id: &str| String::from_utf8(body.to_vec()).unwrap().replace(id, "…");
    let nothing = get(&app, nowhere).as_user(&mina).send().await;
    let expected = told(&nothing.body, nothing.header("x-request-id").unwrap());
    for (what, request) in [
        ("no such checkout", with(nowhere, &secret)),
        ("another member's", get(&app, of_mina.checkout).as_user(&ben)),
        ("a guest's, as a member", get(&app, of_guest.checkout).as_user(&mina)),
        ("a wrong secret", with(of_guest.checkout, "banana")),
        ("the secret of another", with(another.checkout, &secret)),
        ("a member's by its secret", with(of_mina.checkout, &secret_of(&app, &of_mina))),
        ("a member of another with a wrong secret", with(of_guest.checkout, "banana").as_user(&mina)),
    ] {
        let answer = request.send().await;
        answer.assert_refused(404, "checkout.not_found");
        assert_eq!(told(&answer.body, answer.header("x-request-id").unwrap()), expected, "{what}");
    }
    assert_eq!(with(of_guest.checkout, &secret).as_user(&mina).send().await.status, 200);
    get(&app, of_guest.checkout).send().await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn attack_2_76_wrong_secrets_are_counted_have_nothing_looked_up_and_never_refuse_the_right_one() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 9).await;
    let of_guest = placed(&checkout(&app, &cart(&[line(&goods, 1)]), "guest").send().await);
    for number in 0..20 {
        let wrong = get(&app, of_guest.checkout).header("order-secret", format!("banana-{number}")).send().await;
        wrong.assert_refused(404, "checkout.not_found");
        wrong.assert_cost(1, 0, 2);
    }
    let wrong = get(&app, of_guest.checkout).header("order-secret", "banana").send().await;
    wrong.assert_refused(429, "orders.too_many_wrong_secrets");
    let right = get(&app, of_guest.checkout).header("order-secret", secret_of(&app, &of_guest));
    assert_eq!(right.later(Seconds(1)).send().await.status, 200);
}
