//! A responder reports an incident nobody has called in yet: what, where, in which words, perhaps with a photo.

use crate::desk::Draft;
use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Report;
use crate::text::{self, LONG, SHORT};
use crate::view::Written;
use siaga_domain::coordinates::{PointTrouble, Region, judge};
use siaga_domain::entry::Body;
use siaga_domain::id::AreaCode;
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::incident::{CategoryIs, Opened, PlaceIs, Source};

impl Field {
    /// # Errors
    /// `BadInput` without words, without any place, for a village that is not in the directory, or for a file
    /// that is no picture; and what saving may give.
    pub fn report(&self, request: &Report) -> Result<Written, Failure> {
        let narrative = text::required("text", &request.text, LONG)?;
        let landmark = text::optional("landmark", request.landmark.as_deref(), SHORT)?;
        let village = text::optional("village", request.village.as_deref(), SHORT)?;
        if request.position.is_none() && village.is_none() {
            return Err(Failure::input(
                "village",
                "the report says no place",
                "give a position (lat and lon) or the code of a village",
            ));
        }
        let desk = self.desk_to_write()?;
        if let Some(position) = &request.position {
            guard(position, desk.directory()?.region().as_ref(), request.outside_ok == Some(true))?;
        }
        let photo = request.photo.as_ref().map(crate::photo::prepare).transpose()?;
        let village = village.map(|code| desk.village("village", &code)).transpose()?;
        let id = desk.new_record();
        let opened = desk.entry(Body::IncidentOpened(Opened {
            source: Source::Field,
            narrative,
            caller_name: None,
            caller_phone: None,
            unit: Some(desk.enrolment.unit.to_string()),
        }));
        let written = desk.written(id, &opened);
        let mut entries = vec![opened];
        entries.push(desk.entry(Body::Category(CategoryIs { category: request.category })));
        entries.push(desk.entry(Body::Place(place(request.position, village, landmark))));
        let mut draft = Draft::create(id, RecordKind::Incident, entries);
        if let Some(photo) = photo {
            draft.attach(&desk, id, photo, String::new())?;
        }
        desk.save("report", &described(request), draft)?;
        Ok(written)
    }
}

/// A forgotten sign or swapped numbers report an incident hundreds of kilometres away.
fn guard(position: &Position, region: Option<&Region>, outside_ok: bool) -> Result<(), Failure> {
    let judged = judge(position.lat(), position.lon(), region);
    match judged.trouble {
        Some(PointTrouble::Outside) if !outside_ok => Err(Failure::input(
            "lat",
            "the position lies outside the regency",
            if judged.instead.is_some() {
                "check the signs and the order: a mirrored point lies inside; or say that the outside is meant (outside_ok)"
            } else {
                "check it, or say that the outside is meant (outside_ok)"
            },
        )),
        Some(PointTrouble::Nowhere) => Err(Failure::input(
            "lat",
            "0, 0 is no position: it is what a receiver without one gives",
            "leave the position out and give the code of a village",
        )),
        _ => Ok(()),
    }
}

fn place(position: Option<Position>, village: Option<AreaCode>, landmark: Option<String>) -> PlaceIs {
    PlaceIs {
        lat: position.as_ref().map(Position::lat),
        lon: position.as_ref().map(Position::lon),
        accuracy_m: position.as_ref().and_then(Position::accuracy_m),
        village,
        landmark,
    }
}

/// What is kept of the command: the photo stands in the attachments, by its hash.
fn described(request: &Report) -> Report {
    Report { photo: None, ..request.clone() }
}
