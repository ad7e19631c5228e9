//! The one public error: a code the page has words for, and what the responder may do.
//!
//! It never carries what was typed, a name, a NIK or a position.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a use case did not happen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, thiserror::Error)]
#[ts(export)]
#[error("{code}: {detail} ({remedy})")]
pub struct Failure {
    pub code: FailureCode,
    /// The argument that is wrong, where one is: `village`, `--lat`.
    pub argument: Option<String>,
    /// What is wrong, in English, for logs and the command line.
    pub detail: String,
    /// What to do about it, in English.
    pub remedy: String,
}

impl Failure {
    /// An argument is missing or wrong. `detail` never repeats what was typed.
    #[must_use]
    pub fn input(argument: &str, detail: impl Into<String>, remedy: &str) -> Self {
        Self::new(FailureCode::BadInput, Some(argument), detail, remedy)
    }

    /// No record of this phone is meant by `argument`.
    #[must_use]
    pub fn not_found(argument: &str, what: &str, remedy: &str) -> Self {
        Self::new(FailureCode::NotFound, Some(argument), format!("no {what} with this id is on this phone"), remedy)
    }

    #[must_use]
    pub fn not_enrolled() -> Self {
        Self::new(
            FailureCode::NotEnrolled,
            None,
            "this phone is not enrolled",
            "ask the center for an invitation and open its link",
        )
    }

    #[must_use]
    pub fn storage_full() -> Self {
        Self::new(
            FailureCode::StorageFull,
            None,
            "the disk is full; nothing that was saved is lost",
            "make room and try again",
        )
    }

    /// This phone was to join another center while `count` things are not at its own.
    #[must_use]
    pub fn unsent(count: u32) -> Self {
        Self::new(
            FailureCode::Unsent,
            Some("link"),
            format!(
                "{count} things written on this phone are not at its center yet, and the link is of another center"
            ),
            "send them first, or set them aside: they stay on this phone, sealed, and are sent when it joins that center again",
        )
    }

    /// Something failed that no input explains; `step` says which.
    #[must_use]
    pub fn internal(step: &str) -> Self {
        Self::new(FailureCode::Internal, None, format!("could not {step}"), "try again; report it when it stays")
    }

    #[must_use]
    pub fn new(code: FailureCode, argument: Option<&str>, detail: impl Into<String>, remedy: &str) -> Self {
        Self { code, argument: argument.map(str::to_owned), detail: detail.into(), remedy: remedy.to_owned() }
    }
}

siaga_domain::coded! {
    /// What kind of failure it is.
    FailureCode {
        /// An argument is missing or wrong.
        BadInput = "bad_input",
        /// No record with that id is on this phone.
        NotFound = "not_found",
        /// This phone is not enrolled.
        NotEnrolled = "not_enrolled",
        /// The role of this phone does not allow it.
        NotPermitted = "not_permitted",
        /// The task is no longer as the button showed it.
        MovedOn = "moved_on",
        /// The post would be empty.
        PostWouldBeEmpty = "post_would_be_empty",
        /// Everything is saved here; the center was not reached.
        CenterNotReached = "center_not_reached",
        /// What people wrote for one center is not there yet, and this is another.
        Unsent = "unsent",
        /// The center answered and refused.
        RefusedByCenter = "refused_by_center",
        /// The disk is full; nothing was lost.
        StorageFull = "storage_full",
        /// The store could not be read or written.
        Storage = "storage",
        /// This app is older than the store or the center.
        UpdateNeeded = "update_needed",
        Internal = "internal",
    }
}
