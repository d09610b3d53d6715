//! Streams, uploads and schedules are delivered as AWS delivers them.

use local::{cloud::Cloud, environment::TABLE, settings::Settings};
use serde_json::json;

use crate::{
    client::{cloud, cloud_with, get, post, send},
    trial::{change, notes, seconds},
};

/// Puts an item of a kind into the table.
fn put(cloud: &Cloud, kind: &str, name: &str) {
    let item = json!({"pk": {"S": name}, "sk": {"S": "EVENT"}, "kind": {"S": kind}});
    let request = serde_json::from_value(json!({"TableName": TABLE, "Item": item})).unwrap();
    cloud.engines().database().engine().put_item(request).unwrap();
}

fn names(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("OUTBOX#{number:03}")).collect()
}

fn put_all(cloud: &Cloud, names: &[String]) {
    for name in names {
        put(cloud, "outbox_event", name);
    }
}

#[tokio::test]
async fn new_items_of_the_kind_come_once_in_order_in_batches_of_ten() {
    let cloud = cloud().await;
    let wanted = names(0..25);
    for name in &wanted {
        put(&cloud, "order", &format!("ORDER#{name}"));
        put(&cloud, "outbox_event", name);
    }
    // A change of an item is not a new item.
    put(&cloud, "outbox_event", "OUTBOX#000");
    cloud.quiet().await;
    let batches = notes(&cloud).batches;
    assert_eq!(batches.concat(), wanted);
    assert!(batches.iter().all(|batch| (1..=10).contains(&batch.len())), "{batches:?}");
}

#[tokio::test]
async fn of_a_batch_that_failed_in_part_only_the_rest_comes_again() {
    let cloud = cloud().await;
    change(&cloud, |notes| notes.poison = Some(("OUTBOX#003".to_owned(), 2)));
    let wanted = names(0..6);
    put_all(&cloud, &wanted);
    cloud.quiet().await;
    let batches = notes(&cloud).batches;
    let last = batches.last().unwrap();
    assert_eq!(last, &wanted[3..], "{batches:?}");
    assert_eq!(batches.iter().filter(|batch| batch.contains(&wanted[3])).count(), 3, "{batches:?}");
    assert_eq!(batches.iter().filter(|batch| batch.contains(&wanted[2])).count(), 1, "{batches:?}");
}

#[tokio::test]
async fn a_batch_that_never_works_is_given_up_and_the_next_ones_come() {
    let cloud = cloud().await;
    change(&cloud, |notes| notes.poison = Some(("OUTBOX#000".to_owned(), u32::MAX)));
    put_all(&cloud, &names(0..1));
    cloud.quiet().await;
    put_all(&cloud, &names(1..2));
    cloud.quiet().await;
    let batches = notes(&cloud).batches;
    assert_eq!(batches.iter().filter(|batch| batch[0] == "OUTBOX#000").count(), 10, "{batches:?}");
    assert_eq!(batches.last().unwrap(), &["OUTBOX#001"]);
}

#[tokio::test]
async fn a_duplicate_on_purpose_comes_twice() {
    let cloud = cloud().await;
    let plan = json!({"seed": 1, "rules": [
        {"engine": "database", "operation": "stream", "kind": "duplicate", "per_mille": 1000, "times": 1}]});
    assert_eq!(post(&cloud, "/_local/faults", &plan).await.status, 200);
    put_all(&cloud, &names(0..1));
    cloud.quiet().await;
    assert_eq!(notes(&cloud).batches, [["OUTBOX#000"], ["OUTBOX#000"]]);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_run_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings { data: Some(folder.path().to_owned()), ..Settings::for_tests() };
    let first = cloud_with(settings()).await;
    put_all(&first, &names(0..3));
    first.quiet().await;
    assert_eq!(notes(&first).batches.concat(), names(0..3));
    put_all(&first, &names(3..4));
    first.shutdown().await;
    let second = cloud_with(settings()).await;
    put_all(&second, &names(4..5));
    second.quiet().await;
    let seen = notes(&second).batches.concat();
    // What was written last may have been delivered by the first run or by this one.
    assert!(seen == names(3..5) || seen == names(4..5), "{seen:?}");
}

