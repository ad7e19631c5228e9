//! One use case at work: the store held for it, the moment it happens in, and who does it.
//!
//! [`Look`] finds and reads. [`Desk`] also writes: it stamps entries, says what they replace, and hands all of
//! a use case to the store at once.

mod draft;

pub(crate) use draft::Draft;

use crate::engine::{PERSON, SOS};
use crate::failure::{Failure, FailureCode};
use crate::port::Ports;
use crate::view::{Fix, Written};
use serde::Serialize;
use siaga_document::{AuthorError, NewEntry};
use siaga_domain::entry::{Body, Entries, Entry, Stamp};
use siaga_domain::id::{AreaCode, EntryId, PostCode, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::directory::Directory;
use siaga_domain::record::shift::Shift;
use siaga_domain::record::sos::Sos;
use siaga_domain::register;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_store::{Authoring, Enrolment, Peer, Store, StoreError, Stored};
use std::sync::MutexGuard;

/// Shortest beginning of an id that may stand for it.
const SHORTEST_BEGINNING: usize = 4;
const ID_REMEDY: &str = "take the id from a list, or a unique beginning of at least four characters";

/// A use case that reads.
pub(crate) struct Look<'a> {
    pub store: MutexGuard<'a, Store>,
    pub ports: &'a Ports,
    pub enrolment: Option<Enrolment>,
    pub peer: Option<Peer>,
    /// The moment this use case happens in.
    pub clock: ClockReading,
}

impl<'a> Look<'a> {
    pub(crate) fn new(store: MutexGuard<'a, Store>, ports: &'a Ports) -> Result<Self, Failure> {
        let enrolment = store.enrolment()?;
        let peer = store.peer()?;
        let clock = store.read_clock(UtcMs(ports.clock.device_ms()), ports.clock.monotonic_ms())?;
        Ok(Self { store, ports, enrolment, peer, clock })
    }

    /// The Gregorian year, to compare an age with.
    pub(crate) fn this_year(&self) -> i64 {
        jiff::Timestamp::from_millisecond(self.clock.center_estimate().0)
            .map_or(1970, |now| i64::from(now.to_zoned_datetime(jiff::tz::TimeZone::UTC).year()))
    }

    pub(crate) fn setting(&self, key: &str) -> Result<Option<String>, Failure> {
        Ok(self.store.setting(key)?)
    }

    /// The directory as last synced; empty before the first exchange.
    pub(crate) fn directory(&self) -> Result<Directory, Failure> {
        let mut found: Option<Directory> = None;
        for stored in self.store.records(RecordKind::Directory)? {
            let Record::Directory(directory) = stored.record else { continue };
            match &mut found {
                None => found = Some(directory),
                Some(all) => {
                    all.agencies.extend(directory.agencies);
                    all.posts.extend(directory.posts);
                    all.units.extend(directory.units);
                    all.facilities.extend(directory.facilities);
                    all.districts.extend(directory.districts);
                    all.villages.extend(directory.villages);
                    all.thresholds.extend(directory.thresholds);
                }
            }
        }
        Ok(found.unwrap_or_else(|| siaga_domain::record::directory::project(RecordId::from_bytes([0; 16]), &[])))
    }

    pub(crate) fn shifts(&self) -> Result<Vec<Shift>, Failure> {
        let of = |stored: Stored| match stored.record {
            Record::Shift(shift) => Some(shift),
            _ => None,
        };
        Ok(self.store.records(RecordKind::Shift)?.into_iter().filter_map(of).collect())
    }

    /// A call for help of this phone that was not withdrawn.
    pub(crate) fn own_sos(&self) -> Result<Option<Sos>, Failure> {
        let Some(id) = self.setting(SOS)?.and_then(|id| id.parse::<RecordId>().ok()) else { return Ok(None) };
        Ok(match self.store.record(id)?.map(|stored| stored.record) {
            Some(Record::Sos(sos)) if sos.cancelled.is_none() => Some(sos),
            _ => None,
        })
    }

    /// The fix taken last, however old.
    pub(crate) fn newest_fix(&self) -> Result<Option<Fix>, Failure> {
        Ok(self.store.newest_fix()?.map(|fix| crate::read::trail::view(&fix, &self.clock)))
    }

    /// Where this phone is, when the fix taken last is at most `ms` old. One dated in the future says nothing.
    pub(crate) fn position_within(&self, ms: i64) -> Result<Option<Position>, Failure> {
        let fresh = self.newest_fix()?.filter(|fix| fix.at_ms.is_fresh_at(self.clock.device, ms));
        Ok(fresh.map(|fix| fix.position))
    }

