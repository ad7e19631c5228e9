//! What people do, as the plan says it: on phones, and at the center.

use super::{Happening, Machine, gone, is_full};
use crate::simulation::Sabotage;
use crate::simulation::ledger::{Told, ToldFix};
use crate::simulation::plan::What;
use crate::simulation::template::unit;
use anyhow::{Context as _, Result};
use siaga_center::Center;
use siaga_center::journal::{RecordWrite as CenterWrite, Start, Written};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Entries, Note, Stamp};
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::place::Position;
use siaga_domain::record::assignment::{Cancelled, Order, StatusEvent};
use siaga_domain::record::identity::{self, IdentityField, IdentityFieldName};
use siaga_domain::record::incident::{Closed, ClosureReason, Opened, PlaceIs, Priority, PriorityIs, Source};
use siaga_domain::record::patient::{self, Sex, TriageIs, TriageMethod};
use siaga_domain::record::sos::Raised;
use siaga_domain::register;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_domain::triage::TriageColor;
use siaga_store::{Authoring, NewFix, RecordWrite, Stored};
use siaga_sync::session::Event;
use siaga_sync::talk::what_waits;

/// A record to be written into, on a phone.
struct Entering {
    record: RecordId,
    kind: RecordKind,
    create: bool,
    bodies: Vec<Body>,
}

