//! Assessments of an incident, and one of them with its numbers and how far each got.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::files;
use crate::read::task::Reached;
use crate::request::ById;
use crate::view::{AssessmentBrief, AssessmentScreen};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assessment::Assessment;
use siaga_domain::record::directory::Directory;
use siaga_store::Stored;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown assessment, `Storage` when the store does not answer.
    pub fn assessment(&self, request: &ById) -> Result<AssessmentScreen, Failure> {
        let look = self.look()?;
        let stored = look.find("id", &request.id, RecordKind::Assessment)?;
        let Record::Assessment(assessment) = &stored.record else {
            return Err(Failure::internal("read the assessment"));
        };
        Ok(AssessmentScreen {
            brief: brief(&look.directory()?, &stored, assessment),
            assessment: assessment.clone(),
            entry_delivery: Reached::of(&look, stored.id)?
                .entries(assessment.notes.iter().map(|note| note.author.entry.as_str())),
            files: files::of_notes(&look, &assessment.notes)?,
        })
    }
}

pub(crate) fn briefs(
    look: &Look<'_>,
    directory: &Directory,
    incident: RecordId,
) -> Result<Vec<AssessmentBrief>, Failure> {
    let of = |stored: &Stored| match &stored.record {
        Record::Assessment(assessment) => Some(brief(directory, stored, assessment)),
        _ => None,
    };
    Ok(look.store.of_incident(incident, RecordKind::Assessment)?.iter().filter_map(of).collect())
}

fn brief(directory: &Directory, stored: &Stored, assessment: &Assessment) -> AssessmentBrief {
    // The age of an assessment is that of its newest number.
    let newest = assessment.numbers.iter().map(|number| &number.count.author).max_by_key(|author| author.at_ms);
    let author = newest.unwrap_or(&assessment.opened);
    AssessmentBrief {
        id: stored.id.to_string(),
        village: directory.village(&assessment.village).cloned(),
        at_ms: author.at_ms,
        by: author.by.clone(),
        disputed: !assessment.disputes.is_empty(),
        delivery: stored.reached(),
    }
}
