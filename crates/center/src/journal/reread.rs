//! Records are read anew after an update that reads entries by other rules. What is shown of them is a cache, and who is
//! told of them follows from it.
//!
//! It happens once, when the center is first opened. In documents of builds up to 0.2.0 a device may have struck what no
//! strike takes away, or put a second entry under an id that was taken. Readers of this build leave both out; a strike is
//! overruled besides, and what the center had said of an incident is said once more, so that phones of those builds show the
//! same; and a device that was let in by such an entry is no longer told of what it was let into. Nothing in a document is
//! refused or removed.

use super::overrule::BY;
use super::{Logging, Settling, WriteError, documents, log_changes, parts, settle};
use crate::Center;
use crate::db::projection::{self, Routing, Stored};
use crate::db::{self, audit, feed, log, replaced, scope as audience, setting};
use crate::scope;
use rusqlite::Connection;
use siaga_document::{Document, NewEntry};
use siaga_domain::entry::{Body, Entries, Entry, Overruled, can_be_struck};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Denial;
use siaga_domain::record::READ_AS;
use siaga_domain::record::incident::Reopened;
use siaga_domain::register;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

/// The setting that says by which rules records were read last.
const SETTING: &str = "read_as";

/// Records read in one transaction.
const AT_ONCE: usize = 64;

/// What reading one record anew changed.
#[derive(Clone, Copy, Default)]
struct Changed {
    shown: usize,
    corrected: usize,
}

impl Center {
    /// Reads every record anew, once for each change of the rules. A record that cannot be loaded is left as it is.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what was read before stays, and the rest is read at the next opening.
    pub(crate) fn read_anew(&self) -> Result<(), WriteError> {
        let rules = READ_AS.to_string();
        if self.db().read(|tx| setting::get(tx, SETTING))?.as_deref() == Some(rules.as_str()) {
            return Ok(());
        }
        let all = self.db().read(|tx| projection::all_ids(tx))?;
        let mut changed = Changed::default();
        for some in all.chunks(AT_ONCE) {
            let of_some = self.db().write(|tx| {
                let mut changed = Changed::default();
                for (record, _) in some {
                    let one = self.read_one_anew(tx, record)?;
                    changed.shown = changed.shown.saturating_add(one.shown);
                    changed.corrected = changed.corrected.saturating_add(one.corrected);
                }
                Ok::<_, WriteError>(changed)
            })?;
            changed.shown = changed.shown.saturating_add(of_some.shown);
            changed.corrected = changed.corrected.saturating_add(of_some.corrected);
        }
        let now = self.now();
        self.db().write(|tx| {
            if changed.shown > 0 || changed.corrected > 0 {
                let detail = format!("shown={} corrected={}", changed.shown, changed.corrected);
                let act = audit::Act { by: "center", act: "records.read_anew", subject: "", detail: &detail };
                audit::append(tx, now.0, &act)?;
            }
            setting::set(tx, SETTING, &rules)
        })?;
        Ok(())
    }

    fn read_one_anew(&self, tx: &Connection, record: &RecordId) -> Result<Changed, WriteError> {
        let now = self.now();
        let known = match projection::get(tx, record) {
            Ok(Some(known)) if !db::damage::is_open(tx, record)? && replaced::of(tx, record)?.is_none() => known,
            Ok(_) => return Ok(Changed::default()),
            Err(cause) => {
                tracing::warn!(%record, %cause, "a record was not read anew");
                return Ok(Changed::default());
            }
        };
        let Ok(mut document) = documents::load(tx, record, known.position) else { return Ok(Changed::default()) };
        let Ok(whole) = parts::whole(tx, record, known.kind, &document) else { return Ok(Changed::default()) };
        let all = whole.as_ref().map_or_else(|| document.entries(), |whole| whole.entries.clone());
        let mut corrections = self.stamped(&[], &strikes_without_effect(&document.entries(), &all), BY, now);
        corrections.extend(self.said_again(&document, &all, now));
        let mut position = known.position;
        if !corrections.is_empty() {
            let entries = &corrections;
            let changes = document.append(self.actor(), entries).map_err(WriteError::Author)?;
            let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
            position = log_changes(tx, record, known.kind, &logged, BY, now)?;
            if let Some(last) = logged.last() {
                for entry in entries {
                    log::append_entry(tx, record, &entry.id, entry.body.kind(), &last.change.hash)?;
                }
            }
        }
        let shown = match parts::whole(tx, record, known.kind, &document)? {
            None => document.record(),
            Some(whole) if whole.incident == *record => whole.record(),
            Some(_) => None,
        };
        let is_changed = shown != known.record;
        if !is_changed && corrections.is_empty() {
            return Ok(Changed::default());
        }
        let (kind, before) = (known.kind, known.clone());
        let added = corrections.len();
        settle(
            tx,
            &Settling {
                record: *record,
                kind,
                document: &document,
                known: Some(known),
                position,
                added,
                writer: None,
                now,
            },
        )?;
        if is_changed && let Some(after) = projection::get(tx, record)? {
            let routing = |stored: &Stored| Routing::of(stored.record.as_ref());
            if routing(&before) != routing(&after) {
                let_go(tx, &before, &after, now)?;
            }
        }
        Ok(Changed { shown: usize::from(is_changed), corrected: corrections.len() })
    }

