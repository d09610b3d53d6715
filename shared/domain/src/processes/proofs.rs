//! What must hold for every process.
