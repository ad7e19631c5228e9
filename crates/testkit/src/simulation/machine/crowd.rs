//! A crowd: more people than one change can depend on write into one record, and none has seen what another wrote.
//!
//! They stand behind one device that is in no plan, so that a run does not pay for a hundred phones: what they wrote is
//! judged, written and told as if each had brought it.

use super::Machine;
use anyhow::Result;
use siaga_center::Center;
use siaga_center::db::device::{self, Device, DeviceState};
use siaga_center::db::feed;
use siaga_center::journal::WriteError;
use siaga_center::journal::admit::{Brought, Delivery, Verdict, Writing};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::{ActorId, DeviceId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_wire::SCHEMA;
use siaga_wire::envelope::DocumentChanges;
use siaga_wire::exchange::WireChange;
use siaga_wire::key::DevicePublicKey;

impl Machine<'_> {
    /// So many people write one note each into an incident, offline, and all of it arrives at once.
    pub(super) fn crowd(&mut self, incident: u8, writers: u8) -> Result<()> {
        let Some(record) = self.nth_at_center(RecordKind::Incident, incident)? else { return Ok(()) };
        let number = u8::try_from(self.next_event % 256).unwrap_or_default();
        let brought = self.at_center(|center: &Center| bring(center, record, number, writers))?;
        let taken = brought.unwrap_or_default();
        self.ledger.by_center.extend(taken.into_iter().map(|entry| (record, entry)));
        self.answer_held()
    }
}

fn bring(center: &Center, record: RecordId, number: u8, writers: u8) -> Result<Vec<EntryId>, WriteError> {
    let kind = RecordKind::Incident;
    let Some(base) = center.document(&record)? else { return Ok(Vec::new()) };
    let now = center.now();
    // Each crowd stands behind a device of its own: what one may bring in an hour is bounded.
    let (mut id, mut public_key) = ([0xC0; 16], [2; 33]);
    id[15] = number;
    public_key[32] = number;
    let id = DeviceId::from_bytes(id);
    let crowd = Device {
        id,
        unit: "KERUMUNAN".to_owned(),
        role: Role::Volunteer,
        name: "banyak orang".to_owned(),
        public_key: DevicePublicKey(public_key),
        state: DeviceState::Active,
        code: "000000".to_owned(),
        app: String::new(),
        attested: false,
        enrolled_ms: now,
        state_ms: now,
        state_by: "test".to_owned(),
        contact: None,
        copied_ms: None,
    };
    let is_new = center.devices()?.iter().all(|device| device.id != id);
    center.db().write(|tx| {
        if is_new {
            device::insert(tx, &crowd)?;
        }
        feed::enter(tx, &id, &record, kind)
    })?;
    let mut entries = Vec::new();
    let mut changes = Vec::new();
    for writer in 0..writers {
        let mut named = [0xC0; 16];
        named[0] = number;
        named[1] = writer;
        let body = Body::Note(Note { text: format!("orang ke-{writer}"), ..Note::default() });
        let note = NewEntry { id: EntryId::from_bytes(named), stamp: Stamp::default(), body };
        let made = base.clone().append(ActorId::from_bytes(named), &[note]).map_err(WriteError::Author)?;
        changes.extend(made.into_iter().map(|change| WireChange::plain(change.bytes)));
        entries.push(EntryId::from_bytes(named));
    }
    let sent = DocumentChanges { record, kind: kind.code().to_owned(), schema: SCHEMA, changes };
    let lane = kind.lane().number();
    let delivery = Delivery { device: &crowd, lane, seq: 1, envelope: 1, author: "", now };
    let judged = center.judge(&crowd, &[Brought { lane, sent: &sent }], now)?;
    let verdicts = center.db().write(|tx| {
        let mut writing = Writing::default();
        let verdicts = center.write_judged(tx, &delivery, &sent, (&judged, 0), &mut writing)?;
        center.finish(tx, &crowd, writing, now)?;
        Ok::<_, WriteError>(verdicts)
    })?;
    center.announce()?;
    let taken = entries.into_iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Accept));
    Ok(taken.map(|(entry, _)| entry).collect())
}
