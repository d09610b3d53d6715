//! A service on its own engines.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    ErrorCode, Timestamp,
    auth::{CODE_LIFETIME, CodePurpose, EMAIL_PROOF_LIFETIME},
    ids::EmailCodeId,
    text::Email,
    timestamp::Seconds,
};
use engines::{
    Clock, Engines, EnginesConfig, FaultPlan, FaultRule, Faults, OPERATOR, TableSpec,
    login::{Login, LoginSettings},
    toss::{Toss, TossSettings},
};
use shared::{
    Fault,
    api::{
        Core, JobRoute, Method, Route,
        caller::Access,
        host::{AnyService, HostedEndpoint, HostedJob},
        job::{Invocation, JobReport},
    },
    aws::{Aws, CallLimits},
    config::{AwsConfig, Config},
    meter::Usage,
    payments::TimeLimits,
    random,
    secrets::{Secret, SecretName},
    store::{
        Entity, Item, Key, Table,
        email_codes::EmailCode,
        expression::{Change, Condition},
        outbox::OutboxEvent,
        schema,
    },
    tokens::{
        access::{AccessTokenSigner, generate_key},
        email_code::{self, EmailProof},
        seal::SealKey,
        totp::TotpKey,
    },
};

use crate::{TestRequest, observed::Observed};

/// Where the clock of every app starts, 2026-11-21T09:00:00Z: the beginning of every window of a
/// limit that divides the hour.
pub const START: Timestamp = Timestamp::from_seconds(1_795_251_600);

/// What the app's CloudFront would add to each request.
pub const ORIGIN_KEY: &str = "the-origin-key-of-the-tests";

const TABLE: &str = "jangteo-test-table";
const UPLOADS: &str = "jangteo-test-uploads";
const PICTURES: &str = "jangteo-test-pictures";
const PREFIX: &str = "/jangteo/test/";

/// Services on engines of their own. Ends with everything in it when it is dropped.
pub struct TestApp {
    engines: Engines,
    toss: Toss,
    login: Login,
    config: Config,
    table: Table,
    signer: AccessTokenSigner,
    operations: BTreeMap<&'static str, Arc<Operation>>,
    jobs: BTreeMap<&'static str, (JobRoute, Arc<dyn HostedJob>)>,
    observed: Arc<Observed>,
    numbers: AtomicU64,
}

/// An endpoint that is ready to answer, and what it declares.
pub(crate) struct Operation {
    pub(crate) route: Route,
    pub(crate) access: Access,
    pub(crate) errors: Vec<ErrorCode>,
    pub(crate) hosted: Arc<dyn HostedEndpoint>,
}

impl TestApp {
    /// Starts one service.
    ///
    /// # Panics
    /// When anything does not start: the configuration is wrong, a port is not free.
    pub async fn start(service: &'static dyn AnyService) -> Self {
        Self::start_all(&[service]).await
    }

