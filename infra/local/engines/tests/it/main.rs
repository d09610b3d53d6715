//! The engines as the functions meet them: through the real AWS SDKs, over HTTP.
#![expect(clippy::disallowed_methods, reason = "here the engine is tested, below the rules of the store")]

#[cfg(test)]
mod database;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod metering;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod services;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
