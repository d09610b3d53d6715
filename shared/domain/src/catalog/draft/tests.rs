//! The rules of a draft.