#[tokio::test]
async fn a_clock_that_moves_runs_a_schedule_once_for_the_latest_minute() {
    let cloud = cloud_with(Settings::for_tests()).await;
    cloud.quiet().await;
    assert_eq!(notes(&cloud).ticks, []);
    let moved = post(&cloud, "/_local/clock", &json!({"advance_s": 600})).await.json();
    assert_eq!(moved, json!({"now": "2026-11-21T12:10:30.000Z", "offset_s": 600}));
    let at = |text: &str| domain::Timestamp::parse(text).unwrap();
    assert_eq!(notes(&cloud).ticks, [at("2026-11-21T12:10:00Z")]);
    cloud.advance(seconds(29)).await;
    assert_eq!(notes(&cloud).ticks.len(), 1, "not due before the minute is full");
    cloud.advance(seconds(1)).await;
    assert_eq!(notes(&cloud).ticks[1..], [at("2026-11-21T12:11:00Z")]);
    assert_eq!(post(&cloud, "/_local/tick", &json!({})).await.status, 200);
    assert_eq!(notes(&cloud).ticks.len(), 3, "a tick runs it now");
}

#[tokio::test]
async fn a_clock_never_moves_by_more_than_a_year_at_once_or_backwards() {
    let cloud = cloud().await;
    let before = get(&cloud, "/_local/clock").await.json()["offset_s"].clone();
    for (body, status) in
        [(json!({"advance_s": 40_000_000}), 400), (json!({"advance_s": -1}), 422), (json!({"advance": 1}), 422)]
    {
        assert_eq!(post(&cloud, "/_local/clock", &body).await.status, status, "{body}");
    }
    assert_eq!(get(&cloud, "/_local/clock").await.json()["offset_s"], before);
}

/// Uploads a file as the operator, without a signature of a function.
async fn upload(cloud: &Cloud, key: &str) {
    let bucket = cloud.world().environment.places().uploads_bucket;
    let grant = presigned(cloud, &bucket, key).await;
    let answer = send(cloud.world().aws_port, axum::http::Request::put("/"), &grant, "bytes").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The path of a grant that the operator gives.
async fn presigned(cloud: &Cloud, bucket: &str, key: &str) -> String {
    use aws_credential_types::Credentials;
    use aws_sdk_s3::{
        config::{BehaviorVersion, Region},
        presigning::PresigningConfig,
    };
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-2"))
        .endpoint_url(cloud.engines().aws_url())
        .force_path_style(true)
        .credentials_provider(Credentials::new(
            engines::OPERATOR,
            cloud.engines().permissions().secret(),
            None,
            None,
            "test",
        ))
        .build();
    let lifetime = PresigningConfig::expires_in(std::time::Duration::from_secs(60)).unwrap();
    let client = aws_sdk_s3::Client::from_conf(config);
    let grant = client.put_object().bucket(bucket).key(key).presigned(lifetime).await.unwrap();
    grant.uri().strip_prefix(&cloud.engines().aws_url()).unwrap().to_owned()
}

#[tokio::test]
async fn an_upload_below_raw_is_delivered_once_and_nothing_else_is() {
    let cloud = cloud().await;
    upload(&cloud, "raw/med_1").await;
    upload(&cloud, "other/med_2").await;
    cloud.quiet().await;
    assert_eq!(notes(&cloud).uploads, ["raw/med_1"]);
    assert_eq!(cloud.engines().objects().pending_events(), []);
}

#[tokio::test]
async fn an_upload_that_failed_comes_again_after_one_minute_and_after_two_more() {
    let cloud = cloud_with(Settings::for_tests()).await;
    change(&cloud, |notes| notes.failing_uploads = u32::MAX);
    upload(&cloud, "raw/med_1").await;
    let count = || notes(&cloud).uploads.len();
    cloud.quiet().await;
    assert_eq!(count(), 1);
    cloud.advance(seconds(59)).await;
    assert_eq!(count(), 1);
    cloud.advance(seconds(1)).await;
    assert_eq!(count(), 2);
    cloud.advance(seconds(119)).await;
    assert_eq!(count(), 2);
    cloud.advance(seconds(1)).await;
    assert_eq!(count(), 3);
    cloud.advance(seconds(100_000)).await;
    assert_eq!(count(), 3, "given up");
    assert_eq!(cloud.engines().objects().pending_events(), []);
}

#[tokio::test]
async fn expired_items_are_swept_by_the_clock_unless_the_sweep_is_off() {
    for (sweep_ttl, left) in [(true, 0), (false, 1)] {
        let cloud = cloud_with(Settings { sweep_ttl, ..Settings::for_tests() }).await;
        let ttl = cloud.engines().clock().now().seconds() + 60;
        let item = json!({"pk": {"S": "A"}, "sk": {"S": "B"}, "ttl": {"N": ttl.to_string()}});
        let request = serde_json::from_value(json!({"TableName": TABLE, "Item": item})).unwrap();
        cloud.engines().database().engine().put_item(request).unwrap();
        cloud.quiet().await;
        assert_eq!(cloud.engines().database().items(TABLE).unwrap().len(), 1);
        cloud.advance(seconds(3_600)).await;
        assert_eq!(cloud.engines().database().items(TABLE).unwrap().len(), left);
    }
}
