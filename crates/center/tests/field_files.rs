//! Photographs, thumbnails and map packs between phones and center: what is taken, who hears of it, who may read it.

#[allow(dead_code, reason = "another test file uses the rest")]
#[path = "field/phone.rs"]
mod phone;

use phone::{Phone, Stage};
use sha2::{Digest, Sha256};
use siaga_center::db::{attachment, audit};
use siaga_domain::entry::{Body, Note, PHOTOGRAPHS_OF_AN_INCIDENT};
use siaga_domain::id::RecordId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_wire::blob::{BlobState, FileKind, FileOffer, authorization};
use siaga_wire::codec;
use siaga_wire::exchange::{ExchangeAnswer, Exchanged, Outcome};

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn picture(size: usize, seed: u8) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ seed).collect()
}

fn bearer(phone: &Phone) -> String {
    format!("Authorization: {}\r\n", authorization(phone.token.as_deref().expect("a token")))
}

async fn put(phone: &Phone, bytes: &[u8], from: usize, until: usize) -> (u16, Option<BlobState>) {
    let path = format!("/field/v1/blob/{}?offset={from}&size={}", hash(bytes), bytes.len());
    let piece = bytes.get(from..until).expect("a piece");
    let (status, body) = phone.send("PUT", &path, piece, &bearer(phone)).await;
    (status, codec::decode(&body).ok())
}

async fn get(phone: &Phone, bytes: &[u8], query: &str) -> (u16, Vec<u8>) {
    phone.send("GET", &format!("/field/v1/blob/{}{query}", hash(bytes)), &[], &bearer(phone)).await
}

/// A phone of its own unit and key.
async fn another(stage: &Stage, unit: &str, scalar: u8) -> Phone {
    let mut phone = Phone::new(stage.serving.field, &stage.center, scalar);
    let answer = phone.enrol(&stage.invite(unit, Role::Volunteer, true)).await;
    phone.take_enrolment(answer);
    phone
}

fn note(photograph: &[u8], thumbnail: &[u8]) -> Body {
    Body::Note(Note {
        text: "lihat".to_owned(),
        attachment: Some(hash(photograph)),
        media: Some("image/jpeg".to_owned()),
        size_bytes: i64::try_from(photograph.len()).ok(),
        thumbnail: Some(hash(thumbnail)),
        ..Note::default()
    })
}

/// An incident that `phone` is sent to, with a note that names these files.
async fn noted(stage: &Stage, phone: &mut Phone, photograph: &[u8], thumbnail: &[u8]) -> RecordId {
    let (incident, _) = stage.order("AMB-01");
    phone.exchange(Vec::new(), 0).await;
    let envelope = phone.add(incident, RecordKind::Incident, note(photograph, thumbnail));
    phone.exchange(vec![envelope], 0).await;
    incident
}

fn exchanged(answer: ExchangeAnswer) -> Exchanged {
    match answer.outcome {
        Outcome::Exchanged(exchanged) => Some(exchanged),
        _ => None,
    }
    .expect("an exchange")
}

