//! Files that are interrupted five times: what arrived stays, and little of it travels again.
//!
//! What is held against the file is everything the link carried, greetings, questions and frames included.

use crate::programs::ask::{SOON, lease_ends, text};
use anyhow::{Context, bail, ensure};
use image::codecs::jpeg::JpegEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_store::{Authoring, LifeSigns, NewAttachment, PictureKind, RecordWrite, Store, StoreKey};
use siaga_testkit::link::{Quality, Traffic};
use siaga_testkit::program::phone::Phone;
use siaga_testkit::program::stage::Stage;
use siaga_testkit::seed::Seed;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

/// What ends in the middle.
#[derive(Clone, Copy)]
enum Blow {
    Phone,
    Center,
    Connection,
}

/// One of the two ways of the link.
type Way = fn(Traffic) -> u64;

const UP: Way = |traffic| traffic.up_bytes;
const DOWN: Way = |traffic| traffic.down_bytes;

/// Five exchanges, each struck somewhere in its own fifth of the file, and one that is left alone. Gives what the link
/// carried in all.
async fn five_times(stage: &mut Stage, phone: &Phone, blow: Blow, way: Way, size: u64) -> anyhow::Result<u64> {
    // A link that carries little at a time: what a slow machine lags behind costs as little as on a phone. Of a larger
    // file a tenth is more, so it may go quicker.
    phone.link().becomes(Quality { up_bytes_per_s: Some(size / 17), ..Quality::village_4g() });
    let began = way(phone.link().traffic());
    let mut chance = Seed::new(size);
    for fifth in 0..5 {
        let at = began + size / 5 * fifth + chance.between(size / 50, size / 5 - size / 50);
        let mut sync = phone.starts(&["sync"], Stdio::null())?;
        tokio::select! {
            () = phone.link().carried(|traffic| way(traffic) >= at) => {}
            ended = sync.wait() => bail!("the exchange ended before it was struck: {ended:?}"),
        }
        match blow {
            Blow::Phone => {
                sync.kill().await?;
                lease_ends(phone)?;
            }
            Blow::Center => {
                stage.center.kill().await?;
                sync.wait().await?;
                stage.center.start_again().await?;
            }
            Blow::Connection => {
                phone.link().cut();
                sync.wait().await?;
                phone.link().restore();
            }
        }
    }
    phone.sync_until_quiet(SOON).await?;
    phone.link().closed().await;
    Ok(way(phone.link().traffic()) - began)
}

fn again_at_most_a_tenth(carried: u64, size: u64) -> anyhow::Result<()> {
    let again = carried.saturating_sub(size);
    println!("{size} bytes: {again} more were carried, {:.1} %", 100.0 * again as f64 / size as f64);
    ensure!(carried >= size, "{carried} bytes were carried of {size}");
    ensure!(again <= size / 10, "{again} bytes more than the file's {size} were carried");
    Ok(())
}

/// A picture of leaves and water, 1.3 MB as the camera wrote it.
fn photograph(stage: &Stage) -> anyhow::Result<PathBuf> {
    let mut noise = Seed::new(7);
    let (width, height) = (800, 600);
    let pixels: Vec<u8> = (0..width * height * 3 / 8).flat_map(|_| noise.draw().to_le_bytes()).collect();
    let picture = image::RgbImage::from_raw(width, height, pixels).context("as many as it needs")?;
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 98).encode_image(&picture)?;
    let path = stage.folder().join("photo.jpg");
    std::fs::write(&path, bytes)?;
    Ok(path)
}

async fn a_photograph_goes_up(blow: Blow) -> anyhow::Result<()> {
    let mut stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let photo = photograph(&stage)?.display().to_string();
    let report = ["report", "--type", "BANJIR", "--village", "61.04.14.2001", "--text", "jembatan", "--photo", &photo];
    let incident = budi.makes(&report).await?;
    let note = budi.done(&["get", &incident]).await?;
    let (name, preview) = (text(&note, "/record/notes/0/attachment")?, text(&note, "/record/notes/0/thumbnail")?);
    let mut size = 0;
    for sha256 in [&name, &preview] {
        let out = stage.folder().join(sha256).display().to_string();
        let file = budi.done(&["file", sha256, "--out", &out]).await?;
        size += file.get("size_bytes").and_then(Value::as_u64).context("a size")?;
    }

    let carried = five_times(&mut stage, &budi, blow, UP, size).await?;

    let there = stage.center.raw("GET", &format!("/api/attachments/{name}"), None).await?;
    assert_eq!(hex::encode(Sha256::digest(&there.body)), name);
    again_at_most_a_tenth(carried, size)
}

