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

mod aged {
    //! A folder that has been used for long: made by writing records into the file themselves.

    use std::time::Duration;

    use dynoxide::storage::Storage;

    use super::*;
    use crate::support::Item;

    const DAY_US: i64 = 86_400_000_000;

    /// A stopped cloud's folder with so many records in its stream, of so many microseconds ago, and without
    /// what this version adds to the file.
    #[expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails the test, as it should")]
    async fn folder(records: i64, age_us: i64) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        start(EnginesConfig::in_folder(folder.path())).await.shutdown().await;
        let storage = Storage::new(folder.path().join("database.sqlite").to_str().unwrap()).unwrap();
        let now = engines::clock::machine_now().millis() * 1_000 - age_us - records;
        let image = format!(r#"{{"pk":{{"S":"OLD"}},"sk":{{"S":"ITEM"}},"data":{{"S":"{}"}}}}"#, "x".repeat(600));
        storage.conn().execute_batch("DROP INDEX _stream_records_in_order; BEGIN").unwrap();
        let insert = "INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at)
             VALUES (?1, 'INSERT', '{}', ?2, ?3, ?4, ?5)";
        let shard = format!("shardId-00000001-{TABLE}");
        for number in 0..records {
            let (sequence, at) = ((now + number).to_string(), (now + number) / 1_000_000);
            storage.conn().execute(insert, (TABLE, &image, sequence, &shard, at)).unwrap();
        }
        storage.conn().execute_batch("COMMIT").unwrap();
        folder
    }

    fn file_size(folder: &std::path::Path) -> u64 {
        std::fs::metadata(folder.join("database.sqlite")).unwrap().len()
    }

    fn how_many(engines: &engines::Engines) -> usize {
        let mut after = None;
        let mut count = 0_usize;
        loop {
            let page = engines.database().read_stream(TABLE, after.as_deref(), 1_000).unwrap();
            let Some(last) = page.last() else { return count };
            after = Some(last.sequence.clone());
            count = count.saturating_add(page.len());
        }
    }

    #[tokio::test]
    async fn what_every_reader_has_had_goes_and_the_last_record_stays() {
        let folder = folder(2_500, 0).await;
        let engines = start(EnginesConfig::in_folder(folder.path())).await;
        assert_eq!(how_many(&engines), 2_500);
        let page = engines.database().read_stream(TABLE, None, 1_000).unwrap();
        assert_eq!(engines.database().trim_stream(TABLE, None).unwrap(), 0, "nobody has had anything");
        assert_eq!(engines.database().trim_stream(TABLE, Some(&page[99].sequence)).unwrap(), 100);
        assert_eq!(engines.database().read_stream(TABLE, None, 1).unwrap(), page[100..101]);
        // Also when a reader goes on from a record that is gone.
        assert_eq!(engines.database().read_stream(TABLE, Some(&page[9].sequence), 1).unwrap(), page[100..101]);
        let client = operator(&engines);
        put(&client, key("NEW")).await;
        let mut after = None;
        while let Some(last) = engines.database().read_stream(TABLE, after.as_deref(), 1_000).unwrap().pop() {
            after = Some(last.sequence);
        }
        assert_eq!(engines.database().trim_stream(TABLE, after.as_deref()).unwrap(), 2_400);
        assert_eq!(how_many(&engines), 1);
        put(&client, key("NEWER")).await;
        let next = engines.database().read_stream(TABLE, after.as_deref(), 10).unwrap();
        assert_eq!(next[0].record["dynamodb"]["Keys"]["pk"]["S"], "NEWER", "the numbers go on");
        assert_eq!(next.len(), 1);
    }

    #[tokio::test]
    async fn what_is_older_than_a_day_goes_whoever_has_had_it() {
        let folder = folder(300, DAY_US + 60_000_000).await;
        let engines = start(EnginesConfig::in_folder(folder.path())).await;
        put(&operator(&engines), key("NEW")).await;
        assert_eq!(engines.database().trim_stream(TABLE, None).unwrap(), 300);
        assert_eq!(how_many(&engines), 1);
    }

