//! Reports, photographs, assessments and calls for help.

use crate::stage::{Center, Stage, VILLAGE, hear, store};
use base64ct::{Base64, Encoding as _};
use siaga_domain::category::Category;
use siaga_domain::entry::Body;
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_field::FailureCode;
use siaga_field::request::{
    Assess, ById, CancelSos, DraftOf, KeepPhoto, NeedItem, Number, Photo, RaiseSos, Report, SaveDraft, SearchVillages,
};

fn report() -> Report {
    Report {
        category: Category::Flood,
        text: "air masuk rumah".into(),
        position: None,
        village: Some(VILLAGE.into()),
        landmark: None,
        photo: None,
        outside_ok: None,
    }
}

fn assess(incident: &str, numbers: &[(Metric, i64)]) -> Assess {
    Assess {
        incident: incident.to_owned(),
        village: VILLAGE.to_owned(),
        numbers: numbers
            .iter()
            .map(|(metric, value)| Number { metric: *metric, value: *value, quality: Quality::Estimate, source: None })
            .collect(),
        needs: Vec::new(),
        note: None,
    }
}

fn photo() -> Photo {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut bytes)
        .encode_image(&image::RgbImage::new(2000, 1000))
        .expect("a picture");
    Photo { media: "image/jpeg".into(), base64: Base64::encode_string(&bytes) }
}

#[test]
fn a_report_at_no_place_or_in_another_regency_is_asked_about_once() {
    let stage = Stage::new(Role::Medic);
    let at = |lat: f64, lon: f64, outside_ok: Option<bool>| {
        let position = Position::new(lat, lon, None).ok();
        stage.field.report(&Report { position, outside_ok, ..report() }).map_err(|failure| failure.argument)
    };

    assert_eq!(at(0.0, 0.0, None).err(), Some(Some("lat".to_owned())));
    assert_eq!(at(0.0, 0.0, Some(true)).err(), Some(Some("lat".to_owned())));
    for (lat, lon) in [(1.83, 109.96), (-1.83, -109.96), (-6.2, 106.8)] {
        assert_eq!(at(lat, lon, None).err(), Some(Some("lat".to_owned())), "{lat} {lon}");
        assert!(at(lat, lon, Some(true)).is_ok(), "{lat} {lon}");
    }
    assert!(at(-1.83, 109.96, None).is_ok());
}

#[test]
fn a_report_without_a_place_or_without_words_is_asked_again() {
    let stage = Stage::new(Role::Village);

    let nowhere = stage.field.report(&Report { village: None, ..report() }).expect_err("a refusal");
    let silent = stage.field.report(&Report { text: " ".into(), ..report() }).expect_err("a refusal");
    let elsewhere =
        stage.field.report(&Report { village: Some("99.99.99.9999".into()), ..report() }).expect_err("a refusal");

    assert_eq!(nowhere.argument.as_deref(), Some("village"));
    assert_eq!(silent.argument.as_deref(), Some("text"));
    assert_eq!(elsewhere.argument.as_deref(), Some("village"));
}

#[test]
fn a_report_with_a_photo_keeps_a_small_copy_and_a_thumbnail_and_nothing_beside_the_store() {
    let stage = Stage::new(Role::Village);

    let written = stage.field.report(&Report { photo: Some(photo()), ..report() }).expect("is kept");

    let Record::Incident(incident) = stage.field.get(&ById { id: written.id }).expect("the incident").record else {
        panic!("an incident");
    };
    let hash = incident.notes[0].attachment.clone().expect("a photo");
    let copy = stage.field.attachment(&hash).expect("the copy");
    let read = image::load_from_memory(&copy.bytes).expect("a picture");
    assert_eq!((copy.media.as_str(), read.width()), ("image/jpeg", 1600));
    let thumbnail = incident.notes[0].thumbnail.clone().expect("a thumbnail");
    let seen = stage.field.attachment(&thumbnail).expect("the thumbnail");
    assert!(seen.bytes.len() <= siaga_domain::entry::THUMBNAIL_BYTES);
    assert!(!stage.folder.path().join("originals").exists() && !stage.folder.path().join("attachments").exists());
    assert_eq!(stage.field.outbox().expect("the outbox").sync.attachments_waiting, 1);
}

