//! The console's and other systems' HTTP API, under `/api`.
//!
//! Handlers read and write through the center's journal only; none of them holds state of its own.

pub mod failure;
pub mod request;
pub mod view;
