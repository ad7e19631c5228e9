//! A long shift far from the nearest mast: twelve hours of one phone, written through the real engine, offline.
//!
//! Twelve orders with every status of the road, two patients each with six sets of vital signs, a rapid assessment
//! at every second, photographs, and eight hours of trail at the pace the product keeps. The same seed writes the
//! same shift. Each thing done is kept as plain JSON too, for those who would have sent it that way.

use crate::seed::Seed;
use crate::trace;
use crate::world::{Phone, Task, World};
use base64ct::{Base64, Encoding as _};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use serde::Serialize;
use serde_json::Value;
use siaga_domain::place::Position;
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_domain::record::patient::{Sex, TriageMethod};
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Measured, Vitals};
use siaga_field::Failure;
use siaga_field::request::{
    Accept, AddNote, AddPatient, Assess, DutyOn, HandOver, NeedItem, Number, Photo, Press, RecordFix, RecordVitals,
    Treat, Triage,
};
use std::time::Duration;

pub const TASKS: usize = 12;
pub const PATIENTS: usize = 24;
pub const VITALS: usize = 6;
pub const ASSESSMENTS: usize = 6;
pub const PHOTOS: usize = 20;

const MINUTE: Duration = Duration::from_secs(60);
const UNIT: &str = "AMB-01";
const VILLAGES: [&str; 3] = ["61.04.14.2015", "61.04.14.2001", "61.04.14.2004"];
const CALLS: [&str; 4] = [
    "air naik cepat di hulu, beberapa rumah terendam sampai atap",
    "korban terseret arus di dekat jembatan gantung, dua orang belum ditemukan",
    "ibu hamil perlu dievakuasi, jalan darat putus di km 12",
    "pohon tumbang menimpa rumah, satu orang terjepit kaki",
];
const NAMES: [&str; 8] = [
    "Siti Aminah",
    "Yohanes Dogol",
    "Hendrikus Jampi",
    "Maria Goreti",
    "Abdul Rahman",
    "Lusia Ani",
    "Petrus Kanisius",
    "Nurhayati",
];
const COMPLAINTS: [&str; 4] =
    ["sesak napas setelah tenggelam", "luka robek di betis kanan", "nyeri dada menjalar ke lengan kiri", "menggigil"];
const NOTES: [&str; 5] = [
    "jalan putus di simpang, lewat jalur sungai dengan perahu warga",
    "arus masih deras, menunggu perahu karet dari posko",
    "warga mengungsi ke gereja dan balai desa",
    "listrik padam sejak pagi, sinyal hilang",
    "butuh terpal dan air bersih untuk malam ini",
];

/// What was done, in the order it was done.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub tasks: Vec<Task>,
    pub events: Vec<Event>,
    pub fixes: Vec<Value>,
    /// JPEG, as they travel.
    pub photo_bytes: Vec<usize>,
}

/// One thing done, as a plain request would say it.
#[derive(Clone, Debug)]
pub struct Event {
    pub path: &'static str,
    pub body: Value,
}

/// Gives the phone's unit incidents and orders, one at least, until the phone knows as many documents. The last twelve
/// of the orders are the shift's.
pub fn orders(world: &World, phone: &Phone, documents: usize) -> Vec<Task> {
    let mut tasks = Vec::new();
    loop {
        world.run_until_quiet();
        let known = phone.known_documents();
        if known >= documents && !tasks.is_empty() {
            return tasks.split_off(tasks.len().saturating_sub(TASKS));
        }
        for number in 0..documents.saturating_sub(known).div_ceil(2).clamp(1, 500) {
            // Those of a slow machine are not answered before the last is there, and would be rung about meanwhile.
            tasks.push(world.center().assign_with_an_hour(UNIT, pick(&CALLS, number)));
        }
    }
}

/// Works the shift, out of coverage from its beginning.
///
/// # Errors
/// What the engine says of what was asked of it.
pub fn work(world: &World, phone: &Phone, tasks: Vec<Task>, photos: usize, seed: u64) -> Result<Written, Failure> {
    phone.offline();
    phone.field().duty_on(&DutyOn { post: post_of(world, UNIT), person: "Ani binti Umar".to_owned() })?;
    let mut hand = Hand { world, phone, chance: Seed::new(seed).branch("shift"), written: Written::default() };
    let began = phone.device_ms();
    for (number, task) in tasks.iter().enumerate() {
        let of_this = (photos * (number + 1)) / TASKS - (photos * number) / TASKS;
        hand.task(number, task, of_this)?;
    }
    hand.trail(began, seed)?;
    hand.written.tasks = tasks;
    Ok(hand.written)
}

