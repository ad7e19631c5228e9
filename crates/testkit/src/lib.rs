//! A world in a box: phones, a center, clocks and bad links, all real but small and seeded.
//!
//! Nothing here is ever part of the product. What a test decides by chance it draws from one seed, so that a
//! failure can be played again.

pub mod demo;
pub mod link;
pub mod portal;
pub mod program;
pub mod seed;
#[cfg(feature = "world")]
pub mod shift;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod trace;
#[cfg(feature = "world")]
pub mod world;
