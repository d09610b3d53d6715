//! The local cloud as a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts it on free ports and waits until it says that it runs.
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["dev", "--no-ttl", "--port", "0", "--data"]).arg(data);
        if let Some(folder) = binaries() {
            command.arg("--binaries").arg(folder);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.find_map(|line| {
            let site = line.trim().strip_prefix("storefront")?.trim().strip_prefix("http://localhost:")?;
            site.strip_suffix('/')?.parse().ok()
        });
        assert!(lines.any(|line| line.contains("Ctrl-C stops it")), "it ended before it ran");
        // What it goes on to say must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port: port.unwrap() }
    }

    /// As a power cut would end it.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the binaries are")]
fn binaries() -> Option<String> {
    std::env::var("JANGTEO_BINARIES").ok()
}