    /// The record meant by an id or a unique beginning of one.
    pub(crate) fn find_any(&self, argument: &str, typed: &str) -> Result<(RecordId, RecordKind), Failure> {
        self.resolve_id(argument, typed, "record", None)
    }

    /// The record of this kind meant by an id or a unique beginning of one.
    pub(crate) fn find(&self, argument: &str, typed: &str, kind: RecordKind) -> Result<Stored, Failure> {
        let (id, _) = self.resolve_id(argument, typed, kind.code(), Some(kind))?;
        self.stored(argument, id, kind)
    }

    pub(crate) fn stored(&self, argument: &str, id: RecordId, kind: RecordKind) -> Result<Stored, Failure> {
        self.store
            .record(id)?
            .filter(|stored| stored.kind == kind)
            .ok_or_else(|| Failure::not_found(argument, kind.code(), ID_REMEDY))
    }

    /// The incident meant, by its own id or by that of a task at it.
    pub(crate) fn find_incident(&self, argument: &str, typed: &str) -> Result<RecordId, Failure> {
        let (id, kind) = self.find_any(argument, typed)?;
        match kind {
            RecordKind::Incident => Ok(id),
            RecordKind::Assignment => self.incident_of(argument, id),
            _ => Err(Failure::input(argument, "this id is neither an incident nor a task", ID_REMEDY)),
        }
    }

    pub(crate) fn incident_of(&self, argument: &str, task: RecordId) -> Result<RecordId, Failure> {
        let stored = self.stored(argument, task, RecordKind::Assignment)?;
        stored.record.incident().ok_or_else(|| Failure::internal("read the incident of the task"))
    }

    fn resolve_id(
        &self,
        argument: &str,
        typed: &str,
        what: &str,
        kind: Option<RecordKind>,
    ) -> Result<(RecordId, RecordKind), Failure> {
        let beginning = typed.trim().to_ascii_lowercase();
        if !is_beginning(&beginning) {
            return Err(Failure::input(argument, "this is not an id", ID_REMEDY));
        }
        let mut found = self.store.ids_beginning(&beginning.replace('-', ""))?;
        found.retain(|(_, of)| kind.is_none_or(|kind| kind == *of));
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Failure::not_found(argument, what, ID_REMEDY)),
            _ => Err(Failure::input(argument, "more than one id begins like this", "give more of its characters")),
        }
    }

    pub(crate) fn entries(&self, id: RecordId) -> Result<Vec<Entry>, Failure> {
        Ok(self.store.entries(id)?)
    }

    pub(crate) fn find_entry<'e>(&self, argument: &str, typed: &str, all: &'e [Entry]) -> Result<&'e Entry, Failure> {
        let beginning = typed.trim().to_ascii_lowercase();
        if !is_beginning(&beginning) {
            return Err(Failure::input(argument, "this is not an id", ID_REMEDY));
        }
        let mut found = all.iter().filter(|entry| begins(entry.id, &beginning));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Failure::not_found(argument, "entry", "take the id of the entry from `get`")),
            (Some(_), Some(_)) => {
                Err(Failure::input(argument, "more than one id begins like this", "give more of its characters"))
            }
        }
    }

    /// A village of the directory. Before the directory arrived any code is believed.
    pub(crate) fn village(&self, argument: &str, code: &str) -> Result<AreaCode, Failure> {
        let remedy = "give a Kemendagri code such as 61.04.14.2001; search a village by name to find it";
        let code = AreaCode::new(code.trim()).map_err(|error| Failure::input(argument, error.to_string(), remedy))?;
        let directory = self.directory()?;
        if !directory.villages.is_empty() && directory.village(&code).is_none() {
            return Err(Failure::input(argument, "no village of the directory has this code", remedy));
        }
        Ok(code)
    }

    /// A post of the directory. Before the directory arrived any code is believed.
    pub(crate) fn post(&self, argument: &str, code: &str) -> Result<PostCode, Failure> {
        let remedy = "give the code of a post from the list of posts (`shifts`)";
        let code = PostCode::new(code.trim()).map_err(|error| Failure::input(argument, error.to_string(), remedy))?;
        let directory = self.directory()?;
        if !directory.posts.is_empty() && !directory.posts.iter().any(|post| post.code == code) {
            return Err(Failure::input(argument, "no post of the directory has this code", remedy));
        }
        Ok(code)
    }
}