    /// What builds up to 0.2.0 read out of a second entry under one id, and this one does not, set right by an entry of its own.
    fn said_again(&self, document: &Document, all: &[Entry], now: UtcMs) -> Vec<NewEntry> {
        let standing = Entries::of(all);
        let mut said = Vec::new();
        for displaced in document.displaced() {
            let body = match &displaced.body {
                Body::Priority(_) => register::standing(&standing, "priority").pop().map(|entry| entry.body.clone()),
                Body::Closed(_) if !is_closed(&standing) => Some(Body::Reopened(Reopened { text: String::new() })),
                _ => None,
            };
            for mut entry in self.stamped(all, &body.into_iter().collect::<Vec<_>>(), BY, now) {
                if entry.body.slot().is_some() {
                    entry.stamp.replaces.push(displaced.id);
                }
                said.push(entry);
            }
        }
        said
    }
}

fn is_closed(entries: &Entries<'_>) -> bool {
    entries.live.iter().fold(false, |closed, entry| match entry.body {
        Body::Closed(_) => true,
        Body::Reopened(_) => false,
        _ => closed,
    })
}

/// A ruling for each strike of this document that has no effect and is not overruled yet.
fn strikes_without_effect(of_document: &[Entry], all: &[Entry]) -> Vec<Body> {
    let kinds: BTreeMap<_, _> = all.iter().map(|entry| (entry.id, entry.body.kind())).collect();
    let stands = |strike: &Entry| !Entries::of(all).overruled.iter().any(|(entry, _)| entry.id == strike.id);
    of_document
        .iter()
        .filter(|entry| match &entry.body {
            Body::Strike(strike) => kinds.get(&strike.target).is_some_and(|kind| !can_be_struck(kind)) && stands(entry),
            _ => false,
        })
        .map(|entry| {
            let reason = Denial::CenterOnly.code().to_owned();
            Body::Overruled(Overruled { target: entry.id, reason })
        })
        .collect()
}

/// Devices that were told of something because of what a record was read as, and would not be told of it now.
fn let_go(tx: &Connection, before: &Stored, after: &Stored, now: UtcMs) -> Result<(), WriteError> {
    for device in audience::holders(tx, &after.id)? {
        let_go_of(tx, &device, after, now)?;
    }
    let was = Routing::of(before.record.as_ref());
    let (RecordKind::Assignment, Some(incident)) = (before.kind, was.incident) else { return Ok(()) };
    for device in audience::of_unit(tx, &was.unit)? {
        for part in parts::all_of(tx, &incident, RecordKind::Incident)? {
            if let Some(part) = projection::get(tx, &part)? {
                let_go_of(tx, &device, &part, now)?;
            }
        }
        for kind in [RecordKind::Assessment, RecordKind::Patient] {
            for stored in projection::of_incident(tx, &incident, kind)? {
                let_go_of(tx, &device, &stored, now)?;
                for identity in projection::of_parent(tx, &stored.id)? {
                    let_go_of(tx, &device, &identity, now)?;
                }
            }
        }
    }
    Ok(())
}

fn let_go_of(tx: &Connection, device: &DeviceId, stored: &Stored, now: UtcMs) -> Result<(), WriteError> {
    if !scope::is_told(tx, device, stored, now)? {
        feed::leave(tx, device, &stored.id, stored.kind)?;
    }
    Ok(())
}
