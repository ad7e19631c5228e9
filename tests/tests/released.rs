//! This build beside the programs of 0.2.0, as an agency has them while it takes a new version: an old phone at a new
//! center, a new phone at an old one, and an old phone at a center that was harmed before. `make test-long` runs it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use siaga_testkit::program::center::Center;
use siaga_testkit::program::find;
use siaga_testkit::program::phone::{Holder, Phone};
use siaga_testkit::program::stage::Stage;
use siaga_testkit::seed::Seed;
use siaga_tests::frozen::{self, thawed};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
const ANI: Holder<'_> = Holder { name: "Ani", unit: "AMB-01", role: "medic" };

/// One shift of an ambulance: everything a phone of 0.2.0 can do, with and without signal.
async fn shift(stage: &Stage, phone: &Phone) -> Result<()> {
    let post = stage.unit("ambulance", 0).await?.post;
    phone.done(&["duty", "on", "--post", &post, "--person", "Ani"]).await?;
    let (incident, task) = stage.medical_call().await?;
    phone.sync_until_quiet(SOON).await?;
    phone.done(&["seen", &task]).await?;
    phone.done(&["accept", &task, "--lat", "-1.813", "--lon", "109.958"]).await?;
    phone.sync_until_quiet(SOON).await?;
    phone.link().cut();
    phone.done(&["press", &task, "enroute"]).await?;
    phone.done(&["press", &task, "onscene"]).await?;
    let patient = phone
        .makes(&["patient", "add", "--incident", &incident, "--name", "Siti", "--sex", "P", "--age", "32"])
        .await?;
    phone.done(&["triage", &patient, "yellow"]).await?;
    phone.done(&["vitals", &patient, "--hr", "92", "--sbp", "110", "--dbp", "70"]).await?;
    phone.done(&["note", &incident, "--text", "jembatan putus di km 7"]).await?;
    phone.done(&["fix", "--lat", "-1.813", "--lon", "109.958", "--accuracy", "8"]).await?;
    let sos = phone.makes(&["sos", "--lat", "-1.82", "--lon", "109.96"]).await?;
    phone.link().restore();
    phone.sync_until_quiet(SOON).await?;
    stage.center.post(&format!("/api/sos/{sos}/answer"), &json!({ "text": "polisi menuju lokasi" })).await?;
    phone.sync_until_quiet(SOON).await?;
    phone.done(&["press", &task, "available"]).await?;
    phone.sync_until_quiet(SOON).await?;

    let order = stage.center.get(&format!("/api/assignments/{task}")).await?;
    ensure!(order.to_string().contains("available"), "the center shows the last status: {order}");
    ensure!(phone.digest().await? == stage.center.digest(&phone.device).await?, "phone and center differ");
    let refused = phone.done(&["outbox"]).await?;
    ensure!(refused.pointer("/sync/refused").and_then(Value::as_u64) == Some(0), "something was refused: {refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_phone_works_a_shift_at_a_new_center() -> Result<()> {
    let stage = Stage::set(21).await?;
    let phone = stage.phone_with(find::released()?, ANI).await?;

    shift(&stage, &phone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_works_a_shift_at_an_old_center() -> Result<()> {
    let stage = Stage::set_with(find::released()?, 22).await?;
    let phone = stage.phone_with(find::programs()?, ANI).await?;

    shift(&stage, &phone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_phone_of_a_harmed_center_agrees_with_it_and_gets_the_tasks_it_never_got() -> Result<()> {
    let folder = tempfile::tempdir()?;
    frozen::copy(&frozen::poisoned(), folder.path())?;
    let story: Value = serde_json::from_slice(&std::fs::read(folder.path().join("story.json"))?)?;
    let device = story.pointer("/device").and_then(Value::as_str).context("a device")?;
    let center = Center::start_over(find::programs()?, &folder.path().join("center")).await?;
    let home = folder.path().join("phone");
    let phone = Phone::at(find::released()?, &home, &center, Seed::new(23)).await?;
    thawed::leads_to(&home, phone.link().address())?;

    phone.sync_until_quiet(SOON).await?;

    ensure!(phone.digest().await? == center.digest(device).await?, "phone and center differ");
    let tasks = phone.done(&["tasks"]).await?;
    let open = tasks.as_array().into_iter().flatten();
    let narratives: Vec<&str> = open.filter_map(|task| task.pointer("/narrative").and_then(Value::as_str)).collect();
    for told in ["air naik, nenek di atap", "\u{6c34}\u{6c34}", "rumah terendam", "panggilan strike"] {
        ensure!(narratives.iter().filter(|text| text.contains(told)).count() == 1, "{told}: {narratives:?}");
    }
    // The harm of each attack is gone: a press goes through in every record, also in those that were replaced.
    for task in tasks.as_array().into_iter().flatten() {
        let id = task.pointer("/id").and_then(Value::as_str).context("a task")?;
        phone.done(&["press", id, "enroute"]).await?;
    }
    phone.sync_until_quiet(SOON).await?;
    let outbox = phone.done(&["outbox"]).await?;
    ensure!(outbox.pointer("/sync/refused").and_then(Value::as_u64) == Some(0), "a press was refused: {outbox}");
    ensure!(phone.digest().await? == center.digest(device).await?, "phone and center differ after a press");
    Ok(())
}
