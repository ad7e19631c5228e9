//! The directory: units, posts, agencies, facilities, villages and thresholds. Only the center writes it.

use crate::coordinates::Region;
use crate::entry::{Body, Entries, Entry};
use crate::id::{AgencyCode, AreaCode, FacilityCode, PostCode, RecordId, UnitCode};
use crate::place::{Position, Village};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A village lies at most this far from a known point of its district, degrees.
const REGION_MARGIN: f64 = 0.5;

crate::coded! {
    /// How a unit moves. NEMSIS eDisposition.16 for the first and the boat.
    UnitKind {
        /// 4216005 ground ambulance.
        Ambulance = "ambulance",
        /// 4216017 boat.
        Boat = "boat",
        /// A TRC or volunteer team on foot, by car or motorcycle.
        Team = "team",
        /// A village officer.
        Village = "village",
        FireEngine = "fire_engine",
        Patrol = "patrol",
    }
}

impl UnitKind {
    /// Whether the unit meets and carries patients, which gives its status road the patient steps.
    #[must_use]
    pub const fn is_medical(self) -> bool {
        matches!(self, Self::Ambulance)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agency {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: AgencyCode,
    pub name: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Post {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: PostCode,
    pub name: String,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub agency: AgencyCode,
    pub lat: f64,
    pub lon: f64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unit {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: UnitCode,
    pub name: String,
    pub kind: UnitKind,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub agency: AgencyCode,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub post: PostCode,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facility {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: FacilityCode,
    pub name: String,
    pub phone: Option<String>,
    pub lat: f64,
    pub lon: f64,
}

/// A district (kecamatan) with its villages packed into one scalar, so that 262 villages are 20 entries.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct District {
    pub code: AreaCode,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// `2001=Asam Jelai;2002=…`: last segment of the village code, name.
    pub villages: String,
}

/// A number that differs from regency to regency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Threshold {
    /// `ack_within_s`, `arrive_within_s.61.04.14`.
    pub name: String,
    pub value: i64,
}

/// What stood in a slot is no more: it replaces the entry there, and another entry of the slot replaces it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// `unit.AMB-07`, `post.PSC-SANDAI`, `facility.PKM-SANDAI`.
    pub slot: String,
}

/// The directory as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Directory {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    pub agencies: Vec<Agency>,
    pub posts: Vec<Post>,
    pub units: Vec<Unit>,
    pub facilities: Vec<Facility>,
    pub districts: Vec<DistrictView>,
    pub villages: Vec<Village>,
    pub thresholds: Vec<Threshold>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DistrictView {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: AreaCode,
    pub name: String,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
}

impl Directory {
    #[must_use]
    pub fn unit(&self, code: &UnitCode) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.code == *code)
    }

    #[must_use]
    pub fn village(&self, code: &AreaCode) -> Option<&Village> {
        self.villages.iter().find(|village| village.code == *code)
    }

    /// The box around the regency, wide enough for its outermost villages. `None` before the directory arrived.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        // A facility that patients are brought to may lie in another regency.
        let districts =
            self.districts.iter().filter_map(|district| Position::new(district.lat?, district.lon?, None).ok());
        let posts = self.posts.iter().filter_map(|post| Position::new(post.lat, post.lon, None).ok());
        Region::around(districts.chain(posts), REGION_MARGIN)
    }

    /// The point of a village's district: roughly where the village is, when nothing better is known.
    #[must_use]
    pub fn district_point(&self, village: &AreaCode) -> Option<Position> {
        let (district, _) = village.as_str().rsplit_once('.')?;
        let district = self.districts.iter().find(|one| one.code.as_str() == district)?;
        Position::new(district.lat?, district.lon?, None).ok()
    }

    #[must_use]
    pub fn threshold(&self, name: &str) -> Option<i64> {
        self.thresholds.iter().find(|threshold| threshold.name == name).map(|threshold| threshold.value)
    }
}

impl District {
    /// Packs villages for the wire. Names hold neither `;` nor `=`; where one does, it is replaced by a space.
    #[must_use]
    pub fn pack<'a>(villages: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        villages
            .map(|(segment, name)| format!("{segment}={}", name.replace([';', '='], " ")))
            .collect::<Vec<_>>()
            .join(";")
    }

    /// The villages of this district.
    #[must_use]
    pub fn unpack(&self) -> Vec<Village> {
        self.villages
            .split(';')
            .filter_map(|pair| {
                let (segment, name) = pair.split_once('=')?;
                Some(Village {
                    code: AreaCode::new(format!("{}.{segment}", self.code)).ok()?,
                    name: name.to_owned(),
                    district: self.name.clone(),
                })
            })
            .collect()
    }
}

/// Always there, even when empty.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Directory {
    let entries = Entries::of(all);
    let mut directory = Directory {
        id,
        agencies: Vec::new(),
        posts: Vec::new(),
        units: Vec::new(),
        facilities: Vec::new(),
        districts: Vec::new(),
        villages: Vec::new(),
        thresholds: Vec::new(),
    };
    let mut slots: Vec<String> = entries.live.iter().filter_map(|entry| entry.body.slot()).collect();
    slots.sort();
    slots.dedup();
    for slot in slots {
        let Some(entry) = crate::register::standing(&entries, &slot).into_iter().next_back() else { continue };
        match &entry.body {
            Body::Agency(agency) => directory.agencies.push(agency.clone()),
            Body::Post(post) => directory.posts.push(post.clone()),
            Body::Unit(unit) => directory.units.push(unit.clone()),
            Body::Facility(facility) => directory.facilities.push(facility.clone()),
            Body::Threshold(threshold) => directory.thresholds.push(threshold.clone()),
            Body::District(district) => {
                directory.villages.extend(district.unpack());
                directory.districts.push(DistrictView {
                    code: district.code.clone(),
                    name: district.name.clone(),
                    lat: district.lat,
                    lon: district.lon,
                });
            }
            _ => {}
        }
    }
    directory
}
