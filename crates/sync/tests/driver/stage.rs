//! A phone's home and a center that can be told to misbehave, with a real socket and real TLS between them.

mod short;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::*;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::{incident, sos};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_store::{Authoring, Enrolment, LifeSigns, NewAttachment, RecordWrite, Store, StoreKey};
use siaga_sync::clock::Clock;
use siaga_sync::driver::{Driver, Network};
use siaga_wire::blob::{BlobState, FileKind, FileOffer};
use siaga_wire::compact;
use siaga_wire::envelope::{Envelope, verify};
use siaga_wire::exchange::*;
use siaga_wire::key::{CenterKey, MemorySigner, Signer};
use siaga_wire::receipt::{self, Receipt};
use siaga_wire::{MEDIA_TYPE, VERSION, codec};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) const EPOCH: Epoch = Epoch([5; 8]);
const TOKEN: [u8; 16] = [6; 16];

/// What the center does with the next request, instead of answering honestly.
#[derive(Clone, PartialEq)]
pub(crate) enum Mischief {
    /// Takes everything and closes the connection before it answers.
    TakeAndHangUp,
    /// Answers, and leaves the receipts out.
    NoReceipts,
    /// Signs with a key the phone has not pinned.
    ForgedReceipts,
    /// Knows nothing of packed fixes, as the first release.
    OldTrail,
    /// 200, and a page.
    Portal,
    /// Answers in a version that is not known yet.
    Newer,
    /// Packs the changes of its answer though they were asked for plain.
    NeverPlain,
    /// Hears nothing more on this connection and does not close it, as where the network forgot it.
    Forgotten,
    Answer(Box<Outcome>),
}

#[derive(Default)]
pub(crate) struct Heard {
    pub requests: Vec<ExchangeRequest>,
    pub envelopes: Vec<Vec<u8>>,
    /// Pieces of this phone: where each began, and how much of it arrived.
    pub pieces: Vec<(u64, usize)>,
    /// Pieces for this phone: where each began, and how much of it left.
    pub fetched: Vec<(u64, usize)>,
    pub connections: u32,
    /// Requests in a form that came later.
    pub not_understood: u32,
    /// Of the requests in the short form: whether the changes of the answer were to come plain.
    pub plainly: Vec<bool>,
}

pub(crate) struct Center {
    key: CenterKey,
    forger: CenterKey,
    device_key: siaga_wire::key::DevicePublicKey,
    pub mischief: Mutex<Vec<Mischief>>,
    pub heard: Mutex<Heard>,
    /// Lane to sequence and manifest.
    chains: Mutex<BTreeMap<u8, (u64, ChangeHash)>>,
    /// Told until a cursor says that they were heard.
    pub news: Mutex<Vec<News>>,
    /// What this center has of documents: what its short answers hang on.
    log: Mutex<short::Log>,
    /// It knows the short form of messages.
    pub is_short: AtomicBool,
    pub epoch: Mutex<Epoch>,
    next_fix: AtomicU64,
    pub blob: Mutex<Vec<u8>>,
    pub blob_size: AtomicU64,
    /// After how many bytes the next pieces are cut, of either direction.
    pub cuts: Mutex<VecDeque<usize>>,
    /// Map packs this phone may fetch.
    packs: Mutex<Vec<Vec<u8>>>,
    pub moved: Notify,
    token: Mutex<Vec<u8>>,
}

impl Center {
    fn exchange(&self, body: &[u8]) -> Option<Vec<u8>> {
        let request: ExchangeRequest = codec::decode(body).expect("a request");
        self.answer(request, |answer, _| codec::encode(answer).expect("encodes"))
    }

    fn exchange_short(&self, body: &[u8]) -> Option<Vec<u8>> {
        let epoch = *self.epoch.lock().expect("lock");
        let known = compact::Known { center: CENTER, device: DEVICE, epoch };
        let (request, asked) = short::hear(body, &self.log.lock().expect("lock"), &known, |lane, seq| {
            let chains = self.chains.lock().expect("lock");
            chains.get(&lane).filter(|(newest, _)| *newest == seq).map(|(_, head)| *head)
        });
        self.heard.lock().expect("lock").plainly.push(asked.plainly);
        self.answer(request, |answer, mischief| {
            let plainly = asked.plainly && mischief != Some(&Mischief::NeverPlain);
            short::say(answer, &asked, &self.log.lock().expect("lock"), plainly)
        })
    }

