//! Signing up: who gets in, who does not, and that nobody gets in twice.

use domain::{
    Language,
    auth::{CodePurpose, Notice},
    ids::{EmailCodeId, Entropy},
    text::Email,
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::{
    secrets::SecretName,
    store::{
        outbox::Effect,
        users::{EmailOwner, NicknameOwner, Password, User},
    },
    tokens::{email_code::EmailProof, seal::SealKey},
};
use testkit::{PASSWORD, TestRequest, sweeps};

use crate::steps::{MINA, counted, proof_of, sign_in, sign_up, start};

#[tokio::test]
async fn a_proved_address_becomes_a_person_who_can_sign_in() {
    let app = start().await;
    let proof = proof_of(&app, "Mina@Example.com").await;
    let answer = sign_up(&app, &proof, "Mina", "key-1").language("ko").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let users = app.all::<User>();
    let [user] = users.as_slice() else { panic!("{users:?}") };
    assert_eq!(
        answer.json(),
        json!({ "user": {
            "id": user.id, "email": MINA, "nickname": "Mina", "roles": ["customer"], "language": "ko",
            "created_at": "2026-11-21T09:00:00.000Z", "picture": "/img/no-profile.svg", "second_factor": false,
                "email_deliverable": true,
            "location": null, "score": null,
        }})
    );
    assert!(app.all::<Password>()[0].hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!((app.all::<EmailOwner>().len(), app.all::<NicknameOwner>().len()), (1, 1));
    assert_eq!(answer.usage.password_hashes, 1);
    let effects: Vec<Effect> = app.outbox().into_iter().map(|event| event.effect).collect();
    let is_welcome = |effect: &&Effect| matches!(effect, Effect::MailNotice { to, what: Notice::Welcome, language: Language::Korean } if to.as_str() == MINA);
    assert_eq!(effects.iter().filter(is_welcome).count(), 1, "{effects:?}");
    // The try is counted, one unit. Six writes of two units each: address, nickname, person, password, mail, the remembered answer;
    // and the mail's place in the index.
    answer.assert_cost(2, 0, 28);
    assert_eq!(sign_in(&app, MINA, PASSWORD).send().await.status, 200);
}

#[tokio::test]
async fn the_language_of_the_request_goes_before_that_of_the_browser() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let body = json!({ "email_proof": proof, "nickname": "mina", "password": PASSWORD, "language": "en" });
    let answer = app.post("auth.sign_up").json(body).idempotency_key("k").language("ko").send().await;
    assert_eq!(answer.json()["user"]["language"], "en");
}

#[tokio::test]
async fn a_taken_address_or_nickname_is_refused_and_nothing_is_half_made() {
    let app = start().await;
    let mina = app.user("mina").await;
    let proof = proof_of(&app, mina.email.as_str()).await;
    sign_up(&app, &proof, "another", "a").send().await.assert_refused(409, "auth.email_taken");
    let proof = proof_of(&app, "ben@example.com").await;
    let answer = sign_up(&app, &proof, "MINA", "b").send().await;
    answer.assert_refused(409, "auth.nickname_taken");
    assert_eq!(answer.pointers(), ["/nickname"]);
    assert_eq!((app.all::<User>().len(), app.all::<EmailOwner>().len(), app.all::<NicknameOwner>().len()), (1, 1, 1));
    assert_eq!(sign_up(&app, &proof, "ben", "c").send().await.status, 201, "with another nickname");
}

#[tokio::test]
async fn attack_47_a_proof_pays_for_ten_hashes_and_no_more() {
    let app = start().await;
    app.user("taken").await;
    let proof = proof_of(&app, MINA).await;
    for n in 0..10 {
        let answer = sign_up(&app, &proof, "taken", &format!("key-{n}")).send().await;
        answer.assert_refused(409, "auth.nickname_taken");
        assert_eq!(answer.usage.password_hashes, 1);
    }
    let again = sign_up(&app, &proof, "mina", "key").send().await;
    again.assert_refused(401, "auth.email_proof_invalid");
    assert_eq!(again.usage.password_hashes, 0);
    app.advance(Seconds(60));
    let fresh = proof_of(&app, MINA).await;
    assert_eq!(sign_up(&app, &fresh, "mina", "key").send().await.status, 201, "another code, another proof");
}

#[tokio::test]
async fn attack_9_a_proof_that_is_forged_cut_or_over_proves_nothing() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let (start_of_it, end_of_it) = proof.split_at(proof.len() / 2);
    let content = EmailProof {
        email: Email::parse("victim@example.com").unwrap(),
        code: EmailCodeId::new(app.now(), Entropy([1; 10])),
        expires_at: app.now().plus(Seconds(60)),
    };
    let other_key = SealKey::new(&SealKey::generate().unwrap()).unwrap();
    let own_key = app.seal_key(SecretName::EmailCodeKey);
    let forged = content.seal(&other_key, CodePurpose::SignUp).unwrap();
    let swapped = format!("{}{end_of_it}", &forged[..start_of_it.len()]);
    let other_binding = own_key.seal(&["cursor", "sign_up"], &content).unwrap();
    let proofs = [
        String::new(),
        ".".to_owned(),
        start_of_it.to_owned(),
        end_of_it.to_owned(),
        format!("{proof}A"),
        proof[..proof.len() - 2].to_owned(),
        forged,
        swapped,
        other_binding,
        "x".repeat(10_000),
        "\u{0}".to_owned(),
    ];
    for wrong in proofs {
        let answer = sign_up(&app, &wrong, "mina", "key").send().await;
        answer.assert_refused(401, "auth.email_proof_invalid");
    }
    sign_up(&app, &proof, "mina", "key")
        .later(Seconds::minutes(30))
        .send()
        .await
        .assert_refused(401, "auth.email_proof_invalid");
    assert!(app.all::<User>().is_empty());
    assert_eq!(sign_up(&app, &proof, "mina", "key").later(Seconds(1_799)).send().await.status, 201);
}

