//! Messages of what the exchange says since 0.2.0, in its long form and in its short one: one with every field filled,
//! and one with as little as it bears. New fields are filled here in the release that brings them.

use siaga_document::{Document, Header as DocumentHeader, NewEntry};
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{ActorId, ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::sos::{Answered, Raised};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_tests::frozen::short::{self, KNOWN};
use siaga_wire::archive::{self, Ended, SignedArchive, Statement};
use siaga_wire::blob::{FileKind, FileOffer};
use siaga_wire::codec;
use siaga_wire::envelope::{self, DocumentChanges, Header};
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Fix, Hash32, Needed, News, Outcome, THIN_ALL,
    THIN_MOVED, Thin, WireChange,
};
use siaga_wire::key::{CenterKey, MemorySigner};
use siaga_wire::receipt::{self, LaterVerdict, LaterVerdicts, Receipt, Verdict};
use siaga_wire::repair::{
    Compare, Fault, RecordDigest, RecordTips, RepairAnswer, RepairAsk, SignedTestimony, Testimony, Tip, Told, digest_of,
};
use siaga_wire::trail;

const NOW_MS: i64 = 1_665_360_000_000;

fn hash(byte: u8) -> Hash32 {
    Hash32(ChangeHash([byte; 32]))
}

fn record(byte: u8) -> RecordId {
    RecordId::from_bytes([byte; 16])
}

/// An alarm that was raised and answered, as its two changes.
fn alarm() -> anyhow::Result<Vec<WireChange>> {
    let at = ClockReading { device: UtcMs(NOW_MS), monotonic_ms: 5_000, boot: 2, ..ClockReading::default() };
    let entry = |number: u8, body| NewEntry {
        id: EntryId::v7(1_665_360_000_000, [number; 10]),
        stamp: Stamp { by: "Ani binti Umar".to_owned(), clock: at, ..Stamp::default() },
        body,
    };
    let raised = Raised { unit: "AMB-01".to_owned(), lat: Some(-1.81), lon: Some(109.95), accuracy_m: Some(8.0) };
    let header = DocumentHeader { id: record(5), kind: RecordKind::Sos, schema: 1 };
    let actor = ActorId::from_bytes([9; 16]);
    let (mut document, mut changes) = Document::create(header, actor, &[entry(1, Body::SosRaised(raised))])?;
    let answered = Body::SosAnswered(Answered { text: "polisi menuju lokasi".to_owned(), holds: None });
    changes.extend(document.append(actor, &[entry(2, answered)])?);
    Ok(changes.into_iter().map(|change| WireChange::plain(change.bytes)).collect())
}

fn testimony(number: u64, center: &CenterKey) -> anyhow::Result<SignedTestimony> {
    Ok(SignedTestimony::sign(&Testimony { center: KNOWN.center, epoch: KNOWN.epoch, number }, center)?)
}

fn tips() -> Vec<RecordTips> {
    let tip = Tip::new(&ActorId::from_bytes([9; 16]), 7, &ChangeHash([6; 32]));
    vec![RecordTips { record: record(5), tips: vec![tip] }, RecordTips { record: record(6), tips: Vec::new() }]
}

