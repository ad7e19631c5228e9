//! Claimed times that cannot be true, and the records that people see with them set right.
//!
//! A record is never refused for a time: an honest phone writes 1970. When an entry is received its claim is judged once,
//! by its receipt ([`happened`]). What cannot be true is ordered and aged by the receipt, and pages say *jam salah*.

use crate::entry::{Body, Entry, Stamp};
use crate::id::EntryId;
use crate::record::Record;
use crate::record::shift::Shift;
use crate::time::{EARLIEST, Happened, LATEST_PLANNED, UtcMs, happened};
use serde_json::Value;
use std::collections::BTreeMap;

/// A shift whose plan cannot be true counts from its receipt for as long as it says, at most this long.
const LONGEST_SHIFT_MS: i64 = 24 * 3_600_000;

/// The judgement of one entry; `None` for a claim that can be true, which is the rule.
#[must_use]
pub fn judge(stamp: &Stamp, received: UtcMs) -> Option<Happened> {
    let judged = happened(stamp.clock.center_estimate(), received);
    (judged.is_ahead || judged.is_wrong).then_some(judged)
}

/// Whether a shift may be planned for these moments.
#[must_use]
pub fn is_plan(from: UtcMs, until: UtcMs) -> bool {
    (EARLIEST..LATEST_PLANNED).contains(&from) && (EARLIEST..LATEST_PLANNED).contains(&until) && from <= until
}

/// The judged claims of a record, by entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Claims(BTreeMap<EntryId, Happened>);

impl FromIterator<(EntryId, Happened)> for Claims {
    fn from_iter<I: IntoIterator<Item = (EntryId, Happened)>>(claims: I) -> Self {
        Self(claims.into_iter().collect())
    }
}

impl Claims {
    /// The moment to order an entry and to age it by, and whether pages say *jam salah*.
    #[must_use]
    pub fn of(&self, entry: &Entry) -> (UtcMs, bool) {
        match self.0.get(&entry.id) {
            Some(judged) => (judged.at, judged.is_wrong),
            None => (entry.stamp.clock.center_estimate(), false),
        }
    }

    /// The record with its times set right. `received` is when its first change was received.
    #[must_use]
    pub fn correct(&self, record: Record, received: UtcMs) -> Record {
        let mut record = record;
        if let Record::Shift(shift) = &mut record {
            correct_plan(shift, received);
        }
        if self.0.is_empty() {
            return record;
        }
        let Ok(mut value) = serde_json::to_value(&record) else { return record };
        self.visit(&mut value);
        serde_json::from_value(value).unwrap_or(record)
    }

    /// Wherever a record names the author of an entry, it names the entry beside the time.
    fn visit(&self, value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.visit(one)),
            Value::Object(fields) => {
                let entry = fields.get("entry").and_then(Value::as_str).and_then(|id| id.parse::<EntryId>().ok());
                let judged = entry.and_then(|id| self.0.get(&id)).filter(|_| fields.contains_key("at_device_ms"));
                if let Some(judged) = judged {
                    fields.insert("at_ms".to_owned(), judged.at.0.into());
                    if judged.is_wrong {
                        fields.insert("wrong_clock".to_owned(), true.into());
                    }
                }
                fields.values_mut().for_each(|one| self.visit(one));
            }
            _ => {}
        }
    }
}

fn correct_plan(shift: &mut Shift, received: UtcMs) {
    if is_plan(shift.from_ms, shift.until_ms) {
        return;
    }
    let length = shift.until_ms.0.saturating_sub(shift.from_ms.0);
    let length = if (1..=LONGEST_SHIFT_MS).contains(&length) { length } else { LONGEST_SHIFT_MS };
    shift.from_ms = received;
    shift.until_ms = received.plus(length);
    shift.wrong_clock = Some(true);
}

/// Whether a record's own fields hold a plan that cannot be true: its shift is read by its receipt.
#[must_use]
pub fn has_wrong_plan(body: &Body) -> bool {
    matches!(body, Body::Planned(plan) if !is_plan(plan.from_ms, plan.until_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Note;
    use crate::id::{ActorId, PostCode, RecordId};
    use crate::kind::RecordKind;
    use crate::record::project;
    use crate::record::shift::{CheckIn, Planned};
    use crate::record::sos::Raised;
    use crate::time::ClockReading;

    const RECEIVED: UtcMs = UtcMs(1_795_395_600_000);
    const HOSTILE: [i64; 7] = [i64::MIN, -1, 0, 86_400_000, 2_082_758_400_000, 9_000_000_000_000_000, i64::MAX];

    fn entry(number: u8, at: i64, body: Body) -> Entry {
        let clock = ClockReading { device: UtcMs(at), ..ClockReading::default() };
        Entry {
            id: EntryId::from_bytes([number; 16]),
            order: crate::entry::CausalOrder { counter: number.into(), actor: ActorId::from_bytes([1; 16]) },
            stamp: Stamp { clock, ..Stamp::default() },
            body,
        }
    }

    #[test]
    fn whatever_number_stands_for_a_time_a_record_is_read_by_its_receipt_and_says_so() {
        for at in HOSTILE {
            let raised = Raised { unit: "AMB-01".into(), lat: None, lon: None, accuracy_m: None };
            let note = Note { text: "di sini".into(), ..Note::default() };
            let all = [entry(1, at, Body::SosRaised(raised)), entry(2, RECEIVED.0 - 5, Body::Note(note))];
            let claims: Claims = all.iter().filter_map(|one| Some((one.id, judge(&one.stamp, RECEIVED)?))).collect();

            let record = project(RecordKind::Sos, RecordId::from_bytes([9; 16]), &all).expect("a call for help");
            let Record::Sos(sos) = claims.correct(record, RECEIVED) else { panic!("another kind") };

            assert_eq!((sos.raised.at_ms, sos.raised.wrong_clock), (RECEIVED, Some(true)), "{at}");
            assert_eq!(sos.raised.at_device_ms, UtcMs(at), "what the phone said is kept");
            assert_eq!((sos.notes[0].author.at_ms, sos.notes[0].author.wrong_clock), (RECEIVED.plus(-5), None));
        }
    }

    #[test]
    fn a_shift_planned_for_a_time_that_cannot_be_is_read_by_its_receipt() {
        let shift = |from: i64, until: i64| {
            let post = PostCode::new("PSC-1").expect("a code");
            let planned = Planned { post, from_ms: UtcMs(from), until_ms: UtcMs(until) };
            let here = CheckIn { name: "Ani".into(), unit: None };
            let all = [entry(1, RECEIVED.0, Body::Planned(planned)), entry(2, RECEIVED.0, Body::CheckIn(here))];
            let record = project(RecordKind::Shift, RecordId::from_bytes([9; 16]), &all).expect("a shift");
            match Claims::default().correct(record, RECEIVED) {
                Record::Shift(shift) => (shift.from_ms, shift.until_ms.0 - shift.from_ms.0, shift.wrong_clock),
                _ => panic!("another kind"),
            }
        };
        let hour = 3_600_000;

        assert_eq!(shift(RECEIVED.0, RECEIVED.0 + 8 * hour), (RECEIVED, 8 * hour, None));
        assert_eq!(shift(0, 12 * hour), (RECEIVED, 12 * hour, Some(true)));
        for (from, until) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (RECEIVED.0, i64::MAX), (0, RECEIVED.0)] {
            assert_eq!(shift(from, until), (RECEIVED, LONGEST_SHIFT_MS, Some(true)), "{from} {until}");
        }
        assert_eq!(shift(EARLIEST.0, LATEST_PLANNED.0 - 1).2, None, "planned times may lie far ahead");
    }
}
