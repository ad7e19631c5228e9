//! What every run begins with, made once in a process: a center with a directory, twenty enrolled phones, and keys.
//!
//! Making it costs more than a run, so runs copy it. Every key and id in it comes from a seed of its own; only the
//! center's TLS root does not, and nothing of a simulation goes through TLS.

use super::machine::Machine;
use super::phone::{self, Phone};
use super::plan::{MOST_PHONES, Plan, UNITS};
use super::world;
use crate::seed::Seed;
use anyhow::{Context as _, Result, bail};
use siaga_center::Center;
use siaga_center::exchange::enrol::Invite;
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::entry::Body;
use siaga_domain::id::UnitCode;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::directory::{Unit, UnitKind};
use siaga_domain::time::UtcMs;
use siaga_store::Enrolment;
use siaga_wire::VERSION;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest, Invitation, mac};
use siaga_wire::key::Signer as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The unit of a number.
pub(super) fn unit(number: u8) -> String {
    format!("UNIT-{:02}", number % UNITS + 1)
}

/// Three phones of the first unit, then one of each unit in turn.
pub(super) const fn unit_of_phone(number: u8) -> u8 {
    if number < 3 { 0 } else { number % UNITS }
}

pub(super) const fn role_of_phone(number: u8) -> Role {
    match number % 5 {
        0 | 1 => Role::Medic,
        2 => Role::Volunteer,
        3 => Role::Supervisor,
        _ => Role::Village,
    }
}

/// The folders a run copies.
pub struct Template {
    folder: TempDir,
}

impl Template {
    /// # Errors
    /// When the folders cannot be made, or the phones do not become quiet.
    pub fn make() -> Result<Self> {
        let folder = scratch()?;
        let clock = world::Time::default();
        let center = world::open_center(&center_of(folder.path()), &clock, Seed::new(0).branch("center"))?;
        write_directory(&center)?;
        for number in 0..MOST_PHONES {
            let phone = Phone::new(number, home_of(folder.path(), number), &Seed::new(0));
            enrol(&center, &phone)?;
        }
        drop(center);
        let made = Self { folder };
        // Everybody exchanges once with nothing wrong, so that no run begins with the directory on its way.
        let plan = Plan { seed: 0, phones: MOST_PHONES, events: Vec::new() };
        let run = Machine::run_in(made.folder.path().to_owned(), &plan, None)?;
        if let Some(why) = run.broken {
            bail!("the template does not become quiet: {why}");
        }
        Ok(made)
    }

    /// Copies the center and so many phones into a folder of a run.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn copy(&self, phones: u8) -> Result<TempDir> {
        let run = scratch()?;
        copy_tree(&center_of(self.folder.path()), &center_of(run.path()))?;
        for number in 0..phones {
            copy_tree(&home_of(self.folder.path(), number), &home_of(run.path(), number))?;
        }
        Ok(run)
    }
}

/// In memory where the system has such a place: a commit waits for its disk, and what a disk does is simulated.
fn scratch() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let at = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix("siaga-simulation-").tempdir_in(at).context("make a folder")
}

pub(super) fn center_of(folder: &Path) -> PathBuf {
    folder.join("center")
}

pub(super) fn home_of(folder: &Path, number: u8) -> PathBuf {
    folder.join(format!("phone-{number}"))
}

/// Copies files and folders; what SQLite shares between processes of one database is not copied with it.
pub(super) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("list {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), &target).with_context(|| format!("copy {}", target.display()))?;
        }
    }
    Ok(())
}

fn write_directory(center: &Center) -> Result<()> {
    let mut entries = Vec::new();
    for number in 0..UNITS {
        let code = UnitCode::new(unit(number))?;
        let kind = if number % 2 == 0 { UnitKind::Ambulance } else { UnitKind::Team };
        entries.push(Body::Unit(Unit {
            name: code.to_string(),
            code,
            kind,
            agency: "DINKES".parse()?,
            post: "PSC".parse()?,
        }));
    }
    let record = center.new_record();
    center.write(RecordWrite { record, kind: RecordKind::Directory, start: Start::Create, entries }, "simulation")?;
    Ok(())
}

fn enrol(center: &Center, phone: &Phone) -> Result<()> {
    let invite = Invite {
        unit: unit(unit_of_phone(phone.number)),
        role: role_of_phone(phone.number),
        name: format!("HP {}", phone.number),
        unattended: true,
    };
    let urls = ["https://127.0.0.1:1".to_owned()];
    let invitation = Invitation::from_link(&center.invite(&invite, &urls, "simulation")?.link)?;
    let public_key = phone.signer.public_key()?.0.to_vec();
    let request = EnrolRequest {
        version: VERSION,
        number: invitation.number.clone(),
        mac: mac(&invitation, &public_key),
        public_key,
        app: "siaga-simulation".to_owned(),
        was: None,
    };
    let EnrolAnswer::Enrolled { device, name, unit, role, epoch, center_ms, token } = center.enrol(&request)? else {
        bail!("a phone of the template was not enrolled");
    };
    let center_key = invitation.center_key.as_slice().try_into().context("read the center's key")?;
    phone::open(phone)?.set_enrolment(&Enrolment {
        device,
        unit: unit.parse()?,
        role: role.parse()?,
        name,
        center_id: invitation.center,
        center_name: invitation.center_name,
        urls: invitation.urls,
        root_der: invitation.root_der,
        center_key,
        epoch,
        token: Some(token),
        center_ms: Some(UtcMs(center_ms)),
    })?;
    Ok(())
}
