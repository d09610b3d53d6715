//! One running copy of a function's binary.

use std::{
    collections::HashMap,
    io,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use serde_json::Value;
use shared::meter::Usage;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    Environment, Function, InvokeError,
    runtime_api::{self, Runtime, Work},
};
use crate::ground::spawn;

/// How long the line of a request may come after its answer: the two take different ways. It is there
/// already unless the machine is busy.
const LINE_AT_MOST_AFTER: Duration = Duration::from_secs(2);

/// The line that a function writes for each request, as far as it is of use here.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(super) struct Line {
    request_id: String,
    code: Option<String>,
    fault: Option<String>,
    #[serde(default)]
    calls: u32,
    #[serde(default)]
    read_half_units: u32,
    #[serde(default)]
    write_half_units: u32,
}

/// The lines that came, by request.
#[derive(Debug, Default)]
struct Lines {
    by_request: Mutex<HashMap<String, Line>>,
    arrived: Notify,
}

/// What a call came to, and whether the instance can take another.
pub(super) struct Answered {
    pub(super) outcome: Result<Value, InvokeError>,
    pub(super) line: Line,
    pub(super) is_alive: bool,
}

/// One running copy. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Instance {
    child: Child,
    work: mpsc::Sender<Work>,
    runtime: Arc<Runtime>,
    lines: Arc<Lines>,
    server: JoinHandle<()>,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts a program; one that a compiler is writing at this moment as soon as it is whole.
async fn spawn_when_written(command: &mut Command) -> io::Result<Child> {
    for _ in 0..20 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            started => return started,
        }
    }
    command.spawn()
}

impl Instance {
    /// Starts the binary with a Runtime API of its own.
    pub(super) async fn start(
        binary: &Path,
        function: &Function,
        environment: &Environment,
        log: bool,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (work, receiver) = mpsc::channel(1);
        let runtime = Arc::new(Runtime::new(receiver));
        let router = runtime_api::router(Arc::clone(&runtime), address);
        let server = spawn(async move {
            // The listener only ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(environment.variables(&function.name, &function.variables))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string())
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .env("TZ", ":UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = spawn_when_written(&mut command).await?;
        let lines = Arc::new(Lines::default());
        if let Some(output) = child.stdout.take() {
            spawn(read_lines(output, function.name.clone(), Arc::clone(&lines), log));
        }
        if let Some(output) = child.stderr.take() {
            spawn(read_lines(output, function.name.clone(), Arc::clone(&lines), log));
        }
        Ok(Self { child, work, runtime, lines, server })
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Hands it one call and waits for the answer, its death, or the end of its time, upon which it
    /// is killed.
    pub(super) async fn answer(
        &mut self,
        function: &Function,
        payload: String,
        request_id: &str,
        now: Timestamp,
    ) -> Answered {
        let (answer, answered) = oneshot::channel();
        let limit = Duration::from_secs(u64::from(function.time_out_s));
        let work = Work {
            request_id: request_id.to_owned(),
            function: function.name.clone(),
            deadline_ms: now.millis().saturating_add(i64::from(function.time_out_s).saturating_mul(1_000)),
            payload,
            answer,
        };
        let Self { child, work: queue, runtime, .. } = &mut *self;
        let running = async {
            // The only failure is a server that has ended, and then the answer fails as well.
            let _ = queue.send(work).await;
            answered.await
        };
        let (outcome, is_alive) = tokio::select! {
            outcome = running => {
                let lost = || Err(InvokeError::Crashed("the runtime interface has ended".to_owned()));
                (outcome.unwrap_or_else(|_| lost()), true)
            }
            status = child.wait() => (Err(death(status, runtime)), false),
            () = tokio::time::sleep(limit) => (Err(InvokeError::TimedOut(function.time_out_s)), false),
        };
        if !is_alive {
            self.kill().await;
        }
        let line = if outcome.is_ok() { self.line(request_id).await } else { Line::default() };
        Answered { outcome, line, is_alive }
    }

    /// Kills the process and waits for its end.
    pub(super) async fn kill(&mut self) {
        // It fails only when the process has ended by itself.
        let _ = self.child.kill().await;
    }

    async fn line(&self, request_id: &str) -> Line {
        let look = async {
            loop {
                let arrived = self.lines.arrived.notified();
                let found = self.lines.by_request.lock().unwrap_or_else(PoisonError::into_inner).remove(request_id);
                match found {
                    Some(line) => return line,
                    None => arrived.await,
                }
            }
        };
        tokio::time::timeout(LINE_AT_MOST_AFTER, look).await.unwrap_or_default()
    }
}

fn death(status: io::Result<std::process::ExitStatus>, runtime: &Runtime) -> InvokeError {
    let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    InvokeError::Crashed(match runtime.start_failure() {
        Some(reason) => format!("the function did not start: {reason}"),
        None => format!("the process ended without an answer: {how}"),
    })
}

impl Line {
    pub(super) fn into_parts(self) -> (Usage, Option<String>, Option<String>) {
        let usage = Usage {
            calls: self.calls,
            read_half_units: self.read_half_units,
            write_half_units: self.write_half_units,
            ..Usage::default()
        };
        (usage, self.code, self.fault)
    }
}

/// Reads what a function writes: lines of requests are kept, everything else is passed on.
async fn read_lines(output: impl AsyncRead + Unpin, function: String, lines: Arc<Lines>, log: bool) {
    let mut reader = BufReader::new(output).lines();
    while let Ok(Some(text)) = reader.next_line().await {
        match serde_json::from_str::<Line>(&text) {
            Ok(line) => {
                let mut by_request = lines.by_request.lock().unwrap_or_else(PoisonError::into_inner);
                // Lines that nobody asked for, of calls that were given up.
                if by_request.len() > 100 {
                    by_request.clear();
                }
                by_request.insert(line.request_id.clone(), line);
                drop(by_request);
                lines.arrived.notify_waiters();
            }
            Err(_) if log => crate::ground::say(&format!("{function}: {text}")),
            Err(_) => {}
        }
    }
}
