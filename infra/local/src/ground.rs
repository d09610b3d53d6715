//! What every part of the local cloud stands on.

use std::io::{self, Write as _};

use tokio::task::JoinHandle;

/// Runs a part of the cloud beside the others.
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "the local cloud is a server, not a function that is frozen")]
    tokio::spawn(work)
}

/// A line for the person at the terminal. Standard error, so that nothing waits for it.
pub(crate) fn say(line: &str) {
    // A closed terminal is no reason to stop.
    let _ = writeln!(io::stderr(), "{line}");
}
