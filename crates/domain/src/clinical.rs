//! The clinical tables as the pages import them: constants that codegen writes beside the generated types.

use crate::damage::DAMAGE;
use crate::triage::{JUMPSTART, START};
use crate::vitals::SIGNS;
use serde::Serialize;

/// The text of `clinical.ts`.
///
/// # Errors
/// When a table cannot be written as JSON.
pub fn typescript() -> Result<String, serde_json::Error> {
    let mut text = "// Written by `cargo xtask codegen` from `domain`. Do not edit.\n".to_owned();
    for name in ["DamageStep", "SignRow", "TriageStep"] {
        text.push_str(&format!("import type {{ {name} }} from './{name}';\n"));
    }
    for (name, kind, rows) in [
        ("START", "TriageStep", rows(START)?),
        ("JUMPSTART", "TriageStep", rows(JUMPSTART)?),
        ("DAMAGE", "DamageStep", rows(DAMAGE)?),
        ("SIGNS", "SignRow", rows(SIGNS)?),
    ] {
        text.push_str(&format!("\nexport const {name}: readonly {kind}[] = [\n{rows}];\n"));
    }
    Ok(text)
}

/// A row a line.
fn rows<T: Serialize>(table: &[T]) -> Result<String, serde_json::Error> {
    table.iter().map(|row| Ok(format!("  {},\n", serde_json::to_string(row)?))).collect()
}

#[cfg(test)]
mod tests {
    /// Codegen runs whatever is called so, with the folder to write to.
    #[test]
    fn export_bindings_clinical_tables() {
        let text = super::typescript().expect("tables");

        assert!(text.contains(r#"  {"ask":"walk","yes":{"color":"green"},"no":{"ask":"breathing"}},"#), "{text}");
        if let Some(folder) = std::env::var_os("TS_RS_EXPORT_DIR") {
            std::fs::write(std::path::Path::new(&folder).join("clinical.ts"), text).expect("writes");
        }
    }
}
