//! More people than one change can depend on write into one record without coverage, and everybody writes on.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "shared by several files")]
mod phone;

use phone::{Phone, Stage, entry};
use siaga_center::Center;
use siaga_center::journal::{RecordWrite, Start};
use siaga_document::Document;
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{ActorId, RecordId};
use siaga_domain::kind::{RecordKind, Role};

const WRITERS: u16 = 1_000;
const PHONES: u16 = 10;

/// Heads that a phone of any release can write on.
const FEW: usize = 33;

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

async fn enrolled(stage: &Stage, scalar: u8) -> Phone {
    let mut phone = Phone::new(stage.serving.field, &stage.center, scalar);
    let answer = phone.enrol(&stage.invite("AMB-01", Role::Medic, true)).await;
    phone.take_enrolment(answer);
    phone
}

async fn told_everything(phone: &mut Phone) {
    while !phone.exchange(Vec::new(), 0).await.news.is_empty() {}
}

fn written_at_the_desk(center: &Center, incident: RecordId, text: &str) {
    let (kind, start) = (RecordKind::Incident, Start::Append);
    center
        .write(RecordWrite { record: incident, kind, start, entries: vec![note(text)] }, "dispatcher")
        .expect("written");
}

fn heads(center: &Center, record: RecordId) -> usize {
    center.document(&record).expect("loads").expect("a document").heads().len()
}

#[tokio::test]
async fn a_thousand_people_write_one_note_each_offline_and_everybody_writes_on() {
    let stage = Stage::set().await;
    let (incident, _) = stage.order("AMB-01");
    let mut phones = Vec::new();
    for scalar in 1..=PHONES {
        let mut phone = enrolled(&stage, u8::try_from(scalar).expect("few")).await;
        told_everything(&mut phone).await;
        phones.push(phone);
    }
    let base: Document = phones[0].documents[&incident].clone();
    let mut notes: Vec<Vec<u8>> = Vec::new();
    for writer in 0..WRITERS {
        let mut actor = [0xaa; 16];
        actor[..2].copy_from_slice(&writer.to_be_bytes());
        let mut copy = base.clone();
        let made =
            copy.append(ActorId::from_bytes(actor), &[entry(note(&format!("catatan {writer}")))]).expect("a note");
        notes.push(made.into_iter().next().expect("one change").bytes);
    }

    for (phone, some) in phones.iter_mut().zip(notes.chunks(usize::from(WRITERS / PHONES))) {
        let own = phone.documents.get_mut(&incident).expect("the incident");
        own.replay(some.iter().map(Vec::as_slice)).expect("fits");
        let envelope = phone.seal(vec![(incident, RecordKind::Incident, some.to_vec())]);
        let answered = phone.exchange(vec![envelope], 0).await;
        let receipts = phone.receipts(&answered);
        assert!(receipts.iter().all(|receipt| receipt.exceptions.is_empty()), "every note is accepted");
        assert!(heads(&stage.center, incident) <= FEW, "{}", heads(&stage.center, incident));
    }
    written_at_the_desk(&stage.center, incident, "semua dibaca");
    for phone in &mut phones {
        told_everything(phone).await;
        let envelope = phone.add(incident, RecordKind::Incident, note("kami lanjut"));
        let answered = phone.exchange(vec![envelope], 0).await;
        assert!(phone.receipts(&answered).iter().all(|receipt| receipt.exceptions.is_empty()), "written on");
    }

    let entries = stage.center.entries(&incident).expect("entries");
    let kept =
        entries.iter().filter(|entry| matches!(&entry.body, Body::Note(note) if note.text.starts_with("catatan")));
    assert_eq!(kept.count(), usize::from(WRITERS));
    for phone in &mut phones {
        told_everything(phone).await;
        assert!(phone.documents[&incident].heads().len() <= FEW);
        assert_eq!(phone.digest(), stage.center.digest(&phone.device).expect("a digest").0);
    }
}
