//! Effects that the stream brings: each happens, in the right words, and once however often it
//! comes. What goes wrong with one: `faults`.

use domain::{Language, auth::Notice, ids::OrderId, orders::order_number, text::Email, timestamp::Seconds};
use engines::FaultKind;
use serde_json::{Value, json};
use shared::{
    api::job::JobReport,
    random,
    store::outbox::{Effect, EffectState, LEASE},
};
use testkit::KilledAfter;

use crate::steps::{
    DELIVER, code, deliver, mail_fails, mails, paid, paid_by_guest, records, start, states, sweep, write,
};

const MINA: &str = "mina@example.com";

#[tokio::test]
async fn a_guest_is_mailed_the_paid_order_with_a_link_whose_secret_no_server_sees() {
    let app = start().await;
    let order = paid_by_guest(&app, MINA).await;
    let (report, usage) = app.run_job(DELIVER, json!({ "Records": records(&app) })).await.unwrap();
    assert_eq!(report, JobReport::default());
    // The effect is taken, address and order are read, and what became of it is noted.
    assert_eq!((usage.calls, usage.read_half_units, usage.write_half_units), (4, 4, 6));
    let mailbox = app.engines().mailbox().list(None);
    let [mail] = mailbox.as_slice() else { panic!("{mailbox:?}") };
    assert_eq!(
        (mail.to.as_slice(), mail.from.as_str()),
        ([MINA.to_owned()].as_slice(), "Jangteo <no-reply@shop.test>")
    );
    assert_eq!(mail.subject, "Your order is paid");
    let link = format!("http://shop.test/order.html?id={}#secret={}", order.id, app.secret_of(&order));
    assert!(mail.text.contains(&link) && mail.html.contains(&format!("href=\"{link}\"")), "{}", mail.text);
    let number = order_number(order.id, order.placed_at);
    for part in ["Oak desk lamp", "× 2", "₩27,000", number.as_str()] {
        assert!(mail.text.contains(part) && mail.html.contains(part), "{part}: {}", mail.text);
    }
    assert_eq!(states(&app), [(EffectState::Done, 1)]);
    assert!(!app.items().iter().any(|item| item.is(shared::store::Kind::OUTBOX_EVENT) && item.text("duepk").is_some()));
}

#[tokio::test]
async fn once_a_mail_has_left_or_was_given_up_nothing_says_whom_it_was_for() {
    let app = start().await;
    let order = paid_by_guest(&app, MINA).await;
    deliver(&app, &records(&app)).await;
    // An order that is not there: its mail is given up.
    let gone = OrderId::new(app.now(), random::entropy().unwrap());
    let to = Email::parse("ben@example.com").unwrap();
    write(&app, Effect::MailOrderPaid { to, order_id: gone, language: Language::English }).await;
    deliver(&app, &records(&app)).await;
    assert_eq!(states(&app).len(), 2, "{}", order.id);
    for item in app.items().into_iter().filter(|item| item.is(shared::store::Kind::OUTBOX_EVENT)) {
        assert_eq!(item.text("to"), Some("erased@erased.invalid"), "{item:?}");
    }
}

#[tokio::test]
async fn a_member_is_mailed_in_their_language_and_their_link_needs_no_secret() {
    let app = start().await;
    let mina = app.user("mina").await;
    let order = paid(&app, Some(mina.id), MINA, Language::Korean, "참나무 조명").await;
    deliver(&app, &records(&app)).await;
    let mail = app.engines().mailbox().list(Some(MINA)).remove(0);
    assert_eq!(mail.subject, "주문이 결제되었습니다");
    assert!(mail.html.contains("lang=\"ko\"") && mail.text.contains("참나무 조명"));
    assert!(mail.text.contains(&format!("http://shop.test/order.html?id={}\n", order.id)), "{}", mail.text);
    assert!(!mail.text.contains("secret") && !mail.html.contains(&app.secret_of(&order)));
}