    /// What is answered, as `say` writes it.
    fn answer(
        &self,
        request: ExchangeRequest,
        say: impl Fn(&ExchangeAnswer, Option<&Mischief>) -> Vec<u8>,
    ) -> Option<Vec<u8>> {
        let mischief = if request.hold_ms == 0 { self.next_mischief() } else { None };
        let outcome = match (&mischief, &request.credential) {
            (Some(Mischief::Answer(outcome)), _) => (**outcome).clone(),
            (_, Credential::Token(token)) if *token == *self.token.lock().expect("lock") => {
                Outcome::Exchanged(self.take(&request, mischief.as_ref()))
            }
            (_, Credential::Proof { nonce, signature }) => {
                let signature = signature.as_slice().try_into().expect("64 bytes");
                assert!(self.device_key.verify(&challenge_message(&request.device, nonce), &signature));
                *self.token.lock().expect("lock") = TOKEN.to_vec();
                Outcome::Exchanged(Exchanged { token: Some(TOKEN.to_vec()), ..self.take(&request, None) })
            }
            _ => Outcome::Challenge { nonce: vec![9; 32] },
        };
        self.heard.lock().expect("lock").requests.push(request);
        if mischief == Some(Mischief::TakeAndHangUp) {
            return None;
        }
        if mischief == Some(Mischief::Portal) {
            return Some(b"<html>Selamat datang di WiFi</html>".to_vec());
        }
        let epoch = *self.epoch.lock().expect("lock");
        let version = if mischief == Some(Mischief::Newer) { VERSION + 1 } else { VERSION };
        let answer = ExchangeAnswer { version, epoch, received_ms: 7_000, answered_ms: 7_001, outcome };
        Some(say(&answer, mischief.as_ref()))
    }

    fn next_mischief(&self) -> Option<Mischief> {
        let mut mischief = self.mischief.lock().expect("lock");
        (!mischief.is_empty()).then(|| mischief.remove(0))
    }

    fn is_next(&self, wanted: &Mischief) -> bool {
        self.mischief.lock().expect("lock").first() == Some(wanted)
    }

    fn take(&self, request: &ExchangeRequest, mischief: Option<&Mischief>) -> Exchanged {
        let mut chains = self.chains.lock().expect("lock");
        for envelope in &request.envelopes {
            let manifest = verify(envelope, &self.device_key).expect("signed by the device");
            let header = &envelope.header;
            let (seq, head) = chains.get(&header.lane).copied().unwrap_or((0, ChangeHash([0; 32])));
            if header.seq > seq {
                assert_eq!((header.seq, header.prev), (seq + 1, head), "gapless and chained");
                chains.insert(header.lane, (header.seq, manifest));
            }
            self.heard.lock().expect("lock").envelopes.push(codec::encode::<Envelope>(envelope).expect("encodes"));
        }
        let key = if mischief == Some(&Mischief::ForgedReceipts) { &self.forger } else { &self.key };
        let mut receipts = Vec::new();
        if mischief != Some(&Mischief::NoReceipts) {
            for (lane, (up_to_seq, head)) in chains.iter() {
                let receipt = Receipt {
                    device: request.device,
                    lane: *lane,
                    up_to_seq: *up_to_seq,
                    head: *head,
                    center_ms: 7_000,
                    epoch: EPOCH,
                    exceptions: Vec::new(),
                };
                receipts.push(receipt::sign(&receipt, key).expect("signs"));
            }
        }
        let mut trail_received = None;
        let packed = request.packed_trail.iter().filter(|_| mischief != Some(&Mischief::OldTrail));
        let packed: Vec<_> = packed.map(|run| siaga_wire::trail::unpack(run).expect("a run")).collect();
        for block in request.trail.iter().chain(&packed) {
            assert_eq!(block.first, self.next_fix.load(Ordering::SeqCst).max(1), "no gap in the trail");
            let next = block.first + block.fixes.len() as u64;
            self.next_fix.store(next, Ordering::SeqCst);
            trail_received = Some(next);
        }
        let mut untold = self.news.lock().expect("lock");
        untold.retain(|one| position(one) > request.cursors[1]);
        let news = untold.clone();
        let cursors = [request.cursors[0], news.iter().map(position).fold(request.cursors[1], u64::max)];
        let epoch = *self.epoch.lock().expect("lock");
        let news_signature = receipt::sign_news(&news, &epoch, &request.device, key).expect("signs");
        let files = request.files_after.map(|after| self.offers(after)).filter(|offers| !offers.is_empty());
        Exchanged { receipts, cursors, news, news_signature, trail_received, files, ..Exchanged::default() }
    }

