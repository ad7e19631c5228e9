//! *Kaji cepat*: what this device's observer saw of one village.
//!
//! A device keeps one assessment for one village of one incident; saying it again revises the numbers, each
//! replacing what was seen before. Another observer's assessment of the same village is never touched, and
//! nothing is summed.

use crate::desk::{Desk, Draft};
use crate::engine::Field;
use crate::failure::Failure;
use crate::request::{Assess, NeedItem, Number};
use crate::text::{self, LONG, SHORT};
use crate::view::Written;
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Entries, Entry, Note};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::assessment::{Need, Observed, Opened};
use siaga_domain::register;
use std::collections::BTreeSet;

/// More than live in the province: a slipped finger.
const MAX_VALUE: i64 = 10_000_000;

impl Field {
    /// # Errors
    /// `BadInput` naming the number that cannot be, or when nothing is said; `NotFound` for an unknown incident
    /// or village; and what saving may give.
    pub fn assess(&self, request: &Assess) -> Result<Written, Failure> {
        check(&request.numbers)?;
        let note = text::optional("note", request.note.as_deref(), LONG)?;
        let needs = request.needs.iter().map(need).collect::<Result<Vec<_>, _>>()?;
        if request.numbers.is_empty() && needs.is_empty() && note.is_none() {
            return Err(Failure::input("numbers", "nothing is said", "give a number, a need or a note"));
        }
        let desk = self.desk_to_write()?;
        let incident = desk.find_incident("incident", &request.incident)?;
        let village = desk.village("village", &request.village)?;
        let own = format!("assessment/{incident}/{village}");
        let revised = own_assessment(&desk, &own)?;
        let before = revised.map(|id| desk.entries(id)).transpose()?.unwrap_or_default();
        let mut entries = Vec::new();
        let id = match revised {
            Some(id) => id,
            None => {
                entries.push(desk.entry(Body::AssessmentOpened(Opened { incident, village })));
                desk.new_record()
            }
        };
        entries.extend(said(&desk, &before, &request.numbers, needs, note)?);
        // A form sent again with nothing new but needs already listed has nothing to save.
        let Some(first) = entries.first() else {
            return Err(Failure::input("needs", "these needs are already listed", "change a number or add a need"));
        };
        let written = desk.written(id, first);
        let mut draft = match revised {
            Some(_) => Draft::append(id, RecordKind::Assessment, entries),
            None => Draft::create(id, RecordKind::Assessment, entries),
        };
        draft.settings.push((own, id.to_string()));
        desk.save("assess", request, draft)?;
        Ok(written)
    }
}

/// This device's assessment of the village, if it is still here.
fn own_assessment(desk: &Desk<'_>, own: &str) -> Result<Option<RecordId>, Failure> {
    let Some(id) = desk.setting(own)?.and_then(|id| id.parse::<RecordId>().ok()) else { return Ok(None) };
    Ok(desk.stored("incident", id, RecordKind::Assessment).ok().map(|stored| stored.id))
}

fn said(
    desk: &Desk<'_>,
    before: &[Entry],
    numbers: &[Number],
    needs: Vec<Need>,
    note: Option<String>,
) -> Result<Vec<NewEntry>, Failure> {
    let known = Entries::of(before);
    let mut entries = Vec::new();
    for number in numbers {
        let body = Body::Observed(Observed {
            metric: number.metric,
            value: number.value,
            quality: number.quality,
            source: text::optional("source", number.source.as_deref(), SHORT)?,
        });
        let seen = register::standing(&known, number.metric.code()).into_iter().map(|entry| entry.id).collect();
        entries.push(desk.entry_replacing(body, seen));
    }
    for need in needs {
        let listed = known.live.iter().any(|entry| matches!(&entry.body, Body::Need(other) if *other == need));
        if !listed {
            entries.push(desk.entry(Body::Need(need)));
        }
    }
    if let Some(text) = note {
        entries.push(desk.entry(Body::Note(Note { text, ..Note::default() })));
    }
    Ok(entries)
}

fn check(numbers: &[Number]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for number in numbers {
        let metric = number.metric.code();
        if !(0..=MAX_VALUE).contains(&number.value) {
            return Err(Failure::input(
                metric,
                format!("{metric} must be between 0 and {MAX_VALUE}"),
                "count again, or leave it out when it is not known",
            ));
        }
        if !seen.insert(number.metric) {
            return Err(Failure::input(metric, format!("{metric} is given twice"), "give each number once"));
        }
    }
    Ok(())
}

fn need(item: &NeedItem) -> Result<Need, Failure> {
    if item.quantity.is_some_and(|quantity| !(0..=MAX_VALUE).contains(&quantity)) {
        return Err(Failure::input("needs", "a quantity is out of range", "give how many are needed, or leave it out"));
    }
    Ok(Need {
        text: text::required("needs", &item.text, SHORT)?,
        quantity: item.quantity,
        unit: text::optional("needs", item.unit.as_deref(), SHORT)?,
    })
}