fn post_of(world: &World, unit: &str) -> String {
    let units = world.center().get("/api/units");
    let of_unit = |view: &&Value| view.pointer("/unit/code").and_then(Value::as_str) == Some(unit);
    let post = units.as_array().into_iter().flatten().find(of_unit).and_then(|view| view.pointer("/unit/post"));
    post.and_then(Value::as_str).unwrap_or_default().to_owned()
}

struct Hand<'a> {
    world: &'a World,
    phone: &'a Phone,
    chance: Seed,
    written: Written,
}

impl Hand<'_> {
    /// About an hour.
    fn task(&mut self, number: usize, task: &Task, photos: usize) -> Result<(), Failure> {
        let field = self.phone.field();
        let accept = Accept { id: task.assignment.clone(), position: Some(self.position()), shown: None };
        field.accept(&accept)?;
        self.did("accept", &accept);
        self.press(task, Status::EnRoute, 2)?;
        self.press(task, Status::OnScene, 17)?;
        for shot in 0..photos {
            self.note(task, number + shot, true)?;
        }
        self.note(task, number, false)?;
        if number.is_multiple_of(TASKS / ASSESSMENTS) {
            self.assess(task, number)?;
        }
        self.press(task, Status::AtPatient, 2)?;
        let patients = [self.patient(task, 2 * number)?, self.patient(task, 2 * number + 1)?];
        for round in 0..VITALS {
            for patient in &patients {
                self.vitals(patient, round)?;
            }
            match round {
                1 => self.press(task, Status::Departed, 4)?,
                4 => self.press(task, Status::AtDestination, 3)?,
                _ => self.passes(4),
            }
        }
        for patient in patients {
            let handover =
                HandOver { id: patient, facility: None, receiver: "dr. Wulan, IGD RSUD dr. Agoesdjam".to_owned() };
            field.hand_over(&handover)?;
            self.did("handover", &handover);
        }
        self.press(task, Status::HandedOver, 3)?;
        self.press(task, Status::Available, 5)
    }

    fn patient(&mut self, task: &Task, number: usize) -> Result<String, Failure> {
        let add = AddPatient {
            incident: task.incident.clone(),
            name: Some(pick(&NAMES, number).to_owned()),
            sex: Some(if number.is_multiple_of(2) { Sex::Female } else { Sex::Male }),
            age_years: Some(self.drawn(4, 78)),
            age: None,
            age_band: None,
            nik: None,
            complaint: Some(pick(&COMPLAINTS, number).to_owned()),
        };
        let id = self.phone.field().add_patient(&add)?.id;
        self.did("patient", &add);
        let colors = [TriageColor::Yellow, TriageColor::Green, TriageColor::Red, TriageColor::Green];
        let color = colors.get(number % colors.len()).copied().unwrap_or(TriageColor::Yellow);
        let triage = Triage { id: id.clone(), color, method: Some(TriageMethod::Start) };
        self.phone.field().triage(&triage)?;
        self.did("triage", &triage);
        let treat = Treat { id: id.clone(), what: "oksigen nasal kanul".to_owned(), dose: Some("3 lpm".to_owned()) };
        self.phone.field().treat(&treat)?;
        self.did("treat", &treat);
        self.passes(1);
        Ok(id)
    }

    fn vitals(&mut self, patient: &str, round: usize) -> Result<(), Failure> {
        let mut measured =
            |low, high| Some(Measured::Number(f64::from(i32::try_from(self.drawn(low, high)).unwrap_or(0))));
        let vitals = Vitals {
            hr: measured(64, 128),
            rr: measured(12, 28),
            sbp: measured(92, 158),
            dbp: measured(54, 96),
            spo2: measured(90, 99),
            gcs: if round.is_multiple_of(3) { measured(12, 15) } else { None },
            ..Vitals::default()
        };
        let record = RecordVitals { id: patient.to_owned(), vitals };
        self.phone.field().record_vitals(&record)?;
        self.did("vitals", &record);
        Ok(())
    }

    fn assess(&mut self, task: &Task, number: usize) -> Result<(), Failure> {
        let mut count =
            |metric, low, high, quality| Number { metric, value: self.drawn(low, high), quality, source: None };
        let numbers = vec![
            count(Metric::Displaced, 20, 400, Quality::Estimate),
            count(Metric::DisplacedKk, 5, 100, Quality::Estimate),
            count(Metric::HousesSubmerged, 10, 150, Quality::Verified),
            count(Metric::WaterCm, 40, 310, Quality::Verified),
            count(Metric::UnderFive, 2, 40, Quality::Estimate),
        ];
        let need = |text: &str, quantity, unit: &str| NeedItem {
            text: text.to_owned(),
            quantity: Some(quantity),
            unit: Some(unit.to_owned()),
        };
        let assess = Assess {
            incident: task.incident.clone(),
            village: pick(&VILLAGES, number / 2).to_owned(),
            numbers,
            needs: vec![need("terpal", 40, "lembar"), need("air bersih", 2_000, "liter")],
            note: Some(pick(&NOTES, number).to_owned()),
        };
        self.phone.field().assess(&assess)?;
        self.did("assess", &assess);
        Ok(())
    }

    fn note(&mut self, task: &Task, number: usize, with_photo: bool) -> Result<(), Failure> {
        let photo = with_photo.then(|| {
            let jpeg = photo(self.chance.draw());
            self.written.photo_bytes.push(jpeg.len());
            Photo { media: "image/jpeg".to_owned(), base64: Base64::encode_string(&jpeg) }
        });
        let note = AddNote { id: task.assignment.clone(), text: pick(&NOTES, number).to_owned(), photo };
        self.phone.field().note(&note)?;
        self.did("note", &AddNote { photo: None, ..note });
        self.passes(1);
        Ok(())
    }

    fn press(&mut self, task: &Task, status: Status, minutes: u32) -> Result<(), Failure> {
        self.passes(minutes);
        let position = Some(self.position());
        let press = Press { id: task.assignment.clone(), status, position, reason: None, shown: None, outcome: None };
        self.phone.field().press(&press)?;
        self.did("press", &press);
        Ok(())
    }

    /// Eight hours of positions, those that the pace keeps.
    fn trail(&mut self, began_ms: i64, seed: u64) -> Result<(), Failure> {
        let readings = trace::shift(seed);
        let first = readings.first().map_or(0, |reading| reading.at_ms);
        let mut next_ms = i64::MIN;
        for reading in &readings {
            let at = UtcMs(began_ms + reading.at_ms - first);
            let Ok(position) = Position::new(reading.lat, reading.lon, Some(reading.accuracy_m)) else { continue };
            if at.0 < next_ms {
                continue;
            }
            let fix = RecordFix {
                position,
                at_ms: Some(at),
                speed_mps: reading.speed_mps,
                battery_percent: Some(80),
                satellite_ms: None,
                mock: None,
            };
            let taken = self.phone.field().record_fix(&fix)?;
            next_ms = at.0 + taken.next_ms.unwrap_or(i64::MAX - at.0);
            if taken.kept {
                self.written.fixes.push(json(&fix));
            }
        }
        Ok(())
    }

    fn position(&mut self) -> Position {
        let mut near = |middle: f64| {
            let metres = f64::from(u32::try_from(self.chance.between(0, 40_000)).unwrap_or(0)) - 20_000.0;
            middle + metres / 111_320.0
        };
        let (lat, lon) = (near(-1.8459), near(110.2));
        Position::new(lat, lon, Some(6.0)).unwrap_or_else(|_| unreachable!("near Ketapang"))
    }

    fn drawn(&mut self, low: u64, high: u64) -> i64 {
        i64::try_from(self.chance.between(low, high)).unwrap_or(0)
    }

    fn passes(&self, minutes: u32) {
        self.world.passes(minutes * MINUTE);
    }

    fn did(&mut self, path: &'static str, body: &impl Serialize) {
        self.written.events.push(Event { path, body: json(body) });
    }
}

