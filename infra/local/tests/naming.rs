//! One name, spelled by rule: id, file, type, binary and test are never out of step.

#[cfg(test)]
#[path = "naming/promises.rs"]
mod promises;
