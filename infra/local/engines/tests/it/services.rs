use aws_sdk_sesv2::{
    error::ProvideErrorMetadata as _,
    operation::send_email::builders::SendEmailFluentBuilder,
    primitives::Blob,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag, RawMessage},
};
use domain::timestamp::Seconds;
use engines::{Engine, FaultKind, FaultPlan, FaultRule, OPERATOR};

use crate::support::{cloud, ses, ssm};

fn content(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

pub(crate) fn mail(client: &aws_sdk_sesv2::Client, to: &str, subject: &str) -> SendEmailFluentBuilder {
    let body = Body::builder().text(content("Your code is 123456.")).html(content("<b>123456</b>")).build();
    let message = Message::builder().subject(content(subject)).body(body).build();
    client
        .send_email()
        .from_email_address("Jangteo <no-reply@jangteo.example>")
        .destination(Destination::builder().to_addresses(to).build())
        .content(EmailContent::builder().simple(message).build())
}

#[tokio::test]
async fn mail_is_caught_newest_first_and_found_by_its_recipient() {
    let engines = cloud().await;
    let client = ses(&engines, OPERATOR);
    let tag = MessageTag::builder().name("purpose").value("sign_up").build().unwrap();
    let first = mail(&client, "mina@example.com", "첫 번째").email_tags(tag).configuration_set_name("jangteo");
    let first = first.send().await.unwrap();
    let _ = engines.clock().advance(Seconds(60));
    mail(&client, "Jun <JUN@example.com>", "Second").reply_to_addresses("help@jangteo.example").send().await.unwrap();
    let all = engines.mailbox().list(None);
    let subjects: Vec<&str> = all.iter().map(|message| message.subject.as_str()).collect();
    assert_eq!(subjects, ["Second", "첫 번째"]);
    assert_eq!(all[0].reply_to, ["help@jangteo.example"]);
    assert!(all[0].at.millis() - all[1].at.millis() >= 60_000);
    assert_eq!(all[1].id, first.message_id().unwrap());
    assert_eq!((all[1].text.as_str(), all[1].html.as_str()), ("Your code is 123456.", "<b>123456</b>"));
    assert_eq!(all[1].tags, [("purpose".to_owned(), "sign_up".to_owned())]);
    assert_eq!(all[1].configuration_set.as_deref(), Some("jangteo"));
    assert_eq!(engines.mailbox().list(Some("jun@EXAMPLE.com")).len(), 1);
    assert!(engines.mailbox().list(Some("un@example.com")).is_empty());
    assert_eq!(*engines.mailbox().count().borrow(), 2);
}

#[tokio::test]
async fn a_raw_message_is_caught_too() {
    let engines = cloud().await;
    let raw = "From: shop@jangteo.example\r\nTo: mina@example.com\r\nSubject: A\r\n long one\r\n\r\nHello.\r\n";
    let raw = RawMessage::builder().data(Blob::new(raw)).build().unwrap();
    let content = EmailContent::builder().raw(raw).build();
    ses(&engines, OPERATOR).send_email().content(content).send().await.unwrap();
    let message = engines.mailbox().list(Some("mina@example.com")).remove(0);
    assert_eq!((message.subject.as_str(), message.text.as_str()), ("A long one", "Hello.\n"));
}

#[tokio::test]
async fn mail_that_ses_would_not_take_is_refused_and_not_kept() {
    let engines = cloud().await;
    let client = ses(&engines, OPERATOR);
    let good = "mina@example.com";
    for (to, subject) in [
        ("", "x"),
        ("mina", "x"),
        ("a b@example.com", "x"),
        ("@example.com", "x"),
        ("a@", "x"),
        (good, "a\r\nBcc: b@c.de"),
    ] {
        let refused = mail(&client, to, subject).send().await.unwrap_err().into_service_error();
        assert!(refused.is_bad_request_exception(), "{to} {subject}: {refused:?}");
    }
    let nobody = mail(&client, good, "x").destination(Destination::builder().build());
    assert!(nobody.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    assert!(engines.mailbox().list(None).is_empty());
}

#[tokio::test]
async fn mail_fails_as_ses_fails_when_it_is_told_to() {
    let engines = cloud().await;
    let client = ses(&engines, OPERATOR);
    let send = || mail(&client, "mina@example.com", "x").send();
    let plan =
        |kind| engines.faults().set(FaultPlan { seed: 1, rules: vec![FaultRule::always(Engine::Mail, kind).times(1)] });
    plan(FaultKind::Throttle);
    let refused = send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 429);
    assert!(refused.into_service_error().is_too_many_requests_exception());
    plan(FaultKind::Reject);
    assert!(send().await.unwrap_err().into_service_error().is_message_rejected());
    plan(FaultKind::BadRequest);
    assert!(send().await.unwrap_err().into_service_error().is_bad_request_exception());
    plan(FaultKind::ServerError);
    assert_eq!(send().await.unwrap_err().raw_response().unwrap().status().as_u16(), 500);
    assert!(engines.mailbox().list(None).is_empty());
    plan(FaultKind::TimeOutAfterApply);
    assert!(send().await.unwrap_err().as_service_error().is_none());
    assert_eq!(engines.mailbox().list(None).len(), 1);
}

#[tokio::test]
async fn parameters_are_read_decrypted_and_unknown_ones_are_named() {
    let engines = cloud().await;
    engines.secrets().put("/jangteo/a", "alpha").unwrap();
    engines.secrets().put("/jangteo/b", "beta").unwrap();
    let client = ssm(&engines, OPERATOR);
    let names = ["/jangteo/b", "/jangteo/none", "/jangteo/a"].map(str::to_owned).to_vec();
    let found = client.get_parameters().set_names(Some(names)).with_decryption(true).send().await.unwrap();
    let mut values: Vec<(&str, &str)> =
        found.parameters().iter().map(|found| (found.name().unwrap(), found.value().unwrap())).collect();
    values.sort_unstable();
    assert_eq!(values, [("/jangteo/a", "alpha"), ("/jangteo/b", "beta")]);
    assert_eq!(found.invalid_parameters(), ["/jangteo/none"]);
    let one = client.get_parameter().name("/jangteo/a").with_decryption(true).send().await.unwrap();
    assert_eq!(one.parameter().unwrap().value(), Some("alpha"));
    let closed = client.get_parameter().name("/jangteo/a").send().await.unwrap();
    assert_ne!(closed.parameter().unwrap().value(), Some("alpha"));
    let none = client.get_parameter().name("/jangteo/none").send().await.unwrap_err();
    assert!(none.into_service_error().is_parameter_not_found());
    let eleven = (0..11).map(|number| format!("/jangteo/{number}")).collect();
    let refused = client.get_parameters().set_names(Some(eleven)).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ValidationException"));
}

#[tokio::test]
async fn parameters_fail_as_the_store_fails_when_it_is_told_to() {
    let engines = cloud().await;
    let client = ssm(&engines, OPERATOR);
    let plan =
        |kind| engines.faults().set(FaultPlan { seed: 1, rules: vec![FaultRule::always(Engine::Secrets, kind)] });
    plan(FaultKind::Throttle);
    let refused = client.get_parameters().names("/jangteo/a").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ThrottlingException"));
    plan(FaultKind::ServerError);
    assert!(
        client
            .get_parameters()
            .names("/jangteo/a")
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_internal_server_error()
    );
    plan(FaultKind::TimeOutBefore);
    assert!(client.get_parameters().names("/jangteo/a").send().await.unwrap_err().as_service_error().is_none());
}
