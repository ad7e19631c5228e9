//! Vital signs: a number, or the reason why there is none.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

crate::coded! {
    /// Why a sign has no number. NEMSIS pertinent negatives and null values beside each.
    Absent {
        /// NV 7701003 not recorded.
        NotTaken = "not_taken",
        /// PN 8801019 refused.
        Refused = "refused",
        /// PN 8801023 unable to complete.
        Unable = "unable",
        /// Nobody can say.
        Unknown = "unknown",
    }
}

/// A measured number, or why there is none. Either way it is something somebody said.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Measured {
    Number(f64),
    Absent(Absent),
}

impl Measured {
    #[must_use]
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Absent(_) => None,
        }
    }
}

crate::coded! {
    /// Level of responsiveness, NEMSIS eVitals.26.
    Avpu {
        /// 3326001, sadar.
        Alert = "A",
        /// 3326003, respon suara.
        Verbal = "V",
        /// 3326005, respon nyeri.
        Pain = "P",
        /// 3326007, tidak respon.
        Unresponsive = "U",
    }
}

impl Avpu {
    /// NEMSIS v3.5.1 eVitals.26.
    #[must_use]
    pub const fn nemsis(self) -> u32 {
        match self {
            Self::Alert => 3_326_001,
            Self::Verbal => 3_326_003,
            Self::Pain => 3_326_005,
            Self::Unresponsive => 3_326_007,
        }
    }
}

/// One set of vital signs (NEMSIS eVitals.VitalGroup). A field left out was not looked at.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
#[ts(optional_fields = nullable)]
pub struct Vitals {
    /// eVitals.10, beats a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hr: Option<Measured>,
    /// eVitals.14, breaths a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rr: Option<Measured>,
    /// eVitals.06, mmHg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sbp: Option<Measured>,
    /// eVitals.07, mmHg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dbp: Option<Measured>,
    /// eVitals.12, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spo2: Option<Measured>,
    /// Whether oxygen was being given while SpO2 was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_oxygen: Option<bool>,
    /// eVitals.24, degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temp: Option<Measured>,
    /// eVitals.18, mg/dL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glucose: Option<Measured>,
    /// eVitals.23, 3 to 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs: Option<Measured>,
    /// eVitals.19, 1 to 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs_eye: Option<Measured>,
    /// eVitals.20, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs_verbal: Option<Measured>,
    /// eVitals.21, 1 to 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs_motor: Option<Measured>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avpu: Option<Avpu>,
    /// eVitals.27, 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pain: Option<Measured>,
}

crate::coded! {
    /// A sign that is a number, by its field of [`Vitals`].
    #[ts(export)]
    Sign {
        Hr = "hr",
        Rr = "rr",
        Sbp = "sbp",
        Dbp = "dbp",
        Spo2 = "spo2",
        Temp = "temp",
        Gcs = "gcs",
        GcsEye = "gcs_eye",
        GcsVerbal = "gcs_verbal",
        GcsMotor = "gcs_motor",
        Glucose = "glucose",
        Pain = "pain",
    }
}

/// How one sign is measured and taken down.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, TS)]
#[ts(export)]
pub struct SignRow {
    pub sign: Sign,
    /// In English, for the command line; pages have words of their own.
    pub name: &'static str,
    /// Element of NEMSIS v3.5.1.
    pub nemsis: &'static str,
    /// UCUM; empty for a score.
    pub unit: &'static str,
    /// What the instrument or the scale can give: the range of NEMSIS. A number outside is a typing error.
    pub low: f64,
    pub high: f64,
    pub decimals: u8,
    /// Whether a crew is asked for it in its turn; the parts of a score are shown only.
    pub is_asked: bool,
}

