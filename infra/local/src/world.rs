//! The parts of a running cloud, for its pages.

use std::{path::PathBuf, sync::Arc};

use engines::{Engines, login::LoginState, toss::TossState};

use crate::{delivery::Delivery, environment::Environment, gateway::Gateway, hosts::Function, requests::Requests};

/// The parts of a running cloud.
#[derive(Debug)]
pub struct World {
    /// The engines.
    pub engines: Arc<Engines>,
    /// The payment provider.
    pub toss: TossState,
    /// Who logs people in for others.
    pub login: LoginState,
    /// Every request so far.
    pub requests: Requests,
    /// What happens by itself.
    pub delivery: Arc<Delivery>,
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// What the functions are given.
    pub environment: Arc<Environment>,
    /// Every function.
    pub functions: Vec<Arc<Function>>,
    /// Scheme, host and port for people.
    pub origin: String,
    /// The port for people.
    pub port: u16,
    /// The port for the SDKs and for uploads.
    pub aws_port: u16,
    /// Where everything is kept.
    pub data: Option<PathBuf>,
    /// Where the binaries are, when the functions run as processes.
    pub binaries: Option<PathBuf>,
    /// The checkout that the pages come from.
    pub repository: PathBuf,
    /// The built storefront.
    pub site: PathBuf,
}
