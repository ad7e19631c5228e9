//! What must hold, at every answer and when everything is over.

use super::{Happening, LOOK_EVERY_MS, Machine, QUIET_WITHIN_MS};
use crate::simulation::ledger::ToldFix;
use anyhow::{Context as _, Result, bail, ensure};
use siaga_center::Center;
use siaga_center::db::{DbError, Step as _, feed, log, part, projection};
use siaga_document::{Document, MAX_OWN_DEPENDENCIES};
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, Epoch, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::{Record, incident};
use siaga_store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// Center times are within this after contact.
const CLOCK_WITHIN_MS: i64 = 2_000;

impl Machine<'_> {
    /// Whatever left the outbox is at the center, or was written again here.
    pub(super) fn check_outbox(&mut self, number: usize) -> Result<()> {
        let Some(engine) = self.engine(number) else { return Ok(()) };
        let now = hashes(&engine.store, "SELECT change FROM outbox")?;
        let peer = engine.store.peer()?;
        let fixes_from = peer.as_ref().map_or(0, |peer| peer.trail_received);
        // An answer of the life before may be late: what it says was so, and is asked for again in the life that is.
        let life = peer.map(|peer| peer.epoch).unwrap_or_default();
        let compared_in = self.compared_in(number)?;
        let phone = self.phone(number)?;
        phone.fixes_from = fixes_from;
        phone.compared_in = compared_in.or(phone.compared_in);
        let before = std::mem::replace(&mut phone.waiting, now);
        let now = &self.phone(number)?.waiting;
        let left: Vec<ChangeHash> = before.difference(now).copied().collect();
        for hash in left {
            match &self.center {
                None => self.ledger.claims.push((number, hash)),
                Some(center) if center.identity()?.epoch != life => self.ledger.claims.push((number, hash)),
                Some(center) => {
                    if !knows(center, &hash)? && !self.was_written_again(number, &hash)? {
                        bail!("phone {number} was told that a change is received which the center does not have");
                    }
                }
            }
        }
        Ok(())
    }

    /// The life of the center this phone believes in, once nothing is left to be compared with it.
    fn compared_in(&self, number: usize) -> Result<Option<Epoch>> {
        let Some(engine) = self.engine(number) else { return Ok(None) };
        if engine.store.repairs_waiting()? > 0 {
            return Ok(None);
        }
        Ok(engine.store.peer()?.map(|peer| peer.epoch))
    }

    fn was_written_again(&self, number: usize, hash: &ChangeHash) -> Result<bool> {
        let Some(engine) = self.engine(number) else { return Ok(true) };
        let sql = "SELECT EXISTS (SELECT 1 FROM change WHERE hash = ?1 AND verdict IN ('replayed', 'refuse'))";
        Ok(engine.store.inspect().query_row(sql, [hash.0.as_slice()], |row| row.get(0))?)
    }

    /// What was told is saved is here again after the process died.
    pub(super) fn check_told_here(&mut self, number: usize) -> Result<()> {
        let Some(engine) = self.engine(number) else { return Ok(()) };
        let here = hashes(&engine.store, "SELECT hash FROM change WHERE origin = 'local'")?;
        let outbox = hashes(&engine.store, "SELECT change FROM outbox")?;
        for told in self.ledger.told.iter().filter(|told| told.home == number && !told.left_home) {
            if let Some(lost) = told.changes.iter().find(|change| !here.contains(*change)) {
                // What was pruned was received.
                let known = self.center.as_ref().map(|center| knows(center, lost)).transpose()?;
                ensure!(known == Some(true), "phone {number} does not have what somebody was told is saved");
            }
        }
        let waiting = std::mem::replace(&mut self.phone(number)?.waiting, outbox);
        let now = &self.phone(number)?.waiting;
        ensure!(waiting.is_subset(now), "phone {number} came back without a change that waited in its outbox");
        Ok(())
    }

    /// Whether everything is where it belongs; then everything else is asked as well.
    pub(super) fn look(&mut self) -> Result<bool> {
        let Some(why) = self.not_quiet()? else {
            self.check_everything()?;
            return Ok(true);
        };
        let since = self.time.now_ms() - self.calm_since_ms.unwrap_or(0);
        ensure!(since <= QUIET_WITHIN_MS, "not quiet within ten minutes: {why}");
        self.after(LOOK_EVERY_MS, Happening::Look);
        Ok(false)
    }

    fn not_quiet(&self) -> Result<Option<String>> {
        let Some(center) = &self.center else { return Ok(Some("the center is down".to_owned())) };
        let epoch = center.identity()?.epoch;
        for (number, phone) in self.phones.iter().enumerate() {
            let (Some(engine), Some(device)) = (&phone.engine, phone.device) else {
                return Ok(Some(format!("phone {number} is off")));
            };
            let backlog = engine.store.backlog()?;
            if !backlog.is_empty() {
                return Ok(Some(format!("phone {number} has {:?} and {} fixes", backlog.changes, backlog.fixes)));
            }
            if self.compared_in(number)? != Some(epoch) {
                return Ok(Some(format!("phone {number} has not yet compared itself with this life of the center")));
            }
            let offset_ms = phone.reading(&engine.store, &self.time)?.offset_ms.unwrap_or(0);
            let off_ms = offset_ms.saturating_add(phone.wrong_ms).saturating_abs();
            if off_ms > CLOCK_WITHIN_MS {
                return Ok(Some(format!("phone {number} believes a center time that is {off_ms} ms off")));
            }
            let scope = engine.store.digest_scope()?;
            if scope.unsent_documents > 0 {
                return Ok(Some(format!("phone {number} waits for verdicts on {} documents", scope.unsent_documents)));
            }
            let here = siaga_document::digest(scope.documents.iter().cloned());
            let (there, documents) = center.digest(&device)?;
            if here != there {
                let count = scope.documents.len();
                return Ok(Some(format!(
                    "phone {number} has {count} documents, the center told it {documents}; they differ"
                )));
            }
            if !is_told_everything(center, &device)? {
                return Ok(Some(format!("phone {number} was not told everything")));
            }
        }
        Ok(None)
    }

    fn check_everything(&mut self) -> Result<()> {
        let center = self.center.clone().context("the center is down")?;
        let nobody_has = self.ledger.changes_that_may_be();
        for (number, hash) in std::mem::take(&mut self.ledger.claims) {
            ensure!(
                nobody_has.contains(&hash) || knows(&center, &hash)? || self.was_written_again(number, &hash)?,
                "phone {number} was told that a change is received which the center does not have"
            );
        }
        self.check_entries(&center)?;
        self.check_fixes(&center)?;
        for number in 0..self.phones.len() {
            self.check_phone(&center, number).with_context(|| format!("phone {number}"))?;
        }
        let problems = center.check()?.problems;
        ensure!(problems.is_empty(), "the center does not read back: {problems:?}");
        let (judged, envelopes) = counted(&center)?;
        ensure!(judged == envelopes, "{envelopes} envelopes were admitted {judged} times");
        Ok(())
    }

    /// Everything that was told is at the center once, and nothing else is.
    fn check_entries(&self, center: &Center) -> Result<()> {
        let mut must: BTreeMap<RecordId, BTreeSet<EntryId>> = BTreeMap::new();
        let told = self.ledger.told.iter().map(|told| (told.record, told.entry));
        for (record, entry) in told.chain(self.ledger.by_center.iter().copied()) {
            let incident = center.db().read(|tx| part::incident_of(tx, &record))?;
            must.entry(incident.unwrap_or(record)).or_default().insert(entry);
        }
        for (record, must) in must {
            // A long incident goes on in parts, each of which the center begins by saying so.
            let parts = parts_of(center, &record)?;
            let mut entries = center.entries(&record)?;
            for part in &parts {
                entries.extend(center.entries(part)?);
            }
            let there: BTreeSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
            let lost = must.difference(&there).filter(|entry| !self.ledger.may_be.contains(*entry)).count();
            ensure!(lost == 0, "{lost} entries that somebody was told are saved are not at the center");
            let overruled = entries.iter().filter(|entry| entry.body.kind() == "overruled").count();
            let begun = entries.iter().filter(|entry| entry.body.kind() == "continues").count();
            ensure!(begun == parts.len(), "{begun} parts of an incident say that they are, of {}", parts.len());
            let foreign = there.difference(&must).count();
            let joined = entries.iter().filter(|entry| entry.body.kind() == "joined").count();
            // A patient of a phone without letters gets the next number of its incident, once.
            let numbered = entries.iter().filter(|entry| entry.body.kind() == "numbered").count();
            ensure!(numbered <= 1, "a patient was numbered {numbered} times");
            let by_rule = overruled + begun + joined + numbered;
            ensure!(foreign == by_rule, "{} entries at the center were written by nobody", foreign.abs_diff(by_rule));
        }
        Ok(())
    }

    fn check_phone(&self, center: &Center, number: usize) -> Result<()> {
        let phone = self.phones.get(number).context("is not there")?;
        let (engine, device) = (phone.engine.as_ref().context("is off")?, phone.device.context("is nobody")?);
        let store = &engine.store;
        let told: BTreeSet<RecordId> = memberships(center, &device)?;
        let scope = store.digest_scope()?;
        let here: BTreeMap<RecordId, Vec<ChangeHash>> = scope.documents.into_iter().collect();
        ensure!(here.keys().copied().collect::<BTreeSet<_>>() == told, "its scope is not what the center told it");
        let mut shown = BTreeSet::new();
        for kind in RecordKind::ALL {
            for stored in store.records(*kind)? {
                shown.insert(stored.id);
                let heads = here.get(&stored.id).with_context(|| format!("has a row of {kind} outside its scope"))?;
                ensure!(*heads == stored.heads, "a row of {kind} has other heads than its document");
                let document = store.document(stored.id)?.with_context(|| format!("a {kind} has no document"))?;
                ensure!(document.heads() == stored.heads, "a {kind} does not reload to itself");
                let most = MAX_OWN_DEPENDENCIES + self.phones.len();
                ensure!(stored.heads.len() <= most, "a {kind} has {} heads", stored.heads.len());
                let mut parts = vec![document.entries()];
                for part in parts_of(center, &stored.id)? {
                    parts.extend(store.document(part)?.map(|document| document.entries()));
                }
                let read = match parts.len() {
                    1 => document.record(),
                    _ => incident::Whole::of(stored.id, parts).record(),
                };
                let read = read.with_context(|| format!("a {kind} does not read"))?;
                let same = without_times(&read)? == without_times(&stored.record)?;
                ensure!(same, "a {kind} reads otherwise than its documents");
                let rebuilt = rebuilt(store, &stored.id)?;
                ensure!(rebuilt.heads() == stored.heads, "the log of a {kind} does not make its document");
                let may = is_permitted(center, &device, &phone.unit, phone.role, &stored.id, &stored.record)?;
                ensure!(may, "holds a {kind} that does not concern it");
            }
        }
        // A later part of an incident has no row of its own: it is read in the incident's.
        for (record, heads) in here.iter().filter(|(record, _)| !shown.contains(*record)) {
            let incident = center.db().read(|tx| part::incident_of(tx, record))?;
            ensure!(incident.is_some_and(|incident| shown.contains(&incident)), "a document in its scope has no row");
            let document = store.document(*record)?.context("a part has no document")?;
            ensure!(document.heads() == *heads, "a part does not reload to itself");
            ensure!(rebuilt(store, record)?.heads() == *heads, "the log of a part does not make its document");
        }
        Ok(())
    }

    /// Every fix that was taken is at the center once, under whatever number, and nothing else is.
    fn check_fixes(&self, center: &Center) -> Result<()> {
        let mut told: BTreeMap<DeviceId, Vec<&ToldFix>> = BTreeMap::new();
        for (number, phone) in self.phones.iter().enumerate() {
            let of_device = told.entry(phone.device.context("a phone is nobody")?).or_default();
            of_device.extend(self.ledger.fixes.iter().filter(|fix| fix.home == number));
        }
        for (device, told) in told {
            let there = fixes_of(center, &device)?;
            let lost = told.iter().filter(|fix| !fix.may_be && !there.iter().any(|row| fix.is(row))).count();
            ensure!(lost == 0, "{lost} fixes that were taken are not at the center");
            let untold = there.iter().filter(|row| !told.iter().any(|fix| fix.is(row))).count();
            ensure!(untold == 0, "{untold} fixes at the center were never taken");
            ensure!(there.len() <= told.len(), "the center has {} fixes of {}", there.len(), told.len());
            // Whatever its clock said, a unit is where its last fix was. Homes that were copied or put back give a number
            // twice: of two such fixes neither is the last.
            let home = told.first().map(|fix| fix.home);
            let is_plain =
                told.iter().all(|fix| Some(fix.home) == home && !fix.may_be && !fix.left_home && !fix.has_twin);
            let newest = told.iter().max_by_key(|fix| fix.number).filter(|_| is_plain);
            if let (Some(newest), Some([lat, lon])) = (newest, position_of(center, &device)?) {
                let is_there = newest.is(&[newest.at_ms, lat, lon]);
                ensure!(is_there, "the newest position of a device is not the fix with the highest number");
            }
        }
        Ok(())
    }
}

