//! How it travels: a session that decides, and a driver that moves the bytes.
//!
//! `session` decides, `talk` remembers between its requests, `exchange` makes a request and believes its answer;
//! none of them awaits. `driver` is the only place with sockets and the only one that calls a clock.

pub mod clock;
pub mod driver;
pub mod enrol;
pub mod exchange;
pub mod http;
pub mod session;
pub mod talk;
pub mod tls;

/// The device's key as a port, so that whoever starts a driver need not know the wire.
pub use siaga_wire::key;
