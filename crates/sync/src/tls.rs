//! TLS toward one center: its own root and nothing else, on ring.
//!
//! The device's trust store, the user's certificates and the platform's verifier take no part, so neither a
//! captive portal nor a certificate that somebody installed is ever mistaken for the center.

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// A root that cannot be trusted, because it is no certificate.
#[derive(Debug, thiserror::Error)]
#[error("the center's root is not a certificate that can be trusted")]
pub struct RootError(#[source] pub rustls::Error);

/// # Errors
/// [`RootError`] when the bytes are no certificate.
pub fn client_config(root_der: &[u8]) -> Result<ClientConfig, RootError> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root_der.to_vec())).map_err(RootError)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(RootError)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // One connection carries the held request and the press beside it: no handshake stands in the press's way.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
