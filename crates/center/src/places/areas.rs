//! Names and codes of a regency's districts and villages, read from the tables the build extracts.
//!
//! The tables come from the npm package `idn-area-data` and are under the Open Database License: they are read
//! where the build left them and are never part of this repository.

use siaga_domain::id::AreaCode;
use siaga_domain::record::directory::District;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The command that makes the tables.
pub const MAKE_AREAS: &str = "npm ci --prefix ui && node scripts/extract-areas.mjs";

/// Why a regency could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AreasError {
    #[error("there are no tables of areas in {}; make them with `{MAKE_AREAS}`, or name their folder with --areas", .0.display())]
    NoTables(PathBuf),
    #[error("could not read {}", .file.display())]
    Read {
        file: PathBuf,
        #[source]
        cause: csv::Error,
    },
    #[error("--regency must be a Kemendagri code such as 61.04")]
    NotARegency,
    #[error("no regency in the tables has the code {0}")]
    UnknownRegency(String),
}

/// A regency with its districts, each with its villages packed.
#[derive(Clone, PartialEq, Debug)]
pub struct Regency {
    pub code: AreaCode,
    pub name: String,
    pub districts: Vec<District>,
}

impl Regency {
    #[must_use]
    pub fn village_count(&self) -> usize {
        self.districts.iter().map(|district| district.unpack().len()).sum()
    }
}

/// The folder of the tables: the one named, or `build/areas` beside the working directory or above the program.
#[must_use]
pub fn locate(named: Option<&Path>) -> PathBuf {
    if let Some(folder) = named {
        return folder.to_owned();
    }
    let own = std::env::current_exe().ok();
    let above = own.iter().flat_map(|program| program.ancestors().skip(1)).map(|folder| folder.join("build/areas"));
    std::iter::once(PathBuf::from("build/areas"))
        .chain(above)
        .find(|folder| folder.join("villages.csv").is_file())
        .unwrap_or_else(|| PathBuf::from("build/areas"))
}

/// Reads one regency.
///
/// # Errors
/// [`AreasError`], which names the folder, the file or the argument.
pub fn read(folder: &Path, regency: &str) -> Result<Regency, AreasError> {
    let code = regency_code(regency)?;
    let name = rows(folder, "regencies.csv")?
        .into_iter()
        .find(|row| row.code == regency)
        .map(|row| row.name)
        .ok_or_else(|| AreasError::UnknownRegency(regency.to_owned()))?;
    let within = format!("{regency}.");
    let mut villages: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in rows(folder, "villages.csv")?.into_iter().filter(|row| row.code.starts_with(&within)) {
        if let Some((district, segment)) = row.code.rsplit_once('.') {
            villages.entry(district.to_owned()).or_default().push((segment.to_owned(), row.name));
        }
    }
    let districts = rows(folder, "districts.csv")?
        .into_iter()
        .filter(|row| row.code.starts_with(&within))
        .filter_map(|row| {
            let mut own = villages.remove(&row.code).unwrap_or_default();
            own.sort();
            Some(District {
                code: AreaCode::new(row.code).ok()?,
                name: row.name,
                lat: None,
                lon: None,
                villages: District::pack(own.iter().map(|(segment, name)| (segment.as_str(), name.as_str()))),
            })
        })
        .collect();
    Ok(Regency { code, name, districts })
}

fn regency_code(text: &str) -> Result<AreaCode, AreasError> {
    let groups: Vec<&str> = text.split('.').collect();
    let fits = groups.len() == 2
        && groups.iter().all(|group| group.len() == 2 && group.bytes().all(|byte| byte.is_ascii_digit()));
    if !fits {
        return Err(AreasError::NotARegency);
    }
    AreaCode::new(text).map_err(|_| AreasError::NotARegency)
}

#[derive(serde::Deserialize)]
struct Row {
    code: String,
    name: String,
}

fn rows(folder: &Path, file: &str) -> Result<Vec<Row>, AreasError> {
    let path = folder.join(file);
    if !path.is_file() {
        return Err(AreasError::NoTables(folder.to_owned()));
    }
    let mut reader = csv::Reader::from_path(&path).map_err(|cause| AreasError::Read { file: path.clone(), cause })?;
    reader.deserialize().collect::<Result<Vec<Row>, _>>().map_err(|cause| AreasError::Read { file: path, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a table");
        write("regencies.csv", "code,province_code,name\n61.04,61,Kabupaten Ketapang\n61.05,61,Kabupaten Sintang\n");
        write("districts.csv", "code,regency_code,name\n61.04.14,61.04,Jelai Hulu\n61.05.01,61.05,Sintang\n");
        write(
            "villages.csv",
            "code,district_code,name\n61.04.14.2002,61.04.14,Tanggerang\n61.04.14.2001,61.04.14,Periangan\n61.05.01.1001,61.05.01,Tanjungpuri\n",
        );
        folder
    }

    #[test]
    fn a_regency_is_read_with_its_own_villages_only() {
        let folder = tables();

        let regency = read(folder.path(), "61.04").expect("a regency");

        assert_eq!(regency.name, "Kabupaten Ketapang");
        assert_eq!(regency.districts.len(), 1);
        assert_eq!(regency.districts[0].villages, "2001=Periangan;2002=Tanggerang");
        assert_eq!(regency.village_count(), 2);
    }

    #[test]
    fn missing_tables_are_answered_with_the_command_that_makes_them() {
        let folder = tempfile::tempdir().expect("a folder");

        let error = read(folder.path(), "61.04").expect_err("no tables");

        assert!(error.to_string().contains(MAKE_AREAS), "{error}");
    }

    #[test]
    fn a_code_that_is_no_regency_is_told_apart_from_one_nobody_has() {
        let folder = tables();

        assert!(matches!(read(folder.path(), "61.04.14"), Err(AreasError::NotARegency)));
        assert!(matches!(read(folder.path(), "61.99"), Err(AreasError::UnknownRegency(_))));
    }
}
