//! `siaga-center seed`.

use super::args::Seed;
use super::failure::Failure;
use super::{Answer, open_or_make};
use siaga_center::places::areas::Areas;
use siaga_center::seed::{self, Content, SeedError};

pub(super) fn seed(arguments: &Seed) -> Result<Answer, Failure> {
    let areas = arguments.areas.clone().map_or(Areas::Carried, Areas::Folder);
    let center = open_or_make(&arguments.common.data)?;
    let content = if arguments.demo { Content::Demo } else { Content::Real };
    let seeded = seed::seed_from(&center, &areas, &arguments.regency, content).map_err(|error| match &error {
        SeedError::Areas(_) => Failure::bad_input(
            "regency",
            error.to_string(),
            "give a Kemendagri code such as 61.04; --areas names a folder with other tables than the program's own",
        ),
        error if error.is_bad_input() => {
            Failure::bad_input("regency", error.to_string(), "seed another regency into another --data")
        }
        _ => Failure::internal(&error),
    })?;
    let mut lines = vec![format!(
        "{} ({}): {} kecamatan, {} desa, {} isian baru, {} giliran jaga.",
        seeded.name, seeded.regency, seeded.districts, seeded.villages, seeded.entries_written, seeded.shifts_written
    )];
    lines.extend(seeded.sign_ins.iter().map(|person| match &person.password {
        Some(password) => format!("Masuk: {} / {password} ({})", person.user, person.role),
        None => format!("Masuk: {} ({}), kata sandi tetap", person.user, person.role),
    }));
    Answer::new(&seeded, lines)
}
