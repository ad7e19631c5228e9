//! The first content of a center: the places of its regency, agencies, thresholds, and somebody who can sign in;
//! with `--demo` also posts, units, a roster and sign-ins of an exercise.
//!
//! Seeding again adds what is missing and changes nothing a person may have changed since. Names of districts and
//! villages follow the tables.

pub mod ketapang;

use crate::Center;
use crate::alarm;
use crate::api::view::StaffRole;
use crate::db::{self, DbError, projection};
use crate::journal::documents::LoadError;
use crate::journal::{RecordWrite, Start, WriteError};
use crate::people::{self, AddPersonError, password};
use crate::places::areas::{self, Areas, AreasError, Regency};
use crate::roster::file::{Plan, PlannedRow, ShiftKey};
use crate::roster::{self, ImportRosterError};
use siaga_domain::entry::{Body, Entries};
use siaga_domain::id::{AgencyCode, PostCode};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::directory::{Agency, Threshold};
use siaga_domain::register;
use siaga_domain::time::UtcMs;
use std::path::Path;

/// Which regency this center was seeded with.
const REGENCY: &str = "seed.regency";
/// Written as the author of what was seeded.
const BY: &str = "Siaga";

/// The agencies that answer together at a 112 center. Names are generic: no list of a regency's own is public.
const AGENCIES: [(&str, &str); 8] = [
    ("DINKES", "Dinas Kesehatan / PSC 119"),
    ("RSUD", "Rumah Sakit Umum Daerah"),
    ("BPBD", "Badan Penanggulangan Bencana Daerah"),
    ("DINSOS", "Dinas Sosial"),
    ("POLRES", "Kepolisian Resor"),
    ("KODIM", "Komando Distrik Militer"),
    ("SATPOLPP", "Satuan Polisi Pamong Praja dan Pemadam Kebakaran"),
    ("DISKOMINFO", "Dinas Komunikasi dan Informatika / Pusat 112"),
];

/// User, role, name and password of the exercise. They are public, and must never guard a real center.
const DEMO_PEOPLE: [(&str, StaffRole, &str, &str); 2] = [
    ("dispatcher", StaffRole::Dispatcher, "Dispatcher (latihan)", "latihan-dispatcher"),
    ("supervisor", StaffRole::Supervisor, "Supervisor (latihan)", "latihan-supervisor"),
];

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WIB_MS: i64 = 7 * HOUR_MS;
/// Three shifts a day, as 112 centers have them: begin and end, hours WIB.
const SHIFTS: [(i64, i64); 3] = [(7, 14), (14, 21), (21, 31)];
/// Days before and after today that the exercise's roster covers.
const ROSTER_DAYS: std::ops::RangeInclusive<i64> = -1..=3;

