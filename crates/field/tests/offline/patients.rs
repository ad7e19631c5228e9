//! Patients: logged with what is known, measured, treated, handed over.

use crate::stage::Stage;
use siaga_domain::kind::Role;
use siaga_domain::nik::NikWarning;
use siaga_domain::record::identity::IdentityFieldName;
use siaga_domain::record::patient::Sex;
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Absent, Measured, Vitals};
use siaga_field::FailureCode;
use siaga_field::request::{AddPatient, ById, DescribePatient, HandOver, Identify, RecordVitals, Treat, Triage};

pub(crate) fn somebody(incident: &str) -> AddPatient {
    AddPatient {
        incident: incident.to_owned(),
        name: None,
        sex: None,
        age_years: None,
        age: None,
        age_band: None,
        nik: None,
        complaint: None,
    }
}

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

#[test]
fn a_patient_nobody_knows_is_two_records_saved_at_once() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    let added = stage.field.add_patient(&somebody(&task)).expect("is kept");

    let screen = stage.field.patient(&by_id(&added.id)).expect("the patient");
    // This phone has no letters yet: it shows the end of the id, and a number never moves.
    assert_eq!((screen.brief.name.number, screen.brief.name.short_id.len()), (None, 3));
    assert_eq!(screen.patient.identity.to_string(), added.identity);
    assert!(screen.identity.is_some());
    assert_eq!(stage.field.outbox().expect("the outbox").items.len(), 2);
    assert_eq!(stage.field.tasks().expect("tasks")[0].patient_count, 1);
}

#[test]
fn a_nik_that_does_not_fit_warns_and_is_kept() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let request = AddPatient {
        name: Some("Siti".into()),
        sex: Some(Sex::Male),
        nik: Some("6104164508900001".into()),
        ..somebody(&incident)
    };

    let added = stage.field.add_patient(&request).expect("is kept");

    assert_eq!(added.warnings, [NikWarning::SexDiffers]);
    let screen = stage.field.patient(&by_id(&added.id)).expect("the patient");
    assert_eq!(screen.nik_masked.as_deref(), Some("610416******0001"));
    assert_eq!(screen.brief.label, "Siti");
}

#[test]
fn unknown_and_refused_are_values() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let request = AddPatient { name: Some("unknown".into()), nik: Some("refused".into()), ..somebody(&incident) };

    let added = stage.field.add_patient(&request).expect("is kept");

    assert_eq!(added.warnings, []);
    let identity = stage.field.patient(&by_id(&added.id)).expect("the patient").identity.expect("an identity");
    assert_eq!(identity.field(IdentityFieldName::Nik), Some("refused"));
}

#[test]
fn who_somebody_is_can_be_learned_later_and_replaces_what_was_seen() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let request = AddPatient { name: Some("unknown".into()), ..somebody(&incident) };
    let added = stage.field.add_patient(&request).expect("is kept");

    let identify = Identify { id: added.id.clone(), name: IdentityFieldName::Name, value: "Siti Aminah".into() };
    stage.field.identify(&identify).expect("is kept");

    let screen = stage.field.patient(&by_id(&added.id)).expect("the patient");
    assert_eq!((screen.brief.label.as_str(), screen.brief.disputed), ("Siti Aminah", false));
}

#[test]
fn the_last_colour_replaces_the_ones_before_it() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let added = stage.field.add_patient(&somebody(&incident)).expect("is kept");
    assert_eq!(stage.field.patient(&by_id(&added.id)).expect("the patient").brief.triage, None);

    for color in [TriageColor::Green, TriageColor::Red] {
        stage.field.triage(&Triage { id: added.id.clone(), color, method: None }).expect("is kept");
    }

    let screen = stage.field.patient(&by_id(&added.id)).expect("the patient");
    assert_eq!((screen.brief.triage, screen.brief.disputed), (Some(TriageColor::Red), false));
}

