//! The generator: from the endpoints and jobs of every service to everything that is derived from
//! them. What it writes is committed; `infra/local/tests/generated.rs` compares.

pub mod binaries;
pub mod environment;
pub mod errors;
pub mod events;
pub mod example;
pub mod gateway;
pub mod name;
pub mod observed;
pub mod openapi;
pub mod pages;
pub mod roles;
pub mod template;
pub mod touches;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use shared::api::{
    JobRoute, Touch,
    host::{AnyService, EndpointFace},
};

use crate::services;

/// A generator's file: where it belongs, relative to the repository, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Relative to the repository.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Generated {
    /// A file.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// A job and the service that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct JobFace {
    /// The service, as in `functions/<service>`.
    pub service: &'static str,
    /// Its name and needs.
    pub route: JobRoute,
}

/// Every endpoint and job, sorted by id.
pub struct Inventory {
    /// The names of all services.
    pub services: Vec<&'static str>,
    /// What the world can ask.
    pub endpoints: Vec<EndpointFace>,
    /// What answers where there is no route.
    pub default_route: Option<EndpointFace>,
    /// What happens by itself.
    pub jobs: Vec<JobFace>,
}

impl Inventory {
    /// Everything that there is.
    #[must_use]
    pub fn of_all_services() -> Self {
        Self::of(&services::all())
    }

    /// What these services offer.
    #[must_use]
    pub fn of(services: &[&'static dyn AnyService]) -> Self {
        let mut endpoints: Vec<EndpointFace> = services.iter().flat_map(|service| service.endpoints()).collect();
        endpoints.sort_by_key(|endpoint| endpoint.route.id);
        let mut jobs: Vec<JobFace> = services
            .iter()
            .flat_map(|service| service.jobs().into_iter().map(|route| JobFace { service: service.name(), route }))
            .collect();
        jobs.sort_by_key(|job| job.route.id);
        let default_route = services.iter().find_map(|service| service.default_route());
        let services = services.iter().map(|service| service.name()).collect();
        Self { services, endpoints, default_route, jobs }
    }

    /// Every function, endpoints and jobs alike, sorted by id.
    #[must_use]
    pub fn functions(&self) -> Vec<Function<'_>> {
        let endpoints = self.endpoints.iter().chain(&self.default_route).map(Function::Endpoint);
        let mut all: Vec<Function<'_>> = endpoints.chain(self.jobs.iter().map(Function::Job)).collect();
        all.sort_by_key(Function::id);
        all
    }
}

/// What becomes one Lambda function.
#[derive(Clone, Copy)]
pub enum Function<'a> {
    /// It answers requests.
    Endpoint(&'a EndpointFace),
    /// It happens by itself.
    Job(&'a JobFace),
}

impl Function<'_> {
    /// `service.verb_noun`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Endpoint(endpoint) => endpoint.route.id,
            Self::Job(job) => job.route.id,
        }
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        match self {
            Self::Endpoint(endpoint) => endpoint.service,
            Self::Job(job) => job.service,
        }
    }

    /// What it does to the world outside, sorted.
    #[must_use]
    pub fn touches(&self) -> Vec<Touch> {
        match self {
            Self::Endpoint(endpoint) => endpoint.route.all_touches(),
            Self::Job(job) => {
                let touches: BTreeSet<Touch> = job.route.touches.iter().copied().collect();
                touches.into_iter().collect()
            }
        }
    }

    /// Memory in MB.
    #[must_use]
    pub const fn memory_mb(&self) -> u32 {
        match self {
            Self::Endpoint(endpoint) => endpoint.route.memory_mb,
            Self::Job(job) => job.route.memory_mb,
        }
    }

    /// Time-out in seconds.
    #[must_use]
    pub const fn time_out_s(&self) -> u32 {
        match self {
            Self::Endpoint(endpoint) => endpoint.route.time_out_s,
            Self::Job(job) => job.route.time_out_s,
        }
    }

    /// One line for the documents.
    #[must_use]
    pub const fn summary(&self) -> &'static str {
        match self {
            Self::Endpoint(endpoint) => endpoint.route.summary,
            Self::Job(job) => job.route.summary,
        }
    }
}

/// Why generating failed.
#[derive(Debug)]
pub enum GenerateError {
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
    /// The definitions contradict themselves.
    Definition(String),
}

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Definition(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for GenerateError {}

/// The root of the repository that this program was built from.
#[must_use]
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap_or(here)
}

/// Every generated file.
///
/// # Errors
/// When infra/base.yaml cannot be read, or the definitions contradict themselves.
pub fn files(root: &Path, inventory: &Inventory) -> Result<Vec<Generated>, GenerateError> {
    let mut files = binaries::files(inventory);
    files.push(template::file(root, inventory)?);
    files.push(openapi::file(inventory)?);
    files.push(gateway::list(inventory));
    files.extend(pages::files(inventory));
    files.extend(events::files(inventory)?);
    Ok(files)
}

/// Folders in which every file is generated: what is there and not in the list is stale.
pub const FOLDERS: [&str; 2] = ["functions/lambdas/src/bin", "infra/events"];

/// What differs between the repository and what would be generated, a line for each file.
///
/// # Errors
/// As [`files`].
pub fn stale(root: &Path, inventory: &Inventory) -> Result<Vec<String>, GenerateError> {
    let files = files(root, inventory)?;
    let mut lines: Vec<String> = files
        .iter()
        .filter_map(|file| match fs::read_to_string(root.join(&file.path)) {
            Ok(text) if text == file.text => None,
            Ok(_) => Some(format!("{} is out of date", file.path)),
            Err(_) => Some(format!("{} is missing", file.path)),
        })
        .collect();
    lines.extend(left_over(root, &files)?.into_iter().map(|path| format!("{path} belongs to nothing any more")));
    Ok(lines)
}

/// Writes every file and removes what is left over. Answers what changed.
///
/// # Errors
/// As [`files`], or when a file cannot be written.
pub fn write(root: &Path, inventory: &Inventory) -> Result<Vec<String>, GenerateError> {
    let files = files(root, inventory)?;
    let mut changed = Vec::new();
    for file in &files {
        let path = root.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| GenerateError::File(folder.to_owned(), error))?;
        }
        fs::write(&path, &file.text).map_err(|error| GenerateError::File(path.clone(), error))?;
        changed.push(format!("wrote {}", file.path));
    }
    for path in left_over(root, &files)? {
        let full = root.join(&path);
        fs::remove_file(&full).map_err(|error| GenerateError::File(full.clone(), error))?;
        changed.push(format!("removed {path}"));
    }
    Ok(changed)
}

fn left_over(root: &Path, files: &[Generated]) -> Result<Vec<String>, GenerateError> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut found = Vec::new();
    for folder in FOLDERS {
        let full = root.join(folder);
        let Ok(entries) = fs::read_dir(&full) else { continue };
        for entry in entries {
            let entry = entry.map_err(|error| GenerateError::File(full.clone(), error))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if !wanted.contains(path.as_str()) {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
