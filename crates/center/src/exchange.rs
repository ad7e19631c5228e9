//! What phones say and hear: the field listener's routes, under `/field/v1`.

pub mod session;
