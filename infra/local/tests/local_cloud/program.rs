//! The program itself: it starts, is killed, starts again, and ends when told to.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::json;

use crate::client::{get_at, post_at};

struct Program {
    child: Child,
    port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it on free ports and waits until it says that it runs.
fn start(data: &Path, more: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["dev", "--port", "0", "--data"])
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.find_map(|line| {
        line.trim()
            .strip_prefix("storefront")?
            .trim()
            .strip_prefix("http://localhost:")?
            .strip_suffix('/')?
            .parse()
            .ok()
    });
    assert!(lines.any(|line| line.contains("Ctrl-C stops it")), "it ended before it ran");
    Program { child, port: port.unwrap() }
}

fn signal(program: &Program, name: &str) {
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = start(&data, &[]);
    assert_eq!(get_at(first.port, "/api/health").await.json(), json!({"status": "ok"}));
    let asked = json!({"email": "mina@x.test", "purpose": "sign_up"});
    let sent = post_at(first.port, "/api/auth/email-codes", &asked).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    post_at(first.port, "/_local/clock", &json!({"advance_s": 120})).await;
    let items = get_at(first.port, "/_local/table").await.json();
    let mail = get_at(first.port, "/_local/mail").await.json();
    assert_eq!(mail["items"].as_array().unwrap().len(), 1);
    signal(&first, "-9");
    drop(first);
    let second = start(&data, &["--no-ttl"]);
    assert_eq!(get_at(second.port, "/_local/mail").await.json(), mail);
    assert_eq!(get_at(second.port, "/_local/table").await.json(), items);
    assert_eq!(get_at(second.port, "/_local/clock").await.json()["offset_s"], 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_cleanly_when_told_to_and_gives_its_folder_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for name in ["-TERM", "-INT"] {
        let mut program = start(&data, &[]);
        assert_eq!(get_at(program.port, "/_local/info").await.status, 200);
        signal(&program, name);
        assert!(program.child.wait().unwrap().success(), "{name}");
    }
}

#[test]
fn two_clouds_never_share_a_folder_and_a_reset_spares_what_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _first = start(&data, &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["dev", "--port", "0", "--aws-port", "0", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("in use"), "{output:?}");
    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["dev", "--reset", "--port", "0", "--aws-port", "0", "--data"])
        .arg(&foreign)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(foreign.join("thesis.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_starts_empty() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = start(&data, &[]);
    let asked = json!({"email": "mina@x.test", "purpose": "sign_up"});
    assert_eq!(post_at(first.port, "/api/auth/email-codes", &asked).await.status, 202);
    drop(first);
    let second = start(&data, &["--reset"]);
    assert_eq!(get_at(second.port, "/_local/mail").await.json(), json!({"items": []}));
}
