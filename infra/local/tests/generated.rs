//! What is generated is committed, and is what would be generated now.

#[cfg(test)]
#[path = "generated/promises.rs"]
mod promises;
