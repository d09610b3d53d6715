//! The local cloud: everything that Jangteo needs of AWS, in one process.

use std::{io, net::SocketAddr, sync::Arc};

use domain::{Timestamp, timestamp::Seconds};
use engines::{
    Clock, EngineError, Engines, EnginesConfig, Faults, Permissions, TableSpec,
    login::{Client, LoginSettings, LoginState, Provider},
    toss::{Toss, TossSettings, TossState},
};
use shared::{Fault, api::host::AnyService, secrets::SecretName, store::schema};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    delivery::{Caller, Delivery},
    environment::{self, Environment},
    gateway::Gateway,
    ground::{say, spawn},
    hosts::{self, Function, Host},
    pages,
    permissions::statements,
    requests::Requests,
    services,
    settings::{Settings, repository},
    world::World,
};

/// Why the local cloud could not be started.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// A file, a folder or a port.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A port for people that is taken, or not ours to take.
    #[error("port {port} cannot be used: {source}")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// An engine.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// Keys could not be made.
    #[error("{}", .0.chain())]
    Fault(Fault),
    /// The port for AWS, which the engines took.
    #[error("the AWS port cannot be told: {0}")]
    AwsUrl(String),
}

impl From<Fault> for CloudError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The running cloud. Call [`Cloud::shutdown`] to end it cleanly; dropping it ends it at once.
#[derive(Debug)]
pub struct Cloud {
    world: Arc<World>,
    host: Arc<Host>,
    stop: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
    deliveries: Vec<JoinHandle<()>>,
    /// Holds the provider's own port open.
    _toss: Toss,
}

impl Cloud {
    /// Starts the cloud with every service. Both ports answer when this returns.
    ///
    /// # Errors
    /// When a port is taken, the data folder is in use, or something in it cannot be read.
    pub async fn start(settings: Settings) -> Result<Self, CloudError> {
        Self::start_with(settings, services::all()).await
    }

    /// Starts the cloud with these services.
    ///
    /// # Errors
    /// As [`Cloud::start`].
    pub async fn start_with(settings: Settings, services: Vec<&'static dyn AnyService>) -> Result<Self, CloudError> {
        let listener = TcpListener::bind(("127.0.0.1", settings.port))
            .await
            .map_err(|source| CloudError::Port { port: settings.port, source })?;
        let port = listener.local_addr()?.port();
        let origin = format!("http://localhost:{port}");
        let clock = clock_of(&settings)?;
        let permissions = Permissions::operator_only();
        let engines = Arc::new(start_engines(&settings, clock, permissions.clone(), &origin, port).await?);
        let toss = start_toss(&settings, &engines, &origin, port).await?;
        let login = LoginState::open(login_settings(&engines, &origin, port))?;
        let aws_url = engines.aws_url();
        let aws_port: SocketAddr =
            aws_url.trim_start_matches("http://").parse().map_err(|_| CloudError::AwsUrl(aws_url.clone()))?;
        let google_issuer = settings.google_issuer.clone();
        let environment = Arc::new(Environment::new(&origin, &engines, &toss.base_url(), google_issuer));
        let functions: Vec<Arc<Function>> = hosts::functions(&services).into_iter().map(Arc::new).collect();
        let places = environment.places();
        for function in &functions {
            permissions.grant(&function.name, statements(&function.touches, &places));
        }
        let requests = Requests::new(settings.log);
        let host = Arc::new(Host::new(
            services,
            Arc::clone(&environment),
            engines.clock().clone(),
            settings.binaries.clone(),
            settings.limits.instances_per_function,
            settings.log,
        ));
        let gateway = Arc::new(Gateway::new(
            &functions,
            Arc::clone(&host),
            engines.clock().clone(),
            engines.meter().clone(),
            requests.clone(),
            &settings.limits,
            port,
        ));
        let caller = Caller::new(Arc::clone(&engines), Arc::clone(&host), requests.clone());
        let mut delivery = Delivery::new(&functions, caller, settings.data.as_deref(), settings.sweep_ttl);
        if settings.webhooks {
            delivery = delivery.with_webhooks(toss.state().clone(), Arc::clone(&gateway));
        }
        let delivery = Arc::new(delivery);
        let world = Arc::new(World {
            toss: toss.state().clone(),
            login,
            engines,
            requests,
            delivery: Arc::clone(&delivery),
            gateway,
            environment,
            functions,
            origin,
            port,
            aws_port: aws_port.port(),
            data: settings.data,
            binaries: settings.binaries,
            repository: repository(),
            site: settings.site,
        });
        let (stop, stopped) = watch::channel(false);
        let server = spawn(serve(listener, Arc::clone(&world), stopped));
        let deliveries = delivery.run();
        Ok(Self { world, host, stop, server, deliveries, _toss: toss })
    }