    fn offers(&self, after: u64) -> Vec<FileOffer> {
        let packs = self.packs.lock().expect("lock");
        let offer = |(number, bytes): (u64, &Vec<u8>)| FileOffer {
            number,
            hash: hash_of(bytes),
            size_bytes: bytes.len() as u64,
            kind: FileKind::GeoJson.number(),
            made_ms: 7_000,
            record: None,
            pack: Some(format!("batas {number}")),
        };
        (1..).zip(packs.iter()).filter(|(number, _)| *number > after).map(offer).collect()
    }

    /// What is asked for of a map pack.
    fn fetch(&self, path: &str) -> Vec<u8> {
        let packs = self.packs.lock().expect("lock");
        let asked = packs.iter().find(|bytes| path.contains(&hash_of(bytes).to_string())).expect("was offered");
        let (offset, most) = (number(path, "offset") as usize, number(path, "most") as usize);
        asked.iter().skip(offset).take(most).copied().collect()
    }

    fn piece(&self, path: &str, body: &[u8]) -> Vec<u8> {
        let (offset, size) = (number(path, "offset"), number(path, "size"));
        let mut blob = self.blob.lock().expect("lock");
        self.heard.lock().expect("lock").pieces.push((offset, body.len()));
        if offset == blob.len() as u64 {
            blob.extend_from_slice(body);
        }
        let held_bytes = blob.len() as u64;
        self.blob_size.store(held_bytes, Ordering::SeqCst);
        codec::encode(&BlobState { held_bytes, whole: held_bytes == size }).expect("encodes")
    }

    async fn serve(self: Arc<Self>, mut stream: TlsStream<tokio::net::TcpStream>) -> std::io::Result<()> {
        let mut buffer = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                    break at + 4;
                }
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            };
            let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).to_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.trim().parse().expect("a number"));
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let is_file = path.starts_with("/field/v1/blob");
            let fetches = is_file && head.starts_with("get ");
            let asks = is_file && !fetches && length == 0;
            let cut = if is_file && !asks { self.cuts.lock().expect("lock").pop_front() } else { None };
            let length = if fetches { 0 } else { cut.unwrap_or(length).min(length) };
            while buffer.len() < end + length {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
            let body: Vec<u8> = buffer.drain(..end + length).skip(end).collect();
            let is_short = head.contains("siaga.v2");
            // A center of the first release: it reads messages in their long form only.
            if is_short && !self.is_short.load(Ordering::SeqCst) {
                self.heard.lock().expect("lock").not_understood += 1;
                stream.write_all(b"HTTP/1.1 415 Unsupported Media Type\r\ncontent-length: 0\r\n\r\n").await?;
                continue;
            }
            let held = codec::decode::<ExchangeRequest>(&body).is_ok_and(|request| request.hold_ms > 0);
            if !held && self.is_next(&Mischief::Forgotten) {
                self.next_mischief();
                std::future::pending::<()>().await;
            }
            if fetches {
                let bytes = self.fetch(&path);
                let leave = bytes.iter().copied().take(cut.unwrap_or(usize::MAX)).collect::<Vec<_>>();
                self.heard.lock().expect("lock").fetched.push((number(&path, "offset"), leave.len()));
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length";
                stream.write_all(format!("{head}: {}\r\n\r\n", bytes.len()).as_bytes()).await?;
                stream.write_all(&leave).await?;
                stream.flush().await?;
                if cut.is_some() {
                    return Ok(());
                }
                continue;
            }
            let answer = match (is_file, is_short) {
                (true, _) => Some(self.piece(&path, &body)),
                (false, true) => self.exchange_short(&body),
                (false, false) => self.exchange(&body),
            };
            if cut.is_some() {
                return Ok(());
            }
            if held {
                // Held until the test says that something moved.
                self.moved.notified().await;
            }
            let Some(answer) = answer else { return Ok(()) };
            let media = if is_short { compact::MEDIA_TYPE } else { MEDIA_TYPE };
            let media = if answer.starts_with(b"<html>") { "text/html" } else { media };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n", answer.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&answer).await?;
            stream.flush().await?;
        }
    }
}

