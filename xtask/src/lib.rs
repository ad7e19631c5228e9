//! What the project asks of itself: the rules of the house as functions, and the chores as commands.
//!
//! The rules (`tidy`, `arrows`) return sentences instead of printing them, so that a test can assert that
//! there are none. Nothing here is part of the product.

pub mod android;
pub mod arrows;
pub mod codegen;
pub mod house;
pub mod programs;
pub mod released;
pub mod run;
pub mod suite;
pub mod tidy;
