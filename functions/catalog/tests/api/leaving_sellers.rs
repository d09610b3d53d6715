//! Sellers who leave, and what they offered.

use shared::store::listings::Listing;

use crate::steps::{assert_nothing_was_made, create, listed, plain, start};

#[tokio::test]
async fn attack_46_whoever_was_signed_out_everywhere_offers_nothing_more() {
    let app = start().await;
    let mina = app.user("mina").await;
    app.table().transaction().raise_epoch(mina.id, 0).commit().await.unwrap();
    let answer = create(&app, &mina, plain("Chair", "furniture"), "k").send().await;
    answer.assert_refused(401, "auth.sign_in_needed");
    assert_nothing_was_made(&app);
}

#[tokio::test]
async fn a_listing_whose_seller_withdraws_is_not_there_until_they_change_their_mind() {
    let app = start().await;
    let mina = app.user("mina").await;
    let made = listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    let [stored] = app.all::<Listing>().try_into().unwrap();
    let show = || app.get("catalog.get_listing").path("listing_id", stored.id).send();
    let count = async || app.get("catalog.list_listings").send().await.json()["items"].as_array().unwrap().len();
    app.table().close_listing(&stored).await.unwrap();
    show().await.assert_refused(404, "catalog.listing_not_found");
    assert_eq!(count().await, 0);
    app.table().reopen_listing(&stored).await.unwrap();
    assert_eq!((show().await.json(), count().await), (made, 1));
}
