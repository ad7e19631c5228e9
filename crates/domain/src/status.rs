//! The road of a unit at one incident, as the crew presses it.
//!
//! Order is advice: a status out of order is kept and warned about, never refused, because NEMSIS allows
//! `at patient` before `on scene` and a wet thumb allows anything.

use crate::coded;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

coded! {
    /// What a crew presses. The code is the command line's word.
    Status {
        /// A human opened the assignment (dilihat).
        Seen = "seen",
        /// Terima. NEMSIS eTimes.04, EIDO `AcknowledgedTransmission`.
        Accepted = "accepted",
        /// Tidak bisa, with a reason. EIDO `AssignmentCancelled`.
        Declined = "declined",
        /// Menuju lokasi. eTimes.05, `EnRoute`.
        EnRoute = "enroute",
        /// Di titik kumpul. eTimes.17, `Staging`.
        Staging = "staging",
        /// Terhambat: flood, road cut, waiting for a boat. `Delayed`.
        Delayed = "delayed",
        /// Tiba di lokasi. eTimes.06, `OnScene`.
        OnScene = "onscene",
        /// Bertemu pasien. eTimes.07, `PatientContact`.
        AtPatient = "patient",
        /// Menuju RS. eTimes.09, `Transporting`.
        Departed = "departed",
        /// Tiba di RS. eTimes.11, `Hospital`.
        AtDestination = "destination",
        /// Serah terima. eTimes.12, `Hospital`.
        HandedOver = "handover",
        /// Siap tugas lagi. eTimes.13, `InService`.
        Available = "available",
    }
}

coded! {
    /// What came of an order that did not end at a hospital or with help given. Pressed with `available`.
    KnownOutcome {
        /// Nobody and nothing was found at the place.
        NothingFound = "nothing_found",
        /// The report was false.
        FalseReport = "false_report",
        /// The patient refused care or transport.
        Refused = "refused",
        /// The patient was dead at the scene.
        Dead = "dead",
        /// Called off while the unit was on the road.
        CalledOff = "called_off",
    }
}

/// An outcome as it travels. A code of a newer version is kept and shown, and never written again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Outcome {
    Known(KnownOutcome),
    Other(String),
}

impl Outcome {
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Known(known) => known.code(),
            Self::Other(code) => code,
        }
    }
}

impl Status {
    /// The statuses `press` takes, in the order of the road.
    pub const ROAD: [Self; 7] = [
        Self::EnRoute,
        Self::OnScene,
        Self::AtPatient,
        Self::Departed,
        Self::AtDestination,
        Self::HandedOver,
        Self::Available,
    ];

    /// NEMSIS v3.5.1 element that keeps this time.
    #[must_use]
    pub const fn nemsis(self) -> Option<&'static str> {
        Some(match self {
            Self::Accepted => "eTimes.04",
            Self::EnRoute => "eTimes.05",
            Self::OnScene => "eTimes.06",
            Self::AtPatient => "eTimes.07",
            Self::Departed => "eTimes.09",
            Self::AtDestination => "eTimes.11",
            Self::HandedOver => "eTimes.12",
            Self::Available => "eTimes.13",
            Self::Staging => "eTimes.17",
            Self::Seen | Self::Declined | Self::Delayed => return None,
        })
    }

    /// EIDO (NENA-STA-021.1b) primary and secondary unit status.
    #[must_use]
    pub const fn eido(self) -> (&'static str, &'static str) {
        match self {
            Self::Seen => ("NotAvailable", "Assigned"),
            Self::Accepted => ("NotAvailable", "AcknowledgedTransmission"),
            Self::Declined => ("Available", "AssignmentCancelled"),
            Self::EnRoute => ("NotAvailable", "EnRoute"),
            Self::Staging => ("NotAvailable", "Staging"),
            Self::Delayed => ("NotAvailable", "Delayed"),
            Self::OnScene => ("NotAvailable", "OnScene"),
            Self::AtPatient => ("NotAvailable", "PatientContact"),
            Self::Departed => ("NotAvailable", "Transporting"),
            Self::AtDestination | Self::HandedOver => ("NotAvailable", "Hospital"),
            Self::Available => ("Available", "InService"),
        }
    }
}

/// Where the unit is, from its events in causal order: the last one that moves it.
#[must_use]
pub fn derive(events: impl Iterator<Item = Status>) -> Option<Status> {
    let mut current = None;
    for status in events {
        // Opening the screen again does not take a unit back, and a delay is a remark on the road.
        if current.is_none() || !matches!(status, Status::Seen | Status::Delayed) {
            current = Some(status);
        }
    }
    current
}

/// The one status the large button offers; none when the road is at its end.
#[must_use]
pub const fn next(current: Option<Status>, medical: bool) -> Option<Status> {
    match current {
        None | Some(Status::Seen) => Some(Status::Accepted),
        Some(Status::Accepted | Status::Staging | Status::Delayed) => Some(Status::EnRoute),
        Some(Status::EnRoute) => Some(Status::OnScene),
        Some(Status::OnScene) => Some(if medical { Status::AtPatient } else { Status::Available }),
        Some(Status::AtPatient) => Some(Status::Departed),
        Some(Status::Departed) => Some(Status::AtDestination),
        Some(Status::AtDestination) => Some(Status::HandedOver),
        Some(Status::HandedOver) => Some(Status::Available),
        Some(Status::Available | Status::Declined) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medical_crew_is_led_along_the_whole_road() {
        let mut current = Some(Status::Accepted);
        let mut road = Vec::new();
        while let Some(status) = next(current, true) {
            road.push(status);
            current = Some(status);
        }

        assert_eq!(road, Status::ROAD);
    }

    #[test]
    fn a_team_without_patients_goes_from_the_scene_back_to_service() {
        assert_eq!(next(Some(Status::OnScene), false), Some(Status::Available));
    }

    #[test]
    fn an_outcome_of_a_newer_version_is_kept_as_it_came() {
        let read: Outcome = serde_json::from_str("\"handed_to_police\"").expect("a code");

        assert_eq!(read, Outcome::Other("handed_to_police".to_owned()));
        assert_eq!(serde_json::from_str::<Outcome>("\"dead\"").expect("a code"), Outcome::Known(KnownOutcome::Dead));
        assert_eq!(serde_json::to_string(&read).expect("text"), "\"handed_to_police\"");
    }

    #[test]
    fn opening_the_screen_again_does_not_take_a_unit_back() {
        let events = [Status::Seen, Status::Accepted, Status::EnRoute, Status::Seen];

        assert_eq!(derive(events.into_iter()), Some(Status::EnRoute));
    }
}