#[tokio::test]
async fn a_code_is_mailed_to_its_address_in_the_right_language_with_the_right_digits() {
    let app = start().await;
    let english = code(&app, MINA, Language::English).await;
    let korean = code(&app, "ben@example.com", Language::Korean).await;
    deliver(&app, &records(&app)).await;
    for (to, digits, subject, tag) in
        [(MINA, &english, "Your Jangteo code", "en"), ("ben@example.com", &korean, "장터 인증번호", "ko")]
    {
        let [mail] = app.engines().mailbox().list(Some(to)).try_into().unwrap();
        assert_eq!(mail.subject, subject);
        assert!(mail.text.contains(digits.as_str()) && mail.html.contains(digits.as_str()), "{}", mail.text);
        assert!(mail.html.contains(&format!("lang=\"{tag}\"")));
    }
    // Attack 53, 69: the digits are stored nowhere.
    let stored = app.engines().database().items(&app.config().table).unwrap();
    let texts = stored.iter().flat_map(|item| item.as_object().unwrap().values()).map(Value::to_string);
    assert!(!texts.into_iter().any(|text| text == format!("{{\"S\":\"{english}\"}}")));
}

#[tokio::test]
async fn delivered_again_and_again_it_is_one_mail() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let all = records(&app);
    for _ in 0..3 {
        assert_eq!(deliver(&app, &all).await, JobReport::default());
    }
    let twice_in_one_batch = [all.clone(), all.clone()].concat();
    deliver(&app, &twice_in_one_batch).await;
    assert_eq!((mails(&app, MINA), states(&app)), (1, vec![(EffectState::Done, 1)]));
    // Nor does the sweep find anything.
    app.advance(Seconds::days(1));
    assert_eq!(sweep(&app).await.unwrap(), 2);
    assert_eq!(mails(&app, MINA), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivered_8_times_at_once_it_is_one_mail() {
    let app = start().await;
    let addresses: Vec<String> = (0..5).map(|n| format!("person{n}@example.com")).collect();
    for to in &addresses {
        paid_by_guest(&app, to).await;
    }
    let all = records(&app);
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
        deliver(&app, &all),
    );
    for report in [a, b, c, d, e, f, g, h] {
        assert_eq!(report, JobReport::default());
    }
    assert!(addresses.iter().all(|to| mails(&app, to) == 1));
    assert!(states(&app).iter().all(|state| *state == (EffectState::Done, 1)));
}

