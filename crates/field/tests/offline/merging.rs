//! Two phones edit one patient without a network: both keep every entry, and a human chooses.

use crate::patients::somebody;
use crate::stage::{Stage, Written, hear, store};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Measured, Vitals};
use siaga_field::FailureCode;
use siaga_field::request::{ById, RecordVitals, Resolve, Triage};

/// What one phone wrote, as the center would pass it on.
fn everything_of(stage: &Stage, id: &str) -> Written {
    let id = id.parse().expect("an id");
    let document = store(stage.folder.path()).document(id).expect("answers").expect("a document");
    let changes = document.changes().into_iter().map(|change| change.bytes).collect();
    Written { id, kind: RecordKind::Patient, changes }
}

fn pulse(id: &str, hr: f64) -> RecordVitals {
    RecordVitals { id: id.to_owned(), vitals: Vitals { hr: Some(Measured::Number(hr)), ..Vitals::default() } }
}

fn triage(id: &str, color: TriageColor) -> Triage {
    Triage { id: id.to_owned(), color, method: None }
}

/// Two phones with one patient on both, each having set another colour and taken a pulse.
fn two_phones() -> (Stage, Stage, String) {
    let (ani, _, incident) = Stage::with_a_task(Role::Medic);
    let (budi, ..) = Stage::with_a_task(Role::Medic);
    let id = ani.field.add_patient(&somebody(&incident)).expect("is kept").id;
    hear(budi.folder.path(), vec![everything_of(&ani, &id)]);
    ani.field.triage(&triage(&id, TriageColor::Yellow)).expect("is kept");
    ani.field.record_vitals(&pulse(&id, 92.0)).expect("is kept");
    budi.field.triage(&triage(&id, TriageColor::Red)).expect("is kept");
    budi.field.record_vitals(&pulse(&id, 120.0)).expect("is kept");
    let (from_ani, from_budi) = (everything_of(&ani, &id), everything_of(&budi, &id));
    hear(ani.folder.path(), vec![from_budi]);
    hear(budi.folder.path(), vec![from_ani]);
    (ani, budi, id)
}

#[test]
fn both_phones_keep_every_entry_and_show_the_same_dispute() {
    let (ani, budi, id) = two_phones();

    let seen = |stage: &Stage| {
        let screen = stage.field.patient(&ById { id: id.clone() }).expect("the patient");
        let disputes = stage.field.disputes().expect("disputes");
        let mut pulses: Vec<i64> =
            screen.patient.vitals.iter().filter_map(|taken| taken.vitals.hr?.number()).map(|hr| hr as i64).collect();
        pulses.sort_unstable();
        (screen.brief.triage, screen.brief.disputed, pulses, disputes.len(), disputes[0].dispute.choices.len())
    };

    let (by_ani, by_budi) = (seen(&ani), seen(&budi));

    assert_eq!(by_ani, by_budi);
    assert_eq!((by_ani.1, by_ani.2, by_ani.3, by_ani.4), (true, vec![92, 120], 1, 2));
    assert_eq!(ani.field.home().expect("a home").dispute_count, 1);
}

#[test]
fn a_choice_by_value_or_by_entry_ends_the_dispute_on_both() {
    for by_entry in [false, true] {
        let (ani, budi, id) = two_phones();
        let dispute = ani.field.disputes().expect("disputes").remove(0).dispute;
        let yellow = dispute.choices.iter().find(|choice| choice.value == "yellow").expect("a choice");
        let choice = if by_entry { yellow.author.entry.clone() } else { yellow.value.clone() };

        ani.field.resolve(&Resolve { id: id.clone(), field: "triage".into(), choice }).expect("is kept");
        hear(budi.folder.path(), vec![everything_of(&ani, &id)]);

        for stage in [&ani, &budi] {
            let screen = stage.field.patient(&ById { id: id.clone() }).expect("the patient");
            assert_eq!((screen.brief.triage, screen.brief.disputed), (Some(TriageColor::Yellow), false));
            assert!(stage.field.disputes().expect("disputes").is_empty());
        }
    }
}

#[test]
fn a_choice_that_nobody_made_is_not_taken() {
    let (ani, _, id) = two_phones();
    let resolve = |field: &str, choice: &str| {
        let request = Resolve { id: id.clone(), field: field.into(), choice: choice.into() };
        ani.field.resolve(&request).expect_err("a refusal")
    };

    let third = resolve("triage", "black");
    let agreed = resolve("complaint", "sesak");

    assert_eq!((third.code, third.argument.as_deref()), (FailureCode::BadInput, Some("choice")));
    assert_eq!(agreed.argument.as_deref(), Some("field"));
}
