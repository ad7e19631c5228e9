//! One consistent look at the center: the directory, the devices and the open orders a request is answered from.

use super::failure::ApiError;
use super::story::status_at;
use super::view::{
    DeviceState, DeviceView, DistanceFrom, FloodingView, PlaceView, SuggestedUnit, TakenView, ThrottledView, UnitGap,
    UnitOrder, UnitState, UnitView, WaitingView,
};
use crate::Center;
use crate::alarm::CallPatience;
use crate::db::desk::{LastPosition, Which};
use crate::db::device::{self, Device};
use crate::db::gap::GapRow;
use crate::db::setting::Seconds;
use crate::db::waiting::{self, Kind, Waiting};
use crate::db::{DbError, desk, gap, projection, quota, replaced};
use geo::BoundingRect as _;
use rusqlite::Connection;
use siaga_domain::coordinates::{PointTrouble, Region, judge};
use siaga_domain::id::{AreaCode, DeviceId, PostCode, RecordId, UnitCode};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::{Boundary, Compass, Position, Village, village_of};
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use siaga_domain::record::directory::{Directory, Unit};
use siaga_domain::record::incident::{PlaceIs, Priority};
use siaga_domain::record::shift::{Presence, Shift};
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const DAY_MS: i64 = 24 * 3_600_000;
/// A check-in nobody ended is believed for this long past its shift.
const FORGOTTEN_MS: i64 = 7 * DAY_MS;
/// A unit counts as ready only while a phone of it was heard of within this time.
pub const HEARD_WITHIN: Seconds = Seconds { name: "heard_within_s", default: 15 * 60, allowed: 60..=86_400 };
/// More gaps of a unit say nothing that these do not.
const SHOWN_GAPS: usize = 5;

/// Outlines are simplified, and incidents happen at sea, degrees.
const OUTLINE_MARGIN: f64 = 0.25;
/// A position older than this is shown as old.
const TRUSTED_MS: i64 = 30 * 60 * 1000;

/// Where an incident is, as well as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Goal {
    pub position: Position,
    /// Nobody gave coordinates: it is the middle of the village, or the point of the district.
    pub approximate: bool,
}

/// Where a unit is, as well as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Whereabouts {
    pub position: Position,
    pub at: UtcMs,
    /// An app on the phone made up what the trail said last.
    pub is_mock: bool,
    /// The clock that stamped it was wrong: its age is unknown.
    pub is_clock_wrong: bool,
}

/// What one request sees.
pub struct Desk<'a> {
    pub db: &'a Connection,
    pub center: &'a Center,
    pub now: UtcMs,
    pub directory: Directory,
    pub devices: Vec<Device>,
    /// On the center's own count.
    pub elapsed_ms: i64,
    /// Open assignments, newest first.
    pub open: Vec<Assignment>,
    waiting: BTreeMap<RecordId, Waiting>,
    call_patience: CallPatience,
    heard_within_ms: i64,
    present: Vec<Present>,
    /// Units with an open call for help.
    in_danger: BTreeSet<String>,
    positions: Vec<LastPosition>,
    gaps: Vec<GapRow>,
    /// Devices of which changes wait for their quota.
    pub flooding: Vec<quota::Waiting>,
    pub outlines: Arc<Vec<Boundary>>,
    region: OnceCell<Option<Region>>,
}

impl<'a> Desk<'a> {
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn open(center: &'a Center, outlines: Arc<Vec<Boundary>>, db: &'a Connection) -> Result<Self, DbError> {
        let now = center.now();
        let present = shifts_around(db, now)?.iter().flat_map(present_in).collect();
        Ok(Self {
            db,
            center,
            now,
            elapsed_ms: center.elapsed_ms(),
            waiting: waiting::all(db)?.into_iter().map(|row| (row.record, row)).collect(),
            call_patience: CallPatience::read(db)?,
            heard_within_ms: HEARD_WITHIN.get(db)?.saturating_mul(1000),
            present,
            in_danger: desk::open_sos(db)?
                .into_iter()
                .filter_map(|stored| match stored.record {
                    Some(Record::Sos(call)) => Some(call.unit),
                    _ => None,
                })
                .collect(),
            directory: directory(db)?,
            devices: device::all(db)?,
            open: desk::listed(db, RecordKind::Assignment, Which::Open)?
                .into_iter()
                .filter_map(|stored| match stored.record {
                    Some(Record::Assignment(assignment)) => Some(assignment),
                    _ => None,
                })
                .collect(),
            positions: desk::positions(db)?,
            gaps: gap::since(db, now.plus(-DAY_MS))?,
            flooding: quota::waiting(db)?,
            outlines,
            region: OnceCell::new(),
        })
    }

