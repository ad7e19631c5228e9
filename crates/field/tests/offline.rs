//! What a responder does with no network at all: every use case on a phone that is enrolled and alone.

#[path = "stage/stage.rs"]
mod stage;

#[path = "offline/duty.rs"]
mod duty;
#[path = "offline/merging.rs"]
mod merging;
#[path = "offline/patients.rs"]
mod patients;
#[path = "offline/reports.rs"]
mod reports;
#[path = "offline/tasks.rs"]
mod tasks;
#[path = "offline/tracking.rs"]
mod tracking;
