//! Traffic to train a dictionary on: what phones and a center say on some shifts that nobody measures.
//!
//! `cargo run -p siaga-testkit --example traffic -- FOLDER` writes one file for each message, without its chance. Seeds, names
//! and texts are none of the benchmarks': a dictionary that knew those would measure itself. See
//! `crates/wire/dictionary/README.md` for what is done with them.

use anyhow::Context;
use serde_json::{Value, json};
use siaga_domain::category::Category;
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_domain::record::patient::{Sex, TriageMethod};
use siaga_domain::status::Status;
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Measured, Vitals};
use siaga_field::Failure;
use siaga_field::request::{
    Accept, AddNote, AddPatient, Assess, DutyOn, HandOver, NeedItem, Number, Press, RecordFix, RecordVitals, Report,
    Treat, Triage,
};
use siaga_testkit::seed::Seed;
use siaga_testkit::world::{Phone, Task, World};
use siaga_wire::compact;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SEEDS: [u64; 2] = [9_001, 9_002];
const TASKS: u64 = 14;

const PEOPLE: [&str; 8] = [
    "Rahmat Hidayat",
    "Dewi Kartika",
    "Agustinus Beni",
    "Fransiska Ola",
    "Suparman",
    "Kornelius Jimi",
    "Nur Aini",
    "M. Yusuf",
];
const PATIENTS: [&str; 8] = [
    "Sulastri",
    "Bartolomeus",
    "Ratna Dewi",
    "Ismail bin Kasim",
    "Theresia Lina",
    "Pak Udin",
    "Ibu Marlina",
    "Stefanus",
];
const CALLS: [&str; 8] = [
    "kebakaran rumah panggung, api merambat ke rumah sebelah",
    "kecelakaan motor dengan truk sawit, pengendara tidak sadar",
    "sungai meluap, warga minta perahu untuk lansia",
    "tanah longsor menutup jalan desa, ada kendaraan tertimbun",
    "anak demam tinggi dan kejang, jauh dari puskesmas",
    "orang hilang di hutan sejak kemarin sore",
    "asap tebal dari lahan gambut, banyak warga batuk",
    "ibu akan melahirkan, ketuban sudah pecah",
];
const NOTES: [&str; 10] = [
    "jembatan kayu rusak, mobil tidak bisa lewat",
    "tim menunggu di dermaga, motor air belum datang",
    "air mulai surut, warga masih bertahan di rumah",
    "perlu tambahan tabung oksigen dan tandu",
    "dapur umum dibuka di gedung serbaguna",
    "keluarga korban sudah dihubungi",
    "jalan becek, pakai mobil gardan ganda",
    "hujan deras, jarak pandang pendek",
    "polisi sudah di lokasi dan mengatur lalu lintas",
    "pasien dipindahkan ke perahu, lanjut ke puskesmas",
];
const COMPLAINTS: [&str; 6] = [
    "nyeri perut kanan bawah",
    "pusing dan muntah",
    "luka bakar di lengan kiri",
    "patah tulang tertutup di paha",
    "batuk dan sesak karena asap",
    "lemas, tidak mau makan",
];
const TREATMENTS: [(&str, &str); 5] = [
    ("infus NaCl 0,9 %", "20 tpm"),
    ("bidai", "tungkai kanan"),
    ("perban tekan", "1 gulung"),
    ("parasetamol", "500 mg"),
    ("nebulisasi", "2,5 mg"),
];

struct Shift<'a> {
    world: &'a World,
    phone: &'a Phone,
    chance: Seed,
    folder: &'a Path,
    written: &'a mut u32,
}

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("name a folder for the messages")?.into();
    std::fs::create_dir_all(&folder)?;
    let mut written = 0;
    for seed in SEEDS {
        let mut world = World::seeded(seed);
        let medic = world.phone("Rahmat", "AMB-01", Role::Medic);
        let volunteer = world.phone("Dewi", "AMB-02", Role::Volunteer);
        for phone in [&medic, &volunteer] {
            let chance = Seed::new(seed).branch(phone.name());
            let mut shift = Shift { world: &world, phone, chance, folder: &folder, written: &mut written };
            shift
                .work(if phone.name() == "Rahmat" { "AMB-01" } else { "AMB-02" })
                .map_err(|one| anyhow::anyhow!("{one:?}"))?;
        }
    }
    println!("{written} messages");
    Ok(())
}