#[tokio::test]
async fn attack_49_passwords_are_taken_or_refused_as_the_policy_says() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let with = |password: &str| {
        let body = json!({ "email_proof": proof, "nickname": "mina", "password": password });
        app.post("auth.sign_up").json(body).idempotency_key("k")
    };
    for refused in ["1234567", "", &"x".repeat(129), &"x".repeat(10_000), "abc\u{0}defgh"] {
        let answer = with(refused).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.pointers(), ["/password"]);
    }
    for common in ["password", "12345678", "QWERTYUIOP"] {
        let answer = with(common).send().await;
        answer.assert_refused(422, "auth.password_too_common");
        assert_eq!((answer.pointers(), answer.usage.password_hashes), (vec!["/password".to_owned()], 0));
    }
    with(&"x".repeat(1_000_000)).send().await.assert_refused(413, "request.too_large");
    assert_eq!(with("  cafe\u{301} 🐈 gato ").send().await.status, 201);
    assert_eq!(sign_in(&app, MINA, "  caf\u{e9} 🐈 gato ").send().await.status, 200, "composed otherwise");
    sign_in(&app, MINA, "caf\u{e9} 🐈 gato").send().await.assert_refused(401, "auth.bad_credentials");
}

#[tokio::test]
async fn of_many_who_want_one_nickname_at_once_one_gets_it() {
    let app = start().await;
    let mut requests: Vec<TestRequest<'_>> = Vec::new();
    for n in 0..8 {
        let proof = proof_of(&app, &format!("person{n}@example.com")).await;
        requests.push(sign_up(&app, &proof, if n % 2 == 0 { "mina" } else { "MINA" }, &format!("key-{n}")));
    }
    let answers = TestRequest::all_at_once(requests).await;
    assert_eq!(counted(&answers), [((201, String::new()), 1), ((409, "auth.nickname_taken".to_owned()), 7)].into());
    assert_eq!((app.all::<User>().len(), app.all::<Password>().len()), (1, 1));
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_what_stays_lost_can_be_sent_again() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let conflict = FaultRule::always(Engine::Database, FaultKind::TransactionConflict).on("TransactWriteItems");
    app.fail(vec![conflict.clone()]);
    let answer = sign_up(&app, &proof, "mina", "key").send().await;
    answer.assert_refused(409, "request.in_progress");
    assert_eq!(answer.retry_after_s(), Some(1));
    assert!(app.all::<User>().is_empty());
    app.fail(vec![conflict.times(3)]);
    let answer = sign_up(&app, &proof, "mina", "key").send().await;
    assert_eq!((answer.status, answer.usage.calls), (201, 5));
    assert_eq!(app.all::<User>().len(), 1);
}

#[tokio::test]
async fn attack_12_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let good = json!({ "email_proof": proof, "nickname": "mina", "password": PASSWORD, "language": "en" });
    sweeps::assert_takes_only_its_json(&app.post("auth.sign_up").idempotency_key("key"), &good).await;
    for (name, value) in [("roles", json!(["admin"])), ("email", json!("x@y.zz")), ("id", json!("usr_1"))] {
        let mut body = good.clone();
        body[name] = value;
        let answer = app.post("auth.sign_up").idempotency_key("key").json(body).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.pointers(), [format!("/{name}")]);
    }
    assert!(app.all::<User>().is_empty());
}

#[tokio::test]
async fn attack_13_69_the_password_is_in_no_answer_no_log_line_and_no_item() {
    let app = start().await;
    let proof = proof_of(&app, MINA).await;
    let answer = sign_up(&app, &proof, "mina", "key").send().await;
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!body.contains("argon2") && !body.contains(PASSWORD), "{body}");
    for hidden in [PASSWORD, "mina", &proof, "argon2"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
    for item in app.items() {
        assert!(!format!("{item:?}").contains(PASSWORD), "{item:?}");
    }
}