    /// Starts several services on the same engines.
    ///
    /// # Panics
    /// As [`TestApp::start`].
    pub async fn start_all(services: &[&'static dyn AnyService]) -> Self {
        Self::start_with(services, Clock::fixed(START), |_| {}).await
    }

    /// Starts services that are set up in another way than usual, or by another clock.
    ///
    /// # Panics
    /// As [`TestApp::start`].
    pub async fn start_with(
        services: &[&'static dyn AnyService],
        clock: Clock,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let faults = Faults::none();
        let toss = Toss::start(TossSettings::for_tests(clock.clone(), faults.clone())).await.expect("Toss starts");
        let login = LoginSettings::for_tests(clock.clone(), faults.clone());
        let login = Login::start(login).await.expect("the login simulators start");
        let (secrets, public_keys) = secrets(&login);
        let parameters =
            secrets.iter().map(|(name, value)| (format!("{PREFIX}{}", name.parameter()), value.expose().to_owned()));
        let engines = Engines::start(EnginesConfig {
            clock,
            faults,
            buckets: vec![UPLOADS.to_owned(), PICTURES.to_owned()],
            secrets: parameters.collect(),
            ..EnginesConfig::in_memory()
        })
        .await
        .expect("the engines start");
        let spec = TableSpec::from_json(&schema::table()).expect("the schema is a table's").named(TABLE);
        engines.database().create_table(&spec).expect("the table is made");

        let mut config = config(&engines, &toss, &login, public_keys);
        change(&mut config);
        let aws = Aws::new(&config.aws, CallLimits::within(900)).expect("the clients are made");
        let signing_key = secrets.get(&SecretName::AccessTokenKey).expect("every secret is there");
        let signer = AccessTokenSigner::new(signing_key, &config.site_origin).expect("the key is one");
        let table = Table::new(&aws, &config.table);
        let mut app = Self {
            engines,
            toss,
            login,
            config,
            table,
            signer,
            operations: BTreeMap::new(),
            jobs: BTreeMap::new(),
            observed: Arc::default(),
            numbers: AtomicU64::new(1),
        };
        for service in services {
            app.host(*service);
        }
        app
    }

    fn host(&mut self, service: &'static dyn AnyService) {
        for face in service.endpoints().into_iter().chain(service.default_route()) {
            let id = face.route.id;
            let core = self.core(&face.route.all_touches());
            let hosted = service.host_endpoint(id, core).expect("the tools are made").expect("the endpoint is there");
            let operation = Operation { route: face.route, access: face.access, errors: face.errors, hosted };
            assert!(self.operations.insert(id, Arc::new(operation)).is_none(), "{id} is there twice");
        }
        for route in service.jobs() {
            let core = self.core(route.touches);
            let hosted = service.host_job(route.id, core).expect("the tools are made").expect("the job is there");
            assert!(self.jobs.insert(route.id, (route, hosted)).is_none(), "{} is there twice", route.id);
        }
    }

    /// A core of its own for each function, with the secrets that the function declares. Lambda's longest
    /// time-out in place of the function's: how long an answer takes here is the machine's matter, which
    /// runs other tests.
    fn core(&self, touches: &[shared::api::Touch]) -> Core {
        Core::start(self.config.clone(), touches, 900).expect("the core starts")
    }

    /// A GET of an operation.
    #[must_use]
    pub fn get(&self, operation: &str) -> TestRequest<'_> {
        self.request(operation, Method::Get)
    }

    /// A POST of an operation.
    #[must_use]
    pub fn post(&self, operation: &str) -> TestRequest<'_> {
        self.request(operation, Method::Post)
    }

