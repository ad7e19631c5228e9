//! Specimens written to disk.

use super::kept::folder;
use super::run::Specimen;
use super::trial::Outcome;
use serde_json::json;
use std::path::PathBuf;

pub(crate) fn write(specimen: &Specimen, name: &str) -> std::io::Result<PathBuf> {
    let ruling = match &specimen.outcome {
        Outcome::Refused(code) => code,
        Outcome::Admitted => "admitted",
        Outcome::Poison(what) => what,
    };
    let file = json!({
        "kind": specimen.kind,
        "role": specimen.role,
        "record": hex(&specimen.record),
        "base": specimen.base.iter().map(|bytes| hex(bytes)).collect::<Vec<_>>(),
        "change": hex(&specimen.change),
        "ruling": ruling,
        "drawn": format!("seed {} story {}", specimen.seed, specimen.number),
    });
    let path = folder().join(format!("{name}.json"));
    std::fs::create_dir_all(folder())?;
    std::fs::write(&path, format!("{file:#}\n"))?;
    Ok(path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