#[tokio::test]
async fn in_another_order_every_mail_arrives_all_the_same() {
    let app = start().await;
    for n in 0..4 {
        paid_by_guest(&app, &format!("person{n}@example.com")).await;
        app.advance(Seconds(1));
    }
    let mut all = records(&app);
    all.reverse();
    deliver(&app, &all).await;
    assert!((0..4).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_does_not_stop_those_behind_it() {
    let app = start().await;
    paid_by_guest(&app, MINA).await;
    let good = records(&app).remove(0);
    let with = |image: Value| {
        let mut record = good.clone();
        record["dynamodb"]["NewImage"] = image;
        record
    };
    let mut without_image = good.clone();
    without_image["dynamodb"].as_object_mut().unwrap().remove("NewImage");
    let poison = [
        without_image,
        with(json!({})),
        with(json!({ "id": { "S": "evt_none" } })),
        with(json!({ "id": { "N": "1" } })),
        with(json!({ "id": { "Q": "?" } })),
        with(json!({ "id": "text" })),
        // An effect that is not in the table.
        with(json!({ "id": { "S": domain::ids::EventId::new(app.now(), random::entropy().unwrap()).to_string() } })),
    ];
    for record in poison {
        assert_eq!(deliver(&app, std::slice::from_ref(&record)).await, JobReport::default(), "{record}");
    }
    assert_eq!(mails(&app, MINA), 0);
    let batch = [with(json!({ "id": "text" })), good];
    assert_eq!(deliver(&app, &batch).await, JobReport::default());
    assert_eq!(mails(&app, MINA), 1);
    for event in [Value::Null, json!({}), json!({ "Records": [{}] })] {
        app.run_job(DELIVER, event).await.expect_err("this is no batch of a stream");
    }
    assert_eq!(deliver(&app, &[]).await, JobReport::default());
}

#[tokio::test]
async fn attack_65_what_is_sold_cannot_put_html_or_a_header_into_a_mail() {
    let app = start().await;
    let title = "<img src=x onerror=alert(1)>&\"'";
    paid(&app, None, MINA, Language::English, title).await;
    deliver(&app, &records(&app)).await;
    let mail = app.engines().mailbox().list(Some(MINA)).remove(0);
    assert!(!mail.html.contains("<img") && mail.html.contains("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;"));
    assert!(mail.text.contains(title), "plain text needs no escaping");
    assert_eq!(mail.subject, "Your order is paid");
}

#[tokio::test]
async fn killed_at_every_await_the_mail_still_arrives() {
    let app = start().await;
    let mut once = 0;
    for waits in 0..200 {
        let to = format!("person{waits}@example.com");
        let digits = code(&app, &to, Language::English).await;
        let record = records(&app).into_iter().find(|r| r["dynamodb"]["NewImage"]["to"]["S"] == *to).unwrap();
        let work = app.run_job(DELIVER, json!({ "Records": [record] }));
        let lived = KilledAfter::new(work, waits).await.is_some();
        app.advance(LEASE);
        sweep(&app).await.unwrap();
        let got = app.engines().mailbox().list(Some(&to));
        // Twice only when it died between the yes of SES and the note of it.
        assert!((1..=2).contains(&got.len()), "killed after {waits} waits: {} mails", got.len());
        assert!(got.iter().all(|mail| mail.text.contains(&digits)));
        once += usize::from(got.len() == 1);
        if lived {
            assert_eq!(got.len(), 1);
            assert!(once > 2 && states(&app).iter().all(|(state, _)| *state == EffectState::Done));
            return;
        }
    }
    panic!("the job does not end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_that_come_doubled_reversed_late_and_with_the_sweep_are_one_mail_each() {
    let app = start().await;
    let notices = [
        Notice::Welcome,
        Notice::PasswordChanged,
        Notice::NewDevice { device: "Chrome on Android".to_owned() },
        Notice::TotpEnabled,
        Notice::RecoveryCodeUsed { left: 9 },
    ];
    for (n, what) in notices.into_iter().enumerate() {
        let to = Email::parse(&format!("person{n}@example.com")).unwrap();
        write(&app, Effect::MailNotice { to, what, language: Language::Korean }).await;
    }
    app.advance(LEASE);
    let mut late = records(&app);
    let doubled = [late.clone(), late.clone()].concat();
    late.reverse();
    let (one, two, three, swept) =
        tokio::join!(deliver(&app, &doubled), deliver(&app, &late), deliver(&app, &late), sweep(&app));
    assert!([one, two, three].iter().all(|report| *report == JobReport::default()) && swept.is_ok());
    assert!((0..5).all(|n| mails(&app, &format!("person{n}@example.com")) == 1));
    assert!(states(&app).iter().all(|state| *state == (EffectState::Done, 1)));
}

#[tokio::test]
async fn one_attempt_asks_ses_once_even_when_its_yes_is_lost() {
    let app = start().await;
    code(&app, MINA, Language::English).await;
    mail_fails(&app, FaultKind::TimeOutAfterApply);
    deliver(&app, &records(&app)).await;
    assert_eq!(
        (mails(&app, MINA), states(&app)),
        (1, vec![(EffectState::Pending, 1)]),
        "nobody knows that it was sent"
    );
    app.heal();
    // What is not known to be done is done again: at least once.
    app.advance(LEASE);
    sweep(&app).await.unwrap();
    assert_eq!((mails(&app, MINA), states(&app)), (2, vec![(EffectState::Done, 2)]));
}