/// Seeding stopped; what was written before the step that failed stays.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error(transparent)]
    Areas(#[from] AreasError),
    #[error("this center was seeded with regency {0}; use another --data for another regency")]
    OtherRegency(String),
    #[error("--demo knows posts and units of regency 61.04 only; leave it out, or seed --regency 61.04")]
    NoDemo,
    #[error("could not read what is there already")]
    Read(#[from] DbError),
    #[error("could not read the directory")]
    Directory(#[from] LoadError),
    #[error("could not write the directory")]
    Write(#[from] WriteError),
    #[error("could not write the roster")]
    Roster(#[from] ImportRosterError),
    #[error("could not add somebody who signs in")]
    Person(#[from] AddPersonError),
    #[error("the system has no randomness")]
    Random,
}

impl SeedError {
    /// Whether an argument was wrong, as opposed to the machine.
    #[must_use]
    pub const fn is_bad_input(&self) -> bool {
        matches!(self, Self::Areas(_) | Self::OtherRegency(_) | Self::NoDemo)
    }
}

/// Somebody who was given access.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SeededSignIn {
    pub user: String,
    pub role: StaffRole,
    /// None when the person was there before and keeps a password that is not known here.
    pub password: Option<String>,
    /// A password everybody knows.
    pub demo: bool,
}

/// What seeding came to.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Seeded {
    pub regency: String,
    pub name: String,
    pub districts: usize,
    pub villages: usize,
    /// Directory entries that were written; 0 when nothing was missing.
    pub entries_written: usize,
    pub shifts_written: usize,
    pub sign_ins: Vec<SeededSignIn>,
}

/// Which content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    Real,
    /// With posts, units, roster and sign-ins of an exercise.
    Demo,
}

/// Seeds a center from the tables in the folder `areas`.
///
/// # Errors
/// [`SeedError`] naming the step; [`SeedError::is_bad_input`] tells a wrong argument.
pub fn seed(center: &Center, areas: &Path, regency: &str, content: Content) -> Result<Seeded, SeedError> {
    seed_from(center, &Areas::Folder(areas.to_owned()), regency, content)
}

/// As [`seed`], from the tables of a folder or those that the program carries.
///
/// # Errors
/// As [`seed`].
pub fn seed_from(center: &Center, areas: &Areas, regency: &str, content: Content) -> Result<Seeded, SeedError> {
    if let Some(other) = center.setting(REGENCY)?.filter(|before| before != regency) {
        return Err(SeedError::OtherRegency(other));
    }
    let is_ketapang = regency == ketapang::CODE;
    if content == Content::Demo && !is_ketapang {
        return Err(SeedError::NoDemo);
    }
    let regency = areas::read(areas, regency)?;
    let entries_written = write_directory(center, wanted(&regency, content))?;
    name_center(center, &regency)?;
    let mut shifts_written = 0;
    if content == Content::Demo {
        let imported = roster::apply(center, &demo_plan(center.now()), BY)?;
        shifts_written = imported.shifts_new.saturating_add(imported.shifts_changed);
    }
    let sign_ins = sign_ins(center, content)?;
    center.set_setting(REGENCY, regency.code.as_str())?;
    Ok(Seeded {
        villages: regency.village_count(),
        districts: regency.districts.len(),
        regency: regency.code.to_string(),
        name: regency.name,
        entries_written,
        shifts_written,
        sign_ins,
    })
}

/// Whether a password is one that everybody knows.
#[must_use]
pub fn is_demo_password(user: &str, password: &str) -> bool {
    password == format!("latihan-{user}") || DEMO_PEOPLE.iter().any(|(.., known)| *known == password)
}

/// Who signs in with a password that everybody knows.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn with_demo_passwords(center: &Center) -> Result<Vec<String>, DbError> {
    let people = center.db().read(|tx| db::person::all(tx))?;
    let opens = |person: &db::person::PersonRow| {
        let own = format!("latihan-{}", person.user);
        let known = DEMO_PEOPLE.iter().map(|(.., known)| *known).filter(|known| *known != own);
        std::iter::once(own.as_str()).chain(known).any(|known| password::matches(known, Some(&person.password)))
    };
    let opened = people.into_iter().filter(|person| !person.disabled && !person.one_time && opens(person));
    Ok(opened.map(|person| person.user).collect())
}

pub(crate) fn agency(code: &str) -> Option<AgencyCode> {
    AgencyCode::new(code).ok()
}

fn wanted(regency: &Regency, content: Content) -> Vec<Body> {
    let agencies = AGENCIES
        .iter()
        .filter_map(|(code, name)| Some(Body::Agency(Agency { code: agency(code)?, name: (*name).to_owned() })));
    let thresholds = [alarm::ACK_WITHIN, alarm::PROPOSE_AFTER, alarm::SUPERVISE_AFTER]
        .into_iter()
        .map(|(name, value)| Body::Threshold(Threshold { name: name.to_owned(), value }));
    let districts = regency.districts.iter().map(|district| {
        let point = ketapang::DISTRICT_POINTS.iter().find(|(code, ..)| *code == district.code.as_str());
        let mut district = district.clone();
        (district.lat, district.lon) = (point.map(|(_, lat, _)| *lat), point.map(|(.., lon)| *lon));
        Body::District(district)
    });
    let mut wanted: Vec<Body> = agencies.chain(thresholds).chain(districts).collect();
    if regency.code.as_str() == ketapang::CODE {
        wanted.extend(ketapang::facilities());
    }
    if content == Content::Demo {
        wanted.extend(ketapang::demo());
    }
    wanted
}

/// Writes what the directory does not have; gives how many entries.
fn write_directory(center: &Center, wanted: Vec<Body>) -> Result<usize, SeedError> {
    let known = center.db().read(|tx| projection::of_kind(tx, RecordKind::Directory))?.into_iter().next();
    let all = match &known {
        Some(stored) => center.entries(&stored.id)?,
        None => Vec::new(),
    };
    let standing = Entries::of(&all);
    let missing: Vec<Body> = wanted
        .into_iter()
        .filter(|body| {
            let slot = body.slot().unwrap_or_default();
            let there = register::standing(&standing, &slot);
            match body {
                Body::District(_) => !there.iter().any(|entry| entry.body == *body),
                _ => there.is_empty(),
            }
        })
        .collect();
    let count = missing.len();
    if count > 0 {
        let (record, start) =
            known.map_or_else(|| (center.new_record(), Start::Create), |stored| (stored.id, Start::Append));
        center.write(RecordWrite { record, kind: RecordKind::Directory, start, entries: missing }, BY)?;
    }
    Ok(count)
}

/// A center that was not seeded before is named after its regency.
fn name_center(center: &Center, regency: &Regency) -> Result<(), DbError> {
    if center.setting(REGENCY)?.is_some() {
        return Ok(());
    }
    let name = format!("Pusat 112 {}", regency.name);
    center.db().write(|tx| db::identity::set_name(tx, &name))
}

fn sign_ins(center: &Center, content: Content) -> Result<Vec<SeededSignIn>, SeedError> {
    if content == Content::Demo {
        return DEMO_PEOPLE
            .iter()
            .map(|(user, role, name, password)| {
                people::add(center, user, name, role.code(), password)?;
                // A public password may be told again; one that somebody changed since is not known here.
                let known = center.db().read(|tx| db::person::find(tx, user))?;
                let holds = password::matches(password, known.as_ref().map(|person| person.password.as_str()));
                Ok(SeededSignIn {
                    user: (*user).to_owned(),
                    role: *role,
                    password: holds.then(|| (*password).to_owned()),
                    demo: true,
                })
            })
            .collect();
    }
    let user = "supervisor";
    if center.db().read(|tx| db::person::find(tx, user))?.is_some() {
        return Ok(vec![SeededSignIn {
            user: user.to_owned(),
            role: StaffRole::Supervisor,
            password: None,
            demo: false,
        }]);
    }
    let password = password::random().map_err(|_| SeedError::Random)?;
    people::add(center, user, "Supervisor", StaffRole::Supervisor.code(), &password)?;
    Ok(vec![SeededSignIn { user: user.to_owned(), role: StaffRole::Supervisor, password: Some(password), demo: false }])
}

/// Two of a post's people in each shift, taking turns.
fn demo_plan(now: UtcMs) -> Plan {
    let today = now.plus(WIB_MS).0.div_euclid(DAY_MS);
    let mut plan = Plan::new();
    for day in ROSTER_DAYS.map(|offset| today.saturating_add(offset)) {
        let midnight = UtcMs(day.saturating_mul(DAY_MS)).plus(-WIB_MS);
        for (shift, (from, until)) in SHIFTS.into_iter().enumerate() {
            for (post, people) in ketapang::PEOPLE {
                let Ok(post) = PostCode::new(post) else { continue };
                let key = ShiftKey { post, from: midnight.plus(from * HOUR_MS), until: midnight.plus(until * HOUR_MS) };
                let pair = people.iter().skip(shift * 2).take(2);
                plan.insert(
                    key,
                    pair.map(|name| PlannedRow { person: (*name).to_owned(), stands_in_for: None }).collect(),
                );
            }
        }
    }
    plan
}