    /// The village of a position through the imported outlines, with its name.
    #[must_use]
    pub fn village_at(&self, position: &Position) -> Option<Village> {
        self.village(village_of(position, &self.outlines)?)
    }

    #[must_use]
    pub fn village(&self, code: &AreaCode) -> Option<Village> {
        self.directory.village(code).cloned()
    }

    #[must_use]
    pub fn place(&self, place: &PlaceIs) -> PlaceView {
        let position = place.position();
        let said = place.village.as_ref().and_then(|code| self.village(code));
        let village_derived = said.is_none();
        let village = said.or_else(|| self.village_at(&position?));
        PlaceView {
            village_derived: village_derived && village.is_some(),
            village,
            landmark: place.landmark.clone(),
            outside: position.zip(self.region()).is_some_and(|(position, region)| !region.holds(&position)),
            position,
        }
    }

    /// The box around the regency: of its imported outlines, and of what the directory knows.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        *self.region.get_or_init(|| self.region_of_all())
    }

    fn region_of_all(&self) -> Option<Region> {
        let corners = self.outlines.iter().filter_map(|outline| outline.shape.bounding_rect()).flat_map(|shape| {
            [shape.min(), shape.max()].into_iter().filter_map(|corner| Position::new(corner.y, corner.x, None).ok())
        });
        let of_outlines = Region::around(corners, OUTLINE_MARGIN);
        match (of_outlines, self.directory.region()) {
            (Some(outlines), Some(directory)) => Some(outlines.and(&directory)),
            (outlines, directory) => outlines.or(directory),
        }
    }

    /// A point that somebody sends: not 0, 0, and outside the regency only if that is meant.
    ///
    /// # Errors
    /// [`ApiError`] naming `lat`, with the mirrored point where that one lies inside.
    pub fn guarded(&self, position: Option<Position>, outside_ok: Option<bool>) -> Result<Option<Position>, ApiError> {
        let Some(position) = position else { return Ok(None) };
        let judged = judge(position.lat(), position.lon(), self.region().as_ref());
        match judged.trouble {
            Some(PointTrouble::Nowhere) => Err(ApiError::argument(
                "lat",
                "0, 0 is no position",
                "leave the position out and send a village or a landmark",
            )),
            Some(PointTrouble::Outside) if outside_ok != Some(true) => {
                let remedy = judged.instead.map_or_else(
                    || "check it, or send outside_ok: true if the outside is meant".to_owned(),
                    |instead| {
                        let (lat, lon) = (instead.lat(), instead.lon());
                        format!("send lat {lat} and lon {lon}, which lie inside, or outside_ok: true if the outside is meant")
                    },
                );
                Err(ApiError::argument("lat", "the point lies outside the regency", remedy))
            }
            _ => Ok(Some(position)),
        }
    }

    /// Where to measure distances to: the coordinates, else the middle of the village's imported outline, else the
    /// point of its district.
    #[must_use]
    pub fn goal(&self, place: &PlaceIs) -> Option<Goal> {
        if let Some(position) = place.position() {
            return Some(Goal { position, approximate: false });
        }
        let village = place.village.as_ref()?;
        let outlined = self.outlines.iter().find(|outline| outline.code == *village).and_then(Boundary::middle);
        let position = outlined.or_else(|| self.directory.district_point(village))?;
        Some(Goal { position, approximate: true })
    }

    #[must_use]
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        self.directory.unit(&UnitCode::new(code).ok()?)
    }

    #[must_use]
    pub fn unit_name(&self, code: &str) -> String {
        self.unit(code).map_or_else(|| code.to_owned(), |unit| unit.name.clone())
    }

    /// The unit of a device, by its id.
    #[must_use]
    pub fn unit_of_device(&self, id: &DeviceId) -> Option<String> {
        self.devices.iter().find(|device| device.id == *id).map(|device| device.unit.clone())
    }

    /// A record of a kind.
    ///
    /// # Errors
    /// Not found, or of another kind; or it could not be read.
    pub fn record(&self, id: &RecordId, kind: RecordKind) -> Result<Record, ApiError> {
        projection::get(self.db, &replaced::latest(self.db, id)?)?
            .filter(|stored| stored.kind == kind)
            .and_then(|stored| stored.record)
            .ok_or_else(|| ApiError::not_found(kind.code()))
    }

    /// Shifts from yesterday to tomorrow, and older ones somebody is still checked in on.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn shifts(&self) -> Result<Vec<Shift>, DbError> {
        shifts_around(self.db, self.now)
    }

    /// The newest of what a unit's trail and its presses say about where it is.
    #[must_use]
    pub fn position_of(&self, unit: &UnitCode) -> Option<Whereabouts> {
        let own = |last: &&LastPosition| self.is_of(&last.device, unit);
        let of_trails = || self.positions.iter().filter(own);
        // A position of unknown age gives way to one that is known to be fresh, of another phone or of a press.
        let rank = |at: UtcMs, is_clock_wrong: bool| (!is_clock_wrong && at.is_fresh_at(self.now, TRUSTED_MS), at);
        let trail = of_trails().max_by_key(|last| rank(last.at, last.is_clock_wrong));
        let is_mock = trail.is_some_and(|last| last.is_mock);
        let pressed = self
            .open
            .iter()
            .filter(|assignment| assignment.unit == *unit)
            .flat_map(|assignment| &assignment.events)
            .filter_map(|event| {
                Some((event.position?, event.author.at_ms, event.author.at_ms.age_at(self.now).is_none()))
            });
        let trail = trail.map(|last| (last.position, last.at, last.is_clock_wrong));
        let newest = trail.into_iter().chain(pressed).max_by_key(|(_, at, is_wrong)| rank(*at, *is_wrong));
        newest.map(|(position, at, is_clock_wrong)| Whereabouts { position, at, is_mock, is_clock_wrong })
    }

    /// The last gaps of a unit's tracking, the newest first.
    fn gaps_of(&self, unit: &UnitCode) -> Vec<UnitGap> {
        let own = self.gaps.iter().filter(|gap| self.is_of(&gap.device, unit));
        own.take(SHOWN_GAPS).map(|gap| UnitGap { from_ms: gap.from, until_ms: gap.until, cause: gap.cause }).collect()
    }

    /// Whether it is a unit's device, and may speak.
    fn is_of(&self, id: &DeviceId, unit: &UnitCode) -> bool {
        self.devices.iter().any(|device| device.id == *id && device.unit == unit.as_str() && is_reachable(device))
    }

    /// The unit now.
    #[must_use]
    pub fn unit_view(&self, unit: &Unit) -> UnitView {
        let orders = self.orders_of(&unit.code);
        let first = orders.first();
        let devices: Vec<&Device> = self.devices.iter().filter(|device| device.unit == unit.code.as_str()).collect();
        let known = self.position_of(&unit.code);
        let mut crew: Vec<String> = self.crew_of(unit).map(|present| present.name.clone()).collect();
        crew.sort();
        crew.dedup();
        UnitView {
            state: self.state_of(&unit.code),
            status: first.and_then(|order| order.status),
            status_at_ms: first.and_then(|order| status_at(order)),
            assignment: first.map(|order| order.id.to_string()),
            incident: first.map(|order| order.incident.to_string()),
            orders: orders
                .iter()
                .map(|order| UnitOrder {
                    assignment: order.id.to_string(),
                    incident: order.incident.to_string(),
                    status: order.status,
                    status_at_ms: status_at(order),
                })
                .collect(),
            position: known.map(|known| known.position),
            position_at_ms: known.map(|known| known.at),
            position_mock: known.is_some_and(|known| known.is_mock),
            position_clock_wrong: known.is_some_and(|known| known.is_clock_wrong),
            gaps: self.gaps_of(&unit.code),
            last_contact_ms: devices.iter().filter_map(|device| self.heard_at(device)).max(),
            devices: devices.into_iter().map(|device| self.device_view(device)).collect(),
            crew,
            unit: unit.clone(),
            now_ms: self.now,
        }
    }

    /// The open orders of a unit, the one its crew is furthest on first.
    fn orders_of(&self, unit: &UnitCode) -> Vec<&Assignment> {
        let mut orders: Vec<&Assignment> = self.open.iter().filter(|order| order.unit == *unit).collect();
        // Stable: of two that are equally far the newer stays first.
        orders.sort_by_key(|order| std::cmp::Reverse(order.status));
        orders
    }

    /// Everybody who is on duty with a unit, or at its post with no unit named.
    fn crew_of<'b>(&'b self, unit: &'b Unit) -> impl Iterator<Item = &'b Present> {
        self.present.iter().filter(|present| match &present.unit {
            Some(with) => with == unit.code.as_str(),
            None => present.post == unit.post,
        })
    }

    #[must_use]
    pub fn state_of(&self, unit: &UnitCode) -> UnitState {
        if self.in_danger.contains(unit.as_str()) {
            return UnitState::InDanger;
        }
        let orders = self.orders_of(unit);
        if orders.iter().any(|order| !matches!(order.status, None | Some(Status::Seen))) {
            return UnitState::Busy;
        }
        if !orders.is_empty() {
            return UnitState::Assigned;
        }
        let own = || self.devices.iter().filter(|one| one.unit == unit.as_str() && is_active(one));
        if own().next().is_none() {
            return UnitState::NoDevice;
        }
        if self.directory.unit(unit).is_none_or(|unit| self.crew_of(unit).next().is_none()) {
            return UnitState::NoCrew;
        }
        if own().any(|device| self.was_heard(device)) { UnitState::Available } else { UnitState::Silent }
    }

    /// When a phone reached the center last. Counted, not read from a clock that may have been set since.
    #[must_use]
    pub fn heard_at(&self, device: &Device) -> Option<UtcMs> {
        let contact = device.contact?;
        Some(
            contact
                .heard_ms
                .map_or(contact.last_ms, |heard| self.now.plus(heard.saturating_sub(self.elapsed_ms).min(0))),
        )
    }

    fn was_heard(&self, device: &Device) -> bool {
        self.heard_at(device).is_some_and(|at| at.until(self.now) <= self.heard_within_ms)
    }

    /// How long an order has waited for its crew's answer, on the center's own count; `None` when it does not wait.
    #[must_use]
    pub fn waited_ms(&self, order: &RecordId) -> Option<i64> {
        self.waiting.get(order).map(|row| self.elapsed_ms.saturating_sub(row.since_ms).max(0))
    }

    /// By when the crew should have answered. While the order waits it is counted, not read from a clock that may have
    /// been set since.
    #[must_use]
    pub fn due_at(&self, order: &Assignment) -> UtcMs {
        let within_ms = order.ack_within_s.saturating_mul(1000);
        match self.waited_ms(&order.id) {
            Some(waited_ms) => self.now.plus(within_ms.saturating_sub(waited_ms)),
            None => order.ordered.at_ms.plus(within_ms),
        }
    }

    #[must_use]
    pub fn is_overdue(&self, order: &Assignment) -> bool {
        self.waited_ms(&order.id).is_some_and(|waited_ms| waited_ms > order.ack_within_s.saturating_mul(1000))
    }

    /// Ids of incidents that no unit was sent to, the longest wait first.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordId> {
        let mut calls: Vec<&Waiting> = self.waiting.values().filter(|row| row.kind == Kind::Call).collect();
        calls.sort_by_key(|row| (row.since_ms, row.record));
        calls.into_iter().map(|row| row.record).collect()
    }

    /// How an incident that no unit was sent to stands; `None` for one that does not wait.
    #[must_use]
    pub fn call(&self, incident: &RecordId) -> Option<WaitingView> {
        let stored = projection::get(self.db, incident).ok().flatten().and_then(|stored| stored.record);
        let priority = match stored {
            Some(Record::Incident(incident)) => incident.priority,
            _ => None,
        };
        self.call_judged(incident, priority)
    }

    /// As [`call`](Self::call), where the priority is known already.
    #[must_use]
    pub fn call_judged(&self, incident: &RecordId, priority: Option<Priority>) -> Option<WaitingView> {
        let row = self.waiting.get(incident).filter(|row| row.kind == Kind::Call)?;
        let stands = self.call_patience.stands(row, priority, self.elapsed_ms);
        Some(WaitingView {
            incident: incident.to_string(),
            since_ms: self.now.plus(stands.waited_ms.saturating_neg()),
            level: stands.level,
            quiet: stands.quiet,
            taken: row.taken.as_ref().map(|taken| TakenView {
                by: taken.by.clone(),
                desk: taken.desk.clone(),
                at_ms: self.now.plus(taken.at_ms.saturating_sub(self.elapsed_ms).min(0)),
            }),
        })
    }

    #[must_use]
    pub fn device_view(&self, device: &Device) -> DeviceView {
        let state = match device.state {
            device::DeviceState::Awaiting => DeviceState::Waiting,
            device::DeviceState::Active => DeviceState::Confirmed,
            device::DeviceState::Revoked => DeviceState::Revoked,
        };
        DeviceView {
            id: device.id.to_string(),
            name: device.name.clone(),
            unit: device.unit.clone(),
            role: device.role,
            code: (state == DeviceState::Waiting).then(|| device.code.clone()),
            state,
            app: Some(device.app.clone()).filter(|app| !app.is_empty()),
            enrolled_at_ms: device.enrolled_ms,
            last_contact_ms: self.heard_at(device),
            clock_offset_ms: device.contact.map(|contact| contact.offset_ms),
            throttled: self.center.limits().throttled(&device.id, self.now).map(|one| ThrottledView {
                since_ms: one.since_ms,
                last_ms: one.last_ms,
                put_off: one.put_off,
            }),
            flooding: self
                .flooding
                .iter()
                .find(|one| one.device == device.id)
                .map(|one| FloodingView { since_ms: one.since_ms, waiting: one.changes }),
            now_ms: self.now,
        }
    }

    /// Ready units, those that suit first, then nearest first; those of unknown place last.
    #[must_use]
    pub fn suggest(&self, to: Option<&Goal>, suits: impl Fn(&Unit) -> bool) -> Vec<SuggestedUnit> {
        let mut found: Vec<(bool, SuggestedUnit)> = self
            .directory
            .units
            .iter()
            .filter(|unit| self.state_of(&unit.code) == UnitState::Available)
            .map(|unit| (!suits(unit), self.suggestion(unit, to)))
            .collect();
        found.sort_by(|(a_unsuited, a), (b_unsuited, b)| {
            let far = |one: &SuggestedUnit| one.distance_m.unwrap_or(f64::INFINITY);
            a_unsuited.cmp(b_unsuited).then(far(a).total_cmp(&far(b))).then_with(|| a.unit.cmp(&b.unit))
        });
        found.into_iter().map(|(_, unit)| unit).collect()
    }

    fn suggestion(&self, unit: &Unit, to: Option<&Goal>) -> SuggestedUnit {
        let last = self.position_of(&unit.code);
        // Nobody is sent because an app says that it is near.
        let known = last.filter(|last| !last.is_mock);
        let (at, from) = match known {
            Some(known) => (Some(known.position), DistanceFrom::Position),
            None => match self.post_position(&unit.post) {
                Some(position) => (Some(position), DistanceFrom::Post),
                None => (None, DistanceFrom::Unknown),
            },
        };
        let leg = at.zip(to);
        SuggestedUnit {
            unit: unit.code.to_string(),
            name: unit.name.clone(),
            distance_m: leg.map(|(at, to)| at.distance_m(&to.position)),
            distance_approximate: leg.is_some_and(|(_, to)| to.approximate),
            compass: leg.map(|(at, to)| Compass::of_bearing(at.bearing_deg(&to.position))),
            from,
            position_at_ms: known.map(|known| known.at),
            position_mock: last.is_some_and(|last| last.is_mock),
            position_clock_wrong: known.is_some_and(|known| known.is_clock_wrong),
        }
    }

    fn post_position(&self, code: &PostCode) -> Option<Position> {
        let post = self.directory.posts.iter().find(|post| post.code == *code)?;
        Position::new(post.lat, post.lon, None).ok()
    }
}

