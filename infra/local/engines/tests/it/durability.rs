//! What survives: a restart, and a kill -9 in the middle of the work.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use engines::{Clock, EngineError, Engines, EnginesConfig, OPERATOR, SECRET_FILE};

use crate::{
    services::mail,
    support::{BUCKET, TABLE, exists, item, key, operator, put, s3, ses, start},
};

#[tokio::test]
async fn a_restart_keeps_items_objects_events_mail_parameters_and_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let config = || EnginesConfig {
        clock: Clock::persisted(folder.path().join("clock")).unwrap(),
        ..EnginesConfig::in_folder(folder.path())
    };
    let first = start(config()).await;
    put(&operator(&first), key("USER#1")).await;
    s3(&first, OPERATOR).put_object().bucket(BUCKET).key("a").body(b"abc".to_vec().into()).send().await.unwrap();
    mail(&ses(&first, OPERATOR), "mina@example.com", "Hello").send().await.unwrap();
    first.secrets().put("/jangteo/a", "alpha").unwrap();
    let _ = first.clock().advance(domain::timestamp::Seconds(600));
    let (messages, events) = (first.mailbox().list(None), first.objects().pending_events());
    first.shutdown().await;

    let again = start(config()).await;
    assert!(exists(&operator(&again), "USER#1").await);
    let object = s3(&again, OPERATOR).get_object().bucket(BUCKET).key("a").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"abc");
    assert_eq!(again.objects().pending_events(), events);
    assert_eq!(again.mailbox().list(None), messages);
    assert_eq!(again.secrets().get("/jangteo/a").as_deref(), Some("alpha"));
    assert_eq!(again.clock().offset_s(), 600);
    assert_eq!(again.database().read_stream(TABLE, None, 10).unwrap().len(), 1);
}

#[tokio::test]
async fn the_file_of_the_parameters_is_its_owners_alone_and_is_not_replaced_by_defaults() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let config = |value: &str| EnginesConfig {
        secrets: [("/jangteo/a".to_owned(), value.to_owned())].into(),
        ..EnginesConfig::in_folder(folder.path())
    };
    Engines::start(config("first")).await.unwrap().shutdown().await;
    let mode = std::fs::metadata(folder.path().join("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = Engines::start(config("second")).await.unwrap();
    assert_eq!(again.secrets().get("/jangteo/a").as_deref(), Some("first"));
}

#[tokio::test]
async fn two_clouds_cannot_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = Engines::start(EnginesConfig::in_folder(folder.path())).await.unwrap();
    let second = Engines::start(EnginesConfig::in_folder(folder.path())).await;
    assert!(matches!(second, Err(EngineError::FolderInUse(_))));
    drop(first);
    Engines::start(EnginesConfig::in_folder(folder.path())).await.unwrap();
}

#[tokio::test]
async fn a_torn_last_line_of_the_mailbox_is_dropped_and_the_next_message_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail.jsonl");
    let first = Engines::start(EnginesConfig::in_folder(folder.path())).await.unwrap();
    mail(&ses(&first, OPERATOR), "mina@example.com", "One").send().await.unwrap();
    first.shutdown().await;
    let mut kept = std::fs::read_to_string(&file).unwrap();
    kept.push_str("{\"id\":\"half a mess");
    std::fs::write(&file, kept).unwrap();
    let again = Engines::start(EnginesConfig::in_folder(folder.path())).await.unwrap();
    mail(&ses(&again, OPERATOR), "mina@example.com", "Two").send().await.unwrap();
    again.shutdown().await;
    let last = Engines::start(EnginesConfig::in_folder(folder.path())).await.unwrap();
    let subjects: Vec<String> = last.mailbox().list(None).into_iter().map(|message| message.subject).collect();
    assert_eq!(subjects, ["Two", "One"]);
}

const FOLDER: &str = "ENGINES_TEST_FOLDER";

/// Not a test by itself: the process that the next test starts and kills.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_serves_a_folder_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let engines = start(EnginesConfig::in_folder(folder)).await;
    println!("\nlistening {}", engines.aws_url());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_the_work_loses_no_acknowledged_write_and_leaves_none_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "durability::child_that_serves_a_folder_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let url = output.lines().find_map(|line| line.unwrap().strip_prefix("listening ").map(str::to_owned)).unwrap();
        let secret = std::fs::read_to_string(folder.path().join(SECRET_FILE)).unwrap();
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                let name = format!("{round}-{worker}");
                tokio::spawn(write_until_the_end(url.clone(), secret.clone(), name, acknowledged.clone()))
            })
            .collect();
        let before = acknowledged.lock().unwrap().len();
        while acknowledged.lock().unwrap().len() < before + 60 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for worker in workers {
            worker.await.unwrap();
        }
    }
    let engines = start(EnginesConfig::in_folder(folder.path())).await;
    let client = operator(&engines);
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 180);
    for name in &acknowledged {
        let found =
            client.get_item().table_name(TABLE).set_key(Some(key(&format!("LEFT#{name}")))).send().await.unwrap();
        assert!(found.item.is_some(), "{name} was acknowledged and is lost");
    }
    let items = engines.database().items(TABLE).unwrap();
    let sides = |side: &str| {
        let mut names: Vec<String> =
            items.iter().filter_map(|item| item["pk"]["S"].as_str()?.strip_prefix(side).map(str::to_owned)).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(sides("LEFT#"), sides("RIGHT#"), "a transaction is whole or not at all");
}

/// Writes pairs in transactions, noting each that was acknowledged, until the connection ends.
async fn write_until_the_end(url: String, secret: String, name: String, acknowledged: Arc<Mutex<Vec<String>>>) {
    let client = crate::support::dynamodb_at(&url, OPERATOR, &secret);
    for number in 0.. {
        let name = format!("{name}-{number}");
        let side = |side: &str| {
            let item = item(&[("pk", &format!("{side}#{name}")), ("sk", "ITEM")]);
            let put = Put::builder().table_name(TABLE).set_item(Some(item)).build().unwrap();
            TransactWriteItem::builder().put(put).build()
        };
        let write = client.transact_write_items().transact_items(side("LEFT")).transact_items(side("RIGHT"));
        if write.send().await.is_err() {
            return;
        }
        acknowledged.lock().unwrap().push(name);
    }
}
