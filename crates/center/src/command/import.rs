//! `siaga-center import-roster` and `import-boundaries`.

use super::args::Import;
use super::failure::Failure;
use super::{Answer, BY, open};
use serde_json::json;
use siaga_center::places::boundaries::ReadBoundariesError;
use siaga_center::places::{self, ImportBoundariesError};
use siaga_center::roster::{self, ImportRosterError};

pub(super) fn roster(arguments: &Import) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let bytes = read(arguments)?;
    let imported = roster::import(&center, &bytes, BY).map_err(|error| match &error {
        ImportRosterError::Rows(rows) => {
            let listed = rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect();
            let failure =
                Failure::bad_input("file", error.to_string(), "mend the rows and import the whole file again");
            Failure { rows: listed, row_lines: rows.iter().map(ToString::to_string).collect(), ..failure }
        }
        _ => Failure::internal(&error),
    })?;
    let lines = vec![format!(
        "{} baris: {} giliran jaga baru, {} berubah, {} orang ditambah, {} dicabut.",
        imported.rows, imported.shifts_new, imported.shifts_changed, imported.people_added, imported.people_struck
    )];
    Answer::new(&imported, lines)
}

pub(super) fn boundaries(arguments: &Import) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let text = String::from_utf8(read(arguments)?)
        .map_err(|_| Failure::bad_input("file", "the file is not UTF-8", "give a GeoJSON file"))?;
    let imported = places::import_boundaries(&center, &text).map_err(|error| match &error {
        ImportBoundariesError::Write(_) => Failure::internal(&error),
        ImportBoundariesError::Read(ReadBoundariesError::Features(features)) => {
            let listed = features
                .iter()
                .map(|wrong| json!({ "feature": wrong.feature, "problem": wrong.problem.to_string() }))
                .collect();
            let failure =
                Failure::bad_input("file", error.to_string(), "mend the features and import the whole file again");
            Failure { rows: listed, row_lines: features.iter().map(ToString::to_string).collect(), ..failure }
        }
        _ => Failure::bad_input("file", error.to_string(), "mend the file and import the whole of it again"),
    })?;
    let lines = vec![format!("{} batas desa, {} baru atau berubah.", imported.outlines, imported.changed)];
    Answer::new(&imported, lines)
}

fn read(arguments: &Import) -> Result<Vec<u8>, Failure> {
    std::fs::read(&arguments.file).map_err(|error| {
        let detail = format!("{} could not be read: {error}", arguments.file.display());
        Failure::bad_input("file", detail, "name a file that is there and may be read")
    })
}