    /// Scheme, host and port for people, such as `http://localhost:3000`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.world.origin
    }

    /// The engines.
    #[must_use]
    pub fn engines(&self) -> &Engines {
        &self.world.engines
    }

    /// The payment provider.
    #[must_use]
    pub fn toss(&self) -> &TossState {
        &self.world.toss
    }

    /// Who logs people in for others.
    #[must_use]
    pub fn login(&self) -> &LoginState {
        &self.world.login
    }

    /// Everything that the pages know.
    #[must_use]
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Waits until nothing is being delivered and nothing is due.
    pub async fn quiet(&self) {
        self.world.delivery.settle().await;
    }

    /// Moves the clock forward and delivers everything that became due by it.
    pub async fn advance(&self, span: Seconds) -> Timestamp {
        let now = self.world.engines.clock().advance(span);
        self.quiet().await;
        now
    }

    /// Takes no more requests, lets the running ones finish, and ends everything, the functions'
    /// processes too.
    pub async fn shutdown(self) {
        let Self { world, host, stop, server, deliveries, _toss } = self;
        for delivery in &deliveries {
            delivery.abort();
        }
        let _ = stop.send(true);
        if let Ok(Err(error)) = server.await {
            say(&format!("the server has ended badly: {error}"));
        }
        for delivery in deliveries {
            // It was ended on purpose.
            let _ = delivery.await;
        }
        host.stop().await;
        drop(host);
        // The last owner of the engines closes their port and gives the folder back.
        if let Ok(world) = Arc::try_unwrap(world) {
            let World { engines, delivery, gateway, .. } = world;
            drop((delivery, gateway));
            if let Ok(engines) = Arc::try_unwrap(engines) {
                engines.shutdown().await;
            }
        }
    }
}

fn clock_of(settings: &Settings) -> io::Result<Clock> {
    match (&settings.clock, &settings.data) {
        (Some(clock), _) => Ok(clock.clone()),
        (None, Some(folder)) => {
            engines::private_folder(folder)?;
            Clock::persisted(folder.join("clock"))
        }
        (None, None) => Ok(Clock::machine()),
    }
}

async fn start_engines(
    settings: &Settings,
    clock: Clock,
    permissions: Permissions,
    origin: &str,
    port: u16,
) -> Result<Engines, CloudError> {
    let config = EnginesConfig {
        data_dir: settings.data.clone(),
        aws_port: (settings.aws_port != 0).then_some(settings.aws_port),
        clock,
        faults: Faults::none(),
        permissions,
        buckets: environment::buckets(),
        cors_origin: Some(origin.to_owned()),
        secrets: environment::new_secrets()?,
    };
    let engines = Engines::start(config).await?;
    engines.objects().allow_origin(&format!("http://127.0.0.1:{port}"));
    let table = TableSpec::from_json(&schema::table())?.named(environment::TABLE);
    engines.database().create_table(&table)?;
    Ok(engines)
}

async fn start_toss(settings: &Settings, engines: &Engines, origin: &str, port: u16) -> Result<Toss, CloudError> {
    let toss = Toss::start(TossSettings {
        secret_key: environment::secret(engines.secrets(), SecretName::TossSecretKey),
        client_key: environment::TOSS_CLIENT_KEY.to_owned(),
        allowed_origins: vec![origin.to_owned(), format!("http://127.0.0.1:{port}")],
        public_url: format!("{origin}/_local/toss"),
        clock: engines.clock().clone(),
        faults: engines.faults().clone(),
        data: settings.data.as_ref().map(|folder| folder.join("toss")),
    });
    Ok(toss.await?)
}

/// The simulators are served with the pages: their issuers are addresses that a browser can open.
fn login_settings(engines: &Engines, origin: &str, port: u16) -> LoginSettings {
    let client = |provider: Provider, id: &str, secret| Client {
        id: id.to_owned(),
        secret: environment::secret(engines.secrets(), secret),
        redirect_uris: [origin, &format!("http://127.0.0.1:{port}")]
            .map(|origin| format!("{origin}/api/auth/oauth/{}/callback", provider.name()))
            .into(),
    };
    LoginSettings {
        public_url: Some(format!("{origin}/_local/login")),
        google: client(Provider::Google, environment::GOOGLE_CLIENT_ID, SecretName::GoogleClientSecret),
        kakao: client(Provider::Kakao, environment::KAKAO_CLIENT_ID, SecretName::KakaoClientSecret),
        clock: engines.clock().clone(),
        faults: engines.faults().clone(),
    }
}

async fn serve(listener: TcpListener, world: Arc<World>, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let app = pages::router(world).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            // An error means that the cloud is gone, which is a reason to stop as well.
            let _ = stop.changed().await;
        })
        .await
}
