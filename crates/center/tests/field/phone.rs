//! A phone written by hand for these tests: the wire's types over a real TLS connection, and nothing of the phone's code.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

use siaga_center::Center;
use siaga_center::admission::Gate;
use siaga_center::admission::inside::Inside;
use siaga_center::clock::SystemClock;
use siaga_center::journal::{RecordWrite, Start};
use siaga_center::listen::Patience;
use siaga_center::serve::{ServeOptions, Serving, serve};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{ActorId, ChangeHash, DeviceId, EntryId, Epoch, RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::Order;
use siaga_domain::record::directory::{Unit, UnitKind};
use siaga_domain::record::incident::{Opened, Priority, Source};
use siaga_wire::codec;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest, Invitation, mac};
use siaga_wire::envelope::{self, DocumentChanges, Envelope, manifest, manifest_hash};
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, News, Outcome, WireChange, challenge_message,
};
use siaga_wire::key::{CenterPublicKey, MemorySigner, Signer};
use siaga_wire::receipt::{Receipt, verify, verify_news};
use siaga_wire::{MEDIA_TYPE, VERSION};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub(crate) struct Stage {
    pub folder: tempfile::TempDir,
    pub center: Arc<Center>,
    pub serving: Serving,
    pub stop: watch::Sender<bool>,
}

impl Stage {
    /// A center with one ambulance and one team, served on ports of its own.
    pub(crate) async fn set() -> Self {
        Self::behind(Box::new(Inside)).await
    }

    /// As `set`, with a gate of the test's.
    pub(crate) async fn behind(gate: Box<dyn Gate>) -> Self {
        Self::under(gate, Box::new(SystemClock), Patience::of_the_field()).await
    }

    /// As `behind`, under a clock of the test's, with its patience.
    pub(crate) async fn under(
        gate: Box<dyn Gate>,
        clock: Box<dyn siaga_center::clock::Clock>,
        patience: Patience,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let center = Center::open_behind(&folder.path().join("center"), clock, gate);
        let center = Arc::new(center.expect("a center"));
        let unit = |code: &str, kind| {
            let code = UnitCode::new(code).expect("a code");
            Body::Unit(Unit {
                name: code.to_string(),
                code,
                kind,
                agency: "DINKES".parse().expect("a code"),
                post: "PSC".parse().expect("a code"),
            })
        };
        let entries = vec![unit("AMB-01", UnitKind::Ambulance), unit("TRC-01", UnitKind::Team)];
        let record = center.new_record();
        center
            .write(RecordWrite { record, kind: RecordKind::Directory, start: Start::Create, entries }, "test")
            .expect("a directory");
        let (serving, stop) = served_with(&center, patience).await;
        Self { folder, center, serving, stop }
    }

    pub(crate) fn invite(&self, unit: &str, role: Role, unattended: bool) -> Invitation {
        let wish = siaga_center::exchange::enrol::Invite {
            unit: unit.to_owned(),
            role,
            name: "HP uji".to_owned(),
            unattended,
        };
        let invited = self.center.invite(&wish, &self.serving.field_urls, "test").expect("an invitation");
        Invitation::from_link(&invited.link).expect("a link")
    }

    pub(crate) async fn phone(&self, unit: &str, role: Role) -> Phone {
        let mut phone = Phone::new(self.serving.field, &self.center, 7);
        let invitation = self.invite(unit, role, true);
        let answer = phone.enrol(&invitation).await;
        phone.take_enrolment(answer);
        phone
    }

    /// A call comes in and the unit is ordered to it; gives incident and assignment.
    pub(crate) fn order(&self, unit: &str) -> (RecordId, RecordId) {
        let incident = self.center.new_record();
        let opened = Body::IncidentOpened(Opened {
            source: Source::Call,
            narrative: "air naik".to_owned(),
            caller_name: None,
            caller_phone: None,
            unit: None,
        });
        let write =
            RecordWrite { record: incident, kind: RecordKind::Incident, start: Start::Create, entries: vec![opened] };
        self.center.write(write, "dispatcher").expect("an incident");
        (incident, self.send(unit, incident))
    }