#[test]
fn vitals_name_the_sign_that_cannot_be_and_keep_the_one_that_was_refused() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let added = stage.field.add_patient(&somebody(&incident)).expect("is kept");
    let of = |vitals: Vitals| RecordVitals { id: added.id.clone(), vitals };

    let wrong = of(Vitals { spo2: Some(Measured::Number(980.0)), ..Vitals::default() });
    let failure = stage.field.record_vitals(&wrong).expect_err("a refusal");
    let nothing = stage.field.record_vitals(&of(Vitals::default())).expect_err("a refusal");
    let refused = of(Vitals { sbp: Some(Measured::Absent(Absent::Refused)), ..Vitals::default() });
    stage.field.record_vitals(&refused).expect("is kept");

    assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::BadInput, Some("spo2")));
    assert_eq!(nothing.argument.as_deref(), Some("vitals"));
    assert_eq!(stage.field.patient(&by_id(&added.id)).expect("the patient").patient.vitals.len(), 1);
}

#[test]
fn treatments_and_handovers_are_a_series() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let id = stage.field.add_patient(&somebody(&incident)).expect("is kept").id;

    let treat = Treat { id: id.clone(), what: "oksigen".into(), dose: Some("3 L/menit".into()) };
    stage.field.treat(&treat).expect("is kept");
    stage.field.treat(&treat).expect("is kept");
    let to = HandOver { id: id.clone(), facility: Some("RSUD-AGOESDJAM".into()), receiver: "dr. Sari".into() };
    stage.field.hand_over(&to).expect("is kept");

    let patient = stage.field.patient(&by_id(&id)).expect("the patient").patient;
    assert_eq!((patient.treatments.len(), patient.handovers.len()), (2, 1));
}

#[test]
fn an_age_nobody_has_is_named() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);

    let failure =
        stage.field.add_patient(&AddPatient { age_years: Some(420), ..somebody(&incident) }).expect_err("a refusal");

    assert_eq!(failure.argument.as_deref(), Some("age"));
}

#[test]
fn a_village_officer_logs_no_patients() {
    let (stage, _, incident) = Stage::with_a_task(Role::Village);

    let failure = stage.field.add_patient(&somebody(&incident)).expect_err("a refusal");

    assert_eq!(failure.code, FailureCode::NotPermitted);
    assert!(stage.field.outbox().expect("the outbox").items.is_empty());
}

#[test]
fn six_months_are_kept_as_six_months_and_a_text_that_is_no_age_is_asked_again() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let aged = |age: &str| AddPatient { age: Some(age.to_owned()), ..somebody(&incident) };

    let added = stage.field.add_patient(&aged("6 bulan")).expect("is kept");
    let refused = stage.field.add_patient(&aged("bayi")).expect_err("a refusal");

    let patient = stage.field.patient(&ById { id: added.id }).expect("the patient").patient;
    assert_eq!((patient.age_years, patient.age_months, patient.age_days), (Some(0), Some(6), None));
    assert_eq!((refused.code, refused.argument.as_deref()), (FailureCode::BadInput, Some("age")));
}

#[test]
fn sex_age_and_complaint_of_a_fast_patient_are_said_later_and_take_nothing_away() {
    let (stage, _, incident) = Stage::with_a_task(Role::Medic);
    let fast = AddPatient { name: None, sex: None, complaint: None, ..somebody(&incident) };
    let id = stage.field.add_patient(&fast).expect("is kept").id;
    let nothing = DescribePatient { id: id.clone(), sex: None, age: None, age_band: None, complaint: None };

    stage
        .field
        .describe_patient(&DescribePatient { complaint: Some("sesak".into()), ..nothing.clone() })
        .expect("is kept");
    stage.field.describe_patient(&DescribePatient { sex: Some(Sex::Female), ..nothing.clone() }).expect("is kept");
    stage.field.describe_patient(&DescribePatient { age: Some("6 bulan".into()), ..nothing.clone() }).expect("is kept");
    let refused = stage.field.describe_patient(&nothing).expect_err("a refusal");

    let patient = stage.field.patient(&ById { id }).expect("the patient").patient;
    assert_eq!((patient.sex, patient.age_years, patient.age_months), (Sex::Female, Some(0), Some(6)));
    assert_eq!(patient.complaint.map(|complaint| complaint.value).as_deref(), Some("sesak"));
    assert_eq!(patient.disputes, []);
    assert_eq!(refused.code, FailureCode::BadInput);
}
