//! What went wrong, for a person or a program: a code, the argument where one is to blame, and what to do.

use serde::Serialize;
use std::error::Error;

/// The exit codes of the house: 2 is bad input, 1 anything else. 3 and 4 belong to phones.
const BAD_INPUT: u8 = 2;
const OTHER: u8 = 1;

/// A command that did not do what it was asked.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    pub code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    pub detail: Box<str>,
    pub remedy: Box<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<serde_json::Value>,
    /// The same rows for a person.
    #[serde(skip)]
    pub row_lines: Vec<String>,
}

impl Failure {
    /// An argument was wrong; nothing was done.
    pub(super) fn bad_input(argument: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code: "bad_input",
            argument: Some(argument.to_owned()),
            detail: detail.into().into(),
            remedy: remedy.into().into(),
            rows: Vec::new(),
            row_lines: Vec::new(),
        }
    }

    /// A step failed for a reason that is no argument's.
    pub(super) fn other(code: &'static str, error: &dyn Error, remedy: impl Into<String>) -> Self {
        Self {
            code,
            argument: None,
            detail: causes(error).into(),
            remedy: remedy.into().into(),
            rows: Vec::new(),
            row_lines: Vec::new(),
        }
    }

    pub(super) fn internal(error: &dyn Error) -> Self {
        Self::other("internal", error, "try again; if it stays, keep standard error and report it")
    }

    /// What clap found wrong with the command line.
    pub(super) fn of_arguments(error: &clap::Error) -> Self {
        use clap::error::{ContextKind, ContextValue};
        let argument = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(name)) => Some(name.clone()),
            Some(ContextValue::Strings(names)) => names.first().cloned(),
            _ => None,
        };
        let plain = argument.map(|name| {
            let name = name.split_whitespace().next().unwrap_or_default();
            name.trim_start_matches(['-', '<']).trim_end_matches('>').to_lowercase()
        });
        let rendered = error.render().to_string();
        let detail = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Self {
            code: "bad_input",
            argument: plain,
            detail: detail.into(),
            remedy: "see `siaga-center help` and `siaga-center <command> --help`".into(),
            rows: Vec::new(),
            row_lines: Vec::new(),
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        if self.code == "bad_input" { BAD_INPUT } else { OTHER }
    }

    pub(super) fn words(&self) -> String {
        let blamed = self.argument.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let rows: String = self.row_lines.iter().map(|row| format!("  {row}\n")).collect();
        format!("{blamed}{}\n{rows}→ {}", self.detail, self.remedy)
    }
}

/// An error with everything that caused it, in one line.
fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !line.ends_with(&said) {
            line.push_str(": ");
            line.push_str(&said);
        }
        cause = error.source();
    }
    line
}