    /// One more unit is ordered to an incident; gives the assignment.
    pub(crate) fn send(&self, unit: &str, incident: RecordId) -> RecordId {
        let assignment = self.center.new_record();
        let order = Body::Order(Order {
            incident,
            unit: UnitCode::new(unit).expect("a code"),
            priority: Priority::P1,
            text: String::new(),
            ack_within_s: 60,
        });
        let write = RecordWrite {
            record: assignment,
            kind: RecordKind::Assignment,
            start: Start::Create,
            entries: vec![order],
        };
        self.center.write(write, "dispatcher").expect("an assignment");
        assignment
    }
}

pub(crate) async fn served(center: &Arc<Center>) -> (Serving, watch::Sender<bool>) {
    served_with(center, Patience::of_the_field()).await
}

async fn served_with(center: &Arc<Center>, patience: Patience) -> (Serving, watch::Sender<bool>) {
    let (stop, stopping) = watch::channel(false);
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let options = ServeOptions { console: any, console_tls: None, field: any, field_urls: Vec::new(), patience };
    let serving = serve(Arc::clone(center), options, stopping).await.expect("a served center");
    (serving, stop)
}

pub(crate) struct Phone {
    pub device: DeviceId,
    pub signer: MemorySigner,
    pub actor: ActorId,
    pub epoch: Epoch,
    pub cursors: [u64; 2],
    pub token: Option<Vec<u8>>,
    pub documents: BTreeMap<RecordId, Document>,
    /// Last sequence and manifest of each lane.
    pub chains: [(u64, ChangeHash); 2],
    at: SocketAddr,
    center: siaga_domain::id::CenterId,
    center_key: CenterPublicKey,
    tls: TlsConnector,
}

