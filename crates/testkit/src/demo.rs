//! The flood of October 2022 in Ketapang, played with the real programs and no person.
//!
//! Four phones, each with a home and a bad link of its own, and a center: separate processes. The play ends well
//! only when every phone's digest equals the center's.

pub mod flood;
pub mod play;
pub mod table;