#[test]
fn where_a_photo_was_taken_stands_in_its_note_while_the_phone_knows_where_it_is() {
    let stage = Stage::new(Role::Village);
    let position = Position::new(-1.9, 110.8, Some(15.0)).expect("a point");
    stage.be_at(position);

    let id = stage.field.report(&Report { photo: Some(photo()), ..report() }).expect("is kept").id;

    let written = store(stage.folder.path()).document(id.parse().expect("an id")).expect("reads").expect("is here");
    let taken = written.entries().into_iter().find_map(|entry| match entry.body {
        Body::Note(note) => note.lat.zip(note.lon),
        _ => None,
    });
    assert_eq!(taken, Some((-1.9, 110.8)));
}

#[test]
fn a_second_assessment_revises_the_first_and_sums_nothing() {
    let (stage, task, incident) = Stage::with_a_task(Role::Volunteer);
    let first = stage.field.assess(&assess(&task, &[(Metric::Displaced, 40), (Metric::Dead, 1)])).expect("is kept");
    stage.clock.forward(60_000);

    let second = stage.field.assess(&assess(&incident, &[(Metric::Displaced, 55)])).expect("is kept");

    assert_eq!(first.id, second.id);
    let screen = stage.field.assessment(&ById { id: second.id }).expect("the assessment");
    let value = |metric: Metric| {
        screen.assessment.numbers.iter().find(|number| number.metric == metric).map(|number| number.count.value)
    };
    assert_eq!((value(Metric::Displaced), value(Metric::Dead)), (Some(55), Some(1)));
    assert!(!screen.brief.disputed);
}

#[test]
fn a_need_that_is_listed_is_not_listed_twice() {
    let (stage, _, incident) = Stage::with_a_task(Role::Volunteer);
    let need = || NeedItem { text: "perahu karet".into(), quantity: Some(2), unit: None };
    let request = Assess { needs: vec![need()], ..assess(&incident, &[(Metric::WaterCm, 120)]) };

    stage.field.assess(&request).expect("is kept");
    let id = stage.field.assess(&request).expect("is kept").id;

    let screen = stage.field.assessment(&ById { id }).expect("the assessment");
    assert_eq!(screen.assessment.needs.len(), 1);
}

#[test]
fn a_number_that_cannot_be_is_named() {
    let (stage, _, incident) = Stage::with_a_task(Role::Volunteer);

    let negative = stage.field.assess(&assess(&incident, &[(Metric::Dead, -1)])).expect_err("a refusal");
    let twice = stage.field.assess(&assess(&incident, &[(Metric::Dead, 1), (Metric::Dead, 2)])).expect_err("a refusal");
    let nothing = stage.field.assess(&assess(&incident, &[])).expect_err("a refusal");

    assert_eq!(negative.argument.as_deref(), Some("dead"));
    assert_eq!(twice.argument.as_deref(), Some("dead"));
    assert_eq!(nothing.argument.as_deref(), Some("numbers"));
}

#[test]
fn holding_the_button_again_calls_again_in_the_same_call_for_help() {
    let stage = Stage::new(Role::Volunteer);
    let position = Position::new(-1.9, 110.8, Some(15.0)).expect("a point");
    stage.be_at(position);

    let first = stage.field.raise_sos(&RaiseSos::default()).expect("is kept");
    let moved = Position::new(-1.95, 110.8, Some(15.0)).expect("a point");
    let second = stage.field.raise_sos(&RaiseSos { position: Some(moved) }).expect("is kept");

    assert_eq!(first.id, second.id);
    assert_ne!(first.entry, second.entry, "where the center had ended it, this one stands");
    let standing = stage.field.home().expect("a home").sos.expect("a call");
    assert_eq!(standing.position.map(|at| at.lat()), Some(-1.95));
    assert_eq!(standing.again.iter().map(|hold| &hold.entry).collect::<Vec<_>>(), [&second.entry]);
    stage.field.cancel_sos(&CancelSos { reason: "sudah aman".into() }).expect("is kept");
    assert!(stage.field.home().expect("a home").sos.is_none());
    let none = stage.field.cancel_sos(&CancelSos { reason: "sudah aman".into() }).expect_err("a refusal");
    assert_eq!(none.code, FailureCode::NotFound);
    assert_ne!(stage.field.raise_sos(&RaiseSos::default()).expect("is kept").id, first.id);
}