fn hashes(store: &Store, sql: &str) -> Result<BTreeSet<ChangeHash>> {
    let mut statement = store.inspect().prepare_cached(sql)?;
    let found = statement.query_map([], |row| row.get::<_, [u8; 32]>(0))?;
    Ok(found.map(|hash| hash.map(ChangeHash)).collect::<Result<_, _>>()?)
}

fn rebuilt(store: &Store, record: &RecordId) -> Result<Document> {
    let mut statement = store.inspect().prepare_cached(
        "SELECT bytes FROM change WHERE record = ?1 AND verdict NOT IN ('refuse', 'replayed') ORDER BY position",
    )?;
    let log = statement.query_map([record.as_bytes().as_slice()], |row| row.get::<_, Vec<u8>>(0))?;
    let log: Vec<Vec<u8>> = log.collect::<Result<_, _>>()?;
    Ok(Document::from_log(log.iter().map(Vec::as_slice))?)
}

fn parts_of(center: &Center, incident: &RecordId) -> Result<Vec<RecordId>, DbError> {
    center.db().read(|tx| Ok(part::of(tx, incident)?.into_iter().map(|part| part.record).collect()))
}

fn knows(center: &Center, hash: &ChangeHash) -> Result<bool, DbError> {
    center.db().read(|tx| {
        tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM change WHERE hash = ?1) OR EXISTS (SELECT 1 FROM quarantine WHERE hash = ?1)",
            [hash.0.as_slice()],
            |row| row.get(0),
        )
        .step("ask whether the center has a change")
    })
}

