//! *Kaji cepat*, the rapid assessment: what one observer saw of one village, each number with its quality.
//!
//! A number is replaced by a later revision that saw it; it is never a counter, and never summed across two
//! reports of one village. *Mengungsi* (displaced: forced out of the dwelling) and *terdampak* (affected:
//! harmed, still at home) do not overlap (Perka BNPB 8/2011).

use crate::entry::{Authorship, Body, Entries, Entry, NoteView, StruckView};
use crate::id::{AreaCode, RecordId};
use crate::register::{self, Dispute, Register};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

crate::coded! {
    /// How good a number is: *perkiraan* or *sudah dicek*.
    Quality {
        Estimate = "estimate",
        Verified = "verified",
    }
}

crate::coded! {
    /// What is counted or measured. BNPB column names are given by [`Metric::bnpb`].
    Metric {
        Dead = "dead",
        Missing = "missing",
        Injured = "injured",
        InjuredSerious = "injured_serious",
        /// Households (KK) forced out.
        DisplacedKk = "displaced_kk",
        /// Persons (jiwa) forced out.
        Displaced = "displaced",
        AffectedKk = "affected_kk",
        Affected = "affected",
        /// Vulnerable groups among the displaced.
        UnderFive = "under_five",
        Elderly = "elderly",
        Pregnant = "pregnant",
        Disability = "disability",
        HousesLight = "houses_light",
        HousesModerate = "houses_moderate",
        HousesHeavy = "houses_heavy",
        HousesSweptAway = "houses_swept_away",
        HousesSubmerged = "houses_submerged",
        SchoolsDamaged = "schools_damaged",
        HealthFacilitiesDamaged = "health_facilities_damaged",
        WorshipDamaged = "worship_damaged",
        BridgesDamaged = "bridges_damaged",
        /// Water level (TMA), centimetres.
        WaterCm = "water_cm",
        /// Hectares.
        RiceFieldHa = "rice_field_ha",
    }
}

impl Metric {
    /// The column of BNPB's national table that the number goes to, where it has one.
    #[must_use]
    pub const fn bnpb(self) -> Option<&'static str> {
        Some(match self {
            Self::Dead => "meninggal",
            Self::Missing => "hilang",
            // BNPB has one number: light and serious injuries are summed on export.
            Self::Injured | Self::InjuredSerious => "terluka",
            Self::Displaced => "mengungsi",
            Self::Affected => "menderita",
            Self::HousesLight => "rumah_rusak_ringan",
            Self::HousesModerate => "rumah_rusak_sedang",
            // A house swept away counts as heavily damaged in BNPB's own table.
            Self::HousesHeavy | Self::HousesSweptAway => "rumah_rusak_berat",
            Self::HousesSubmerged => "terendam",
            Self::RiceFieldHa => "sawah",
            _ => return None,
        })
    }
}

/// The first entry of an assessment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub incident: RecordId,
    pub village: AreaCode,
}

/// One number, seen by one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Observed {
    pub metric: Metric,
    /// Persons, households, houses, centimetres or hectares, as the metric says.
    pub value: i64,
    pub quality: Quality,
    /// Who said so: `kepala desa`, `hitung sendiri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Something urgently needed (*kebutuhan mendesak*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Need {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// An assessment as people see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assessment {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub village: AreaCode,
    pub opened: Authorship,
    pub numbers: Vec<ObservedView>,
    pub needs: Vec<NeedView>,
    pub notes: Vec<NoteView>,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservedView {
    pub metric: Metric,
    pub count: Register<i64>,
    pub quality: Quality,
    pub source: Option<String>,
    pub bnpb: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NeedView {
    pub author: Authorship,
    pub text: String,
    pub quantity: Option<i64>,
    pub unit: Option<String>,
}

/// `None` without an opening entry.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Assessment> {
    let entries = Entries::of(all);
    let (opening, opened) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::AssessmentOpened(opened) => Some((*entry, opened)),
        _ => None,
    })?;
    let mut numbers = Vec::new();
    let mut disputes = Vec::new();
    for metric in Metric::ALL {
        let of_metric = |entry: &Entry| match &entry.body {
            Body::Observed(seen) if seen.metric == *metric => Some(seen.clone()),
            _ => None,
        };
        let Some(count) = register::read(&entries, metric.code(), |entry| of_metric(entry).map(|seen| seen.value))
        else {
            continue;
        };
        register::collect(&mut disputes, metric.code(), Some(&count), ToString::to_string);
        let winner = entries.live.iter().find(|entry| entry.id.to_string() == count.author.entry);
        if let Some(seen) = winner.and_then(|entry| of_metric(entry)) {
            numbers.push(ObservedView {
                metric: *metric,
                count,
                quality: seen.quality,
                source: seen.source,
                bnpb: metric.bnpb().map(str::to_owned),
            });
        }
    }
    let needs = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Need(need) => Some(NeedView {
                author: entry.authorship(),
                text: need.text.clone(),
                quantity: need.quantity,
                unit: need.unit.clone(),
            }),
            _ => None,
        })
        .collect();
    Some(Assessment {
        id,
        incident: opened.incident,
        village: opened.village.clone(),
        opened: opening.authorship(),
        numbers,
        needs,
        notes: entries.notes(),
        disputes,
        struck: entries.struck_views(),
    })
}
