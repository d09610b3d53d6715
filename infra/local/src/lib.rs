//! The local cloud: everything that Jangteo needs of AWS, in one process; and the generator of
//! everything that is derived from the endpoints.

pub mod services;
