//! Phones by the thousand: the product's messages and its HTTP client, and nothing of its engine. What each will send is made and
//! signed before the clock runs.

use anyhow::{Context, bail, ensure};
use siaga_center::Center;
use siaga_center::db::device::{self, Device, DeviceState};
use siaga_center::db::feed;
use siaga_center::exchange::session;
use siaga_center::scope::{self, ScopeError};
use siaga_document::{Document, Header as DocumentHeader, NewEntry};
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::{ActorId, ChangeHash, DeviceId, EntryId, Epoch, RecordId};
use siaga_domain::kind::{Lane, RecordKind, Role};
use siaga_domain::record::incident::{Opened, Source};
use siaga_domain::record::sos::Raised;
use siaga_sync::http::{Http, HttpError};
use siaga_sync::tls::Sessions;
use siaga_wire::envelope::{self, DocumentChanges, Envelope, manifest, manifest_hash};
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Outcome, WireChange, challenge_message,
};
use siaga_wire::key::{MemorySigner, Signer};
use siaga_wire::{MEDIA_TYPE, VERSION, codec};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

static DRAWN: AtomicU64 = AtomicU64::new(1);

/// Sixteen bytes nobody drew before.
fn fresh<T>(make: impl Fn([u8; 16]) -> T) -> T {
    let mut bytes = [5; 16];
    let number = DRAWN.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    bytes.iter_mut().skip(8).zip(number).for_each(|(byte, drawn)| *byte = drawn);
    make(bytes)
}

/// An enrolled phone that has everything the center told so far.
pub(super) struct Phone {
    pub device: DeviceId,
    pub role: Role,
    pub token: Option<Vec<u8>>,
    signer: MemorySigner,
    actor: ActorId,
    epoch: Epoch,
    cursors: [u64; 2],
    chains: [(u64, ChangeHash); 2],
    center: siaga_domain::id::CenterId,
    at: SocketAddr,
    root_der: Vec<u8>,
    http: Http,
}

/// Enrols so many phones of a unit, by the center's own database: the running center is another guest of it.
pub(super) fn enrol(folder: &Path, at: SocketAddr, unit: &str, count: usize) -> anyhow::Result<Vec<Phone>> {
    let center = Center::open(folder)?;
    let now = center.now();
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let device = fresh(DeviceId::from_bytes);
        let mut scalar = [3; 32];
        scalar.iter_mut().zip(device.as_bytes()).for_each(|(byte, of)| *byte = *of);
        let signer = MemorySigner::from_scalar(&scalar)?;
        let public_key = signer.public_key()?;
        made.push((device, public_key, signer));
    }
    center.db().write(|tx| {
        for (id, public_key, _) in &made {
            let device = Device {
                id: *id,
                unit: unit.to_owned(),
                role: Role::Medic,
                name: "HP uji".to_owned(),
                public_key: *public_key,
                state: DeviceState::Active,
                code: "112112".to_owned(),
                app: "bench".to_owned(),
                attested: false,
                enrolled_ms: now,
                state_ms: now,
                state_by: "bench".to_owned(),
                contact: None,
                copied_ms: None,
            };
            device::insert(tx, &device)?;
            // It was told of everything it is to be told of before it walked out of coverage.
            scope::settle_device(tx, id, now)?;
        }
        Ok::<_, ScopeError>(())
    })?;
    let (head, epoch) = (center.db().read(|tx| feed::head(tx))?, center.identity()?.epoch);
    made.into_iter()
        .map(|(device, _, signer)| {
            let token = session::open(&center, &device, now)?;
            let root_der = center.root_der().to_vec();
            Ok(Phone {
                device,
                role: Role::Medic,
                token: Some(token),
                signer,
                actor: fresh(ActorId::from_bytes),
                epoch,
                cursors: [head; 2],
                chains: [(0, ChangeHash([0; 32])); 2],
                center: center.id(),
                at,
                http: http(at, &root_der)?,
                root_der,
            })
        })
        .collect()
}

fn http(at: SocketAddr, root_der: &[u8]) -> anyhow::Result<Http> {
    // Nobody's TLS session but its own.
    Ok(Http::new(&[format!("https://{at}")], root_der, &Sessions::default())?)
}

impl Phone {
    /// It walked out of coverage: no connection, and in the end no session.
    pub(super) fn is_away(&mut self) -> anyhow::Result<()> {
        self.token = None;
        self.http = http(self.at, &self.root_der)?;
        Ok(())
    }

    /// Somebody is in danger: one change in the urgent lane.
    pub(super) fn sos(&mut self) -> anyhow::Result<Envelope> {
        let raised = Raised { unit: "AMB-01".to_owned(), lat: Some(-1.85), lon: Some(110.0), accuracy_m: Some(12.0) };
        let record = fresh(RecordId::from_bytes);
        let changes = self.begin(record, RecordKind::Sos, Body::SosRaised(raised))?.1;
        self.seal(record, RecordKind::Sos, changes)
    }

    /// A report with so many changes, in the lane of records.
    pub(super) fn report(&mut self, changes: usize) -> anyhow::Result<Envelope> {
        let (record, all) = self.written(changes)?;
        self.seal(record, RecordKind::Incident, all)
    }

