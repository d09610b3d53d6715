//! Why an engine could not be started or asked.

/// Why an engine could not be started or asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A file, a folder or a port.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Another local cloud uses the data folder.
    #[error("the data folder {0} is in use by another local cloud")]
    FolderInUse(std::path::PathBuf),
    /// A table's description.
    #[error("{0}")]
    Table(String),
    /// The database engine.
    #[error("the database: {0}")]
    Database(String),
    /// The object store.
    #[error("the object store: {0}")]
    Objects(String),
    /// A file in the data folder that does not hold what it should.
    #[error("{file}: {reason}")]
    File {
        /// Its name.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A request that could not be put together.
    #[error("{0}")]
    Http(#[from] http::Error),
}

impl EngineError {
    pub(crate) fn database(error: impl std::fmt::Display) -> Self {
        Self::Database(error.to_string())
    }
}
