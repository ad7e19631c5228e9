//! `siaga-center invite` and `revoke`.

use super::args::{Invite, Move, Revoke};
use super::failure::Failure;
use super::{Answer, BY, open};
use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};
use serde_json::json;
use siaga_center::exchange::enrol::{self, DeviceError, InviteError};
use siaga_center::scope::MoveError;
use siaga_center::serve::{FIELD_URLS, host_of};
use siaga_domain::id::DeviceId;

const LONGEST_NAME: usize = 80;

/// Where phones reach a center that was never served yet.
const DEFAULT_URL: &str = "https://127.0.0.1:8443";

pub(super) fn invite(arguments: &Invite) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let name = arguments.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Failure::bad_input(
            "name",
            "the name is empty or longer than 80 characters",
            "name the phone as people call it",
        ));
    }
    if let Some(url) = arguments.field_url.iter().find(|url| host_of(url).is_none()) {
        return Err(Failure::bad_input(
            "field-url",
            format!("{url} is not an https address"),
            "write it as https://HOST:PORT",
        ));
    }
    let urls = match arguments.field_url.as_slice() {
        [] => {
            let served = center.setting(FIELD_URLS).map_err(|error| Failure::internal(&error))?;
            served.map_or_else(|| vec![DEFAULT_URL.to_owned()], |urls| urls.lines().map(str::to_owned).collect())
        }
        given => given.to_vec(),
    };
    let wish = enrol::Invite {
        unit: arguments.unit.clone(),
        role: arguments.role,
        name: name.to_owned(),
        unattended: arguments.unattended,
    };
    let invited = center.invite(&wish, &urls, BY).map_err(|error| match &error {
        InviteError::UnknownUnit(_) => Failure::bad_input(
            "unit",
            error.to_string(),
            "name a unit the console lists, or seed the center with `siaga-center seed`",
        ),
        _ => Failure::internal(&error),
    })?;
    let code =
        QrCode::with_error_correction_level(&invited.link, EcLevel::L).map_err(|error| Failure::internal(&error))?;
    let shown = code.render::<unicode::Dense1x2>().quiet_zone(true).build();
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(360, 360).build();
    let confirm = if arguments.unattended {
        "Tanpa konfirmasi: HP langsung aktif."
    } else {
        "Sesudah HP mendaftar, cocokkan enam angka di konsol lalu konfirmasi."
    };
    let lines = vec![
        shown,
        invited.link.clone(),
        format!("Berlaku sekali, sampai {}. {confirm}", invited.expires_ms.rfc3339()),
    ];
    let answer = json!({
        "link": invited.link,
        "qr_svg": drawn,
        "expires_ms": invited.expires_ms,
        "unit": arguments.unit,
        "role": arguments.role,
        "name": name,
        "unattended": arguments.unattended,
        "field_urls": urls,
    });
    Answer::new(&answer, lines)
}

pub(super) fn revoke(arguments: &Revoke) -> Result<Answer, Failure> {
    let remedy = "give the device's id as the console or `siaga-field` shows it";
    let id: DeviceId = arguments
        .device
        .parse()
        .map_err(|error: siaga_domain::id::NotAnId| Failure::bad_input("device", error.to_string(), remedy))?;
    let center = open(&arguments.common.data)?;
    center.revoke_device(&id, BY).map_err(|error| match &error {
        DeviceError::Missing(_) => Failure::bad_input("device", error.to_string(), remedy),
        _ => Failure::internal(&error),
    })?;
    Answer::new(&json!({ "device": id, "state": "revoked" }), vec![format!("Akses {id} ditutup.")])
}

pub(super) fn move_to(arguments: &Move) -> Result<Answer, Failure> {
    let remedy = "give the device's id as the console or `siaga-field` shows it";
    let id: DeviceId = arguments
        .device
        .parse()
        .map_err(|error: siaga_domain::id::NotAnId| Failure::bad_input("device", error.to_string(), remedy))?;
    let center = open(&arguments.common.data)?;
    center.move_device(&id, &arguments.unit, arguments.role, BY).map_err(|error| match &error {
        MoveError::Missing(_) => Failure::bad_input("device", error.to_string(), remedy),
        MoveError::NotActive => {
            Failure::bad_input("device", error.to_string(), "confirm it on the console, or invite it anew")
        }
        MoveError::TooOld => Failure::bad_input(
            "device",
            error.to_string(),
            "make an invitation with `siaga-center invite` and open it on the phone",
        ),
        MoveError::UnknownUnit(_) => Failure::bad_input("unit", error.to_string(), "name a unit the console lists"),
        _ => Failure::internal(&error),
    })?;
    let line = format!("HP {id} sekarang untuk unit {}. HP mengetahuinya pada tukar kabar berikutnya.", arguments.unit);
    Answer::new(&json!({ "device": id, "unit": arguments.unit }), vec![line])
}