fn is_beginning(typed: &str) -> bool {
    typed.len() >= SHORTEST_BEGINNING && typed.len() <= 36 && typed.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn begins(id: EntryId, beginning: &str) -> bool {
    let text = id.to_string();
    text.starts_with(beginning) || text.replace('-', "").starts_with(beginning)
}

/// A use case that writes.
pub(crate) struct Desk<'a> {
    look: Look<'a>,
    pub enrolment: Enrolment,
    /// The person checked in; empty when nobody is.
    pub by: String,
}

impl<'a> std::ops::Deref for Desk<'a> {
    type Target = Look<'a>;
    fn deref(&self) -> &Look<'a> {
        &self.look
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn new(look: Look<'a>) -> Result<Self, Failure> {
        let enrolment = look.enrolment.clone().ok_or_else(Failure::not_enrolled)?;
        let by = look.setting(PERSON)?.unwrap_or_default();
        Ok(Self { look, enrolment, by })
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0_u8; 10];
        self.ports.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn new_record(&self) -> RecordId {
        RecordId::v7(self.clock.device.0, self.random())
    }

    /// An entry of this moment.
    pub(crate) fn entry(&self, body: Body) -> NewEntry {
        self.entry_replacing(body, Vec::new())
    }

    /// An entry of this moment that means to replace what was seen.
    pub(crate) fn entry_replacing(&self, body: Body, replaces: Vec<EntryId>) -> NewEntry {
        NewEntry {
            id: EntryId::v7(self.clock.device.0, self.random()),
            stamp: Stamp { by: self.by.clone(), clock: self.clock, replaces },
            body,
        }
    }

    /// A single value: replaces whatever of its slot stands now, so that only what was not seen disputes it.
    pub(crate) fn register(&self, record: RecordId, body: Body) -> Result<NewEntry, Failure> {
        let slot = body.slot().unwrap_or_default();
        let all = self.entries(record)?;
        let seen = register::standing(&Entries::of(&all), &slot).into_iter().map(|entry| entry.id).collect();
        Ok(self.entry_replacing(body, seen))
    }

    pub(crate) fn written(&self, record: RecordId, entry: &NewEntry) -> Written {
        self.written_as(record, entry.id)
    }

    pub(crate) fn written_as(&self, record: RecordId, entry: EntryId) -> Written {
        Written { id: record.to_string(), entry: entry.to_string(), saved_at_ms: self.clock.device }
    }

    pub(crate) fn save_one(
        &self,
        intent: &'static str,
        request: &impl Serialize,
        record: &Stored,
        entry: NewEntry,
    ) -> Result<Written, Failure> {
        self.append(intent, request, record.id, record.kind, entry)
    }

    pub(crate) fn append(
        &self,
        intent: &'static str,
        request: &impl Serialize,
        id: RecordId,
        kind: RecordKind,
        entry: NewEntry,
    ) -> Result<Written, Failure> {
        let written = self.written(id, &entry);
        self.save(intent, request, Draft::append(id, kind, vec![entry]))?;
        Ok(written)
    }

    /// Everything of a use case in one transaction.
    pub(crate) fn save(&self, intent: &'static str, request: &impl Serialize, draft: Draft) -> Result<(), Failure> {
        let command = serde_json::to_string(request).map_err(|_| Failure::internal("write down the command"))?;
        let Draft { records, attachments, settings } = draft;
        self.store.author(Authoring {
            intent,
            intent_json: &command,
            by: &self.by,
            at: self.clock,
            role: self.enrolment.role,
            records,
            attachments,
            settings,
        })?;
        Ok(())
    }

    pub(crate) fn set(&self, key: &str, value: &str) -> Result<(), Failure> {
        Ok(self.store.set_setting(key, value)?)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_full() {
            return Self::storage_full();
        }
        match error {
            StoreError::NotEnrolled => Self::not_enrolled(),
            StoreError::Denied(denial) => Self::new(
                FailureCode::NotPermitted,
                None,
                denial.to_string(),
                "ask somebody whose role allows it, or tell the center in a note",
            ),
            StoreError::NoSuchRecord(_) => Self::not_found("id", "record", ID_REMEDY),
            StoreError::Author(AuthorError::TooLarge) => {
                Self::input("text", "it is too long for one entry", "shorten it, or write the rest as a note")
            }
            error => {
                tracing::error!(error = %error, cause = ?std::error::Error::source(&error).map(ToString::to_string), "the store failed");
                Self::new(FailureCode::Storage, None, error.to_string(), "try again; nothing that was saved is lost")
            }
        }
    }
}
