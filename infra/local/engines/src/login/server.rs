//! The simulators with a port of their own.

use std::io;

use tokio::task::JoinHandle;

use super::{LoginSettings, LoginState, Simulator, router};
use crate::web;

/// Both simulators, running on a free port of this machine. End when dropped.
#[derive(Debug)]
pub struct Login {
    state: LoginState,
    task: JoinHandle<()>,
}

impl Login {
    /// Starts on a free port. The issuers are `http://127.0.0.1:{port}/google` and `…/kakao` unless
    /// the settings say otherwise.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(mut settings: LoginSettings) -> io::Result<Self> {
        let (listener, address) = web::free_port().await?;
        settings.public_url.get_or_insert_with(|| format!("http://{address}"));
        let state = LoginState::open(settings)?;
        let task = web::serve(listener, address, router(&state));
        Ok(Self { state, task })
    }

    /// Google.
    #[must_use]
    pub fn google(&self) -> Simulator {
        self.state.google()
    }

    /// Kakao.
    #[must_use]
    pub fn kakao(&self) -> Simulator {
        self.state.kakao()
    }

    /// The memory of both.
    #[must_use]
    pub const fn state(&self) -> &LoginState {
        &self.state
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.task.abort();
    }
}