/// What is offered after a number.
async fn offers(phone: &mut Phone, after: u64) -> Vec<FileOffer> {
    let mut request = phone.request(Vec::new(), 0);
    request.files_after = Some(after);
    let answer = phone.ask(request).await;
    phone.epoch = answer.epoch;
    let exchanged = exchanged(answer);
    phone.take(&exchanged);
    exchanged.files.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_goes_on_where_it_was_cut_and_is_whole_only_with_its_hash() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let photo = picture(100_000, 1);
    noted(&stage, &mut ani, &photo, b"kecil").await;

    let first = put(&ani, &photo, 0, 60_000).await.1.expect("a state");
    let hole = put(&ani, &photo, 70_000, 100_000).await.1.expect("a state");
    let last = put(&ani, &photo, 60_000, 100_000).await.1.expect("a state");
    let (status, end) = get(&ani, &photo, "?offset=99990").await;
    let (_, middle) = get(&ani, &photo, "?offset=50&most=7").await;
    let path = format!("/field/v1/blob/{}", hash(&photo));
    let (stranger, _) = ani.send("GET", &path, &[], "").await;

    assert_eq!((first.held_bytes, first.whole), (60_000, false));
    assert_eq!((hole.held_bytes, hole.whole), (60_000, false));
    assert_eq!((last.held_bytes, last.whole), (100_000, true));
    assert_eq!((status, end.as_slice(), middle.as_slice()), (200, &photo[99_990..], &photo[50..57]));
    assert_eq!(stranger, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_about_a_file_ends_the_first_and_knows_what_arrived_of_it() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let photo = picture(60_000, 4);
    noted(&stage, &mut ani, &photo, b"kecil").await;
    let path = format!("/field/v1/blob/{}?offset=0&size=60000", hash(&photo));
    let head = bearer(&ani);
    // Its connection stays open and says nothing more.
    let stuck = ani.send_part(&path, &photo[..30_000], 60_000, &head).await;

    let name: [u8; 32] = Sha256::digest(&photo).into();
    let held = || stage.center.db().read(|tx| attachment::get(tx, &name)).expect("answers");
    let arrives = async {
        while held().is_none_or(|held| held.held_bytes < 24_000) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), arrives).await.expect("most of it is held");
    let asked = put(&ani, &photo, 0, 0).await.1.expect("a state");

    assert!((24_000..=30_000).contains(&asked.held_bytes), "{}", asked.held_bytes);
    let held = usize::try_from(asked.held_bytes).expect("small");
    assert!(put(&ani, &photo, held, 60_000).await.1.expect("a state").whole);
    drop(stuck);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_of_a_piece_whose_connection_died_is_held() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let photo = picture(60_000, 2);
    noted(&stage, &mut ani, &photo, b"kecil").await;
    let name: [u8; 32] = Sha256::digest(&photo).into();

    let path = format!("/field/v1/blob/{}?offset=0&size=60000", hash(&photo));
    ani.send_and_hang_up(&path, &photo[..45_000], 60_000, &bearer(&ani)).await;

    let held = async || loop {
        let known = stage.center.db().read(|tx| attachment::get(tx, &name)).expect("a reading");
        match known.map_or(0, |known| known.held_bytes) {
            held if held >= 45_000 => break held,
            _ => tokio::task::yield_now().await,
        }
    };
    let held = tokio::time::timeout(std::time::Duration::from_secs(20), held()).await.expect("it is held");
    assert_eq!(held, 45_000);
    assert!(put(&ani, &photo, 45_000, 60_000).await.1.expect("a state").whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_nobody_named_is_not_taken_and_neither_is_a_thumbnail_that_is_none() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let heavy = picture(15 * 1024 + 1, 3);
    noted(&stage, &mut ani, b"foto", &heavy).await;

    let (unnamed, _) = put(&ani, b"siapa ini", 0, 9).await;
    let (thumbnail, _) = put(&ani, &heavy, 0, 100).await;
    let (huge, _) =
        ani.send("PUT", &format!("/field/v1/blob/{}?offset=0&size=5242881", hash(b"foto")), b"x", &bearer(&ani)).await;
    let (outside, _) = ani.send("PUT", "/field/v1/blob/..%2F..%2Fkeys?offset=0&size=1", b"x", &bearer(&ani)).await;

    assert_eq!((unnamed, thumbnail, huge, outside), (409, 413, 413, 404));
    assert_eq!(std::fs::read_dir(stage.center.dir().join("attachments")).expect("a folder").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_has_room_for_fifty_photographs_and_its_words_go_on() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let incident = noted(&stage, &mut ani, b"foto 0", b"kecil").await;
    let photos: Vec<String> = (0..PHOTOGRAPHS_OF_AN_INCIDENT).map(|number| format!("foto {number}")).collect();
    // At once: a phone that asks for each by itself would be put off before the fiftieth.
    let notes = photos
        .iter()
        .skip(1)
        .map(|photo| ani.add(incident, RecordKind::Incident, note(photo.as_bytes(), b"kecil")))
        .collect();
    ani.exchange(notes, 0).await;
    for photo in &photos {
        assert_eq!(put(&ani, photo.as_bytes(), 0, photo.len()).await.0, 200);
    }

    let envelope = ani.add(incident, RecordKind::Incident, note(b"satu lagi", b"kecil"));
    let exchanged = ani.exchange(vec![envelope], 0).await;
    let (one_more, _) = put(&ani, b"satu lagi", 0, 9).await;
    let (thumbnail, _) = put(&ani, b"kecil", 0, 5).await;

    assert_eq!((one_more, thumbnail), (422, 200));
    assert!(ani.receipts(&exchanged).iter().all(|receipt| receipt.exceptions.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_photographs_and_takes_words() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let incident = noted(&stage, &mut ani, b"foto", b"kecil").await;
    // No disk has so much room: what is left is below the reserve.
    stage.center.set_setting("attachment_reserve_bytes", &u64::MAX.to_string()).expect("a setting");

    let (photograph, _) = put(&ani, b"foto", 0, 4).await;
    let envelope = ani.add(incident, RecordKind::Incident, note(b"lain", b"kecil"));
    let exchanged = ani.exchange(vec![envelope], 0).await;

    assert_eq!(photograph, 507);
    assert_eq!(ani.receipts(&exchanged).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_offered_once_it_is_whole_to_those_who_see_its_record_and_not_to_its_sender() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let mut budi = another(&stage, "AMB-01", 8).await;
    let mut citra = another(&stage, "TRC-01", 9).await;
    let photo = picture(3_000, 4);
    let incident = noted(&stage, &mut ani, &photo, b"kecil").await;

    put(&ani, b"kecil", 0, 5).await;
    put(&ani, &photo, 0, 1_000).await;
    let half_way = offers(&mut budi, 0).await;
    put(&ani, &photo, 1_000, 3_000).await;
    let whole = offers(&mut budi, half_way[0].number).await;

    assert_eq!(half_way.len(), 1);
    assert_eq!((half_way[0].kind, half_way[0].record), (FileKind::Thumbnail.number(), Some(*incident.as_bytes())));
    assert_eq!(whole.len(), 1);
    assert_eq!((whole[0].kind, whole[0].size_bytes), (FileKind::Photograph.number(), 3_000));
    assert!(offers(&mut budi, whole[0].number).await.is_empty());
    assert!(offers(&mut ani, 0).await.is_empty());
    assert!(offers(&mut citra, 0).await.is_empty());
    assert_eq!(get(&budi, &photo, "").await, (200, photo));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_sent_later_is_offered_what_is_there() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let mut citra = another(&stage, "TRC-01", 9).await;
    let incident = noted(&stage, &mut ani, b"foto", b"kecil").await;
    put(&ani, b"foto", 0, 4).await;
    let before = offers(&mut citra, 0).await;

    stage.send("TRC-01", incident);

    assert!(before.is_empty());
    assert_eq!(offers(&mut citra, 0).await.len(), 1);
    assert_eq!(get(&citra, b"foto", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_record_out_of_scope_is_not_there_and_the_question_is_written_down() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let citra = another(&stage, "TRC-01", 9).await;
    noted(&stage, &mut ani, b"foto", b"kecil").await;
    put(&ani, b"foto", 0, 4).await;

    let (foreign, _) = get(&citra, b"foto", "").await;
    let (unknown, _) = get(&citra, b"tidak ada", "").await;

    assert_eq!((foreign, unknown), (404, 404));
    let db = rusqlite::Connection::open(stage.center.db().path()).expect("the database");
    let denied: Vec<String> = db
        .prepare("SELECT subject FROM audit WHERE act = 'attachment.denied' AND by = ?1 ORDER BY number")
        .and_then(|mut found| found.query_map([citra.device.to_string()], |row| row.get(0))?.collect())
        .expect("rows");
    assert_eq!(denied, [hash(b"foto"), hash(b"tidak ada")]);
    assert_eq!(stage.center.db().read(|tx| audit::verify(tx)).expect("a reading").1, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_request_is_answered_when_a_file_becomes_whole() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let mut budi = another(&stage, "AMB-01", 8).await;
    noted(&stage, &mut ani, b"foto", b"kecil").await;
    budi.exchange(Vec::new(), 0).await;
    budi.exchange(Vec::new(), 0).await;
    let mut request = budi.request(Vec::new(), 50_000);
    request.files_after = Some(0);

    let held = tokio::spawn(async move { budi.ask(request).await });
    while !stage.center.hub().anyone_held() {
        tokio::task::yield_now().await;
    }
    put(&ani, b"kecil", 0, 5).await;
    let answer =
        tokio::time::timeout(std::time::Duration::from_secs(20), held).await.expect("answered").expect("an end");

    let exchanged = exchanged(answer);
    assert_eq!(exchanged.files.expect("offers").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_pack_reaches_the_units_it_is_for_and_a_newer_one_takes_its_place() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let mut citra = another(&stage, "TRC-01", 9).await;
    let file = stage.folder.path().join("desa.geojson");
    let villages = |name: &str| format!(r#"{{"type":"FeatureCollection","features":[],"name":"{name}"}}"#).into_bytes();
    let add = |bytes: &[u8], whom: &[&str]| {
        std::fs::write(&file, bytes).expect("a file");
        let whom: Vec<String> = whom.iter().map(|one| (*one).to_owned()).collect();
        stage.center.add_pack(&file, "batas desa", &whom, "test")
    };

    add(&villages("2024"), &["TRC-01"]).expect("a pack");
    let first = offers(&mut citra, 0).await;
    let foreign = (offers(&mut ani, 0).await, get(&ani, &villages("2024"), "").await.0);
    add(&villages("2025"), &["TRC-01"]).expect("a pack");
    let second = offers(&mut citra, first[0].number).await;
    add(&villages("2025"), &["AMB-01"]).expect("a pack");
    let gone = offers(&mut citra, second[0].number).await;
    let late = another(&stage, "AMB-01", 10).await;

    assert_eq!(
        (first.len(), first[0].pack.as_deref(), first[0].kind),
        (1, Some("batas desa"), FileKind::GeoJson.number())
    );
    assert_eq!(foreign, (Vec::new(), 404));
    assert_eq!((second.len(), hex::encode(second[0].hash.0)), (1, hash(&villages("2025"))));
    assert_eq!((gone.len(), gone[0].size_bytes, gone[0].pack.as_deref()), (1, 0, Some("batas desa")));
    assert_eq!(get(&citra, &villages("2025"), "").await.0, 404);
    assert_eq!(offers(&mut ani, 0).await.len(), 1);
    assert_eq!(get(&late, &villages("2025"), "").await.1, villages("2025"));
    assert!(add(b"bukan peta", &[]).is_err());
    assert!(add(&villages("2026"), &["AMB-99"]).is_err());
    assert_eq!(stage.center.packs().expect("packs").len(), 1);
    assert!(stage.center.remove_pack("batas desa", "test").expect("an answer"));
    assert_eq!(offers(&mut ani, 0).await.iter().map(|offer| offer.size_bytes).collect::<Vec<_>>(), [0]);
}