impl Shift<'_> {
    fn work(&mut self, unit: &str) -> Result<(), Failure> {
        let person = self.one_of(&PEOPLE).to_owned();
        let units = self.world.center().get("/api/units");
        let of_unit = units
            .as_array()
            .into_iter()
            .flatten()
            .find(|view| view.pointer("/unit/code").and_then(Value::as_str) == Some(unit));
        let post = of_unit.and_then(|view| view.pointer("/unit/post")).and_then(Value::as_str);
        if let Some(post) = post {
            self.phone.field().duty_on(&DutyOn { post: post.to_owned(), person })?;
        }
        self.exchange();
        for _ in 0..TASKS {
            let call = self.one_of(&CALLS).to_owned();
            let task = self.world.center().assign(unit, &call);
            self.exchange();
            self.task(&task)?;
            if self.chance.happens(40) {
                let text = self.one_of(&CALLS).to_owned();
                let village = Some("61.04.14.2004".to_owned());
                let report = Report {
                    category: Category::Flood,
                    text,
                    position: None,
                    village,
                    landmark: None,
                    photo: None,
                    outside_ok: None,
                };
                self.phone.field().report(&report)?;
                self.exchange();
            }
        }
        Ok(())
    }

    fn task(&mut self, task: &Task) -> Result<(), Failure> {
        let field = self.phone.field();
        field.accept(&Accept { id: task.assignment.clone(), position: self.position(), shown: None })?;
        self.perhaps();
        for status in [Status::EnRoute, Status::OnScene] {
            self.press(task, status)?;
        }
        for _ in 0..self.chance.between(1, 3) {
            let text = self.one_of(&NOTES).to_owned();
            let id = if self.chance.happens(50) { &task.incident } else { &task.assignment };
            field.note(&AddNote { id: id.clone(), text, photo: None })?;
            self.perhaps();
        }
        if self.chance.happens(40) {
            self.assess(task)?;
        }
        self.press(task, Status::AtPatient)?;
        for _ in 0..self.chance.between(1, 2) {
            self.patient(task)?;
        }
        let path = format!("/api/incidents/{}/priority", task.incident);
        if self.chance.happens(20) {
            let _ = self.world.center().post(&path, &json!({ "priority": "2" }));
        }
        for status in [Status::Departed, Status::AtDestination, Status::HandedOver, Status::Available] {
            self.press(task, status)?;
        }
        self.exchange();
        Ok(())
    }

    fn press(&mut self, task: &Task, status: Status) -> Result<(), Failure> {
        self.world.passes(Duration::from_secs(self.chance.between(40, 2_400)));
        if let Some(position) = self.position() {
            let speed_mps = Some(7.0);
            self.phone.field().record_fix(&RecordFix {
                position,
                at_ms: None,
                speed_mps,
                battery_percent: Some(70),
                satellite_ms: None,
                mock: None,
            })?;
        }
        let position = self.position();
        self.phone.field().press(&Press {
            id: task.assignment.clone(),
            status,
            position,
            reason: None,
            shown: None,
            outcome: None,
        })?;
        self.perhaps();
        Ok(())
    }

    fn patient(&mut self, task: &Task) -> Result<(), Failure> {
        let field = self.phone.field();
        let add = AddPatient {
            incident: task.incident.clone(),
            name: Some(self.one_of(&PATIENTS).to_owned()),
            sex: Some(if self.chance.happens(50) { Sex::Female } else { Sex::Male }),
            age_years: Some(self.drawn(1, 85)),
            age: None,
            age_band: None,
            nik: None,
            complaint: Some(self.one_of(&COMPLAINTS).to_owned()),
        };
        let id = field.add_patient(&add)?.id;
        let colors = [TriageColor::Green, TriageColor::Yellow, TriageColor::Red];
        let color = colors.get(self.chance.between(0, 2) as usize).copied().unwrap_or(TriageColor::Green);
        field.triage(&Triage { id: id.clone(), color, method: Some(TriageMethod::Start) })?;
        self.perhaps();
        for _ in 0..self.chance.between(1, 5) {
            self.world.passes(Duration::from_secs(self.chance.between(200, 900)));
            let mut measured =
                |low, high| Some(Measured::Number(f64::from(i32::try_from(self.drawn(low, high)).unwrap_or(0))));
            let vitals = Vitals {
                hr: measured(55, 140),
                rr: measured(10, 32),
                sbp: measured(85, 170),
                dbp: measured(50, 100),
                spo2: measured(85, 100),
                ..Vitals::default()
            };
            field.record_vitals(&RecordVitals { id: id.clone(), vitals })?;
            self.perhaps();
        }
        let (what, dose) = TREATMENTS.get(self.chance.between(0, 4) as usize).copied().unwrap_or(("bidai", ""));
        field.treat(&Treat { id: id.clone(), what: what.to_owned(), dose: Some(dose.to_owned()) })?;
        field.hand_over(&HandOver { id, facility: None, receiver: "perawat jaga puskesmas".to_owned() })?;
        self.perhaps();
        Ok(())
    }

    fn assess(&mut self, task: &Task) -> Result<(), Failure> {
        let mut count = |metric, low, high| Number {
            metric,
            value: self.drawn(low, high),
            quality: Quality::Estimate,
            source: None,
        };
        let numbers = vec![
            count(Metric::Displaced, 5, 300),
            count(Metric::HousesSubmerged, 2, 90),
            count(Metric::WaterCm, 20, 250),
        ];
        let needs = vec![NeedItem { text: "selimut".to_owned(), quantity: Some(30), unit: Some("lembar".to_owned()) }];
        let note = Some(self.one_of(&NOTES).to_owned());
        let village = "61.04.14.2001".to_owned();
        self.phone.field().assess(&Assess { incident: task.incident.clone(), village, numbers, needs, note })?;
        self.perhaps();
        Ok(())
    }

    /// Most things leave at once; some wait for the next.
    fn perhaps(&mut self) {
        if self.chance.happens(70) {
            self.exchange();
        }
    }

    fn exchange(&mut self) {
        for body in self.phone.exchange_in_hand(self.world) {
            if let Some(rest) = compact::without_chance(&body) {
                *self.written += 1;
                if let Err(error) = std::fs::write(self.folder.join(format!("{:05}", self.written)), rest) {
                    println!("not written: {error}");
                }
            }
        }
    }

    fn position(&mut self) -> Option<Position> {
        let mut near =
            |middle: f64| middle + f64::from(u32::try_from(self.chance.between(0, 600_000)).unwrap_or(0)) / 1e6;
        Position::new(near(-2.4), near(110.1), Some(9.0)).ok()
    }

    fn one_of<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let at = usize::try_from(self.chance.between(0, from.len() as u64 - 1)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    fn drawn(&mut self, low: u64, high: u64) -> i64 {
        i64::try_from(self.chance.between(low, high)).unwrap_or(0)
    }
}
