use domain::{Timestamp, timestamp::Seconds};
use engines::{Clock, EnginesConfig};

use crate::support::{TABLE, cloud, item, key, operator, put, start};

#[tokio::test]
async fn the_stream_tells_every_change_once_in_order_as_lambda_gets_it() {
    let engines = cloud().await;
    let client = operator(&engines);
    let writes = engines.database().writes();
    put(&client, item(&[("pk", "A"), ("sk", "ITEM"), ("n", "1")])).await;
    put(&client, item(&[("pk", "A"), ("sk", "ITEM"), ("n", "2")])).await;
    client.delete_item().table_name(TABLE).set_key(Some(key("A"))).send().await.unwrap();
    assert!(writes.has_changed().unwrap());
    let records = engines.database().read_stream(TABLE, None, 1_000).unwrap();
    let names: Vec<&str> = records.iter().map(|record| record.record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let modified = &records[1].record;
    assert_eq!(modified["eventSource"], "aws:dynamodb");
    assert_eq!(modified["dynamodb"]["OldImage"]["n"]["S"], "1");
    assert_eq!(modified["dynamodb"]["NewImage"]["n"]["S"], "2");
    assert_eq!(modified["dynamodb"]["Keys"]["pk"]["S"], "A");
    assert_eq!(modified["eventSourceARN"].as_str().unwrap(), engines.database().stream_arn(TABLE).unwrap());
    let rest = engines.database().read_stream(TABLE, Some(&records[1].sequence), 1_000).unwrap();
    assert_eq!(rest, records[2..]);
    assert!(engines.database().read_stream(TABLE, Some(&records[2].sequence), 1_000).unwrap().is_empty());
    assert_eq!(engines.database().read_stream(TABLE, None, 2).unwrap().len(), 2);
    assert!(engines.database().read_stream("no-such-table", None, 1).is_err());
    assert!(engines.database().read_stream(TABLE, Some("yesterday"), 1).is_err());
}

#[tokio::test]
async fn a_put_that_changes_nothing_is_not_in_the_stream() {
    let engines = cloud().await;
    let client = operator(&engines);
    for _ in 0..3 {
        put(&client, key("A")).await;
    }
    assert_eq!(engines.database().read_stream(TABLE, None, 1).unwrap().len(), 1);
    put(&client, key("B")).await;
    let first = engines.database().read_stream(TABLE, None, 1).unwrap().remove(0);
    let next = engines.database().read_stream(TABLE, Some(&first.sequence), 1).unwrap();
    assert_eq!(next[0].record["dynamodb"]["Keys"]["pk"]["S"], "B");
}

#[tokio::test]
async fn a_record_tells_its_time_on_the_clock_of_the_cloud() {
    let clock = Clock::fixed(Timestamp::parse("2030-01-01T00:00:00Z").unwrap());
    let engines = start(EnginesConfig { clock, ..EnginesConfig::in_memory() }).await;
    put(&operator(&engines), key("A")).await;
    let record = engines.database().read_stream(TABLE, None, 1).unwrap().remove(0);
    assert_eq!(record.at, engines.clock().now());
    assert_eq!(record.record["dynamodb"]["ApproximateCreationDateTime"], record.at.seconds());
}

#[tokio::test]
async fn with_a_folder_too_a_record_tells_its_time_on_the_clock_of_the_cloud() {
    let folder = tempfile::tempdir().unwrap();
    let engines = start(EnginesConfig::in_folder(folder.path())).await;
    let _ = engines.clock().advance(Seconds::days(30));
    let before = engines.clock().now();
    put(&operator(&engines), key("A")).await;
    let record = engines.database().read_stream(TABLE, None, 1).unwrap().remove(0);
    assert!(record.at.seconds() >= before.seconds());
    assert!(record.at <= engines.clock().now());
}
