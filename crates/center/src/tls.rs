//! The center's own root and the certificate of its field listener.
//!
//! Phones pin the root, which the invitation carries; no other authority is believed. A phone whose battery died
//! wakes up in 1970, and must still be heard: certificates begin there.

pub mod tickets;

use crate::keys::{KEYS, KeyFileError, make_owner_only, write_owner_only};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use siaga_domain::time::UtcMs;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

const ROOT_CERTIFICATE: &str = "root.der";
const ROOT_KEY: &str = "root.key";
const LEAF: &str = "leaf.json";

/// Plaintext of one record, as on the phone: what arrived of a record that was cut is worth nothing.
const RECORD_BYTES: usize = 4 * 1024;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const LEAF_LIVES_MS: i64 = 825 * DAY_MS;
/// The first of January 9999, the last year that certificates can name.
const LAST_MS: i64 = 253_370_764_800_000;
/// A leaf with less than this left is made anew.
const LEAF_RENEWS_MS: i64 = 60 * DAY_MS;

/// The certificates could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("could not make the folder of the keys")]
    Folder(#[source] std::io::Error),
    #[error("the file {0} is missing; restore it from a backup")]
    Missing(PathBuf),
    #[error("could not read {0}")]
    Read(PathBuf, #[source] std::io::Error),
    #[error("could not write a key file")]
    Write(#[source] KeyFileError),
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    #[error("could not make a certificate")]
    Make(#[source] rcgen::Error),
    #[error("{0} is no host name or address")]
    Host(String, #[source] rcgen::Error),
    #[error("the certificate and its key could not be used")]
    Use(#[source] rustls::Error),
}

/// The center's own root.
pub struct Root {
    dir: PathBuf,
    der: Vec<u8>,
    key_pem: String,
}

impl Root {
    /// Reads the root; makes it when `first` and there is none.
    ///
    /// # Errors
    /// [`TlsError`]; a center that lost its root does not quietly get another, for every phone has pinned it.
    pub fn load(center: &Path, first: bool) -> Result<Self, TlsError> {
        let dir = center.join(KEYS);
        let (certificate, key) = (dir.join(ROOT_CERTIFICATE), dir.join(ROOT_KEY));
        if first && !certificate.exists() {
            make_owner_only(&dir).map_err(TlsError::Folder)?;
            let pair = KeyPair::generate().map_err(TlsError::Make)?;
            let made = root_params()?.self_signed(&pair).map_err(TlsError::Make)?;
            write_owner_only(&key, pair.serialize_pem().as_bytes()).map_err(TlsError::Write)?;
            write_owner_only(&certificate, made.der()).map_err(TlsError::Write)?;
        }
        let key_pem = String::from_utf8(read(&key)?).map_err(|_| TlsError::Damaged(key))?;
        Ok(Self { dir, der: read(&certificate)?, key_pem })
    }

    /// Whether key and certificate belong together.
    ///
    /// # Errors
    /// [`TlsError::Damaged`] when they do not.
    pub fn is_whole(&self) -> Result<(), TlsError> {
        let damaged = || TlsError::Damaged(self.dir.join(ROOT_KEY));
        let pair = KeyPair::from_pem(&self.key_pem).map_err(|_| damaged())?;
        let key = pair.public_key_raw();
        let holds = self.der.windows(key.len().max(1)).any(|part| part == key);
        if holds { Ok(()) } else { Err(damaged()) }
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// A certificate for these hosts: the one on disk while it names exactly them and is not near its end.
    ///
    /// # Errors
    /// [`TlsError`] naming the step.
    pub fn leaf(&self, hosts: &[String], now: UtcMs) -> Result<CertifiedKey, TlsError> {
        let mut hosts: Vec<String> = hosts.to_vec();
        hosts.sort();
        hosts.dedup();
        let path = self.dir.join(LEAF);
        let stored: Option<Leaf> = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let good = stored.filter(|leaf| leaf.hosts == hosts && leaf.until_ms.saturating_sub(now.0) > LEAF_RENEWS_MS);
        let leaf = match good {
            Some(leaf) => leaf,
            None => {
                let leaf = self.issue(hosts, now)?;
                let json = serde_json::to_vec(&leaf).map_err(|_| TlsError::Damaged(path.clone()))?;
                write_owner_only(&path, &json).map_err(TlsError::Write)?;
                leaf
            }
        };
        certified(&leaf.certificate_pem, &leaf.key_pem, &path)
    }

    fn issue(&self, hosts: Vec<String>, now: UtcMs) -> Result<Leaf, TlsError> {
        let until_ms = now.0.saturating_add(LEAF_LIVES_MS);
        let pair = KeyPair::generate().map_err(TlsError::Make)?;
        let signer = KeyPair::from_pem(&self.key_pem).map_err(TlsError::Make)?;
        let named = hosts.join(" ");
        let mut params = CertificateParams::new(hosts.clone()).map_err(|cause| TlsError::Host(named, cause))?;
        params.distinguished_name = name("Siaga 112 field");
        params.not_before = date_time_ymd(1970, 1, 1);
        // A clock beyond the years that certificates can name must not unwind.
        let lives = u64::try_from(until_ms.clamp(0, LAST_MS)).unwrap_or(0);
        params.not_after = date_time_ymd(1970, 1, 1) + std::time::Duration::from_millis(lives);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::new(root_params()?, signer);
        let made = params.signed_by(&pair, &issuer).map_err(TlsError::Make)?;
        Ok(Leaf { hosts, until_ms, certificate_pem: made.pem(), key_pem: pair.serialize_pem() })
    }
}

#[derive(Serialize, Deserialize)]
struct Leaf {
    hosts: Vec<String>,
    until_ms: i64,
    certificate_pem: String,
    key_pem: String,
}

/// The same every time: the issuer's name and usages are rebuilt from it when a leaf is signed.
fn root_params() -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(TlsError::Make)?;
    params.distinguished_name = name("Siaga 112 root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(1970, 1, 1);
    params.not_after = date_time_ymd(2070, 1, 1);
    Ok(params)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => TlsError::Missing(path.to_owned()),
        _ => TlsError::Read(path.to_owned(), cause),
    })
}

/// A certificate chain and its key, as rustls uses them. `from` is named when they are damaged.
///
/// # Errors
/// [`TlsError`] naming the step.
pub fn certified(certificates_pem: &str, key_pem: &str, from: &Path) -> Result<CertifiedKey, TlsError> {
    let damaged = || TlsError::Damaged(from.to_owned());
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(certificates_pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| damaged())?;
    if chain.is_empty() {
        return Err(damaged());
    }
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| damaged())?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(TlsError::Use)
}

/// The cryptography of both listeners.
#[must_use]
pub fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// The certificate in use, which may be changed while the listener runs.
#[derive(Debug)]
pub struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    #[must_use]
    pub fn new(key: CertifiedKey) -> Self {
        Self(RwLock::new(Arc::new(key)))
    }

    pub fn change(&self, key: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// TLS 1.3 only, with session tickets, so that a phone that comes back is sent no certificate.
///
/// # Errors
/// [`TlsError::Use`] when the provider has no TLS 1.3.
pub fn server(current: Arc<Current>) -> Result<rustls::ServerConfig, TlsError> {
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Use)?
        .with_no_client_auth()
        .with_cert_resolver(current);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // The listener keeps sessions itself (`tickets`) rather than sealing them into the ticket: a ticket is then 32 bytes
    // instead of some 170, and a phone sends one with every greeting. A center that was started again greets in full, as
    // it would with fresh ticket keys.
    // Good for one greeting each. With one to spare, a greeting that dies on the way does not cost a full one.
    config.send_tls13_tickets = 2;
    config.max_fragment_size = Some(RECORD_BYTES);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_made_at_every_time_a_clock_can_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::load(folder.path(), true).expect("a root");

        for now in [i64::MIN, -1, 0, 1_796_102_254_454, LAST_MS, i64::MAX] {
            assert!(root.leaf(&["localhost".to_owned()], UtcMs(now)).is_ok(), "{now}");
        }
        assert!(root.is_whole().is_ok());
    }
}
