//! A patient: what was seen and done, without a name. The name is another record, met by a random id.
//!
//! Triage is a single value people may disagree about, and the disagreement is shown; vitals and treatments
//! are a series.

use crate::entry::{Authorship, Body, Entries, Entry, NoteView, StruckView};
use crate::id::{FacilityCode, RecordId};
use crate::register::{self, Dispute, Register};
use crate::triage::TriageColor;
use crate::vitals::{Vitals, news2};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

crate::coded! {
    /// Sex. KMK HK.01.07/MENKES/1423/2022 codes and NEMSIS ePatient.25 beside each.
    Sex {
        /// RME 1, NEMSIS 9919003.
        Male = "L",
        /// RME 2, NEMSIS 9919001.
        Female = "P",
        /// RME 0, NEMSIS 9919005.
        Unknown = "unknown",
        /// RME 3: cannot be determined.
        Undetermined = "undetermined",
        /// RME 4: not stated.
        Refused = "refused",
    }
}

impl Sex {
    /// Code of the national medical record variable set (KMK 1423/2022).
    #[must_use]
    pub const fn rme(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Male => 1,
            Self::Female => 2,
            Self::Undetermined => 3,
            Self::Refused => 4,
        }
    }

    /// NEMSIS v3.5.1 ePatient.25; a refusal is a pertinent negative there, not a code.
    #[must_use]
    pub const fn nemsis(self) -> Option<u32> {
        match self {
            Self::Female => Some(9_919_001),
            Self::Male => Some(9_919_003),
            Self::Unknown | Self::Undetermined => Some(9_919_005),
            Self::Refused => None,
        }
    }
}

crate::coded! {
    /// Estimated age of somebody nobody knows (KMK 1423/2022, pasien tanpa identitas).
    AgeBand {
        UpTo5 = "0-5",
        From6To11 = "6-11",
        From12To17 = "12-17",
        From18To40 = "18-40",
        From41To65 = "41-65",
        Over65 = "65+",
    }
}

/// The first entry of a patient.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub incident: RecordId,
    /// The identity record of the same person.
    pub identity: RecordId,
    pub sex: Sex,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TriageIs {
    pub color: TriageColor,
    /// `start`, `jumpstart` or `judgement`.
    pub method: TriageMethod,
}

crate::coded! {
    /// How a triage colour was found.
    TriageMethod {
        Start = "start",
        JumpStart = "jumpstart",
        Judgement = "judgement",
    }
}

/// Chief complaint (NEMSIS eSituation.04).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComplaintIs {
    pub text: String,
}

/// Something given or done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Treatment {
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<String>,
}

/// Care passed on (NEMSIS eTimes.12).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Handover {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<FacilityCode>,
    /// Who received the patient.
    pub receiver: String,
}

