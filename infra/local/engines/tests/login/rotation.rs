//! Keys come and go.

use engines::login::{OldKeys, Provider};
use serde_json::Value;

use crate::support::{Site, verify};

async fn keys(site: &Site, provider: Provider) -> Value {
    let address = site.discovery(provider).await["jwks_uri"].as_str().unwrap().to_owned();
    site.get(&address).await.json()
}

async fn token(site: &Site, provider: Provider) -> String {
    let tokens = site.tokens(provider, &site.at(provider).accounts()[0]).await;
    tokens["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_key_signs_and_the_old_one_still_counts_while_it_is_published() {
    let site = Site::open().await;
    for provider in Provider::ALL {
        let before = keys(&site, provider).await;
        let old = token(&site, provider).await;
        let new_id = site.at(provider).rotate_keys(OldKeys::Keep).unwrap();
        let new = token(&site, provider).await;
        assert!(verify(&before, &new).is_none(), "whoever knows the old keys only has to ask");
        let after = keys(&site, provider).await;
        assert_eq!(verify(&after, &new).unwrap().0["kid"], new_id);
        assert!(verify(&after, &old).is_some());
        site.at(provider).rotate_keys(OldKeys::Drop).unwrap();
        let last = keys(&site, provider).await;
        assert_eq!(last["keys"].as_array().unwrap().len(), 1);
        assert!(verify(&last, &old).is_none() && verify(&last, &new).is_none());
        assert!(verify(&last, &token(&site, provider).await).is_some());
    }
}

#[tokio::test]
async fn the_published_keys_have_the_members_of_a_key_for_rs256() {
    let site = Site::open().await;
    for (provider, length) in [(Provider::Google, 40), (Provider::Kakao, 30)] {
        let keys = keys(&site, provider).await;
        let key = &keys["keys"][0];
        assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&"RSA".into(), &"RS256".into(), &"sig".into()));
        assert_eq!((key["e"].as_str(), key["n"].as_str().map(str::len)), (Some("AQAB"), Some(342)), "2,048 bits");
        assert_eq!(key["kid"].as_str().map(str::len), Some(length));
        assert!(key.get("d").is_none() && key.as_object().unwrap().len() == 6, "the private half stays");
    }
}

#[tokio::test]
async fn the_first_key_is_the_same_at_every_start_and_a_later_one_is_not() {
    let (one, other) = (Site::open().await, Site::open().await);
    for provider in Provider::ALL {
        assert_eq!(one.at(provider).key_ids(), other.at(provider).key_ids());
        assert_ne!(
            one.at(provider).rotate_keys(OldKeys::Keep).unwrap(),
            other.at(provider).rotate_keys(OldKeys::Keep).unwrap()
        );
        assert_eq!(one.at(provider).key_ids().len(), 2);
    }
}

#[tokio::test]
async fn a_test_can_count_who_asked_for_the_keys() {
    let site = Site::open().await;
    assert_eq!(site.login.google().calls("jwks"), 0);
    for asked in 1..=3 {
        keys(&site, Provider::Google).await;
        assert_eq!(site.login.google().calls("jwks"), asked);
    }
    assert_eq!(site.login.kakao().calls("jwks"), 0);
}
