//! How the world calls us: what an endpoint is, and everything that happens around its handler.
//!
//! Read [`endpoint`] first, then [`handle`], which is the way of one request from bytes to bytes.
//! [`lambda`] puts that behind API Gateway; the local cloud and the tests put it behind their own
//! front and call the same code.

pub mod caller;
pub mod compose;
pub mod context;
pub mod cookies;
pub mod endpoint;
pub mod handle;
pub mod host;
pub mod job;
pub mod lambda;
pub mod log;
pub mod paging;
pub mod problem;
pub mod rate_limits;
pub mod reply;
pub mod request;
pub mod route;
pub mod service;
pub mod webhook;
pub mod wire;

pub use crate::ground::idempotency;
pub use caller::{
    Access, Admin, Anyone, Browser, Caller, MaybeSignedIn, Navigation, SignedIn, StoreMember, StoreOwner, Unrouted,
    UserOrGuest,
};
pub use context::Context;
pub use endpoint::{Core, Endpoint, Tools};
pub use job::{Job, JobContext, JobRoute, Trigger};
pub use paging::{Cursor, Page, PageSize, Pages};
pub use reply::{
    Accepted, Attachment, Created, Document, Never, NoContent, Okay, OkayOrAccepted, Reply, SeeOther, WithCookies,
};
pub use request::Empty;
pub use route::{Idempotency, Method, Route, Touch};
pub use service::{AnyEndpoint, AnyJob, Service};
pub use webhook::{Hint, SignedBy};