    #[tokio::test]
    async fn a_write_costs_about_the_same_however_many_records_there_are() {
        let (young, old) = (folder(10, 0).await, folder(20_000, 0).await);
        let mut fastest = Vec::new();
        for folder in [&young, &old] {
            let engines = start(EnginesConfig::in_folder(folder.path())).await;
            let client = operator(&engines);
            let mut took = Vec::new();
            for number in 0..40 {
                let begun = std::time::Instant::now();
                put(&client, key(&format!("NEW#{number}"))).await;
                took.push(begun.elapsed());
            }
            fastest.push(took.into_iter().min().unwrap());
        }
        // Without the index each write looks through 20,000 records: some 10 ms in a build like this.
        assert!(fastest[1] < fastest[0] * 3 + Duration::from_millis(2), "{fastest:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_mostly_empty_is_written_anew() {
        let folder = folder(30_000, DAY_US * 2).await;
        let before = file_size(folder.path());
        let engines = start(EnginesConfig::in_folder(folder.path())).await;
        put(&operator(&engines), key("NEW")).await;
        assert_eq!(engines.database().trim_stream(TABLE, None).unwrap(), 30_000);
        engines.shutdown().await;
        start(EnginesConfig::in_folder(folder.path())).await.shutdown().await;
        let after = file_size(folder.path());
        assert!(before > 20_000_000 && after < 1_000_000, "{before} {after}");
    }

    #[tokio::test]
    async fn requests_at_once_and_the_sweep_wait_for_one_another_and_none_is_refused() {
        let folder = folder(5_000, 0).await;
        let engines = std::sync::Arc::new(start(EnginesConfig::in_folder(folder.path())).await);
        let sweeper = std::sync::Arc::clone(&engines);
        let housekeeping = tokio::task::spawn_blocking(move || {
            for _ in 0..20 {
                sweeper.database().sweep_ttl().unwrap();
                sweeper.database().trim_stream(TABLE, Some("100000000000000000001")).unwrap();
            }
        });
        let client = operator(&engines);
        let writes: Vec<_> = (0..200)
            .map(|number| {
                let item: Item = key(&format!("NEW#{number}"));
                let write = client.put_item().table_name(TABLE).set_item(Some(item));
                tokio::spawn(async move { write.send().await.map(|_| ()).map_err(|error| format!("{error:?}")) })
            })
            .collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        housekeeping.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_200_buyers_of_the_last_unit_one_gets_it_and_each_other_a_clean_answer() {
        let folder = folder(20_000, 0).await;
        let engines = start(EnginesConfig::in_folder(folder.path())).await;
        let client = operator(&engines);
        let number = |n: u32| aws_sdk_dynamodb::types::AttributeValue::N(n.to_string());
        let mut stock = key("STOCK#1");
        stock.insert("left".to_owned(), number(1));
        put(&client, stock).await;
        let buyers: Vec<_> = (0..200)
            .map(|buyer| {
                let order = aws_sdk_dynamodb::types::Put::builder()
                    .table_name(TABLE)
                    .set_item(Some(key(&format!("ORDER#{buyer}"))))
                    .condition_expression("attribute_not_exists(pk)")
                    .build()
                    .unwrap();
                let unit = aws_sdk_dynamodb::types::Update::builder()
                    .table_name(TABLE)
                    .set_key(Some(key("STOCK#1")))
                    .update_expression("SET #l = #l - :one")
                    .condition_expression("#l >= :one")
                    .expression_attribute_names("#l", "left")
                    .expression_attribute_values(":one", number(1))
                    .build()
                    .unwrap();
                let item = aws_sdk_dynamodb::types::TransactWriteItem::builder;
                let buy = client
                    .transact_write_items()
                    .transact_items(item().put(order).build())
                    .transact_items(item().update(unit).build());
                tokio::spawn(async move {
                    match buy.send().await {
                        Ok(_) => "bought".to_owned(),
                        Err(error) => match error.as_service_error() {
                            Some(refused) if refused.is_transaction_canceled_exception() => "sold out".to_owned(),
                            _ => format!("{error:?}"),
                        },
                    }
                })
            })
            .collect();
        let mut answers = std::collections::BTreeMap::new();
        for buyer in buyers {
            *answers.entry(buyer.await.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(answers, [("bought".to_owned(), 1), ("sold out".to_owned(), 199)].into());
    }

    /// By hand, since it takes minutes: `cargo test -p engines --test it soak -- --ignored --nocapture`.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes: run by hand"]
    async fn a_soak_of_50_000_writes_leaves_speed_size_and_memory_as_they_were() {
        let folder = folder(20_000, 0).await;
        let engines = start(EnginesConfig::in_folder(folder.path())).await;
        let client = operator(&engines);
        let memory = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap().to_owned();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
        };
        let mut rounds = Vec::new();
        let mut after: Option<String> = None;
        for round in 0..10 {
            let begun = std::time::Instant::now();
            for number in 0..5_000 {
                // The same items over and over, so that what grows is the stream.
                let written = format!("{round}-{number}");
                put(&client, item(&[("pk", &format!("A#{}", number % 100)), ("sk", "ITEM"), ("n", &written)])).await;
                if number % 500 == 0 {
                    while let Some(last) = engines.database().read_stream(TABLE, after.as_deref(), 1_000).unwrap().pop()
                    {
                        after = Some(last.sequence);
                    }
                    let _ = engines.database().trim_stream(TABLE, after.as_deref()).unwrap();
                }
            }
            let size = file_size(folder.path()) / 1_024 / 1_024;
            rounds.push((begun.elapsed().as_millis(), size, memory()));
            println!("{:>2}: {:?} ms, MB of file, MB of memory", round, rounds[round]);
        }
        let (first, last) = (rounds[1], rounds[9]);
        assert!(last.0 < first.0 * 3 / 2 && last.1 <= first.1 + 1 && last.2 <= first.2 + 20, "{rounds:?}");
    }
}