const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
const CENTER: CenterId = CenterId::from_bytes([3; 16]);

fn position(news: &News) -> u64 {
    match news {
        News::Entered { position, .. } | News::Left { position, .. } | News::Changed { position, .. } => *position,
    }
}

/// When every stage begins, device UTC milliseconds.
const BEGAN_MS: i64 = 1_000_000;

fn hash_of(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(bytes).into())
}

/// A number in the query of a path.
fn number(path: &str, name: &str) -> u64 {
    let (_, rest) = path.split_once(&format!("{name}=")).expect("named");
    rest.split('&').next().expect("a value").parse().expect("a number")
}

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn device_ms(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
    fn monotonic_ms(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// A home that is enrolled at the center.
pub(crate) struct Stage {
    pub home: TempDir,
    pub center: Arc<Center>,
    signer: Arc<MemorySigner>,
    /// One device has one clock, however many processes read it.
    clock: Arc<TestClock>,
    pub store: Store,
    draws: u8,
}

fn authority() -> (Vec<u8>, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // As a center makes them: the phone's clock may say 1970.
    params.not_before = rcgen::date_time_ymd(1970, 1, 1);
    let root = params.self_signed(&key).expect("a root");
    (root.der().to_vec(), Issuer::new(params, key))
}

fn open(home: &Path, seed: u8) -> Store {
    let next = AtomicU64::new(0);
    let draw = move || {
        let mut bytes = [seed; 16];
        bytes[8..].copy_from_slice(&next.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        bytes
    };
    let signs = LifeSigns { boot_id: "boot".to_owned(), boot_count: None, draw: Arc::new(draw) };
    Store::open(home, &StoreKey::new([1; 32]), &signs).expect("opens")
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::build(true).await
    }

    /// What answers has a certificate of another authority than the one this phone pinned.
    pub(crate) async fn with_an_impostor() -> Self {
        Self::build(false).await
    }

    async fn build(pinned: bool) -> Self {
        let (mut root_der, issuer) = authority();
        let leaf_key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
        params.not_before = rcgen::date_time_ymd(1970, 1, 1);
        let leaf = params.signed_by(&leaf_key, &issuer).expect("a certificate");
        if !pinned {
            root_der = authority().0;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der())),
            )
            .expect("a configuration");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let signer = Arc::new(MemorySigner::from_scalar(&[11; 32]).expect("a key"));
        let key = CenterKey::from_seed(&[12; 32]);
        let home = tempfile::tempdir().expect("a folder");
        let store = open(home.path(), 100);
        store
            .set_enrolment(&Enrolment {
                device: DEVICE,
                unit: UnitCode::new("AMB-01").expect("a code"),
                role: Role::Medic,
                name: "HP".to_owned(),
                center_id: CENTER,
                center_name: "112".to_owned(),
                urls: vec![url],
                root_der,
                center_key: key.public_key().0,
                epoch: EPOCH,
                token: Some(TOKEN.to_vec()),
                center_ms: None,
            })
            .expect("enrols");
        // It was met before, and is known to speak the long form only.
        store.set_setting("exchange_long_since", &BEGAN_MS.to_string()).expect("keeps");
        let center = Arc::new(Center {
            forger: CenterKey::from_seed(&[13; 32]),
            device_key: signer.public_key().expect("a key"),
            key,
            mischief: Mutex::default(),
            heard: Mutex::default(),
            chains: Mutex::default(),
            news: Mutex::default(),
            log: Mutex::default(),
            is_short: AtomicBool::new(false),
            epoch: Mutex::new(EPOCH),
            next_fix: AtomicU64::new(0),
            blob: Mutex::default(),
            blob_size: AtomicU64::new(0),
            cuts: Mutex::default(),
            packs: Mutex::default(),
            moved: Notify::new(),
            token: Mutex::new(TOKEN.to_vec()),
        });
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let serving = Arc::clone(&center);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, center) = (acceptor.clone(), Arc::clone(&serving));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        center.heard.lock().expect("lock").connections += 1;
                        let _ = center.serve(stream).await;
                    }
                });
            }
        });
        let clock = Arc::new(TestClock(AtomicI64::new(BEGAN_MS)));
        Self { home, center, signer, clock, store, draws: 0 }
    }

    /// A driver as a process of its own would have one.
    pub(crate) fn driver(&mut self) -> Driver {
        self.driver_on(&Network::default())
    }

    pub(crate) fn driver_on(&mut self, network: &Network) -> Driver {
        self.draws += 1;
        let store = open(self.home.path(), self.draws);
        Driver::on(network, store, self.signer.clone(), self.clock.clone())
    }

    pub(crate) fn act(&self, mischief: Mischief) {
        self.center.mischief.lock().expect("lock").push(mischief);
    }

    /// The center speaks the short form, and holds these changes of a document.
    pub(crate) fn speaks_shortly(&self, record: RecordId, changes: Vec<Vec<u8>>) {
        self.forgets_how_the_center_speaks();
        self.center.is_short.store(true, Ordering::SeqCst);
        self.center.log.lock().expect("lock").0.insert(record, changes);
    }

    /// So much later, for every process of this home.
    pub(crate) fn passes(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A day later, or before the center was ever met.
    pub(crate) fn forgets_how_the_center_speaks(&self) {
        self.store.set_setting("exchange_long_since", "").expect("keeps");
    }

    pub(crate) fn report(&self, number: u8) -> RecordId {
        self.write(number, RecordKind::Incident, incident_opened(), Vec::new())
    }

    pub(crate) fn sos(&self, number: u8) -> RecordId {
        let raised = sos::Raised { unit: "AMB-01".to_owned(), lat: None, lon: None, accuracy_m: None };
        self.write(number, RecordKind::Sos, Body::SosRaised(raised), Vec::new())
    }

    pub(crate) fn photograph(&self, number: u8, bytes: Vec<u8>) {
        let record = RecordId::v7(1_665_360_000_000, [number; 10]);
        let file =
            NewAttachment { record, kind: siaga_store::PictureKind::Photograph, media: "image/jpeg".to_owned(), bytes };
        self.write(number, RecordKind::Incident, incident_opened(), vec![file]);
    }

    /// The center has a map pack of these bytes.
    pub(crate) fn offers_pack(&self, bytes: &[u8]) {
        self.center.packs.lock().expect("lock").push(bytes.to_vec());
    }

    fn write(&self, number: u8, kind: RecordKind, body: Body, attachments: Vec<NewAttachment>) -> RecordId {
        let id = RecordId::v7(1_665_360_000_000, [number; 10]);
        let entry = NewEntry {
            id: EntryId::v7(1_665_360_000_000, [number; 10]),
            stamp: Stamp { by: "Ani".to_owned(), ..Stamp::default() },
            body,
        };
        self.store
            .author(Authoring {
                intent: "test",
                intent_json: "{}",
                by: "Ani",
                at: ClockReading { device: UtcMs(1), ..ClockReading::default() },
                role: Role::Medic,
                records: vec![RecordWrite { id, kind, create: true, entries: vec![entry] }],
                attachments,
                settings: Vec::new(),
            })
            .expect("writes");
        id
    }

    pub(crate) fn waiting(&self) -> usize {
        self.store.outbox().expect("answers").len()
    }

    /// The lanes of the envelopes of each request, in their order.
    pub(crate) fn lanes_heard(&self) -> Vec<Vec<u8>> {
        let heard = self.center.heard.lock().expect("lock");
        heard
            .requests
            .iter()
            .map(|request| request.envelopes.iter().map(|envelope| envelope.header.lane).collect())
            .collect()
    }
}

fn incident_opened() -> Body {
    Body::IncidentOpened(incident::Opened {
        source: incident::Source::Field,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    })
}

/// Waits until something holds, for as long as a slow machine may need.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(tokio::time::Instant::now() < until, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
