//! The responder's engine as Android meets it: what Kotlin calls, and what of Kotlin the engine needs.
//!
//! In the process `:field` this is all there is: a service, no Activity, no WebView, no Tauri. In the main process the
//! shell takes its [`phone`] from here and nothing else. Both load one library, and neither needs the other.
//!
//! No rule is in here: each function of [`face`] is one line over [`service`], and that over a use case of `field`.
//! It runs on any JVM, which is how its tests live a shift on a desk.

mod answer;
mod device;
mod face;
mod log;
mod service;

use siaga_field::port::Ports;
use std::path::PathBuf;

/// The home and the ports of this phone, once Kotlin has attached itself; `None` before.
#[must_use]
pub fn phone(app: &str) -> Option<(PathBuf, Ports)> {
    device::attached().map(|device| (device.home().to_owned(), device.ports(app)))
}