/// Every sign, in the order in which crews take them.
pub const SIGNS: &[SignRow] = &[
    row(Sign::Hr, "Pulse", "eVitals.10", "/min", 0.0, 500.0),
    row(Sign::Rr, "Respiratory rate", "eVitals.14", "/min", 0.0, 300.0),
    row(Sign::Sbp, "Systolic blood pressure", "eVitals.06", "mm[Hg]", 0.0, 500.0),
    row(Sign::Dbp, "Diastolic blood pressure", "eVitals.07", "mm[Hg]", 0.0, 500.0),
    row(Sign::Spo2, "Oxygen saturation", "eVitals.12", "%", 0.0, 100.0),
    SignRow { decimals: 1, ..row(Sign::Temp, "Body temperature", "eVitals.24", "Cel", 0.0, 50.0) },
    row(Sign::Gcs, "Glasgow Coma Scale", "eVitals.23", "", 3.0, 15.0),
    SignRow { is_asked: false, ..row(Sign::GcsEye, "GCS, eyes", "eVitals.19", "", 1.0, 4.0) },
    SignRow { is_asked: false, ..row(Sign::GcsVerbal, "GCS, verbal", "eVitals.20", "", 1.0, 5.0) },
    SignRow { is_asked: false, ..row(Sign::GcsMotor, "GCS, motor", "eVitals.21", "", 1.0, 6.0) },
    row(Sign::Glucose, "Blood glucose", "eVitals.18", "mg/dL", 0.0, 2000.0),
    row(Sign::Pain, "Pain scale", "eVitals.27", "", 0.0, 10.0),
];

const fn row(sign: Sign, name: &'static str, nemsis: &'static str, unit: &'static str, low: f64, high: f64) -> SignRow {
    SignRow { sign, name, nemsis, unit, low, high, decimals: 0, is_asked: true }
}

/// A number that cannot be right: outside what the instrument or the scale can give.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{sign} must be between {low} and {high}")]
pub struct OutOfRange {
    pub sign: Sign,
    pub low: f64,
    pub high: f64,
}

impl Vitals {
    #[must_use]
    pub const fn of(&self, sign: Sign) -> Option<Measured> {
        match sign {
            Sign::Hr => self.hr,
            Sign::Rr => self.rr,
            Sign::Sbp => self.sbp,
            Sign::Dbp => self.dbp,
            Sign::Spo2 => self.spo2,
            Sign::Temp => self.temp,
            Sign::Gcs => self.gcs,
            Sign::GcsEye => self.gcs_eye,
            Sign::GcsVerbal => self.gcs_verbal,
            Sign::GcsMotor => self.gcs_motor,
            Sign::Glucose => self.glucose,
            Sign::Pain => self.pain,
        }
    }

    pub const fn set(&mut self, sign: Sign, measured: Option<Measured>) {
        let field = match sign {
            Sign::Hr => &mut self.hr,
            Sign::Rr => &mut self.rr,
            Sign::Sbp => &mut self.sbp,
            Sign::Dbp => &mut self.dbp,
            Sign::Spo2 => &mut self.spo2,
            Sign::Temp => &mut self.temp,
            Sign::Gcs => &mut self.gcs,
            Sign::GcsEye => &mut self.gcs_eye,
            Sign::GcsVerbal => &mut self.gcs_verbal,
            Sign::GcsMotor => &mut self.gcs_motor,
            Sign::Glucose => &mut self.glucose,
            Sign::Pain => &mut self.pain,
        };
        *field = measured;
    }

