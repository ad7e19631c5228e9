//! Honest documents of every kind, written by several people who do not always know of one another.

use super::chance::Chance;
use serde_json::{Value, json};
use siaga_document::{Claim, Document, Header, NewEntry, Rules};
use siaga_domain::category::Category;
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{ActorId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::policy::{Author, may_write};
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_domain::record::directory::UnitKind;
use siaga_domain::record::identity::IdentityFieldName;
use siaga_domain::record::incident::{CasualtyKind, ClosureReason, Priority, Source};
use siaga_domain::record::patient::{Sex, TriageMethod};
use siaga_domain::status::Status;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::triage::TriageColor;

/// One honest change.
#[derive(Clone)]
pub(crate) struct Honest {
    pub bytes: Vec<u8>,
    pub author: Author,
    pub actor: ActorId,
    /// Changes of the story, by their place, that its writer had seen.
    pub deps: Vec<usize>,
}

/// A document and how it came to be.
pub(crate) struct Story {
    pub record: RecordId,
    pub kind: RecordKind,
    /// In the order a center admitted them.
    pub log: Vec<Honest>,
    /// The document before each of them, and after the last.
    pub states: Vec<Document>,
}

impl Story {
    pub(crate) const fn claim(&self, author: Author) -> Claim {
        Claim { record: self.record, kind: self.kind, author, rules: Rules::Entering }
    }

    /// Tells a story. Every honest change must be admitted, in whichever order a center meets them.
    ///
    /// # Errors
    /// What was refused, and why.
    pub(crate) fn tell(chance: &mut Chance) -> Result<Self, String> {
        let kind = *chance.one_of(RecordKind::ALL);
        let record = RecordId::from_bytes(chance.bytes());
        let people: Vec<ActorId> = (0..2 + chance.below(3)).map(|_| ActorId::from_bytes(chance.bytes())).collect();
        let mut seen = Vec::new();
        let header = Header { id: record, kind, schema: 1 };
        let (author, first) = entries(chance, kind, 0, &mut seen);
        let actor = *chance.one_of(&people);
        let (document, made) = Document::create(header, actor, &first).map_err(|error| error.to_string())?;
        let mut told: Vec<Honest> = Vec::new();
        let mut copies: Vec<Document> = people.iter().map(|_| document.clone()).collect();
        keep(&mut told, made, author);
        let changes = 3 + chance.below(10);
        while told.len() < changes {
            let who = chance.below(people.len());
            let (Some(copy), Some(actor)) = (copies.get_mut(who), people.get(who)) else { continue };
            if chance.once_in(3) {
                copy.replay(told.iter().map(|one| one.bytes.as_slice())).map_err(|error| error.to_string())?;
            }
            let at = told.len();
            let (author, written) = entries(chance, kind, at, &mut seen);
            let made = copy.append(*actor, &written).map_err(|error| error.to_string())?;
            keep(&mut told, made, author);
        }
        let mut story = Self { record, kind, log: Vec::new(), states: vec![Document::empty()] };
        story.admit_all(chance, told)?;
        Ok(story)
    }

    /// Admits everything in an order of chance that causality allows.
    fn admit_all(&mut self, chance: &mut Chance, mut waiting: Vec<Honest>) -> Result<(), String> {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut numbers: Vec<usize> = (0..waiting.len()).collect();
        let mut document = Document::empty();
        while !waiting.is_empty() {
            let ready: Vec<usize> = (0..waiting.len())
                .filter(|at| {
                    let deps = waiting.get(*at).map(|one| one.deps.as_slice()).unwrap_or_default();
                    deps.iter().all(|dep| places.iter().any(|(told, _)| told == dep))
                })
                .collect();
            let at = *chance.one_of(&ready);
            let (mut one, number) = (waiting.remove(at), numbers.remove(at));
            let claim = self.claim(one.author);
            let admitted = document
                .admit(&one.bytes, &claim)
                .map_err(|refusal| format!("an honest change was refused: {refusal}"))?;
            document.apply(admitted).map_err(|error| format!("an honest change did not apply: {error}"))?;
            one.deps.iter_mut().for_each(|dep| {
                *dep = places.iter().find(|(told, _)| told == dep).map_or(0, |(_, place)| *place);
            });
            places.push((number, self.log.len()));
            self.log.push(one);
            self.states.push(document.clone());
        }
        Ok(())
    }
}

fn keep(told: &mut Vec<Honest>, made: Vec<siaga_document::Change>, author: Author) {
    for change in made {
        let deps = change.deps.iter().filter_map(|dep| {
            told.iter().position(|one| Document::describe(&one.bytes).is_some_and(|known| known.hash == *dep))
        });
        let deps = deps.collect();
        told.push(Honest { bytes: change.bytes, author, actor: change.actor, deps });
    }
}

/// What one person writes at once, and who may.
pub(crate) fn entries(
    chance: &mut Chance,
    kind: RecordKind,
    at: usize,
    seen: &mut Vec<EntryId>,
) -> (Author, Vec<NewEntry>) {
    let count = if chance.once_in(3) { 1 + chance.below(4) } else { 1 };
    let bodies: Vec<Body> = (0..count).map(|number| body(chance, kind, at + number, seen)).collect();
    let role = *chance.one_of(&[Role::Medic, Role::Volunteer, Role::Supervisor]);
    let device = Author::Device(role);
    let allowed = bodies.iter().all(|body| may_write(device, kind, body.kind()).is_ok());
    let written = bodies.into_iter().map(|body| {
        let stamp = stamp(chance, seen);
        let id = EntryId::from_bytes(chance.bytes());
        seen.push(id);
        NewEntry { id, stamp, body }
    });
    (if allowed { device } else { Author::Center }, written.collect())
}

/// One entry that this author may write; none where the author may write nothing in such a record.
pub(crate) fn entries_by(
    chance: &mut Chance,
    kind: RecordKind,
    author: Author,
    seen: &mut Vec<EntryId>,
) -> Vec<NewEntry> {
    const DRAWS: usize = 40;
    let bodies = (0..DRAWS).map(|_| body(chance, kind, 1, seen));
    let Some(body) = bodies.into_iter().find(|body| may_write(author, kind, body.kind()).is_ok()) else {
        return Vec::new();
    };
    let stamp = stamp(chance, seen);
    let id = EntryId::from_bytes(chance.bytes());
    seen.push(id);
    vec![NewEntry { id, stamp, body }]
}

fn stamp(chance: &mut Chance, seen: &[EntryId]) -> Stamp {
    let at = 1_700_000_000_000 + i64::try_from(chance.below(1_000_000_000)).unwrap_or_default();
    let clock = ClockReading {
        device: UtcMs(at),
        monotonic_ms: at % 100_000,
        boot: 3,
        offset_ms: chance.once_in(2).then_some(-450),
        uncertainty_ms: chance.once_in(2).then_some(90),
    };
    let replaces = if seen.is_empty() || chance.below(3) > 0 { Vec::new() } else { vec![*chance.one_of(seen)] };
    Stamp { by: (*chance.one_of(&["Ani Lestari", "Budi", ""])).to_owned(), clock, replaces }
}

/// The opening of a record first, then anything that belongs there.
fn body(chance: &mut Chance, kind: RecordKind, at: usize, seen: &[EntryId]) -> Body {
    let mut c = |number: usize| chance.below(number);
    let count = c(400);
    let text = ["air naik sampai lutut", "", "Jl. Merdeka \u{2014} RT 03/02", "1", "pos 🚑 penuh"][c(5)];
    let id = RecordId::from_bytes([u8::try_from(c(200)).unwrap_or_default(); 16]).to_string();
    let lat = -1.8 - count as f64 / 997.0;
    let lon = 110.0 + count as f64 / 991.0;
    let village = "61.04.01.2001";
    let note = ("note", json!({"text": text, "attachment": null}));
    let all: Vec<(&str, Value)> = match kind {
        RecordKind::Incident => vec![
            ("opened", json!({"source": Source::ALL[c(Source::ALL.len())].code(), "narrative": text})),
            ("category", json!({"category": Category::ALL[c(Category::ALL.len())].code()})),
            ("priority", json!({"priority": Priority::ALL[c(Priority::ALL.len())].code()})),
            ("place", json!({"lat": lat, "lon": lon, "accuracy_m": 12.5, "village": village, "landmark": text})),
            (
                "casualties",
                json!({
                    "of": CasualtyKind::ALL[c(CasualtyKind::ALL.len())].code(),
                    "count": count,
                    "quality": Quality::ALL[c(Quality::ALL.len())].code()
                }),
            ),
            ("hazard", json!({"text": text})),
            ("closed", json!({"reason": ClosureReason::ALL[c(ClosureReason::ALL.len())].code(), "text": text})),
            ("reopened", json!({"text": text})),
            note,
        ],
        RecordKind::Assignment => vec![
            (
                "order",
                json!({"incident": id, "unit": "AMB-01", "priority": Priority::ALL[c(Priority::ALL.len())].code(),
                    "text": text, "ack_within_s": count}),
            ),
            ("status", json!({"status": Status::ALL[c(Status::ALL.len())].code(), "lat": lat, "lon": lon})),
            ("cancelled", json!({"reason": text})),
            ("escalated", json!({"level": count})),
            ("destination", json!({"facility": "RSUD-01"})),
        ],
        RecordKind::Patient => vec![
            ("patient", json!({"incident": id, "identity": id, "sex": Sex::ALL[c(Sex::ALL.len())].code()})),
            (
                "triage",
                json!({
                    "color": TriageColor::ALL[c(TriageColor::ALL.len())].code(),
                    "method": TriageMethod::ALL[c(TriageMethod::ALL.len())].code()
                }),
            ),
            ("complaint", json!({"text": text})),
            ("vitals", json!({"hr": 92.0, "spo2": 96.0, "on_oxygen": c(2) == 0, "temp": 37.5})),
            ("treatment", json!({"what": text, "dose": "500 mg"})),
            ("handover", json!({"facility": "RSUD-01", "receiver": text})),
            note,
        ],
        RecordKind::Identity => vec![
            ("identity", json!({"patient": id})),
            ("field", json!({"name": IdentityFieldName::ALL[c(IdentityFieldName::ALL.len())].code(), "value": text})),
        ],
        RecordKind::Assessment => vec![
            ("assessment", json!({"incident": id, "village": village})),
            (
                "observed",
                json!({
                    "metric": Metric::ALL[c(Metric::ALL.len())].code(),
                    "value": count,
                    "quality": Quality::ALL[c(Quality::ALL.len())].code(),
                    "source": text
                }),
            ),
            ("need", json!({"text": text, "quantity": count, "unit": "dus"})),
            note,
        ],
        RecordKind::Sos => vec![
            ("raised", json!({"unit": "AMB-01", "lat": lat, "lon": lon, "accuracy_m": 8.0})),
            ("answered", json!({"text": text})),
            ("sos_cancelled", json!({"reason": text})),
            note,
        ],
        RecordKind::Shift => vec![
            ("planned", json!({"post": "PSC", "from_ms": 1_700_000_000_000_i64, "until_ms": 1_700_043_200_000_i64})),
            ("person", json!({"name": "Ani", "stands_in_for": text})),
            ("checkin", json!({"name": "Ani", "unit": "AMB-01"})),
            ("checkout", json!({"name": "Ani", "reason": text})),
        ],
        RecordKind::Directory => vec![
            ("agency", json!({"code": "DINKES", "name": text})),
            ("post", json!({"code": "PSC", "name": text, "agency": "DINKES", "lat": lat, "lon": lon})),
            (
                "unit",
                json!({"code": "AMB-01", "name": text, "kind": UnitKind::ALL[c(UnitKind::ALL.len())].code(),
                    "agency": "DINKES", "post": "PSC"}),
            ),
            ("facility", json!({"code": "RSUD-01", "name": text, "lat": lat, "lon": lon})),
            ("district", json!({"code": "61.04.01", "name": text, "villages": "2001=Asam Jelai"})),
            ("threshold", json!({"name": "ack_s", "value": count})),
        ],
    };
    let strikes = kind != RecordKind::Directory && !seen.is_empty() && c(8) == 0;
    let (entry, fields) = if at == 0 {
        all.first().cloned().expect("every record has an opening")
    } else if strikes {
        ("strike", json!({"target": seen[c(seen.len())].to_string(), "reason": text}))
    } else {
        all[c(all.len())].clone()
    };
    let Value::Object(fields) = fields else { unreachable!("the fields above are objects") };
    Body::parse(entry, fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
        .unwrap_or_else(|error| unreachable!("{error}: {:?}", std::error::Error::source(&error)))
}
