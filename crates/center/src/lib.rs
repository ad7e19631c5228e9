//! The center: takes what phones send, decides who is told what, and answers consoles and other 112 systems.
//!
//! `Center` is one opened center. `journal` is the only way a record changes, `scope` the only rule of who is
//! told, `db` the only place with SQL. Nothing of the phone's code is used here.

pub mod admin;
pub mod admission;
pub mod alarm;
pub mod api;
pub mod archive;
pub mod backup;
pub mod center;
pub mod chance;
pub mod check;
pub mod clock;
pub mod db;
pub mod digest;
pub mod exchange;
#[cfg(feature = "faults")]
pub mod fault;
pub mod hub;
pub mod journal;
pub mod keys;
pub mod listen;
pub mod lock;
pub mod pack;
pub mod page;
pub mod people;
pub mod places;
pub mod roster;
pub mod scope;
pub mod seed;
pub mod serve;
pub mod storage;
pub mod tick;
pub mod tls;

pub use center::Center;
