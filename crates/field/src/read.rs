//! What a responder sees: one screen a file. Lists read projections and never open a document.

pub mod alarms;
pub mod assessment;
pub mod attachment;
pub mod cancellations;
pub mod choices;
pub mod digest;
pub mod disputes;
pub mod draft;
pub mod duty;
pub mod elsewhere;
pub mod files;
pub mod get;
pub mod home;
pub mod map;
pub mod outbox;
pub mod patient;
pub mod reports;
pub mod self_test;
pub mod task;
pub mod tasks;
pub mod trail;
pub mod villages;