    /// A PUT of an operation.
    #[must_use]
    pub fn put(&self, operation: &str) -> TestRequest<'_> {
        self.request(operation, Method::Put)
    }

    /// A PATCH of an operation.
    #[must_use]
    pub fn patch(&self, operation: &str) -> TestRequest<'_> {
        self.request(operation, Method::Patch)
    }

    /// A DELETE of an operation.
    #[must_use]
    pub fn delete(&self, operation: &str) -> TestRequest<'_> {
        self.request(operation, Method::Delete)
    }

    fn request(&self, operation: &str, method: Method) -> TestRequest<'_> {
        let request = self.call(operation);
        assert_eq!(request.route().method, method, "{operation} has another method");
        request
    }

    /// A request to an operation, whatever its method.
    ///
    /// # Panics
    /// When no service of this app has the operation.
    #[must_use]
    pub fn call(&self, operation: &str) -> TestRequest<'_> {
        let found = self.operations.get(operation).unwrap_or_else(|| panic!("no service here has {operation}"));
        TestRequest::new(self, Arc::clone(found))
    }

    /// Runs a job on a payload as its trigger delivers it, and holds what it touches to what it
    /// declares.
    ///
    /// # Errors
    /// What broke in the job.
    ///
    /// # Panics
    /// When no service of this app has the job, or it touches what it does not declare.
    pub async fn run_job(&self, job: &str, payload: serde_json::Value) -> Result<(JobReport, Usage), Fault> {
        let (route, hosted) = self.jobs.get(job).unwrap_or_else(|| panic!("no service here has the job {job}"));
        let (outcome, usage) = hosted.run(payload, self.invocation()).await;
        for touch in &usage.touched {
            assert!(route.touches.contains(touch), "{job} touches {touch:?} and does not declare it");
        }
        self.observed.note_job(job, &usage);
        outcome.map(|report| (report, usage))
    }

    /// What the runtime says of an invocation that begins now.
    #[must_use]
    pub fn invocation(&self) -> Invocation {
        Invocation { request_id: format!("job-{}", self.next_number()), at: self.now() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engines.clock().now()
    }

    /// Lets time pass, for the services and for the engines. Returns the new time.
    pub fn advance(&self, span: Seconds) -> Timestamp {
        self.engines.clock().advance(span)
    }

    /// The table, for making and for looking.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The engines: mailbox, buckets, meter.
    #[must_use]
    pub const fn engines(&self) -> &Engines {
        &self.engines
    }

    /// The payment simulator.
    #[must_use]
    pub const fn toss(&self) -> &Toss {
        &self.toss
    }

    /// The login simulators.
    #[must_use]
    pub const fn login(&self) -> &Login {
        &self.login
    }

    /// The configuration that every function here has.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The signer of access tokens.
    #[must_use]
    pub const fn signer(&self) -> &AccessTokenSigner {
        &self.signer
    }

    /// From here on these things go wrong, always in the same way.
    pub fn fail(&self, rules: Vec<FaultRule>) {
        self.engines.faults().set(FaultPlan { seed: 1, rules });
    }

    /// From here on nothing goes wrong.
    pub fn heal(&self) {
        self.engines.faults().clear();
    }

    /// A seal key among the secrets.
    ///
    /// # Panics
    /// When that secret is no seal key.
    #[must_use]
    pub fn seal_key(&self, name: SecretName) -> SealKey {
        SealKey::new(&self.secret(name)).expect("the secret is a seal key")
    }

    /// The key that locks second factors, to look inside them.
    ///
    /// # Panics
    /// When the secret is no such key.
    #[must_use]
    pub fn totp_key(&self) -> TotpKey {
        TotpKey::new(&self.secret(SecretName::TotpKey)).expect("the secret is a key of second factors")
    }

    pub(crate) fn secret(&self, name: SecretName) -> Secret {
        let parameter = format!("{PREFIX}{}", name.parameter());
        Secret::new(self.engines.secrets().get(&parameter).expect("every secret is there"))
    }

    /// The digits of the code that an address was sent last to sign up, as its mail has them.
    ///
    /// # Panics
    /// When it was sent none.
    pub async fn mail_code(&self, email: &str) -> String {
        self.mail_code_for(email, CodePurpose::SignUp).await
    }

    /// The digits of the code that an address was sent last for a purpose, as its mail has them.
    ///
    /// # Panics
    /// When it was sent none.
    pub async fn mail_code_for(&self, email: &str, purpose: CodePurpose) -> String {
        let email = Email::parse(email).expect("an address");
        let code: EmailCode = self
            .table
            .get(EmailCode::key(&email, purpose))
            .await
            .expect("the table answers")
            .expect("the address was sent a code");
        email_code::digits(&self.seal_key(SecretName::EmailCodeKey), code.id, &email, purpose)
    }

    /// The proof that an address earns by the right code, with the code made straight in the table.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn email_proof(&self, email: &str, purpose: CodePurpose) -> String {
        let now = self.now();
        let email = Email::parse(email).expect("an address");
        let id = EmailCodeId::new(now, random::entropy().expect("there is randomness"));
        let code = EmailCode {
            email: email.clone(),
            purpose,
            id,
            tries: 1,
            used: true,
            expires_at: now.plus(CODE_LIFETIME),
            resend_after: now,
        };
        self.table.transaction().put(&code, EmailCode::may_replace(now)).commit().await.expect("the code is written");
        let proof = EmailProof { email, code: id, expires_at: now.plus(EMAIL_PROOF_LIFETIME) };
        proof.seal(&self.seal_key(SecretName::EmailCodeKey), purpose).expect("the proof is sealed")
    }

    /// Every item of a kind, in no particular order.
    ///
    /// # Panics
    /// When one cannot be read.
    #[must_use]
    pub fn all<E: Entity>(&self) -> Vec<E> {
        self.items()
            .into_iter()
            .filter(|item| item.is(E::KIND))
            .map(|item| item.read().expect("an item can be read"))
            .collect()
    }

    /// Every item of the table, in no particular order.
    ///
    /// # Panics
    /// When the engine does not answer.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let items = self.engines.database().items(&self.config.table).expect("the database answers");
        items
            .iter()
            .map(|item| {
                Item::from_stream(item.as_object().expect("an item is an object")).expect("an item can be read")
            })
            .collect()
    }

    /// Gives an item a version that no code knows, so that it cannot be read.
    ///
    /// # Panics
    /// When there is no such item.
    pub async fn make_unreadable<E>(&self, key: &Key<E>) {
        let version = vec![Change::Set("v", 99_i64.into())];
        self.table.update(key, version, Condition::Present).await.expect("the item is there");
    }

    /// The effects in the outbox, oldest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<OutboxEvent> {
        let mut events = self.all::<OutboxEvent>();
        events.sort_by_key(|event| (event.created_at, event.id));
        events
    }

    /// A number that this app has not given before.
    pub(crate) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn observed(&self) -> &Arc<Observed> {
        &self.observed
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.observed.write();
    }
}