#[test]
fn a_village_is_found_by_any_of_its_words() {
    let stage = Stage::new(Role::Volunteer);
    let find = |text: &str| {
        let found = stage.field.search_villages(&SearchVillages { text: text.into() }).expect("villages");
        found.into_iter().map(|village| village.name).collect::<Vec<_>>()
    };

    assert_eq!(find("jelai asam"), ["Asam Jelai"]);
    assert_eq!(find("jelai hulu"), ["Asam Jelai", "Tanggerang"]);
    assert_eq!(find("2002"), ["Tanggerang"]);
    assert!(find("jakarta").is_empty());
}

#[test]
fn the_map_shows_open_incidents_and_which_of_them_is_a_task() {
    let (stage, task, incident) = Stage::with_a_task(Role::Volunteer);
    let mut center = Center::new();
    for _ in 0..50 {
        center.id();
    }
    hear(stage.folder.path(), vec![center.incident()]);

    let map = stage.field.map().expect("a map");

    assert_eq!(map.incidents.len(), 2);
    let mine: Vec<_> =
        map.incidents.iter().filter_map(|shown| shown.task.clone().zip(Some(shown.incident.clone()))).collect();
    assert_eq!(mine, [(task, incident)]);
}

#[test]
fn an_act_whose_position_says_no_place_is_saved_without_it() {
    let positions = [
        r#"{"lat":-1.83,"lon":109.96,"accuracy_m":100001}"#,
        r#"{"lat":-1.83,"lon":109.96,"accuracy_m":-1}"#,
        r#"{"lat":-1.83,"lon":109.96,"accuracy_m":1e300}"#,
        r#"{"lat":91,"lon":109.96,"accuracy_m":5}"#,
        r#"{"lat":-1.83,"lon":181}"#,
        r#"{"lat":null,"lon":null}"#,
        r#"{"lat":0,"lon":0,"accuracy_m":5}"#,
    ];
    for position in positions {
        let (stage, task, _) = Stage::with_a_task(Role::Medic);
        let read = |json: String| serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
        let press = read(format!(r#"{{"id":"{task}","status":"enroute","position":{position}}}"#));
        let sos = read(format!(r#"{{"position":{position}}}"#));
        let words =
            read(format!(r#"{{"category":"BANJIR","text":"air masuk","village":"{VILLAGE}","position":{position}}}"#));

        let pressed = stage.field.press(&serde_json::from_value(press).expect("a request")).expect("is kept");
        let called = stage.field.raise_sos(&serde_json::from_value(sos).expect("a request")).expect("is kept");
        let reported = stage.field.report(&serde_json::from_value(words).expect("a request")).expect("is kept");

        let record = |id: String| stage.field.get(&ById { id }).expect("is here").record;
        let Record::Assignment(order) = record(pressed.id) else { panic!("another kind") };
        let Record::Sos(sos) = record(called.id) else { panic!("another kind") };
        let Record::Incident(incident) = record(reported.id) else { panic!("another kind") };
        assert_eq!(order.events.last().and_then(|event| event.position), None, "{position}");
        assert_eq!(sos.position, None, "{position}");
        assert_eq!(incident.place.and_then(|place| place.value.lat), None, "{position}");
    }
}

#[test]
fn the_photograph_of_a_form_is_kept_apart_from_its_words_across_the_process() {
    let stage = Stage::new(Role::Village);
    stage
        .field
        .save_draft(&SaveDraft { key: "report".into(), text: "{\"text\":\"air naik\"}".into() })
        .expect("is kept");

    let small = stage.field.keep_photo(&KeepPhoto { key: "report".into(), photo: photo() }).expect("is kept");
    let no_picture = Photo { media: "image/jpeg".into(), base64: Base64::encode_string(b"no picture") };
    let refused =
        stage.field.keep_photo(&KeepPhoto { key: "report".into(), photo: no_picture }).expect_err("a refusal");

    let again = Stage::reopened(stage.folder);
    let draft = |key: &str| again.field.draft(&DraftOf { key: key.into() }).expect("answers").text;
    assert_eq!(refused.argument.as_deref(), Some("photo"));
    assert_eq!(draft("report").as_deref(), Some("{\"text\":\"air naik\"}"));
    let kept: Photo = serde_json::from_str(&draft("photo/report").expect("a photo")).expect("a photo");
    assert_eq!(kept.base64, small.base64);
}
