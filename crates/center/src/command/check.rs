//! `siaga-center check`.

use super::args::Check;
use super::failure::Failure;
use super::{Answer, open};

pub(super) fn check(arguments: &Check) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let report = center.check().map_err(|error| {
        Failure::other("unreadable", &error, "restore the newest backup with `siaga-center restore`")
    })?;
    let mut lines = vec![format!(
        "{} rekaman, {} perubahan, {} amplop, {} lampiran, {} arsip, {} baris audit diperiksa.",
        report.records, report.changes, report.envelopes, report.attachments, report.archives, report.audit_rows
    )];
    lines.extend(report.problems.iter().map(|problem| format!("{} {}: {}", problem.what, problem.id, problem.fault)));
    lines.push(match report.problems.len() {
        0 => "Semuanya benar.".to_owned(),
        count => format!("{count} tidak benar."),
    });
    let failed = !report.problems.is_empty();
    let answer = Answer::new(&serde_json::json!({ "ok": !failed, "report": report }), lines)?;
    Ok(Answer { failed, ..answer })
}