impl Machine<'_> {
    pub(super) fn next_of_plan(&mut self) -> Result<()> {
        let event = self.plan.events.get(self.next_event).cloned();
        self.next_event += 1;
        if let Some(event) = event {
            self.note(0, b'p', &u64::try_from(self.next_event).unwrap_or(0).to_le_bytes());
            self.does(&event.what).with_context(|| format!("{:?}", event.what))?;
        }
        self.plan_next();
        Ok(())
    }

    fn does(&mut self, what: &What) -> Result<()> {
        let Some(phone) = what.phone().map_or(Some(0), |number| self.index_of(number)) else { return Ok(()) };
        match *what {
            What::Press { task, .. } => self.press(phone, task),
            What::Sos { .. } => self.sos(phone),
            What::Report { notes, .. } => self.report(phone, notes),
            What::Note { record, letters, .. } => self.write_note(phone, record, letters),
            What::Patient { incident, .. } => self.log_patient(phone, incident),
            What::Triage { patient, .. } => self.triage(phone, patient),
            What::Fixes { count, .. } => self.take_fixes(phone, count),
            What::Duty { .. } => self.change_duty(phone),
            What::Order { unit } => self.order(unit),
            What::Amend { incident, letters } => self.amend(incident, letters),
            What::Cancel { task } => self.cancel(task),
            What::Close { incident } => self.close(incident),
            What::Crowd { incident, writers } => self.crowd(incident, writers),
            What::Kill { commits, down_ms, death, .. } => self.kill(phone, commits, down_ms, death),
            What::KillCenter { commits, down_ms } => {
                self.kill_center(commits, down_ms);
                Ok(())
            }
            What::Partition { for_ms, .. } => self.part(phone, for_ms),
            What::Blackout { for_ms } => (0..self.phones.len()).try_for_each(|phone| self.part(phone, for_ms)),
            What::Weather { weather, percent, for_ms, .. } => self.cover(phone, weather, percent, for_ms),
            What::Clock { by_ms, .. } => {
                self.phone(phone)?.wrong_ms += by_ms;
                Ok(())
            }
            What::Full { for_ms, .. } => {
                self.after(i64::from(for_ms), Happening::RoomAgain { phone });
                self.set_full(phone, true)
            }
            What::FullCenter { for_ms } => {
                self.after(i64::from(for_ms), Happening::CenterRoomAgain);
                self.set_center_full(true)
            }
            What::Night { hours } => self.night(hours),
            What::Keep { .. } => self.keep(phone),
            What::PutBack { down_ms, .. } => self.put_back(phone, down_ms),
            What::Clone { phone: number } => self.copy_phone(number),
            What::Backup => self.back_up(),
            What::Restore { down_ms } => self.restore(down_ms),
        }
    }

    // On phones.

    fn records_here(&self, phone: usize, kind: RecordKind) -> Result<Vec<Stored>> {
        let Some(engine) = self.engine(phone) else { return Ok(Vec::new()) };
        let mut all = engine.store.records(kind)?;
        // The order in which a phone heard of them is not the plan's affair.
        all.sort_by_key(|stored| stored.id);
        Ok(all)
    }

    fn nth_here(&self, phone: usize, kind: RecordKind, number: u8) -> Result<Option<RecordId>> {
        let all = self.records_here(phone, kind)?;
        let number = usize::from(number) % all.len().max(1);
        Ok(all.get(number).map(|stored| stored.id))
    }

    fn press(&mut self, phone: usize, task: u8) -> Result<()> {
        let Some(record) = self.nth_here(phone, RecordKind::Assignment, task)? else { return Ok(()) };
        let status = Status::ALL.get(usize::from(task) % Status::ALL.len()).copied().unwrap_or(Status::EnRoute);
        let event = StatusEvent { status, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None };
        let kind = RecordKind::Assignment;
        self.write(
            phone,
            "press",
            vec![Entering { record, kind, create: false, bodies: vec![Body::StatusEvent(event)] }],
        )
    }

    fn sos(&mut self, number: usize) -> Result<()> {
        let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
        let raised = Raised { unit: phone.unit.clone(), lat: None, lon: None, accuracy_m: None };
        let record = phone.new_record(&self.time);
        let bodies = vec![Body::SosRaised(raised)];
        self.write(number, "sos", vec![Entering { record, kind: RecordKind::Sos, create: true, bodies }])
    }

    fn report(&mut self, number: usize, notes: u8) -> Result<()> {
        let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
        let record = phone.new_record(&self.time);
        let mut bodies = vec![
            Body::IncidentOpened(Opened {
                source: Source::Field,
                narrative: words(usize::from(notes) * 40 + 10),
                caller_name: None,
                caller_phone: None,
                unit: Some(phone.unit.clone()),
            }),
            Body::Place(place(u32::from(notes) + u32::try_from(self.next_event).unwrap_or(0))),
        ];
        bodies.extend((0..notes).map(|_| Body::Note(Note { text: words(30), ..Note::default() })));
        self.write(number, "report", vec![Entering { record, kind: RecordKind::Incident, create: true, bodies }])
    }

    fn write_note(&mut self, phone: usize, record: u8, letters: u16) -> Result<()> {
        let kind = if record.is_multiple_of(3) { RecordKind::Sos } else { RecordKind::Incident };
        let Some(record) = self.nth_here(phone, kind, record)? else { return Ok(()) };
        let bodies = vec![Body::Note(Note { text: words(letters.into()), ..Note::default() })];
        self.write(phone, "note", vec![Entering { record, kind, create: false, bodies }])
    }

    fn treats(&self, phone: usize) -> bool {
        self.phones.get(phone).is_some_and(|phone| phone.role != Role::Village)
    }

    fn log_patient(&mut self, number: usize, incident: u8) -> Result<()> {
        let Some(incident) = self.nth_here(number, RecordKind::Incident, incident)? else { return Ok(()) };
        if !self.treats(number) {
            return Ok(());
        }
        let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
        let (patient, identity) = (phone.new_record(&self.time), phone.new_record(&self.time));
        let opened = patient::Opened {
            incident,
            identity,
            sex: Sex::Female,
            age_years: Some(32),
            age_band: None,
            age_months: None,
            age_days: None,
            number: None,
        };
        let named = IdentityField { name: IdentityFieldName::Name, value: words(12) };
        let writes = vec![
            Entering {
                record: patient,
                kind: RecordKind::Patient,
                create: true,
                bodies: vec![Body::PatientOpened(opened), triaged(TriageColor::Yellow)],
            },
            Entering {
                record: identity,
                kind: RecordKind::Identity,
                create: true,
                bodies: vec![Body::IdentityOpened(identity::Opened { patient }), Body::IdentityField(named)],
            },
        ];
        self.write(number, "patient", writes)
    }

    fn triage(&mut self, phone: usize, patient: u8) -> Result<()> {
        let Some(record) = self.nth_here(phone, RecordKind::Patient, patient)? else { return Ok(()) };
        if !self.treats(phone) {
            return Ok(());
        }
        let color = if patient.is_multiple_of(2) { TriageColor::Red } else { TriageColor::Green };
        let bodies = vec![triaged(color)];
        self.write(phone, "triage", vec![Entering { record, kind: RecordKind::Patient, create: false, bodies }])
    }

    fn write(&mut self, number: usize, intent: &'static str, writes: Vec<Entering>) -> Result<()> {
        let time = self.time.clone();
        let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
        let Some(engine) = &phone.engine else { return Ok(()) };
        let at = phone.reading(&engine.store, &time)?;
        // Two people share a phone, and an envelope speaks for one.
        let by = if phone.written % 3 == 2 { format!("Budi {number}") } else { format!("Ani {number}") };
        let stamp = Stamp { by: by.clone(), clock: at, replaces: Vec::new() };
        let mut records = Vec::new();
        for entering in writes {
            let standing = match entering.create {
                true => Vec::new(),
                false => engine.store.document(entering.record)?.map(|document| document.entries()).unwrap_or_default(),
            };
            let before = Entries::of(&standing);
            let entries = entering.bodies.into_iter().map(|body| {
                let replaces = body.slot().map_or_else(Vec::new, |slot| {
                    register::standing(&before, &slot).into_iter().map(|entry| entry.id).collect()
                });
                NewEntry { id: phone.new_entry(&time), stamp: Stamp { replaces, ..stamp.clone() }, body }
            });
            let entries: Vec<NewEntry> = entries.collect();
            let (id, kind) = (entering.record, entering.kind);
            records.push(RecordWrite { id, kind, create: entering.create, entries });
        }
        let ids: Vec<(RecordId, Vec<_>)> =
            records.iter().map(|write| (write.id, write.entries.iter().map(|entry| entry.id).collect())).collect();
        let authoring = Authoring {
            intent,
            intent_json: "{}",
            by: &by,
            at,
            role: phone.role,
            records,
            attachments: Vec::new(),
            settings: Vec::new(),
        };
        let authored = match engine.store.author(authoring) {
            Ok(authored) => authored,
            Err(error) => return self.not_saved(number, error.into()),
        };
        self.phone(number)?.written += 1;
        for (written, (record, entries)) in authored.iter().zip(ids) {
            for entry in entries {
                let changes = written.changes.clone();
                let told = Told { home: number, record, entry, changes, left_home: false, has_twin: false };
                self.ledger.told.push(told);
            }
        }
        let changes: Vec<_> = authored.iter().flat_map(|written| written.changes.iter().copied()).collect();
        self.spoil(number, &changes)?;
        self.phone(number)?.waiting.extend(changes);
        self.written(number)
    }

    /// Does on purpose what must never happen, so that it is seen that somebody notices.
    fn spoil(&mut self, number: usize, changes: &[siaga_domain::id::ChangeHash]) -> Result<()> {
        let Some(engine) = self.engine(number) else { return Ok(()) };
        if self.sabotage == Some(Sabotage::LosesARow) && self.ledger.told.len() > 3 {
            for change in changes {
                engine.store.inspect().execute("DELETE FROM outbox WHERE change = ?1", [change.0.as_slice()])?;
            }
        }
        if self.sabotage == Some(Sabotage::WritesUntold) && self.ledger.told.len() > 3 {
            let Some(told) = self.ledger.told.last().cloned() else { return Ok(()) };
            let (time, at) = (self.time.clone(), siaga_domain::time::ClockReading::default());
            let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
            let stored = engine.store.record(told.record)?.context("a record")?;
            let stamp = Stamp { by: "Ani".to_owned(), clock: at, replaces: Vec::new() };
            let twice = siaga_domain::entry::Strike { target: told.entry, reason: "?".to_owned() };
            let entries = vec![NewEntry { id: phone.new_entry(&time), stamp, body: Body::Strike(twice) }];
            let records = vec![RecordWrite { id: told.record, kind: stored.kind, create: false, entries }];
            let (attachments, settings) = (Vec::new(), Vec::new());
            let intent = ("twice", "{}");
            let authoring = Authoring {
                intent: intent.0,
                intent_json: intent.1,
                by: "Ani",
                at,
                role: phone.role,
                records,
                attachments,
                settings,
            };
            engine.store.author(authoring)?;
        }
        Ok(())
    }

    /// Nobody was told that it is saved.
    fn not_saved(&mut self, number: usize, error: anyhow::Error) -> Result<()> {
        let home = self.home(number)?;
        if self.disks.is_dead(&home) {
            return self.die(number);
        }
        if self.disks.is_full(&home) && is_full(&error) {
            return Ok(());
        }
        Err(error.context(format!("phone {number} does not save")))
    }

    fn written(&mut self, number: usize) -> Result<()> {
        let Some(engine) = self.engine(number) else { return Ok(()) };
        let waiting = what_waits(&engine.store)?;
        self.feed(number, [Event::Written { waiting }])
    }

    fn take_fixes(&mut self, number: usize, count: u8) -> Result<()> {
        let phone = self.phones.get(number).ok_or_else(|| gone("a phone"))?;
        let Some(engine) = &phone.engine else { return Ok(()) };
        let now = phone.moment(&self.time).device_ms;
        for step in 0..count {
            // Nothing else was taken there: two fixes of one moment and place are one.
            let there = f64::from(u32::try_from(self.ledger.fixes.len())?) * 1e-4;
            let position = Position::new(-1.9 - there, 110.8 + there, Some(8.0)).context("a place")?;
            let at_ms = UtcMs(now - i64::from(count - step) * 5_000);
            let fix = NewFix { position, at_ms, speed_mps: Some(12.0), offset_ms: None, is_mock: false };
            let as_number = match engine.store.add_fix(&fix) {
                Ok(as_number) => as_number,
                Err(error) => return self.not_saved(number, error.into()),
            };
            self.ledger.fixes.push(ToldFix {
                home: number,
                number: as_number,
                at_ms: at_ms.0,
                place: [micro(position.lat()), micro(position.lon())],
                left_home: false,
                has_twin: false,
                may_be: false,
            });
        }
        self.written(number)
    }

    fn change_duty(&mut self, number: usize) -> Result<()> {
        let Some(engine) = &mut self.phone(number)?.engine else { return Ok(()) };
        engine.on_duty = !engine.on_duty;
        let on = engine.on_duty;
        self.feed(number, [Event::Duty { on }])
    }

    // At the center.

    fn center_writes(&mut self, writes: Vec<CenterWrite>) -> Result<()> {
        let done = self.at_center(|center| center.write_all(writes, "dispatcher"))?;
        for Written { record, entries, .. } in done.into_iter().flatten() {
            self.ledger.by_center.extend(entries.into_iter().map(|entry| (record, entry)));
        }
        self.answer_held()
    }

    fn order(&mut self, number: u8) -> Result<()> {
        let Some(center) = self.center.clone() else { return Ok(()) };
        let (incident, record) = (center.new_record(), center.new_record());
        drop(center);
        let opened = Body::IncidentOpened(Opened {
            source: Source::Call,
            narrative: words(60),
            caller_name: None,
            caller_phone: None,
            unit: None,
        });
        let priority = Body::Priority(PriorityIs { priority: Priority::P1 });
        let entries = vec![opened, priority, Body::Place(place(u32::from(number) + 7))];
        let unit = UnitCode::new(unit(number))?;
        let order = Order { incident, unit, priority: Priority::P1, text: words(20), ack_within_s: 60 };
        let begin = |record, kind, entries| CenterWrite { record, kind, start: Start::Create, entries };
        self.center_writes(vec![
            begin(incident, RecordKind::Incident, entries),
            begin(record, RecordKind::Assignment, vec![Body::Order(order)]),
        ])
    }

    pub(super) fn nth_at_center(&mut self, kind: RecordKind, number: u8) -> Result<Option<RecordId>> {
        let all = self.at_center(|center: &Center| center.records(kind))?.unwrap_or_default();
        let number = usize::from(number) % all.len().max(1);
        Ok(all.get(number).map(|stored| stored.id))
    }

    fn append_at_center(&mut self, kind: RecordKind, number: u8, entries: Vec<Body>) -> Result<()> {
        let Some(record) = self.nth_at_center(kind, number)? else { return Ok(()) };
        self.center_writes(vec![CenterWrite { record, kind, start: Start::Append, entries }])
    }

    fn amend(&mut self, incident: u8, letters: u16) -> Result<()> {
        let note = Body::Note(Note { text: words(letters.into()), ..Note::default() });
        let priority = Body::Priority(PriorityIs { priority: Priority::P2 });
        self.append_at_center(RecordKind::Incident, incident, vec![note, priority])
    }

    fn cancel(&mut self, task: u8) -> Result<()> {
        let cancelled = Body::Cancelled(Cancelled { reason: words(10) });
        self.append_at_center(RecordKind::Assignment, task, vec![cancelled])
    }

    fn close(&mut self, incident: u8) -> Result<()> {
        let reason = ClosureReason::ALL.first().copied().context("a reason")?;
        let closed = Body::Closed(Closed { reason, text: String::new() });
        self.append_at_center(RecordKind::Incident, incident, vec![closed])
    }
}

/// So many letters, as a person writes them; which ones makes no difference.
fn words(letters: usize) -> String {
    "air naik di dusun tiga, jembatan putus, perahu diperlukan; ".chars().cycle().take(letters.max(1)).collect()
}

/// Some place near Jelai Hulu that no decimal writes down exactly.
fn place(step: u32) -> PlaceIs {
    let there = f64::from(step) * 1e-4 / 3.0;
    PlaceIs {
        lat: Some(-1.923 - there),
        lon: Some(110.890 + there),
        accuracy_m: None,
        village: None,
        landmark: Some(words(15)),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "degrees of the earth")]
fn micro(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}

fn triaged(color: TriageColor) -> Body {
    Body::Triage(TriageIs { color, method: TriageMethod::Start })
}