fn counted(center: &Center) -> Result<(i64, i64), DbError> {
    center.db().read(|tx| {
        tx.query_row(
            "SELECT (SELECT count(*) FROM audit WHERE act = 'envelope.verdict'), (SELECT count(*) FROM envelope)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .step("count what was admitted")
    })
}

/// Where a device is shown.
fn position_of(center: &Center, device: &DeviceId) -> Result<Option<[i64; 2]>, DbError> {
    center.db().read(|tx| {
        tx.prepare_cached("SELECT lat_e6, lon_e6 FROM position WHERE device = ?1")
            .and_then(|mut statement| {
                statement
                    .query_map([device.as_bytes().as_slice()], |row| Ok([row.get(0)?, row.get(1)?]))?
                    .next()
                    .transpose()
            })
            .step("read the newest position")
    })
}

fn fixes_of(center: &Center, device: &DeviceId) -> Result<Vec<[i64; 3]>, DbError> {
    center.db().read(|tx| {
        tx.prepare_cached("SELECT device_ms, lat_e6, lon_e6 FROM fix WHERE device = ?1")
            .and_then(|mut statement| {
                statement
                    .query_map([device.as_bytes().as_slice()], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?
                    .collect()
            })
            .step("read the fixes")
    })
}

/// As of now, not as of what the device was told.
fn memberships(center: &Center, device: &DeviceId) -> Result<BTreeSet<RecordId>, DbError> {
    let ever = [u64::try_from(i64::MAX).unwrap_or(u64::MAX); 2];
    center.db().read(|tx| Ok(feed::memberships_at(tx, device, ever)?.into_iter().map(|(record, _)| record).collect()))
}

fn is_told_everything(center: &Center, device: &DeviceId) -> Result<bool> {
    let now = memberships(center, device)?;
    let contact = center.device(device)?.and_then(|device| device.contact).unwrap_or_default();
    let told: BTreeSet<RecordId> = center.db().read(|tx| {
        Ok::<_, DbError>(
            feed::memberships_at(tx, device, contact.told)?.into_iter().map(|(record, _)| record).collect(),
        )
    })?;
    if now != told {
        return Ok(false);
    }
    for record in now {
        let Some(stored) = center.record(&record)? else { return Ok(false) };
        let cursor = if stored.kind.lane().number() == 0 { contact.told[0] } else { contact.told[1] };
        if stored.position > cursor {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who may hold what, said once more and independently of how the center works it out.
fn is_permitted(
    center: &Center,
    device: &DeviceId,
    unit: &str,
    role: Role,
    id: &RecordId,
    record: &Record,
) -> Result<bool> {
    if center.db().read(|tx| log::wrote_in(tx, device, id))? {
        return Ok(true);
    }
    let is_ordered_to = |incident: &RecordId| -> Result<bool> {
        let orders = center.of_incident(incident, RecordKind::Assignment)?;
        Ok(orders.iter().any(|stored| match &stored.record {
            Some(Record::Assignment(assignment)) => assignment.unit.as_str() == unit,
            _ => false,
        }))
    };
    let treats = role != Role::Village;
    Ok(match record {
        Record::Directory(_) => true,
        Record::Assignment(assignment) => assignment.unit.as_str() == unit,
        Record::Incident(incident) => is_ordered_to(&incident.id)?,
        Record::Patient(patient) => treats && is_ordered_to(&patient.incident)?,
        Record::Identity(identity) => {
            let patient = center.db().read(|tx| projection::get(tx, &identity.patient))?;
            match patient.and_then(|stored| stored.record) {
                Some(Record::Patient(patient)) => treats && is_ordered_to(&patient.incident)?,
                _ => false,
            }
        }
        _ => false,
    })
}

/// What a record says, but for its times: where a clock was wrong, the row holds what was judged when an entry came.
fn without_times(record: &Record) -> Result<serde_json::Value> {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.retain(|name, _| !name.ends_with("_ms") && !name.ends_with("wrong_clock"));
                fields.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(record)?;
    strip(&mut value);
    Ok(value)
}