/// Fresh secrets of the right form, and the public half of the access token key.
fn secrets(login: &Login) -> (BTreeMap<SecretName, Secret>, String) {
    let (access_token_key, public_keys) = generate_key().expect("a key is made");
    let secret = |name| match name {
        SecretName::AccessTokenKey => access_token_key.clone(),
        SecretName::ChallengeKey
        | SecretName::CursorKey
        | SecretName::EmailCodeKey
        | SecretName::OrderKey
        | SecretName::TotpKey => SealKey::generate().expect("a key is made"),
        SecretName::GoogleClientSecret => Secret::new(login.google().client().secret.clone()),
        SecretName::KakaoClientSecret => Secret::new(login.kakao().client().secret.clone()),
        SecretName::TossSecretKey => {
            Secret::new(TossSettings::for_tests(Clock::fixed(START), Faults::none()).secret_key)
        }
    };
    (SecretName::ALL.into_iter().map(|name| (name, secret(name))).collect(), public_keys)
}

fn config(engines: &Engines, toss: &Toss, login: &Login, public_keys: String) -> Config {
    Config {
        table: TABLE.to_owned(),
        uploads_bucket: UPLOADS.to_owned(),
        pictures_bucket: PICTURES.to_owned(),
        site_origin: "http://shop.test".to_owned(),
        secrets_prefix: PREFIX.to_owned(),
        access_token_keys: public_keys,
        mail_from: "Jangteo <no-reply@shop.test>".to_owned(),
        mail_configuration: "jangteo-test-mail".to_owned(),
        toss_base_url: toss.base_url(),
        toss_time_limits: TimeLimits::STANDARD,
        toss_client_key: TossSettings::for_tests(Clock::fixed(START), Faults::none()).client_key,
        toss_window_url: None,
        google_client_id: login.google().client().id.clone(),
        google_issuer: login.google().issuer(),
        kakao_client_id: login.kakao().client().id.clone(),
        kakao_issuer: login.kakao().issuer(),
        origin_key: ORIGIN_KEY.to_owned(),
        platform_fee_basis_points: 500,
        aws: AwsConfig {
            region: "ap-northeast-2".to_owned(),
            endpoint_url: Some(engines.aws_url()),
            access_key_id: OPERATOR.to_owned(),
            secret_access_key: engines.permissions().secret().to_owned(),
            session_token: None,
        },
    }
}