    /// # Errors
    /// The first sign outside its range, `NaN` included. What is merely unusual is kept.
    pub fn check(&self) -> Result<(), OutOfRange> {
        for SignRow { sign, low, high, .. } in SIGNS.iter().copied() {
            if let Some(Measured::Number(number)) = self.of(sign)
                && !(low..=high).contains(&number)
            {
                return Err(OutOfRange { sign, low, high });
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.avpu.is_none() && Sign::ALL.iter().all(|sign| self.of(*sign).is_none())
    }
}

/// National Early Warning Score 2 for adults: a display aid, never a gate.
///
/// `None` unless all of respiration, saturation, systolic pressure, pulse, temperature and consciousness are
/// known, because a partial score looks better than the patient.
#[must_use]
pub fn news2(taken: &Vitals) -> Option<i64> {
    let number = |measured: Option<Measured>| measured.and_then(Measured::number);
    let (rr, spo2, sbp) = (number(taken.rr)?, number(taken.spo2)?, number(taken.sbp)?);
    let (hr, temp) = (number(taken.hr)?, number(taken.temp)?);
    let alert = match (taken.avpu, number(taken.gcs)) {
        (Some(avpu), _) => avpu == Avpu::Alert,
        (None, Some(gcs)) => gcs >= 15.0,
        (None, None) => return None,
    };
    let respiration = if rr <= 8.0 || rr >= 25.0 {
        3
    } else if rr >= 21.0 {
        2
    } else if rr <= 11.0 {
        1
    } else {
        0
    };
    let saturation = if spo2 <= 91.0 {
        3
    } else if spo2 <= 93.0 {
        2
    } else if spo2 <= 95.0 {
        1
    } else {
        0
    };
    let oxygen = if taken.on_oxygen == Some(true) { 2 } else { 0 };
    let pressure = if sbp <= 90.0 || sbp >= 220.0 {
        3
    } else if sbp <= 100.0 {
        2
    } else if sbp <= 110.0 {
        1
    } else {
        0
    };
    let pulse = if hr <= 40.0 || hr >= 131.0 {
        3
    } else if hr >= 111.0 {
        2
    } else if hr <= 50.0 || hr >= 91.0 {
        1
    } else {
        0
    };
    let temperature = if temp <= 35.0 {
        3
    } else if temp >= 39.1 {
        2
    } else if temp <= 36.0 || temp >= 38.1 {
        1
    } else {
        0
    };
    let consciousness = if alert { 0 } else { 3 };
    Some(respiration + saturation + oxygen + pressure + pulse + temperature + consciousness)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Vitals {
        Vitals {
            hr: Some(Measured::Number(72.0)),
            rr: Some(Measured::Number(16.0)),
            sbp: Some(Measured::Number(120.0)),
            spo2: Some(Measured::Number(98.0)),
            temp: Some(Measured::Number(36.8)),
            avpu: Some(Avpu::Alert),
            ..Vitals::default()
        }
    }

    #[test]
    fn a_well_adult_scores_nothing_and_a_failing_one_much() {
        let failing = Vitals {
            hr: Some(Measured::Number(135.0)),
            rr: Some(Measured::Number(28.0)),
            sbp: Some(Measured::Number(85.0)),
            spo2: Some(Measured::Number(88.0)),
            temp: Some(Measured::Number(39.5)),
            avpu: Some(Avpu::Verbal),
            on_oxygen: Some(true),
            ..Vitals::default()
        };

        assert_eq!(news2(&well()), Some(0));
        assert_eq!(news2(&failing), Some(3 + 3 + 2 + 3 + 3 + 2 + 3));
    }

    #[test]
    fn a_sign_that_was_refused_gives_no_score_but_is_kept() {
        let refused = Vitals { sbp: Some(Measured::Absent(Absent::Refused)), ..well() };

        assert_eq!(news2(&refused), None);
        assert!(refused.check().is_ok());
        assert_eq!(serde_json::to_value(&refused).expect("json")["sbp"], "refused");
    }

    #[test]
    fn a_saturation_above_a_hundred_is_a_typing_error() {
        let typed = Vitals { spo2: Some(Measured::Number(980.0)), ..well() };

        assert_eq!(typed.check(), Err(OutOfRange { sign: Sign::Spo2, low: 0.0, high: 100.0 }));
    }

    #[test]
    fn every_sign_has_one_row_and_is_a_field_of_its_name() {
        let rows: Vec<Sign> = SIGNS.iter().map(|row| row.sign).collect();
        assert_eq!(rows, Sign::ALL);

        for sign in Sign::ALL {
            let taken: Vitals = serde_json::from_value(serde_json::json!({ sign.code(): 5.0 })).expect("vitals");
            assert_eq!(taken.of(*sign), Some(Measured::Number(5.0)), "{sign}");
            let mut set = Vitals::default();
            set.set(*sign, Some(Measured::Number(5.0)));
            assert_eq!(set, taken, "{sign}");
        }
    }
}
