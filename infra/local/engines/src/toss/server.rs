//! The simulator with a port of its own.

use std::{io, net::SocketAddr};

use tokio::task::JoinHandle;

use super::{TossSettings, TossState, router};
use crate::web;

/// A running simulator on a free port of this machine. Ends when dropped.
#[derive(Debug)]
pub struct Toss {
    state: TossState,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Toss {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When no port can be opened, or the data folder cannot be read or written.
    pub async fn start(settings: TossSettings) -> io::Result<Self> {
        let state = TossState::open(settings)?;
        let (listener, address) = web::free_port().await?;
        let task = web::serve(listener, address, router(state.clone()));
        Ok(Self { state, address, task })
    }

    /// Scheme, host and port of the API.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulator's memory.
    #[must_use]
    pub const fn state(&self) -> &TossState {
        &self.state
    }
}

impl Drop for Toss {
    fn drop(&mut self) {
        self.task.abort();
    }
}