/// What the format lets in and this app would have made smaller: a photograph of 1.5 MB, as a newer one may send it.
fn saved_by_another_app(phone: &Phone, incident: &str) -> anyhow::Result<(String, u64)> {
    let mut noise = Seed::new(15);
    let bytes: Vec<u8> = (0..1_500_000 / 8).flat_map(|_| noise.draw().to_le_bytes()).collect();
    let (name, size) = (hex::encode(Sha256::digest(&bytes)), bytes.len() as u64);
    let key: [u8; 32] = std::fs::read(phone.home().join("store.key"))?.as_slice().try_into()?;
    let signs = LifeSigns { boot_id: "another app".to_owned(), boot_count: None, draw: Arc::new(|| [42; 16]) };
    let store = Store::open(phone.home(), &StoreKey::new(key), &signs)?;
    let record: RecordId = incident.parse()?;
    let note = Note {
        text: "jembatan".to_owned(),
        attachment: Some(name.clone()),
        media: Some("image/jpeg".to_owned()),
        size_bytes: Some(i64::try_from(size)?),
        ..Note::default()
    };
    let entry = NewEntry {
        id: EntryId::v7(1_665_360_000_000, [7; 10]),
        stamp: Stamp { by: "Budi".to_owned(), ..Stamp::default() },
        body: Body::Note(note),
    };
    store.author(Authoring {
        intent: "note",
        intent_json: "{}",
        by: "Budi",
        at: ClockReading { device: UtcMs(1_665_360_000_000), ..ClockReading::default() },
        role: Role::Volunteer,
        records: vec![RecordWrite { id: record, kind: RecordKind::Incident, create: false, entries: vec![entry] }],
        attachments: vec![NewAttachment {
            record,
            kind: PictureKind::Photograph,
            media: "image/jpeg".to_owned(),
            bytes,
        }],
        settings: Vec::new(),
    })?;
    Ok((name, size))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_and_a_half_megabytes_whose_phone_is_killed_five_times_travel_one_tenth_more_at_most() -> anyhow::Result<()>
{
    let mut stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let report = ["report", "--type", "BANJIR", "--village", "61.04.14.2001", "--text", "jembatan"];
    let incident = budi.makes(&report).await?;
    let (name, size) = saved_by_another_app(&budi, &incident)?;

    let carried = five_times(&mut stage, &budi, Blow::Phone, UP, size).await?;

    let there = stage.center.raw("GET", &format!("/api/attachments/{name}"), None).await?;
    assert_eq!(hex::encode(Sha256::digest(&there.body)), name);
    again_at_most_a_tenth(carried, size)
}

/// Boundaries of villages that never were, 1.5 MB of them.
fn boundaries() -> anyhow::Result<String> {
    let mut chance = Seed::new(9);
    let mut features = String::new();
    while features.len() < 1_500_000 {
        if !features.is_empty() {
            features.push(',');
        }
        let mut point = |lon: f64, lat: f64| {
            let mut degrees = |from: f64| from + chance.between(0, 1_000_000) as f64 / 1e7;
            format!("[{:.7},{:.7}]", degrees(lon), degrees(lat))
        };
        let corners = [point(110.0, -1.8), point(110.2, -1.8), point(110.2, -1.6), point(110.0, -1.6)];
        let ring = format!("{},{}", corners.join(","), corners[0]);
        let polygon = format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#);
        write!(features, r#"{{"type":"Feature","properties":{{"name":"Desa"}},"geometry":{polygon}}}"#)?;
    }
    Ok(format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#))
}

async fn a_map_pack_comes_down(blow: Blow) -> anyhow::Result<()> {
    let mut stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let bytes = boundaries()?;
    let path = stage.folder().join("desa.geojson");
    std::fs::write(&path, &bytes)?;
    stage.center.command(&["pack", "add", &path.display().to_string(), "--name", "batas desa"]).await?.done()?;
    budi.done(&["sync"]).await?;
    let offered = budi.done(&["packs"]).await?;
    let name = text(&offered, "/0/newer/sha256")?;
    budi.done(&["want", &name]).await?;

    let carried = five_times(&mut stage, &budi, blow, DOWN, bytes.len() as u64).await?;

    let used = budi.done(&["packs"]).await?;
    assert_eq!(text(&used, "/0/in_use")?, name);
    let out = stage.folder().join("here.geojson");
    budi.done(&["file", &name, "--out", &out.display().to_string()]).await?;
    assert!(std::fs::read_to_string(&out)? == bytes, "the pack is whole");
    again_at_most_a_tenth(carried, bytes.len() as u64)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_whose_phone_is_killed_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_photograph_goes_up(Blow::Phone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_whose_center_is_killed_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_photograph_goes_up(Blow::Center).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_that_is_cut_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_photograph_goes_up(Blow::Connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_pack_whose_phone_is_killed_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_map_pack_comes_down(Blow::Phone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_pack_whose_center_is_killed_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_map_pack_comes_down(Blow::Center).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_pack_that_is_cut_five_times_travels_one_tenth_more_at_most() -> anyhow::Result<()> {
    a_map_pack_comes_down(Blow::Connection).await
}
