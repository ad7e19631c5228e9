//! What a responder does: one use case a file. The request is checked, with the argument and the remedy named;
//! then everything of it is written in one transaction, or nothing.

pub mod accept;
pub mod add_patient;
pub mod assess;
pub mod cancel_sos;
pub mod decline;
pub mod device_state;
pub mod duty_off;
pub mod duty_on;
pub mod handover;
pub mod identify;
pub mod mark_seen;
pub mod note;
pub mod preferences;
pub mod press;
pub mod raise_sos;
pub mod record_fix;
pub mod report;
pub mod resolve;
pub mod save_draft;
pub mod strike;
pub mod track;
pub mod treat;
pub mod triage;
pub mod vitals;