impl Phone {
    pub(crate) fn new(at: SocketAddr, center: &Center, scalar: u8) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(center.root_der().to_vec().into()).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(siaga_center::tls::provider()))
            .with_protocol_versions(&[&tokio_rustls::rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            device: DeviceId::from_bytes([0; 16]),
            signer: MemorySigner::from_scalar(&[scalar; 32]).expect("a key"),
            actor: ActorId::from_bytes([scalar; 16]),
            epoch: Epoch::default(),
            cursors: [0, 0],
            token: None,
            documents: BTreeMap::new(),
            chains: [(0, ChangeHash([0; 32])); 2],
            at,
            center: center.id(),
            center_key: center.key().public_key(),
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// The same phone, reaching its center at another address.
    pub(crate) fn moved(self, at: SocketAddr, center: &Center) -> Self {
        let new = Self::new(at, center, 7);
        Self { at, tls: new.tls, ..self }
    }

    pub(crate) async fn enrol(&self, invitation: &Invitation) -> EnrolAnswer {
        let public_key = self.signer.public_key().expect("a key").0.to_vec();
        let mac = mac(invitation, &public_key);
        self.ask_to_enrol(&EnrolRequest {
            version: VERSION,
            number: invitation.number.clone(),
            public_key,
            mac,
            app: "uji".to_owned(),
            was: None,
        })
        .await
    }

    pub(crate) async fn ask_to_enrol(&self, request: &EnrolRequest) -> EnrolAnswer {
        let (status, body) = self.post("/field/v1/enrol", &codec::encode(request).expect("a message"), "").await;
        assert_eq!(status, 200);
        codec::decode(&body).expect("an answer")
    }

    pub(crate) fn take_enrolment(&mut self, answer: EnrolAnswer) {
        let EnrolAnswer::Enrolled { device, token, .. } = answer else { panic!("not enrolled: {answer:?}") };
        self.device = device;
        self.token = Some(token);
    }

    /// A new record with one entry, in an envelope not yet sent.
    pub(crate) fn begin(&mut self, record: RecordId, kind: RecordKind, body: Body) -> Envelope {
        let header = Header { id: record, kind, schema: siaga_wire::SCHEMA };
        let (document, changes) = Document::create(header, self.actor, &[entry(body)]).expect("a document");
        self.documents.insert(record, document);
        let changes = changes.into_iter().map(|change| change.bytes).collect();
        self.seal(vec![(record, kind, changes)])
    }

    /// The bytes of the change that would begin a record.
    #[allow(dead_code, reason = "not every test file begins a record by hand")]
    pub(crate) fn append_to_new(&self, record: RecordId, body: Body) -> Vec<u8> {
        let header = Header { id: record, kind: RecordKind::Incident, schema: siaga_wire::SCHEMA };
        let (_, mut changes) = Document::create(header, self.actor, &[entry(body)]).expect("a document");
        changes.remove(0).bytes
    }

    /// The bytes of changes that add one entry to a record that is here.
    pub(crate) fn append(&mut self, record: RecordId, body: Body) -> Vec<Vec<u8>> {
        let document = self.documents.get_mut(&record).expect("a document that is here");
        let changes = document.append(self.actor, &[entry(body)]).expect("a change");
        changes.into_iter().map(|change| change.bytes).collect()
    }

    pub(crate) fn add(&mut self, record: RecordId, kind: RecordKind, body: Body) -> Envelope {
        let changes = self.append(record, body);
        self.seal(vec![(record, kind, changes)])
    }

    pub(crate) fn seal(&mut self, documents: Vec<(RecordId, RecordKind, Vec<Vec<u8>>)>) -> Envelope {
        let lane = documents.first().expect("a document").1.lane().number();
        let (seq, prev) = self.chains[usize::from(lane)];
        let header = envelope::Header {
            version: VERSION,
            center: self.center,
            device: self.device,
            lane,
            seq: seq + 1,
            prev,
            epoch: self.epoch,
            user: "Ani".to_owned(),
            clock: Clock::default(),
        };
        let documents: Vec<DocumentChanges> = documents
            .into_iter()
            .map(|(record, kind, changes)| DocumentChanges {
                record,
                kind: kind.code().to_owned(),
                schema: siaga_wire::SCHEMA,
                changes: changes.into_iter().map(WireChange::plain).collect(),
            })
            .collect();
        let hash = manifest_hash(&manifest(&header, &documents, &[]).expect("a manifest"));
        self.chains[usize::from(lane)] = (seq + 1, hash);
        envelope::seal(header, documents, Vec::new(), &self.signer).expect("an envelope")
    }

    pub(crate) fn request(&self, envelopes: Vec<Envelope>, hold_ms: u32) -> ExchangeRequest {
        ExchangeRequest {
            version: VERSION,
            device: self.device,
            epoch: self.epoch,
            cursors: self.cursors,
            clock: Clock { device_ms: now_ms(), ..Clock::default() },
            hold_ms,
            budget_bytes: 64 * 1024,
            credential: self.token.clone().map_or(Credential::None, Credential::Token),
            envelopes,
            newest_fix: None,
            trail: Vec::new(),
            packed_trail: Vec::new(),
            repair: None,
            verdicts_up_to: None,
            thin: None,
            satellite_ahead_ms: None,
            terms: None,
            files_after: None,
        }
    }

    /// Asks once; answers a challenge when there is one.
    pub(crate) async fn ask(&mut self, mut request: ExchangeRequest) -> ExchangeAnswer {
        let answer = self.ask_once(&request).await;
        let Outcome::Challenge { nonce } = answer.outcome else { return answer };
        let signature = self.signer.sign(&challenge_message(&self.device, &nonce)).expect("a signature").to_vec();
        request.credential = Credential::Proof { nonce, signature };
        self.ask_once(&request).await
    }

    pub(crate) async fn ask_once(&self, request: &ExchangeRequest) -> ExchangeAnswer {
        let (status, body) = self.post("/field/v1/exchange", &codec::encode(request).expect("a message"), "").await;
        assert_eq!(status, 200);
        codec::decode(&body).expect("an answer")
    }

    /// Exchanges and takes the answer.
    pub(crate) async fn exchange(&mut self, envelopes: Vec<Envelope>, hold_ms: u32) -> Exchanged {
        let answer = self.ask(self.request(envelopes, hold_ms)).await;
        let Outcome::Exchanged(exchanged) = answer.outcome else { panic!("not exchanged: {:?}", answer.outcome) };
        self.epoch = answer.epoch;
        self.take(&exchanged);
        exchanged
    }

    /// Checks what the center signed, and applies it.
    pub(crate) fn take(&mut self, exchanged: &Exchanged) {
        self.cursors = exchanged.cursors;
        if exchanged.token.is_some() {
            self.token.clone_from(&exchanged.token);
        }
        let signature = &exchanged.news_signature;
        assert!(
            exchanged.news.is_empty()
                || verify_news(&exchanged.news, &self.epoch, &self.device, &self.center_key, signature)
        );
        for news in &exchanged.news {
            match news {
                News::Entered { record, changes, .. } if !changes.is_empty() => self.replay(*record, changes),
                News::Changed { record, change, .. } => self.replay(*record, std::slice::from_ref(change)),
                _ => {}
            }
        }
    }

    fn replay(&mut self, record: RecordId, changes: &[WireChange]) {
        let document = self.documents.entry(record).or_insert_with(Document::empty);
        document.replay(changes.iter().map(|change| change.bytes.as_slice())).expect("changes that fit");
    }

    pub(crate) fn receipts(&self, exchanged: &Exchanged) -> Vec<Receipt> {
        let read = |signed| verify(signed, &self.center_key, &self.device).expect("a receipt");
        exchanged.receipts.iter().map(read).collect()
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        siaga_document::digest(self.documents.iter().map(|(record, document)| (*record, document.heads())))
    }

    pub(crate) async fn post(&self, path: &str, body: &[u8], more_headers: &str) -> (u16, Vec<u8>) {
        let headers = format!("Content-Type: {MEDIA_TYPE}\r\n{more_headers}");
        self.send("POST", path, body, &headers).await
    }

    /// Whether the center proves to be this host.
    pub(crate) async fn reaches(&self, host: &str) -> bool {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        let name = host.to_owned().try_into().expect("a host name");
        self.tls.connect(name, stream).await.is_ok()
    }

    /// A connection of its own, greeted.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        self.tls.connect(self.at.ip().into(), stream).await.expect("a handshake")
    }

    /// The bytes of an exchange that leaves its connection open.
    pub(crate) fn kept_open(&self, request: &ExchangeRequest) -> Vec<u8> {
        let body = codec::encode(request).expect("a message");
        let head = format!(
            "POST /field/v1/exchange HTTP/1.1\r\nHost: {}\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {}\r\n\r\n",
            self.at,
            body.len()
        );
        [head.into_bytes(), body].concat()
    }

    /// One HTTP/1.1 request on a connection of its own.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &[u8], headers: &str) -> (u16, Vec<u8>) {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        let name = self.at.ip().into();
        let mut stream = self.tls.connect(name, stream).await.expect("a handshake");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            self.at,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("a sent head");
        // A center that refuses a large body closes before it has read all of it.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let status = std::str::from_utf8(&answer[9..12]).expect("digits").parse().expect("a status");
        (status, answer[end + 4..].to_vec())
    }
}

