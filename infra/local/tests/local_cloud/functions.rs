//! Functions as processes, through the Runtime API.
//!
//! The binary of every function is this very test program, which then acts as a function does: a
//! few lines of the Runtime API over a plain connection.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    time::Duration,
};

use local::{
    cloud::Cloud,
    settings::{Limits, Settings},
};
use serde_json::{Value, json};

use crate::client::{cloud_with, get, get_at};

#[expect(clippy::disallowed_methods, reason = "a function reads its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Not a test by itself: this is what a function's binary runs.
#[test]
fn as_a_function() {
    let Some(api) = variable("AWS_LAMBDA_RUNTIME_API") else { return };
    if variable("AWS_LAMBDA_FUNCTION_NAME").as_deref() == Some("trial-get-large") {
        let error = json!({"errorType": "Configuration", "errorMessage": "a variable is missing"});
        call(&api, "POST", "/2018-06-01/runtime/init/error", &error.to_string());
        std::process::exit(1);
    }
    loop {
        let (head, body) = call(&api, "GET", "/2018-06-01/runtime/invocation/next", "");
        let id = head.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap().to_owned();
        let event: Value = serde_json::from_str(&body).unwrap();
        let name = variable("AWS_LAMBDA_FUNCTION_NAME").unwrap();
        let outcome = match name.as_str() {
            "trial-get-panic" => std::process::exit(3),
            "trial-get-slow" => loop {
                std::thread::park();
            },
            "trial-get-forbidden" => Err(json!({"errorType": "Corrupt", "errorMessage": "it broke"})),
            _ => Ok(json!({"statusCode": 200, "headers": {"content-type": "application/json"},
                           "body": about(&event).to_string()})),
        };
        let line = json!({"level": "info", "operation": name, "request_id": id, "status": 200, "calls": 2,
                          "read_half_units": 1, "write_half_units": 4});
        println!("\n{line}");
        let (kind, body) = match outcome {
            Ok(answer) => ("response", answer),
            Err(error) => ("error", error),
        };
        let (status, _) = call(&api, "POST", &format!("/2018-06-01/runtime/invocation/{id}/{kind}"), &body.to_string());
        assert!(status.starts_with("HTTP/1.1 202"), "{status}");
    }
}

/// What the function sees of its world.
fn about(event: &Value) -> Value {
    let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    json!({
        "pid": std::process::id(),
        "route": event["routeKey"],
        "names": names,
        "memory": variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        "access_key": variable("AWS_ACCESS_KEY_ID"),
    })
}

/// One request to the Runtime API: the head and the body of the answer.
fn call(api: &str, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(api).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// A folder in which every function of the trial is this program.
fn binaries() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let script = format!("#!/bin/sh\nexec '{}' --exact functions::as_a_function --nocapture\n", program.display());
    for name in ["get-now", "get-slow", "get-panic", "get-forbidden", "get-large", "collect", "each-minute", "look"] {
        // One as cargo-lambda leaves it, the others as cargo does.
        let path = match name {
            "get-now" => {
                fs::create_dir(folder.path().join("trial-get-now")).unwrap();
                folder.path().join("trial-get-now/bootstrap")
            }
            _ => folder.path().join(format!("trial-{name}")),
        };
        fs::write(&path, &script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

async fn cloud_of(folder: &tempfile::TempDir) -> Cloud {
    cloud_with(Settings { binaries: Some(folder.path().to_owned()), ..Settings::for_tests() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_is_started_once_and_given_what_the_template_gives() {
    let folder = binaries();
    let cloud = cloud_of(&folder).await;
    let first = get(&cloud, "/api/trial/now").await;
    assert_eq!(first.status, 200, "{}", first.text());
    let first = first.json();
    assert_eq!(first["route"], "GET /trial/now");
    assert_eq!(first["memory"], "128");
    assert_eq!(first["access_key"], "trial-get-now");
    let names: Vec<&str> = first["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in ["TABLE_NAME", "SITE_ORIGIN", "ACCESS_TOKEN_KEYS", "SECRETS_PREFIX", "AWS_REGION", "ORIGIN_KEY"] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    for name in ["HOME", "PATH_INFO", "CARGO", "UPLOADS_BUCKET", "MAIL_FROM"] {
        assert!(!names.contains(&name), "{name} is in {names:?}");
    }
    assert_eq!(get(&cloud, "/api/trial/now").await.json()["pid"], first["pid"]);
    let (requests, _) = cloud.world().requests.list(1);
    assert_eq!((requests[0].calls, requests[0].write_units), (2, engines::Units::whole(2)), "read from its line");
    cloud.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_that_dies_fails_is_too_slow_or_does_not_start_is_an_internal_error() {
    let folder = binaries();
    let cloud = cloud_of(&folder).await;
    for (path, why) in [
        ("/api/trial/panic", "ended without an answer: exit status: 3"),
        ("/api/trial/forbidden", "Corrupt: it broke"),
        ("/api/trial/slow", "ran for 1 s and was ended"),
        ("/api/trial/large", "did not start: Configuration: a variable is missing"),
        // There is no such binary.
        ("/api/trial/patient", "trial-get-patient did not start"),
    ] {
        let answer = get(&cloud, path).await;
        assert_eq!((answer.status, answer.json()), (500, json!({"message": "Internal Server Error"})), "{path}");
        let (requests, _) = cloud.world().requests.list(1);
        let fault = requests[0].fault.clone().unwrap_or_default();
        assert!(fault.contains(why), "{path}: {fault}");
    }
    assert_eq!(get(&cloud, "/api/trial/now").await.status, 200);
    cloud.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_was_killed_is_started_again_and_the_end_leaves_none() {
    let folder = binaries();
    let cloud = cloud_of(&folder).await;
    let pid = |answer: Value| answer["pid"].as_u64().unwrap();
    let first = pid(get(&cloud, "/api/trial/now").await.json());
    kill(first);
    let second = pid(get(&cloud, "/api/trial/now").await.json());
    assert_ne!(first, second);
    cloud.shutdown().await;
    assert!(!is_running(second), "the process of a function outlives the cloud");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_requests_at_once_have_instances_of_their_own_up_to_the_limit() {
    let folder = binaries();
    let limits = Limits { instances_per_function: 2, ..Limits::default() };
    let settings = Settings { binaries: Some(folder.path().to_owned()), limits, ..Settings::for_tests() };
    let cloud = cloud_with(settings).await;
    let port = cloud.world().port;
    let asked = (0..8).map(|_| async move { get_at(port, "/api/trial/now").await.json()["pid"].as_u64().unwrap() });
    let pids: std::collections::BTreeSet<u64> = futures_util::future::join_all(asked).await.into_iter().collect();
    assert!((1..=2).contains(&pids.len()), "{pids:?}");
    cloud.shutdown().await;
}

fn kill(pid: u64) {
    assert!(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    // The kernel has delivered the signal when the process no longer runs.
    for _ in 0..1_000 {
        if !is_running(pid) {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    panic!("{pid} does not die");
}

/// Whether a process runs; one that has ended with all its threads and was not yet asked for its status
/// does not.
fn is_running(pid: u64) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let threads = field("Threads:").and_then(|number| number.parse::<u32>().ok()).unwrap_or(0);
    field("State:").is_some_and(|state| !state.starts_with('Z') || threads > 1)
}