/// A patient as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Patient {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub identity: RecordId,
    pub opened: Authorship,
    pub sex: Sex,
    pub age_years: Option<i64>,
    pub age_band: Option<AgeBand>,
    pub triage: Option<Register<TriageColor>>,
    pub complaint: Option<Register<String>>,
    pub vitals: Vec<VitalsView>,
    pub treatments: Vec<TreatmentView>,
    pub handovers: Vec<HandoverView>,
    pub notes: Vec<NoteView>,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VitalsView {
    pub author: Authorship,
    pub vitals: Vitals,
    /// NEWS2 (adults only; a display aid, never a gate); `None` when too little was measured.
    pub news2: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TreatmentView {
    pub author: Authorship,
    pub what: String,
    pub dose: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoverView {
    pub author: Authorship,
    pub facility: Option<String>,
    pub receiver: String,
}

/// `None` without an opening entry.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Patient> {
    let entries = Entries::of(all);
    let (opening, opened) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::PatientOpened(opened) => Some((*entry, opened)),
        _ => None,
    })?;
    let color = |entry: &Entry| match &entry.body {
        Body::Triage(is) => Some(is.color),
        _ => None,
    };
    let triage = register::read_preferring(&entries, "triage", color, |color| color.precedence());
    let complaint = register::read(&entries, "complaint", |entry| match &entry.body {
        Body::Complaint(is) => Some(is.text.clone()),
        _ => None,
    });
    let adult = opened.age_years.is_none_or(|years| years >= 16);
    let mut vitals = Vec::new();
    let mut treatments = Vec::new();
    let mut handovers = Vec::new();
    for entry in &entries.live {
        match &entry.body {
            Body::Vitals(taken) => vitals.push(VitalsView {
                author: entry.authorship(),
                news2: if adult { news2(taken) } else { None },
                vitals: taken.clone(),
            }),
            Body::Treatment(given) => treatments.push(TreatmentView {
                author: entry.authorship(),
                what: given.what.clone(),
                dose: given.dose.clone(),
            }),
            Body::Handover(to) => handovers.push(HandoverView {
                author: entry.authorship(),
                facility: to.facility.as_ref().map(ToString::to_string),
                receiver: to.receiver.clone(),
            }),
            _ => {}
        }
    }
    let mut disputes = Vec::new();
    register::collect(&mut disputes, "triage", triage.as_ref(), |color| color.code().to_owned());
    register::collect(&mut disputes, "complaint", complaint.as_ref(), Clone::clone);
    Some(Patient {
        id,
        incident: opened.incident,
        identity: opened.identity,
        opened: opening.authorship(),
        sex: opened.sex,
        age_years: opened.age_years,
        age_band: opened.age_band,
        triage,
        complaint,
        vitals,
        treatments,
        handovers,
        notes: entries.notes(),
        disputes,
        struck: entries.struck_views(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{CausalOrder, Stamp};
    use crate::id::{ActorId, EntryId};

    fn entry(n: u8, counter: u64, replaces: &[u8], body: Body) -> Entry {
        let replaces = replaces.iter().map(|n| EntryId::from_bytes([*n; 16])).collect();
        Entry {
            id: EntryId::from_bytes([n; 16]),
            order: CausalOrder { counter, actor: ActorId::from_bytes([n; 16]) },
            stamp: Stamp { replaces, ..Stamp::default() },
            body,
        }
    }

    fn triaged(colors: &[(TriageColor, &[u8])]) -> Patient {
        let opened = Opened {
            incident: RecordId::from_bytes([1; 16]),
            identity: RecordId::from_bytes([2; 16]),
            sex: Sex::Unknown,
            age_years: None,
            age_band: None,
        };
        let mut all = vec![entry(1, 1, &[], Body::PatientOpened(opened))];
        for (number, (color, replaces)) in (2..).zip(colors) {
            let triage = Body::Triage(TriageIs { color: *color, method: TriageMethod::Judgement });
            all.push(entry(number, u64::from(number), replaces, triage));
        }
        project(RecordId::from_bytes([3; 16]), &all).expect("a patient")
    }

    fn shown(colors: &[(TriageColor, &[u8])]) -> (TriageColor, usize) {
        let triage = triaged(colors).triage.expect("a triage");
        (triage.value, triage.disputed_by.len())
    }

    #[test]
    fn while_a_triage_is_disputed_the_worst_living_colour_is_shown_and_black_displaces_none() {
        use TriageColor::{Black, Green, Red, Yellow};

        assert_eq!(shown(&[(Red, &[]), (Green, &[])]), (Red, 1));
        assert_eq!(shown(&[(Green, &[]), (Red, &[])]), (Red, 1));
        assert_eq!(shown(&[(Yellow, &[]), (Green, &[])]), (Yellow, 1));
        assert_eq!(shown(&[(Green, &[]), (Black, &[])]), (Green, 1));
        assert_eq!(shown(&[(Black, &[]), (Yellow, &[]), (Red, &[]), (Green, &[])]), (Red, 3));
        assert_eq!(shown(&[(Black, &[])]), (Black, 0));
    }

    #[test]
    fn the_first_choice_of_a_disputed_triage_is_the_one_that_is_shown() {
        let patient = triaged(&[(TriageColor::Red, &[]), (TriageColor::Green, &[])]);

        let choices = &patient.disputes.first().expect("a dispute").choices;

        let shown = patient.triage.expect("a triage");
        assert_eq!(choices.first().map(|choice| &choice.author), Some(&shown.author));
        assert_eq!(choices.first().map(|choice| choice.value.as_str()), Some("red"));
    }

    #[test]
    fn a_settled_triage_is_the_one_that_was_chosen() {
        use TriageColor::{Black, Green, Red};

        assert_eq!(shown(&[(Red, &[]), (Green, &[]), (Green, &[2, 3])]), (Green, 0));
        assert_eq!(shown(&[(Red, &[]), (Black, &[2])]), (Black, 0));
    }
}