#[allow(dead_code, reason = "not every test file hangs up")]
impl Phone {
    /// A `PUT` that promises `length` bytes, carries fewer, and dies.
    pub(crate) async fn send_and_hang_up(&self, path: &str, body: &[u8], length: usize, headers: &str) {
        drop(self.send_part(path, body, length, headers).await);
    }

    /// The beginning of a body, and its connection, which says nothing more.
    pub(crate) async fn send_part(&self, path: &str, body: &[u8], length: usize, headers: &str) -> impl Sized {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        let mut stream = self.tls.connect(self.at.ip().into(), stream).await.expect("a handshake");
        let head = format!("PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n{headers}\r\n", self.at);
        stream.write_all(head.as_bytes()).await.expect("a sent head");
        stream.write_all(body).await.expect("a sent part");
        stream.flush().await.expect("a sent part");
        stream
    }
}

pub(crate) fn entry(body: Body) -> NewEntry {
    NewEntry { id: fresh(EntryId::from_bytes), stamp: Stamp::default(), body }
}

pub(crate) fn fresh<T>(make: fn([u8; 16]) -> T) -> T {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [9; 16];
    bytes[8..].copy_from_slice(&COUNTER.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    make(bytes)
}

pub(crate) fn now_ms() -> i64 {
    use siaga_center::clock::Clock as _;
    SystemClock.now().0
}