fn requests(signer: &MemorySigner, center: &CenterKey) -> anyhow::Result<[(&'static str, ExchangeRequest); 3]> {
    let clock = Clock { device_ms: NOW_MS, monotonic_ms: 5_000, boot: 2 };
    let idle = ExchangeRequest {
        version: 1,
        device: KNOWN.device,
        epoch: KNOWN.epoch,
        cursors: [40_000, 70_000],
        clock,
        hold_ms: 0,
        budget_bytes: 65_536,
        credential: Credential::Token(vec![3; 16]),
        envelopes: Vec::new(),
        newest_fix: None,
        trail: Vec::new(),
        packed_trail: Vec::new(),
        repair: None,
        thin: None,
        files_after: None,
        verdicts_up_to: None,
        satellite_ahead_ms: None,
        terms: None,
    };
    let header = Header {
        version: 1,
        center: KNOWN.center,
        device: KNOWN.device,
        lane: 0,
        seq: 7,
        prev: ChangeHash([3; 32]),
        epoch: KNOWN.epoch,
        user: "Ani binti Umar".to_owned(),
        clock,
    };
    let documents = vec![DocumentChanges { record: record(5), kind: "sos".to_owned(), schema: 1, changes: alarm()? }];
    let envelope = envelope::seal(header, documents, vec![hash(6)], signer)?;
    let fix = |number: i32| Fix {
        at_ms: NOW_MS + i64::from(number) * 5_000,
        lat_e6: -1_813_250 + number * 410,
        lon_e6: 109_958_100 + number * 120,
        accuracy_m: Some(12),
        speed_cms: Some(1_250),
        offset_ms: Some(-3_600_000),
        mock: false,
    };
    let fixes: Vec<Fix> = (0..12).map(fix).collect();
    let news = vec![News::Left { record: record(8), generation: 2, position: 9 }];
    let told = Told {
        epoch: KNOWN.epoch,
        news: receipt::told(&news)?,
        signature: receipt::sign_news(&news, &KNOWN.epoch, &KNOWN.device, center)?,
    };
    let ask = RepairAsk {
        testimonies: vec![testimony(1, center)?, testimony(2, center)?],
        compare: Some(Compare {
            from: record(1),
            up_to: record(9),
            digests: vec![
                RecordDigest { record: record(5), digest: digest_of(&[ChangeHash([6; 32])]) },
                RecordDigest { record: record(7), digest: Vec::new() },
            ],
        }),
        tips: tips(),
        told: vec![told],
        chains: true,
        needs: vec![hash(21)],
        given: vec![WireChange::plain(vec![22; 40])],
        faults: vec![Fault { number: 3, code: "row".to_owned(), at_ms: NOW_MS, count: 2, saved: 0 }],
        ..RepairAsk::default()
    };
    let press = ExchangeRequest { envelopes: vec![envelope], thin: Some(THIN_MOVED), ..idle.clone() };
    let full = ExchangeRequest {
        newest_fix: Some(fix(13)),
        packed_trail: trail::pack(17, &fixes).into_iter().collect(),
        repair: Some(ask),
        thin: Some(THIN_ALL),
        files_after: Some(12),
        verdicts_up_to: Some(4),
        satellite_ahead_ms: Some(-70_000),
        terms: None,
        ..press.clone()
    };
    let held = ExchangeRequest { hold_ms: 50_000, ..idle };
    Ok([("idle and held", held), ("a press", press), ("everything at once", full)])
}

fn outcomes(center: &CenterKey) -> anyhow::Result<[(&'static str, Outcome); 4]> {
    let told = Receipt {
        device: KNOWN.device,
        lane: 0,
        up_to_seq: 12,
        head: ChangeHash([13; 32]),
        center_ms: NOW_MS + 100,
        epoch: KNOWN.epoch,
        exceptions: [Verdict::Park, Verdict::Overrule, Verdict::Refuse]
            .into_iter()
            .map(|verdict| receipt::Exception { change: hash(14), verdict, reason: "center_only".to_owned() })
            .collect(),
    };
    let news = vec![
        News::Entered { record: record(5), kind: "sos".to_owned(), generation: 3, position: 70_001, changes: alarm()? },
        News::Left { record: record(16), generation: 2, position: 70_002 },
    ];
    let later = LaterVerdicts {
        device: KNOWN.device,
        epoch: KNOWN.epoch,
        center_ms: NOW_MS + 100,
        verdicts: vec![LaterVerdict {
            number: 5,
            change: hash(14),
            verdict: Verdict::Refuse,
            reason: "parked_too_long".to_owned(),
        }],
        missing: vec![hash(15)],
    };
    let statement = Statement {
        center: KNOWN.center,
        incident: record(16),
        number: 2,
        archived_ms: NOW_MS,
        records: vec![Ended { record: record(16), kind: "incident".to_owned(), heads: vec![hash(17)], changes: 41 }],
    };
    let (statement, signature) = archive::sign(&statement, center)?;
    let offer = |number, kind: FileKind| FileOffer {
        number,
        hash: ChangeHash([18; 32]),
        size_bytes: 201_003,
        kind: kind.number(),
        made_ms: NOW_MS,
        record: matches!(kind, FileKind::Thumbnail).then_some([16; 16]),
        pack: matches!(kind, FileKind::PmTiles).then(|| "sungai".to_owned()),
    };
    let brief = r#"{"category":"BANJIR","priority":"1","village":"61.04.14.2015","opened_ms":1665360000000}"#;
    let all = Exchanged {
        token: Some(vec![18; 16]),
        receipts: vec![receipt::sign(&told, center)?],
        news_signature: receipt::sign_news(&news, &KNOWN.epoch, &KNOWN.device, center)?,
        news,
        cursors: [40_010, 70_003],
        more: true,
        trail_received: Some(41),
        needed: vec![Needed { lane: 1, seq: 4 }],
        attachments_held: vec![hash(6)],
        thin: vec![
            Thin { record: record(19), kind: "incident".to_owned(), brief: brief.to_owned() },
            Thin { record: record(20), kind: "incident".to_owned(), brief: String::new() },
        ],
        later: Some(receipt::sign_verdicts(&later, center)?),
        repair: Some(RepairAnswer {
            testimony: Some(testimony(2, center)?),
            tips: tips(),
            compared_up_to: Some(vec![9; 16]),
            answers: true,
            needs: vec![hash(23)],
            given: vec![WireChange::plain(vec![24; 40])],
            ..RepairAnswer::default()
        }),
        files: Some(vec![offer(13, FileKind::Thumbnail), offer(14, FileKind::PmTiles)]),
        archives: Some(vec![SignedArchive { statement, signature }]),
        terms: None,
    };
    let quiet = Exchanged { cursors: [40_000, 70_000], ..Exchanged::default() };
    Ok([
        ("nothing new", Outcome::Exchanged(quiet)),
        ("everything at once", Outcome::Exchanged(all)),
        ("other epoch", Outcome::OtherEpoch { testimony: Some(testimony(2, center)?) }),
        ("unread", Outcome::Unread { dictionary: 1 }),
    ])
}

/// Name, kind and bytes of each.
pub(crate) fn messages(
    signer: &MemorySigner,
    center: &CenterKey,
) -> anyhow::Result<Vec<(String, &'static str, Vec<u8>)>> {
    let mut all = Vec::new();
    for (name, request) in requests(signer, center)? {
        all.push((format!("since 0.2.0, request: {name}"), "request_2", codec::encode(&request)?));
        all.push((format!("short request: {name}"), "short_request", short::write_request(&request)?));
    }
    for (name, outcome) in outcomes(center)? {
        let answer = ExchangeAnswer {
            version: 1,
            epoch: KNOWN.epoch,
            received_ms: NOW_MS + 100,
            answered_ms: NOW_MS + 140,
            outcome,
        };
        all.push((format!("since 0.2.0, answer: {name}"), "answer_2", codec::encode(&answer)?));
        all.push((format!("short answer: {name}"), "short_answer", short::write_answer(&answer)?));
    }
    Ok(all)
}