    /// The changes of a report.
    pub(super) fn written(&self, changes: usize) -> anyhow::Result<(RecordId, Vec<Vec<u8>>)> {
        let opened = Opened {
            source: Source::Field,
            narrative: "air naik setinggi dada di dua dusun".to_owned(),
            caller_name: None,
            caller_phone: None,
            unit: None,
        };
        let record = fresh(RecordId::from_bytes);
        let (mut document, mut all) = self.begin(record, RecordKind::Incident, Body::IncidentOpened(opened))?;
        for number in 1..changes {
            let text = format!("air naik {} cm, {} keluarga pindah ke balai desa", 3 * number, number + 2);
            let more = document.append(self.actor, &[entry(Body::Note(Note { text, ..Note::default() }))])?;
            all.extend(more.into_iter().map(|change| change.bytes));
        }
        Ok((record, all))
    }

    fn begin(&self, record: RecordId, kind: RecordKind, body: Body) -> anyhow::Result<(Document, Vec<Vec<u8>>)> {
        let header = DocumentHeader { id: record, kind, schema: siaga_wire::SCHEMA };
        let (document, changes) = Document::create(header, self.actor, &[entry(body)])?;
        Ok((document, changes.into_iter().map(|change| change.bytes).collect()))
    }

    fn seal(&mut self, record: RecordId, kind: RecordKind, changes: Vec<Vec<u8>>) -> anyhow::Result<Envelope> {
        let lane = kind.lane();
        let chain = match lane {
            Lane::Urgent => self.chains.first_mut(),
            _ => self.chains.last_mut(),
        };
        let chain = chain.context("two lanes")?;
        let header = envelope::Header {
            version: VERSION,
            center: self.center,
            device: self.device,
            lane: lane.number(),
            seq: chain.0 + 1,
            prev: chain.1,
            epoch: self.epoch,
            user: "Ani".to_owned(),
            clock: Clock::default(),
        };
        let changes = changes.into_iter().map(WireChange::plain).collect();
        let documents =
            vec![DocumentChanges { record, kind: kind.code().to_owned(), schema: siaga_wire::SCHEMA, changes }];
        let hash = manifest_hash(&manifest(&header, &documents, &[])?);
        *chain = (header.seq, hash);
        Ok(envelope::seal(header, documents, Vec::new(), &self.signer)?)
    }

    /// Asks until it is answered; a challenge is met, and "later" waited for. Gives the answer and how often it was put off.
    pub(super) async fn bring(&mut self, envelopes: &[Envelope]) -> anyhow::Result<(Exchanged, u32)> {
        let mut put_off = 0;
        loop {
            let wait_s = match self.ask(envelopes.to_vec(), 0).await {
                Ok(Outcome::Exchanged(exchanged)) => {
                    let receipted = envelopes.is_empty() || !exchanged.receipts.is_empty();
                    ensure!(exchanged.needed.is_empty(), "the center wants another envelope");
                    if receipted {
                        return Ok((exchanged, put_off));
                    }
                    1
                }
                Ok(Outcome::Busy { retry_after_s }) => retry_after_s,
                Ok(other) => bail!("the center answered {other:?}"),
                Err(HttpError::Busy(seconds)) => seconds,
                // As a phone does after a failure.
                Err(HttpError::Unreachable | HttpError::Cut | HttpError::TimedOut) => 1,
                Err(error) => return Err(error.into()),
            };
            put_off += 1;
            tokio::time::sleep(Duration::from_secs(wait_s.into())).await;
        }
    }

    /// One question, and the answer to a challenge where there is one.
    pub(super) async fn ask(&mut self, envelopes: Vec<Envelope>, hold_ms: u32) -> Result<Outcome, HttpError> {
        let mut request = ExchangeRequest {
            version: VERSION,
            device: self.device,
            epoch: self.epoch,
            cursors: self.cursors,
            clock: Clock::default(),
            hold_ms,
            budget_bytes: 16 * 1024,
            credential: self.token.clone().map_or(Credential::None, Credential::Token),
            envelopes,
            newest_fix: None,
            trail: Vec::new(),
            packed_trail: Vec::new(),
            thin: None,
            verdicts_up_to: None,
            satellite_ahead_ms: None,
            terms: None,
            repair: None,
            files_after: None,
        };
        let mut answer = self.post(&request).await?;
        if let Outcome::Challenge { nonce } = &answer.outcome {
            let signed = self.signer.sign(&challenge_message(&self.device, nonce)).map_err(|_| HttpError::Setup)?;
            request.credential = Credential::Proof { nonce: nonce.clone(), signature: signed.to_vec() };
            answer = self.post(&request).await?;
        }
        if let Outcome::Exchanged(exchanged) = &answer.outcome {
            self.cursors = exchanged.cursors;
            if exchanged.token.is_some() {
                self.token.clone_from(&exchanged.token);
            }
        }
        Ok(answer.outcome)
    }

    async fn post(&self, request: &ExchangeRequest) -> Result<ExchangeAnswer, HttpError> {
        let body = codec::encode(request).map_err(|_| HttpError::Setup)?;
        let within = Duration::from_secs(75);
        let answer = self.http.post("/field/v1/exchange", MEDIA_TYPE, body, within, 512 * 1024).await?;
        codec::decode(&answer).map_err(|_| HttpError::NotOurCenter)
    }
}

fn entry(body: Body) -> NewEntry {
    NewEntry { id: fresh(EntryId::from_bytes), stamp: Stamp { by: "Ani".to_owned(), ..Stamp::default() }, body }
}
