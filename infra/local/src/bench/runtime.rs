//! A Lambda Runtime API (version 2018-06-01) that keeps time: it tells when a program first asks for
//! work and when it has answered. The one of the local cloud serves many calls; this one watches one
//! program at a time.

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use engines::clock::machine_now;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::BenchError;
use crate::{ground::spawn, hosts::PAYLOAD_AT_MOST};

/// A program that has not asked for work, or not answered, by then is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program did.
enum Heard {
    Next { at: Instant, work: oneshot::Sender<String> },
    Answered { at: Instant, body: Bytes },
    Failed(Bytes),
}

/// The server that the programs talk to.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    heard: mpsc::UnboundedReceiver<Heard>,
    server: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A running program that waits for work.
pub(super) struct Program {
    child: Child,
    work: Option<oneshot::Sender<String>>,
    /// From before it was started until it asked for work.
    pub(super) start: Duration,
}

/// An answer and how long it took, from handing out the event.
pub(super) struct Timed {
    pub(super) took: Duration,
    pub(super) body: Bytes,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self, BenchError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (tell, heard) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/bench/response", post(answered))
            .route("/2018-06-01/runtime/invocation/bench/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .layer(DefaultBodyLimit::max(PAYLOAD_AT_MOST))
            .with_state(tell);
        let server = spawn(async move {
            // The listener only ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, heard, server })
    }

    /// Starts a program and waits until it asks for work.
    pub(super) async fn run(
        &mut self,
        binary: &Path,
        name: &str,
        memory_mb: u32,
        variables: &[(&'static str, String)],
    ) -> Result<Program, BenchError> {
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
            .env("AWS_LAMBDA_RUNTIME_API", self.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb.to_string())
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("TZ", ":UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let heard = tokio::select! {
            heard = self.hear(name) => heard?,
            _ = child.wait() => return Err(BenchError::failed(name, b"it ended before it asked for work")),
        };
        match heard {
            Heard::Next { at, work } => {
                Ok(Program { child, work: Some(work), start: at.saturating_duration_since(begun) })
            }
            Heard::Answered { body, .. } | Heard::Failed(body) => Err(BenchError::failed(name, &body)),
        }
    }

    /// Hands a program one event and waits for its answer, and until it asks for more.
    pub(super) async fn ask(&mut self, program: &mut Program, name: &str, event: String) -> Result<Timed, BenchError> {
        let work = program.work.take().ok_or_else(|| BenchError::failed(name, b"it asked for no work"))?;
        let begun = Instant::now();
        work.send(event).map_err(|_| BenchError::failed(name, b"it is gone"))?;
        let answer = match self.hear(name).await? {
            Heard::Answered { at, body } => Timed { took: at.saturating_duration_since(begun), body },
            Heard::Failed(body) => return Err(BenchError::failed(name, &body)),
            Heard::Next { .. } => return Err(BenchError::failed(name, b"it asked for work in place of answering")),
        };
        match self.hear(name).await? {
            Heard::Next { work, .. } => program.work = Some(work),
            Heard::Answered { body, .. } | Heard::Failed(body) => return Err(BenchError::failed(name, &body)),
        }
        Ok(answer)
    }

    async fn hear(&mut self, name: &str) -> Result<Heard, BenchError> {
        match tokio::time::timeout(PATIENCE, self.heard.recv()).await {
            Ok(Some(heard)) => Ok(heard),
            _ => Err(BenchError::failed(name, b"it says nothing")),
        }
    }
}

impl Program {
    /// The most memory that it has had, in KB, as the kernel counts it (`VmHWM`).
    pub(super) fn peak_memory_kb(&self) -> u64 {
        let status = self.child.id().and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok());
        let line = status.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("VmHWM:")));
        line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Ends it.
    pub(super) async fn end(mut self) {
        // It fails only when the program has ended by itself.
        let _ = self.child.kill().await;
    }
}

type Tell = mpsc::UnboundedSender<Heard>;

async fn next(State(tell): State<Tell>) -> Response {
    let at = Instant::now();
    let (work, event) = oneshot::channel();
    let _ = tell.send(Heard::Next { at, work });
    let Ok(event) = event.await else { return StatusCode::GONE.into_response() };
    let deadline = machine_now().millis().saturating_add(60_000).to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "bench"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:000000000000:function:bench"),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

async fn answered(State(tell): State<Tell>, body: Bytes) -> StatusCode {
    let _ = tell.send(Heard::Answered { at: Instant::now(), body });
    StatusCode::ACCEPTED
}

async fn failed(State(tell): State<Tell>, body: Bytes) -> StatusCode {
    let _ = tell.send(Heard::Failed(body));
    StatusCode::ACCEPTED
}
