//! The real programs, `siaga-center` and `siaga-field`, started as processes of their own.
//!
//! Whatever is asked of them here a person could type or send: command lines, JSON on standard output, and the
//! center's HTTP API. Nothing reaches into their databases.

pub mod center;
pub mod desk;
pub mod find;
pub mod http;
pub mod phone;
pub mod stage;

use serde_json::Value;

/// What a command said: how it ended, the one JSON value it printed, and its complaints.
#[derive(Clone, Debug)]
pub struct Said {
    /// 0 done, 2 bad input, 3 saved here, 4 refused by the center, 1 anything else.
    pub code: i32,
    /// `Null` when it printed none.
    pub json: Value,
    pub complaint: String,
}

impl Said {
    /// # Errors
    /// The command did not end with 0; its own words are in the error.
    pub fn done(self) -> anyhow::Result<Value> {
        anyhow::ensure!(self.code == 0, "ended with {}: {} {}", self.code, self.json, self.complaint);
        Ok(self.json)
    }
}

/// Runs a program to its end.
///
/// # Errors
/// It could not be started, or printed something that is not JSON.
pub(crate) async fn run(
    program: &std::path::Path,
    house: &std::path::Path,
    arguments: &[String],
) -> anyhow::Result<Said> {
    use anyhow::Context;
    let output = tokio::process::Command::new(program)
        // The center reads the tables of places from where it stands.
        .current_dir(house)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("could not start {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let json = if text.trim().is_empty() {
        Value::Null
    } else {
        serde_json::from_str(text.trim()).with_context(|| format!("standard output is not one JSON value: {text}"))?
    };
    Ok(Said {
        code: output.status.code().unwrap_or(-1),
        json,
        complaint: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
