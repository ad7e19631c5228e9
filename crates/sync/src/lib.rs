//! How it travels: a session that decides, and a driver that moves the bytes.
//!
//! `session` is a value; `driver` is the only place with sockets and the only one that calls a clock.

pub mod clock;
pub mod enrol;
pub mod http;
pub mod session;
pub mod tls;
