//! The roster office's CSV file, read row by row: every problem is told with its line and column.
//!
//! Columns, in any order: `post`, `person`, `from`, `until`, and if wanted `stands_in_for`. Separated by commas,
//! or by semicolons as Excel writes here. A time is RFC 3339 (`2026-11-23T07:00:00+07:00`) or local WIB
//! (`2026-11-23 07:00`). One row is one person in one shift.

use csv::{ReaderBuilder, StringRecord};
use siaga_domain::id::PostCode;
use siaga_domain::time::UtcMs;
use std::collections::{BTreeMap, BTreeSet};

/// Waktu Indonesia Barat: no summer time.
const WIB: jiff::tz::Offset = jiff::tz::Offset::constant(7);
/// A shift longer than this is a slip of a date.
const LONGEST_MS: i64 = 48 * 3_600_000;
const LONGEST_NAME: usize = 80;
const COLUMNS: [&str; 5] = ["post", "person", "from", "until", "stands_in_for"];
const NEEDED: usize = 4;

/// A shift as planned: who, where, from when until when.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ShiftKey {
    pub post: PostCode,
    pub from: UtcMs,
    pub until: UtcMs,
}

/// One person of a shift.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PlannedRow {
    pub person: String,
    pub stands_in_for: Option<String>,
}

/// The whole file, by shift.
pub type Plan = BTreeMap<ShiftKey, Vec<PlannedRow>>;

/// One problem, where it stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, serde::Serialize)]
#[error("line {line}, column {column}: {problem}; {remedy}")]
pub struct RowError {
    /// Counted from 1; the header is line 1.
    pub line: u64,
    pub column: String,
    pub problem: String,
    pub remedy: String,
}

impl RowError {
    fn new(line: u64, column: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), problem: problem.into(), remedy: remedy.into() }
    }
}

