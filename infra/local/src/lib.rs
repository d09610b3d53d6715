//! The local cloud: everything that Jangteo needs of AWS, in one process; and the generator of
//! everything that is derived from the endpoints.

pub mod bench;
pub mod cloud;
pub mod delivery;
pub mod demo;
pub mod environment;
pub mod gateway;
pub mod generate;
mod ground;
pub mod hosts;
pub mod pages;
pub mod permissions;
pub mod requests;
pub mod services;
pub mod settings;
pub mod world;
