//! TLS toward one center: its own root and nothing else, on ring.
//!
//! The device's trust store, the user's certificates and the platform's verifier take no part, so neither a
//! captive portal nor a certificate that somebody installed is ever mistaken for the center.
//!
//! What is offered is short on purpose, for on a bad link a greeting costs more than a press: the two suites of
//! TLS 1.3 that hash with SHA-256, whose session secrets and confirmations are a third shorter than SHA-384's.

mod time;

pub use time::CheckTime;

use rustls::crypto::ring::cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, Mutex, PoisonError};

/// Plaintext of one record. What arrived of a record that was cut is worth nothing, so of a photograph a cut costs at
/// most this much; a record of 16 KB, the library's own measure, would be two seconds of EDGE.
const RECORD_BYTES: usize = 4 * 1024;

/// A root that cannot be trusted, because it is no certificate.
#[derive(Debug, thiserror::Error)]
#[error("the center's root is not a certificate that can be trusted")]
pub struct RootError(#[source] pub rustls::Error);

/// Sessions with a center, which outlive connections: who comes back with one sends no certificate and no
/// signature, and hears none. Clones share what they know.
///
/// They live as long as the process. The library gives no way to write a session down, so the first connection of a
/// process is greeted in full.
#[derive(Clone, Default)]
pub struct Sessions {
    known: Arc<Mutex<Option<Known>>>,
    time: CheckTime,
}

struct Known {
    root_der: Vec<u8>,
    /// A session is taken up again only under the very verifier it was made under, so the whole is kept.
    config: ClientConfig,
}

impl Sessions {
    /// The time the center's certificate is checked at.
    #[must_use]
    pub const fn time(&self) -> &CheckTime {
        &self.time
    }

    /// TLS toward the center with this root, with the sessions already had with it; another root forgets them.
    ///
    /// # Errors
    /// [`RootError`] when the bytes are no certificate.
    pub fn toward(&self, root_der: &[u8]) -> Result<ClientConfig, RootError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.root_der == root_der) {
            return Ok(known.config.clone());
        }
        let config = client_config(root_der, self.time.clone())?;
        *known = Some(Known { root_der: root_der.to_vec(), config: config.clone() });
        Ok(config)
    }
}

/// # Errors
/// [`RootError`] when the bytes are no certificate.
pub fn client_config(root_der: &[u8], time: CheckTime) -> Result<ClientConfig, RootError> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root_der.to_vec())).map_err(RootError)?;
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites = vec![TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256];
    let mut config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(time))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(RootError)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // HTTP/2: one connection carries the held request and the press beside it, so no greeting stands in the press's
    // way. Every released center speaks it; one that names no protocol at all is spoken to in HTTP/1.1.
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.max_fragment_size = Some(RECORD_BYTES);
    Ok(config)
}
