//! What rings now: responders in danger, cancelled orders, and orders nobody answered. It ends when a human acted.

use crate::engine::Field;
use crate::failure::Failure;
use crate::read::cancellations;
use crate::read::tasks::{Surroundings, of_unit};
use crate::view::{Alarm, AlarmKind};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::sos::SosState;
use siaga_domain::status::Status;

impl Field {
    /// Responders in danger first, then cancellations, the oldest first, then orders as the list of tasks has them.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn alarms(&self) -> Result<Vec<Alarm>, Failure> {
        let look = self.look()?;
        let around = Surroundings::new(&look)?;
        let own = look.setting(crate::engine::SOS)?;
        let mut alarms: Vec<Alarm> = Vec::new();
        for stored in look.store.records(RecordKind::Sos)? {
            if let Record::Sos(sos) = stored.record
                && sos.state() == SosState::Raised
                && own.as_deref() != Some(&stored.id.to_string())
            {
                alarms.push(Alarm {
                    id: stored.id.to_string(),
                    record: stored.id.to_string(),
                    kind: AlarmKind::Sos,
                    category: None,
                    priority: None,
                    village: None,
                    unit: Some(sos.unit),
                    at_ms: sos.raised.at_ms,
                });
            }
        }
        alarms.extend(cancellations::waiting(&look, &around)?.into_iter().map(|notice| Alarm {
            id: notice.entry,
            record: notice.task,
            kind: AlarmKind::Cancelled,
            category: notice.category,
            priority: Some(notice.priority),
            village: notice.whereabouts.village.map(|village| village.name),
            unit: None,
            at_ms: notice.at_ms,
        }));
        let unanswered = |status| matches!(status, None | Some(Status::Seen));
        alarms.extend(of_unit(&look, &around)?.into_iter().filter(|task| task.open && unanswered(task.status)).map(
            |task| Alarm {
                id: task.id.clone(),
                record: task.id,
                kind: AlarmKind::Task,
                category: task.category,
                priority: Some(task.priority),
                village: task.whereabouts.village.map(|village| village.name),
                unit: None,
                at_ms: task.ordered_at_ms,
            },
        ));
        Ok(alarms)
    }
}
