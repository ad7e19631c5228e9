//! Names and codes of a regency's districts and villages: the tables that the program carries, or those of a folder.
//!
//! They come from the npm package `idn-area-data` and are under the Open Database License; notice and licence lie beside
//! the packed file, which `scripts/extract-areas.mjs` makes.

use flate2::read::GzDecoder;
use siaga_domain::id::AreaCode;
use siaga_domain::record::directory::District;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A line for each area: its code, a tab, its name.
const CARRIED: &[u8] = include_bytes!("../../areas/areas.tsv.gz");

/// Where the tables are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Areas {
    /// In this program.
    Carried,
    /// `regencies.csv`, `districts.csv` and `villages.csv` of a folder.
    Folder(PathBuf),
}

/// Why a regency could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AreasError {
    #[error("there are no tables of areas in {}; leave --areas out for those that the program carries", .0.display())]
    NoTables(PathBuf),
    #[error("could not read {}", .file.display())]
    Read {
        file: PathBuf,
        #[source]
        cause: csv::Error,
    },
    #[error("could not unpack the areas that the program carries")]
    Unpack(#[source] std::io::Error),
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

/// Reads one regency.
///
/// # Errors
/// [`AreasError`], which names the folder, the file or the argument.
pub fn read(areas: &Areas, regency: &str) -> Result<Regency, AreasError> {
    let code = regency_code(regency)?;
    let [regencies, districts, villages] = match areas {
        Areas::Folder(folder) => {
            [rows(folder, "regencies.csv")?, rows(folder, "districts.csv")?, rows(folder, "villages.csv")?]
        }
        Areas::Carried => carried(regency)?,
    };
    made(code, regency, regencies, districts, villages)
}

/// The rows of one regency: itself, its districts, its villages.
fn carried(regency: &str) -> Result<[Vec<Row>; 3], AreasError> {
    let mut text = String::new();
    GzDecoder::new(CARRIED).read_to_string(&mut text).map_err(AreasError::Unpack)?;
    let mut levels = [Vec::new(), Vec::new(), Vec::new()];
    for (code, name) in text.lines().filter(|line| line.starts_with(regency)).filter_map(|line| line.split_once('\t')) {
        // `61.04` has one dot, a district two, a village three.
        let level = code.matches('.').count().saturating_sub(1);
        if let Some(rows) = levels.get_mut(level) {
            rows.push(Row { code: code.to_owned(), name: name.to_owned() });
        }
    }
    Ok(levels)
}

fn made(
    code: AreaCode,
    regency: &str,
    regencies: Vec<Row>,
    all_districts: Vec<Row>,
    all_villages: Vec<Row>,
) -> Result<Regency, AreasError> {
    let name = regencies
        .into_iter()
        .find(|row| row.code == regency)
        .map(|row| row.name)
        .ok_or_else(|| AreasError::UnknownRegency(regency.to_owned()))?;
    let within = format!("{regency}.");
    let mut villages: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in all_villages.into_iter().filter(|row| row.code.starts_with(&within)) {
        if let Some((district, segment)) = row.code.rsplit_once('.') {
            villages.entry(district.to_owned()).or_default().push((segment.to_owned(), row.name));
        }
    }
    let districts = all_districts
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

        let regency = read(&Areas::Folder(folder.path().to_owned()), "61.04").expect("a regency");

        assert_eq!(regency.name, "Kabupaten Ketapang");
        assert_eq!(regency.districts.len(), 1);
        assert_eq!(regency.districts[0].villages, "2001=Periangan;2002=Tanggerang");
        assert_eq!(regency.village_count(), 2);
    }

    #[test]
    fn missing_tables_of_a_named_folder_are_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");

        let error = read(&Areas::Folder(folder.path().to_owned()), "61.04").expect_err("no tables");

        assert!(matches!(error, AreasError::NoTables(_)) && error.to_string().contains("--areas"), "{error}");
    }

    #[test]
    fn the_program_carries_every_regency_with_its_districts_and_villages() {
        let ketapang = read(&Areas::Carried, "61.04").expect("a regency");
        let farthest = read(&Areas::Carried, "91.71").or_else(|_| read(&Areas::Carried, "96.71")).expect("a regency");

        assert_eq!(ketapang.districts.len(), 20);
        assert_eq!(ketapang.village_count(), 262);
        assert!(farthest.village_count() > 0);
        assert!(matches!(read(&Areas::Carried, "61.99"), Err(AreasError::UnknownRegency(_))));
    }

    #[test]
    fn a_code_that_is_no_regency_is_told_apart_from_one_nobody_has() {
        let folder = tables();

        assert!(matches!(read(&Areas::Folder(folder.path().to_owned()), "61.04.14"), Err(AreasError::NotARegency)));
        assert!(matches!(read(&Areas::Folder(folder.path().to_owned()), "61.99"), Err(AreasError::UnknownRegency(_))));
    }
}
