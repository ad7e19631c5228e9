//! The responder's engine: one file per use case.

pub mod failure;
pub mod request;
pub mod view;
