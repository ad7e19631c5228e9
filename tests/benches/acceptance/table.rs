//! Rows of what was promised and what was found, and where they stand in the documents.

use anyhow::Context;
use std::path::Path;
use std::time::Duration;

pub(crate) struct Row {
    pub what: String,
    pub promised: String,
    pub found: String,
    pub kept: bool,
}

/// The rows as a table; a promise that is not kept says so.
pub(crate) fn promises(rows: &[Row]) -> String {
    let mut text = "| what | promised | measured |\n| --- | --- | --- |\n".to_owned();
    for row in rows {
        let found = if row.kept { row.found.clone() } else { format!("**{} (missed)**", row.found) };
        text.push_str(&format!("| {} | {} | {found} |\n", row.what, row.promised));
    }
    text
}

/// Puts a section between its two marks in `docs/performance.md`.
pub(crate) fn write(section: &str, text: &str) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (begin, end) = (format!("<!-- measured: {section} -->\n"), format!("<!-- end: {section} -->"));
    let (before, rest) = page.split_once(&begin).with_context(|| format!("the page has no place for {section}"))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("the place for {section} does not end"))?;
    std::fs::write(&path, format!("{before}{begin}{text}{end}{after}"))?;
    Ok(())
}

pub(crate) fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len().saturating_sub(1)) * percent / 100).copied().unwrap_or_default()
}

pub(crate) fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
