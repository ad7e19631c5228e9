//! What nobody has called in yet.

use crate::programs::ask::{SOON, agree, text};
use serde_json::Value;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_made_offline_becomes_an_incident_at_the_center() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let unit = stage.unit("village", 0).await?.unit;
    let darman = stage.phone("Darman", &unit, "village").await?;

    darman.link().cut();
    let report = ["report", "--type", "BANJIR", "--village", "61.04.14.2015", "--text", "air masuk rumah, jalan putus"];
    let incident = darman.makes(&report).await?;
    darman.link().restore();
    darman.sync_until_quiet(SOON).await?;

    let detail = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    assert_eq!(text(&detail, "/summary/category")?, "BANJIR");
    assert_eq!(text(&detail, "/summary/source")?, "field");
    assert_eq!(text(&detail, "/summary/place/village/name")?, "Asam Jelai");
    assert_eq!(text(&detail, "/incident/narrative")?, "air masuk rumah, jalan putus");
    assert!(agree(&stage.center, &darman).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_made_offline_arrives_whole() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let photo = stage.folder().join("photo.png");
    std::fs::write(&photo, include_bytes!("../../data/photo.png"))?;
    let path = photo.display().to_string();

    budi.link().cut();
    let report = ["report", "--type", "BANJIR", "--village", "61.04.14.2001", "--text", "jembatan", "--photo", &path];
    let incident = budi.makes(&report).await?;
    budi.link().restore();
    budi.sync_until_quiet(SOON).await?;

    let record = stage.center.get(&format!("/api/records/{incident}")).await?;
    let name = text(&record, "/record/notes/0/attachment")?;
    let stored = stage.center.raw("GET", &format!("/api/attachments/{name}"), None).await?;
    assert_eq!(stored.status, 200);
    assert!(stored.header("content-type").is_some_and(|media| media.starts_with("image/")));
    assert_eq!(budi.done(&["outbox"]).await?.pointer("/sync/attachments_waiting").and_then(Value::as_u64), Some(0));
    Ok(())
}
