//! The responder's engine: one file per use case.
//!
//! It works in the folder and with the clocks, keys and randomness it is given, knows no shell, and has no
//! sentences: words belong to the page and the command line. Use cases never touch the network.

mod desk;
mod engine;
pub mod failure;
mod photo;
pub mod port;
pub mod read;
pub mod request;
mod start;
pub mod sync;
mod text;
pub mod view;
pub mod write;

pub use engine::Field;
pub use failure::{Failure, FailureCode};
pub use siaga_domain::place::Village;
