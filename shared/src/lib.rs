//! What endpoints are made of.
//!
//! Each outside thing has one door: [`store`] is the only way to DynamoDB, [`uploads`] to S3,
//! [`mail`] to SES, [`secrets`] to the parameter store, [`payments`] to the payment providers,
//! [`login_providers`] to Google and Kakao.
//! [`proofs`] is how a person who is signed in shows again that it is them.
//! [`api`] turns an `Endpoint` into a Lambda function: it knows HTTP and Lambda, and no service.

pub mod address;
pub mod api;
pub mod aws;
pub mod ground;
pub mod http_client;
pub mod login_providers;
pub mod mail;
pub mod payments;
pub mod proofs;
pub mod secrets;
pub mod store;
pub mod tokens;
pub mod uploads;

pub use ground::{
    config,
    fault::{self, Failure, Fault, FaultKind},
    meter, random,
};