/// Reads the file against the posts there are.
///
/// # Errors
/// Every problem in the file, in the order of its lines.
pub fn read(bytes: &[u8], posts: &BTreeSet<PostCode>) -> Result<Plan, Vec<RowError>> {
    let text = std::str::from_utf8(bytes).map_err(|wrong| {
        let before = bytes.get(..wrong.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        vec![RowError::new(line, "", "the text is not UTF-8", "save the file as CSV UTF-8")]
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let places = match reader.headers() {
        Ok(headers) => columns(headers)?,
        Err(_) => return Err(vec![no_header()]),
    };
    let mut plan = Plan::new();
    let mut lines: BTreeMap<(ShiftKey, String), u64> = BTreeMap::new();
    let mut errors = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(cause) => {
                let line = cause.position().map_or(0, csv::Position::line);
                errors.push(RowError::new(line, "", "the row cannot be read", "check its quotation marks"));
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match row(&record, line, &places, posts) {
            Ok((key, planned)) => match lines.insert((key.clone(), planned.person.clone()), line) {
                Some(first) => errors.push(RowError::new(
                    line,
                    "person",
                    format!("this person is in this shift already, on line {first}"),
                    "remove one of the two rows",
                )),
                None => plan.entry(key).or_default().push(planned),
            },
            Err(wrong) => errors.extend(wrong),
        }
    }
    if errors.is_empty() && plan.is_empty() {
        errors.push(RowError::new(2, "", "the file has no rows", "write one row a person and shift"));
    }
    if errors.is_empty() { Ok(plan) } else { Err(errors) }
}

fn no_header() -> RowError {
    RowError::new(1, "", "there is no header", format!("begin with the line {}", COLUMNS.join(",")))
}

/// Where each known column stands.
fn columns(headers: &StringRecord) -> Result<[Option<usize>; 5], Vec<RowError>> {
    let mut errors = Vec::new();
    for header in headers {
        if !COLUMNS.contains(&header.to_ascii_lowercase().as_str()) {
            let known = COLUMNS.join(", ");
            errors.push(RowError::new(1, header, "this column is not known", format!("the columns are {known}")));
        }
    }
    let places = COLUMNS.map(|name| headers.iter().position(|header| header.eq_ignore_ascii_case(name)));
    for (name, place) in COLUMNS.iter().zip(places).take(NEEDED) {
        if place.is_none() {
            errors.push(RowError::new(1, name, "the column is missing", "add it to the header and to every row"));
        }
    }
    if errors.is_empty() { Ok(places) } else { Err(errors) }
}

fn row(
    record: &StringRecord,
    line: u64,
    places: &[Option<usize>; 5],
    posts: &BTreeSet<PostCode>,
) -> Result<(ShiftKey, PlannedRow), Vec<RowError>> {
    let [post, person, from, until, stands_in_for] =
        places.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default());
    let mut errors = Vec::new();
    let post = match PostCode::new(post).ok().filter(|code| posts.contains(code)) {
        Some(code) => Some(code),
        None => {
            let known: Vec<&str> = posts.iter().map(PostCode::as_str).collect();
            let remedy = if known.is_empty() {
                "this center has no posts yet; add them to the directory".to_owned()
            } else {
                format!("the posts are {}", known.join(", "))
            };
            errors.push(RowError::new(line, "post", "there is no post with this code", remedy));
            None
        }
    };
    for (column, name, needed) in [("person", person, true), ("stands_in_for", stands_in_for, false)] {
        if needed && name.is_empty() {
            errors.push(RowError::new(line, column, "the name is missing", "write the name of the officer"));
        } else if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let problem = format!("the name is longer than {LONGEST_NAME} characters or holds control characters");
            errors.push(RowError::new(line, column, problem, "write the name only"));
        }
    }
    let mut moment = |column: &str, text: &str| {
        let at = time(text);
        if at.is_none() {
            errors.push(RowError::new(
                line,
                column,
                "this is not a time",
                "write 2026-11-23 07:00 (WIB) or 2026-11-23T07:00:00+07:00",
            ));
        }
        at
    };
    let (from, until) = (moment("from", from), moment("until", until));
    if let (Some(from), Some(until)) = (from, until) {
        if until <= from {
            errors.push(RowError::new(
                line,
                "until",
                "the shift ends before it begins",
                "a night shift ends on the next day",
            ));
        } else if from.until(until) > LONGEST_MS {
            errors.push(RowError::new(line, "until", "the shift is longer than 48 hours", "check the dates"));
        }
    }
    match (post, from, until) {
        (Some(post), Some(from), Some(until)) if errors.is_empty() => Ok((
            ShiftKey { post, from, until },
            PlannedRow {
                person: person.to_owned(),
                stands_in_for: Some(stands_in_for.to_owned()).filter(|name| !name.is_empty()),
            },
        )),
        _ => Err(errors),
    }
}

/// RFC 3339, or local WIB without an offset.
fn time(text: &str) -> Option<UtcMs> {
    if let Ok(at) = UtcMs::parse_rfc3339(text) {
        return Some(at);
    }
    let local: jiff::civil::DateTime = text.replace(' ', "T").parse().ok()?;
    WIB.to_timestamp(local).ok().map(|at| UtcMs(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts() -> BTreeSet<PostCode> {
        ["PSC-DELTAPAWAN", "BPBD-KETAPANG"].iter().map(|code| PostCode::new(*code).expect("a code")).collect()
    }

    fn errors(text: &str) -> Vec<(u64, String)> {
        read(text.as_bytes(), &posts())
            .expect_err("wrong")
            .into_iter()
            .map(|error| (error.line, error.column))
            .collect()
    }

    #[test]
    fn local_times_are_wib_and_offsets_are_kept() {
        let text = "post,person,from,until\nPSC-DELTAPAWAN,Ani,2026-11-23 07:00,2026-11-23T14:00:00+07:00\n";

        let plan = read(text.as_bytes(), &posts()).expect("a plan");

        let key = plan.keys().next().expect("a shift");
        assert_eq!(key.from.rfc3339(), "2026-11-23T00:00:00.000Z");
        assert_eq!(key.until.rfc3339(), "2026-11-23T07:00:00.000Z");
    }

    #[test]
    fn rows_of_one_shift_become_one_shift() {
        let text = "\u{feff}person;post;from;until;stands_in_for\n\
                    Ani;PSC-DELTAPAWAN;2026-11-23 07:00;2026-11-23 14:00;\n\
                    Budi;PSC-DELTAPAWAN;2026-11-23 07:00;2026-11-23 14:00;Citra\n";

        let plan = read(text.as_bytes(), &posts()).expect("a plan");

        let people = plan.values().next().expect("a shift");
        assert_eq!(plan.len(), 1);
        assert_eq!(people[1], PlannedRow { person: "Budi".into(), stands_in_for: Some("Citra".into()) });
    }

    #[test]
    fn every_problem_is_told_with_its_line_and_column() {
        let text = "post,person,from,until\n\
                    PSC-DELTAPAWAN,Ani,2026-11-23 07:00,2026-11-23 14:00\n\
                    NOWHERE,,2026-11-23 07:00,tomorrow\n\
                    BPBD-KETAPANG,Budi,2026-11-23 21:00,2026-11-23 07:00\n\
                    PSC-DELTAPAWAN,Ani,2026-11-23 07:00,2026-11-23 14:00\n";

        assert_eq!(
            errors(text),
            [(3, "post"), (3, "person"), (3, "until"), (4, "until"), (5, "person")]
                .map(|(line, c)| (line, c.to_owned()))
        );
    }

    #[test]
    fn a_missing_or_unknown_column_is_told_at_the_header() {
        assert_eq!(errors("post,person,from,shift\n"), [(1, "shift".to_owned()), (1, "until".to_owned())]);
    }

    #[test]
    fn text_that_is_not_utf_8_is_told_at_its_line() {
        let text = b"post,person,from,until\nPSC-DELTAPAWAN,\xe9,2026-11-23 07:00,2026-11-23 14:00\n";

        let wrong = read(text, &posts()).expect_err("wrong");

        assert_eq!(wrong[0].line, 2);
    }
}
