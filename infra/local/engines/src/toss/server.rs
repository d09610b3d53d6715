//! The simulator with a port of its own.

use std::{io, net::SocketAddr};

use axum::response::Response;
use hyper::{
    body::Incoming,
    service::{Service as _, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{NoAnswer, TossSettings, TossState, router};

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
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let accepting = accept(listener, state.clone());
        #[expect(clippy::disallowed_methods, reason = "a server of the local cloud, which no Lambda freezes")]
        let task = tokio::spawn(accepting);
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

async fn accept(listener: TcpListener, state: TossState) {
    let app = TowerToHyperService::new(router(state));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let app = app.clone();
        let service = service_fn(move |request| answer(app.clone(), request));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        #[expect(clippy::disallowed_methods, reason = "a server of the local cloud, which no Lambda freezes")]
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the payment simulator ended early");
            }
        });
    }
}

/// An error here closes the connection without an answer.
async fn answer(app: TowerToHyperService<axum::Router>, request: http::Request<Incoming>) -> io::Result<Response> {
    let response = app.call(request).await.unwrap_or_else(|never| match never {});
    if response.extensions().get::<NoAnswer>().is_some() {
        return Err(io::Error::other("no answer, on purpose"));
    }
    Ok(response)
}
