//! An address to listen at, as people type it.

use std::net::{Ipv4Addr, SocketAddr};

/// Neither a port, nor `localhost` or an IP address with one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write a port, as 8112, or an address with a port, as 127.0.0.1:8112, localhost:8112 or [::1]:8112")]
pub struct NotAnAddress;

/// Reads `8112`, `:8112`, `localhost:8112`, `127.0.0.1:8112` and `[::1]:8112`. A port alone is this machine's own.
///
/// # Errors
/// [`NotAnAddress`] for everything else, also for names: what they mean changes.
pub fn listening(text: &str) -> Result<SocketAddr, NotAnAddress> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = match text.rsplit_once(':') {
        None => text,
        Some((host, port)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => port,
        Some(_) => return Err(NotAnAddress),
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse::<u16>().ok().filter(|_| digits).ok_or(NotAnAddress)?;
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_localhost_and_addresses_are_read_and_anything_else_is_answered_with_an_example() {
        let local: SocketAddr = "127.0.0.1:8112".parse().expect("an address");

        for text in ["8112", ":8112", " localhost:8112", "LOCALHOST:8112", "127.0.0.1:8112"] {
            assert_eq!(listening(text), Ok(local), "{text}");
        }
        assert!(listening("[::1]:8112").is_ok() && listening("0.0.0.0:0").is_ok());
        for text in ["", "localhost", "127.0.0.1", "pusat:8112", "70000", "+80", "localhost:", "::1", "localhost:-1"] {
            assert_eq!(listening(text), Err(NotAnAddress), "{text}");
        }
        assert!(NotAnAddress.to_string().contains("127.0.0.1:8112"));
    }
}
