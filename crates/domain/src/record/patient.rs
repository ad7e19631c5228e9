//! A patient: what was seen and done, without a name. The name is another record, met by a random id.
//!
//! Triage is a single value people may disagree about, and the disagreement is shown; vitals and treatments
//! are a series.

use crate::entry::{Authorship, Body, Entries, Entry, NoteView, StruckView};
use crate::id::{FacilityCode, RecordId};
use crate::patient_number::PatientNumber;
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
    /// Completed months of the whole age, for the youngest; `age_years` stands beside it. 0.2.0 ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_months: Option<i64>,
    /// Days beyond those months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    /// What the phone that begins the record calls the patient: its letters and a number counted on it. Text of another
    /// form counts as none.
    #[serde(default, deserialize_with = "crate::patient_number::of_a_phone", skip_serializing_if = "Option::is_none")]
    pub number: Option<PatientNumber>,
}

/// The number of a patient whose opening has none. Written by the center alone, once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Numbered {
    /// Counted from 1 in the incident.
    pub number: u32,
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

/// Chief complaint (NEMSIS eSituation.04), and what was learned with it after the patient was logged.
///
/// Sex and age ride here as optional fields, because 0.2.0 takes this kind and ignores them, and would overrule a kind of
/// its own for ever. An empty text says nothing of the complaint.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ComplaintIs {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_months: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
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
    /// What people call the patient: `A01` of a phone, `3` of the center. It never changes. `None` until the center gave
    /// one to a patient whose phone had no letters.
    #[serde(default)]
    pub number: Option<PatientNumber>,
    pub sex: Sex,
    pub age_years: Option<i64>,
    pub age_band: Option<AgeBand>,
    /// Completed months of the whole age, where somebody spoke of months.
    #[serde(default)]
    pub age_months: Option<i64>,
    /// Days beyond those months.
    #[serde(default)]
    pub age_days: Option<i64>,
    pub triage: Option<Register<TriageColor>>,
    pub complaint: Option<Register<String>>,
    pub vitals: Vec<VitalsView>,
    pub treatments: Vec<TreatmentView>,
    pub handovers: Vec<HandoverView>,
    pub notes: Vec<NoteView>,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
    /// The newest set of signs that gives a score: one sign taken alone later takes nothing away.
    #[serde(default)]
    pub news2: Option<News2View>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct News2View {
    pub score: i64,
    pub author: Authorship,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VitalsView {
    pub author: Authorship,
    pub vitals: Vitals,
    /// NEWS2 (16 years and older; a display aid, never a gate); `None` when too little was measured or the age is not known.
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

impl Patient {
    /// Scores every set of signs by the age that is known, and keeps the newest score. A projection of an older version is
    /// scored again with it.
    pub fn score(&mut self) {
        let scored = crate::age::news2_applies(self.age_years, self.age_band);
        for taken in &mut self.vitals {
            taken.news2 = if scored { news2(&taken.vitals) } else { None };
        }
        let of = |taken: &VitalsView| Some(News2View { score: taken.news2?, author: taken.author.clone() });
        self.news2 = self.vitals.iter().rev().find_map(of);
    }
}

/// `None` without an opening entry.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Patient> {
    let entries = Entries::of(all);
    let (opening, opened) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::PatientOpened(opened) => Some((*entry, opened)),
        _ => None,
    })?;
    // The first that was given stands, whatever a repaired center gave later.
    let given = entries.live.iter().find_map(|entry| match &entry.body {
        Body::Numbered(given) => Some(PatientNumber::of_the_center(given.number)),
        _ => None,
    });
    let color = |entry: &Entry| match &entry.body {
        Body::Triage(is) => Some(is.color),
        _ => None,
    };
    let triage = register::read_preferring(&entries, "triage", color, |color| color.precedence());
    let complaint = register::read(&entries, "complaint", |entry| match &entry.body {
        Body::Complaint(is) => Some(is.text.clone()).filter(|text| !text.is_empty()),
        _ => None,
    });
    // The causally last word on each, the opening entry's where nothing was learned since.
    let learned: Vec<&ComplaintIs> = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Complaint(is) => Some(is),
            _ => None,
        })
        .collect();
    let sex = learned.iter().rev().find_map(|is| is.sex).unwrap_or(opened.sex);
    let aged = learned.iter().rev().find(|is| is.age_years.is_some() || is.age_band.is_some());
    let (age_years, age_band, age_months, age_days) = aged
        .map_or((opened.age_years, opened.age_band, opened.age_months, opened.age_days), |is| {
            (is.age_years, is.age_band, is.age_months, is.age_days)
        });
    let mut vitals: Vec<VitalsView> = Vec::new();
    let mut treatments = Vec::new();
    let mut handovers = Vec::new();
    for entry in &entries.live {
        match &entry.body {
            Body::Vitals(taken) => {
                vitals.push(VitalsView { author: entry.authorship(), news2: None, vitals: taken.clone() });
            }
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
    let mut patient = Patient {
        news2: None,
        id,
        incident: opened.incident,
        identity: opened.identity,
        opened: opening.authorship(),
        number: opened.number.clone().or(given),
        sex,
        age_years,
        age_band,
        age_months,
        age_days,
        triage,
        complaint,
        vitals,
        treatments,
        handovers,
        notes: entries.notes(),
        disputes,
        struck: entries.struck_views(),
    };
    patient.score();
    Some(patient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{CausalOrder, Stamp};
    use crate::id::{ActorId, EntryId};
    use crate::vitals::{Avpu, Measured};

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
            age_months: None,
            age_days: None,
            number: None,
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

    fn logged(age_years: Option<i64>, age_band: Option<AgeBand>) -> Entry {
        let id = RecordId::from_bytes([9; 16]);
        let (sex, age_months, age_days) = (Sex::Unknown, None, None);
        entry(
            1,
            1,
            &[],
            Body::PatientOpened(Opened {
                incident: id,
                identity: id,
                sex,
                age_years,
                age_band,
                age_months,
                age_days,
                number: None,
            }),
        )
    }

    fn full() -> Vitals {
        let number = |value| Some(Measured::Number(value));
        Vitals {
            rr: number(18.0),
            spo2: number(97.0),
            sbp: number(120.0),
            hr: number(80.0),
            temp: number(37.0),
            avpu: Some(Avpu::Alert),
            ..Vitals::default()
        }
    }

    #[test]
    fn a_toddler_given_by_age_band_and_somebody_of_unknown_age_get_no_news2() {
        for opening in [logged(None, Some(AgeBand::UpTo5)), logged(None, None), logged(Some(15), None)] {
            let patient = project(RecordId::from_bytes([9; 16]), &[opening, entry(2, 2, &[], Body::Vitals(full()))]);

            assert_eq!(patient.and_then(|patient| patient.news2), None);
        }
    }

    #[test]
    fn sex_and_age_that_are_learned_later_stand_beside_the_complaint() {
        let sex = ComplaintIs { sex: Some(Sex::Female), ..ComplaintIs::default() };
        let age = ComplaintIs { text: "sesak".to_owned(), age_years: Some(40), ..ComplaintIs::default() };
        let all = [logged(None, None), entry(2, 2, &[], Body::Complaint(age)), entry(3, 3, &[], Body::Complaint(sex))];

        let patient = project(RecordId::from_bytes([9; 16]), &all).expect("a patient");

        assert_eq!((patient.sex, patient.age_years), (Sex::Female, Some(40)));
        assert_eq!(patient.complaint.map(|complaint| complaint.value).as_deref(), Some("sesak"));
        assert_eq!(patient.disputes, []);
    }

    #[test]
    fn one_new_sign_leaves_the_last_full_score_standing_with_its_time() {
        let pulse = Vitals { hr: Some(Measured::Number(90.0)), ..Vitals::default() };
        let all =
            [logged(Some(40), None), entry(2, 2, &[], Body::Vitals(full())), entry(3, 3, &[], Body::Vitals(pulse))];

        let patient = project(RecordId::from_bytes([9; 16]), &all).expect("a patient");

        let score = patient.news2.expect("a score");
        assert_eq!((score.score, score.author.entry), (0, EntryId::from_bytes([2; 16]).to_string()));
        assert_eq!(patient.vitals[1].news2, None);
    }
}