fn json(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or(Value::Null)
}

fn pick<'a>(from: &[&'a str], number: usize) -> &'a str {
    from.get(number % from.len().max(1)).copied().unwrap_or_default()
}

/// A picture as large as a phone's camera gives after the product shrank it: gradients, edges and grain.
#[must_use]
pub fn photo(seed: u64) -> Vec<u8> {
    let mut chance = Seed::new(seed);
    let tint: [u8; 3] = chance.bytes();
    let grain: Vec<u8> = (0..4096).map(|_| u8::try_from(chance.between(0, 17)).unwrap_or(0)).collect();
    let picture = RgbImage::from_fn(1600, 1200, |x, y| {
        let step = usize::try_from(x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).unwrap_or(0);
        let noise = grain.get((step >> 7) % grain.len()).copied().unwrap_or(0);
        let slope = u8::try_from((x / 16 + y / 12) % 200).unwrap_or(0);
        let edge = if (x / 90 + y / 70) % 5 == 0 { 30 } else { 0 };
        Rgb(tint.map(|tint| (tint / 4).saturating_add(slope).saturating_add(edge).saturating_add(noise)))
    });
    let mut jpeg = Vec::new();
    match JpegEncoder::new_with_quality(&mut jpeg, 85).encode_image(&picture) {
        Ok(()) => jpeg,
        Err(_) => unreachable!("a picture in memory can be encoded"),
    }
}