/// Somebody on duty.
struct Present {
    name: String,
    unit: Option<String>,
    post: PostCode,
}

fn present_in(shift: &Shift) -> Vec<Present> {
    let of = |presence: &Presence| Present {
        name: presence.name.clone(),
        unit: presence.unit.clone(),
        post: shift.post.clone(),
    };
    shift.present().map(of).collect()
}

/// Whether the device was confirmed and may speak.
fn is_active(device: &Device) -> bool {
    device.state == device::DeviceState::Active
}

/// Whether the device may speak, or will once its code was compared.
#[must_use]
pub fn is_reachable(device: &Device) -> bool {
    device.state != device::DeviceState::Revoked
}

/// The center's one directory; empty before it was seeded.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn directory(db: &Connection) -> Result<Directory, DbError> {
    let stored = projection::of_kind(db, RecordKind::Directory)?.into_iter().find_map(|stored| stored.record);
    Ok(match stored {
        Some(Record::Directory(directory)) => directory,
        _ => siaga_domain::record::directory::project(RecordId::from_bytes([0; 16]), &[]),
    })
}

/// Shifts from a day before to a day after, and older ones somebody is still checked in on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn shifts_around(db: &Connection, now: UtcMs) -> Result<Vec<Shift>, DbError> {
    let yesterday = now.plus(-DAY_MS);
    Ok(desk::shifts(db, now.plus(-FORGOTTEN_MS), now.plus(DAY_MS))?
        .into_iter()
        .filter_map(|stored| match stored.record {
            Some(Record::Shift(shift)) => Some(shift),
            _ => None,
        })
        .filter(|shift| shift.until_ms >= yesterday || shift.present().next().is_some())
        .collect())
}
