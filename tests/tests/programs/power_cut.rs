//! `kill -9` at any instant: what was said to be saved is saved.

use crate::programs::ask::{SOON, agree, lease_ends, list, text};
use anyhow::Context;
use serde_json::Value;
use sha2::{Digest, Sha256};
use siaga_testkit::link::Quality;
use siaga_testkit::program::phone::Phone;
use siaga_testkit::program::stage::Stage;
use siaga_testkit::seed::Seed;
use siaga_tests::small_disk::SmallDisk;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_before_a_kill_is_in_the_store_and_reaches_the_center_once() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    ani.link().cut();
    let mut chance = Seed::new(7);
    // How long a press takes here, so that half of the kills fall into one, on a fast machine and on a busy one.
    let began = Instant::now();
    let written = ani.done(&["press", &task, "delayed", "--reason", "banjir"]).await?;
    let whole = u64::try_from(began.elapsed().as_micros())?;
    let mut acknowledged = vec![text(&written, "/entry")?];
    let mut killed = 0;

    for _ in 0..60 {
        let mut press = ani.starts(&["press", &task, "delayed", "--reason", "banjir"], Stdio::piped())?;
        let mut output = press.stdout.take().expect("piped");
        let ended = tokio::time::timeout(Duration::from_micros(chance.between(0, 2 * whole)), press.wait()).await;
        if ended.is_err() {
            press.kill().await?;
            killed += 1;
        }
        let mut said = String::new();
        output.read_to_string(&mut said).await?;
        if let Ok(written) = serde_json::from_str::<Value>(&said) {
            acknowledged.push(text(&written, "/entry")?);
        }
    }

    let here = ani.done(&["get", &task]).await?;
    let entries: Vec<String> =
        list(&here, "/record/events").map(|event| text(event, "/author/entry")).collect::<Result<_, _>>()?;
    assert!(killed > 0 && acknowledged.len() > 1, "{killed} killed, {} acknowledged", acknowledged.len());
    assert_eq!(acknowledged.iter().filter(|entry| !entries.contains(entry)).count(), 0);
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;
    let there = stage.center.get(&format!("/api/records/{task}")).await?;
    let received: Vec<String> =
        list(&there, "/record/events").map(|event| text(event, "/author/entry")).collect::<Result<_, _>>()?;
    assert_eq!(received, entries);
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_as_well_everything_acknowledged_before_a_kill_is_there_and_reaches_the_center()
-> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let Some(disk) = SmallDisk::under(ani.home()) else {
        println!("nothing to test on: no small disk can be mounted here");
        return Ok(());
    };
    ani.done(&["tasks"]).await?;
    ani.link().cut();
    disk.fill();
    let mut chance = Seed::new(7);
    let began = Instant::now();
    let written = ani.done(&["press", &task, "delayed", "--reason", "banjir"]).await?;
    let whole = u64::try_from(began.elapsed().as_micros())?;
    let mut acknowledged = vec![text(&written, "/entry")?];
    let mut killed = 0;

    for _ in 0..12 {
        disk.fill();
        let mut press = ani.starts(&["press", &task, "delayed", "--reason", "banjir"], Stdio::piped())?;
        let mut output = press.stdout.take().expect("piped");
        let ended = tokio::time::timeout(Duration::from_micros(chance.between(0, 2 * whole)), press.wait()).await;
        match ended {
            Ok(status) => assert!(status?.success(), "a press was refused on the full disk"),
            Err(_) => {
                press.kill().await?;
                killed += 1;
            }
        }
        let mut said = String::new();
        output.read_to_string(&mut said).await?;
        if let Ok(written) = serde_json::from_str::<Value>(&said) {
            acknowledged.push(text(&written, "/entry")?);
        }
    }

    let here = ani.done(&["get", &task]).await?;
    let entries: Vec<String> =
        list(&here, "/record/events").map(|event| text(event, "/author/entry")).collect::<Result<_, _>>()?;
    assert!(killed > 0 && acknowledged.len() > 1, "{killed} killed, {} acknowledged", acknowledged.len());
    assert_eq!(acknowledged.iter().filter(|entry| !entries.contains(entry)).count(), 0);
    disk.fill();
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_killed_at_any_instant_is_finished_by_the_next_one() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let mut chance = Seed::new(8);
    let mut pressed = 0;

    for _ in 0..12 {
        ani.done(&["press", &task, "delayed", "--reason", "banjir"]).await?;
        pressed += 1;
        let mut sync = ani.starts(&["sync"], Stdio::null())?;
        let _ = tokio::time::timeout(Duration::from_micros(chance.between(0, 150_000)), sync.wait()).await;
        sync.kill().await?;
    }
    ani.sync_until_quiet(SOON).await?;

    let there = stage.center.get(&format!("/api/records/{task}")).await?;
    assert_eq!(list(&there, "/record/events").count(), pressed);
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}

/// Pictures of which no two are alike, as a camera would write them.
fn pictures(folder: &Path, count: u64, side: u32) -> anyhow::Result<Vec<PathBuf>> {
    (0..count)
        .map(|number| {
            let mut noise = Seed::new(number);
            let bytes = (0..side * side * 3).map(|_| noise.between(0, 255) as u8).collect();
            let path = folder.join(format!("{number}.png"));
            image::RgbImage::from_raw(side, side, bytes).context("as many as it needs")?.save(&path)?;
            Ok(path)
        })
        .collect()
}

/// The photographs that notes of a record name, each read back whole on this phone under its hash.
async fn photographs(phone: &Phone, record: &str, folder: &Path) -> anyhow::Result<Vec<String>> {
    let here = phone.done(&["get", record]).await?;
    let mut named = Vec::new();
    for note in list(&here, "/record/notes").filter(|note| note["attachment"].is_string()) {
        for file in ["/attachment", "/thumbnail"] {
            let name = text(note, file)?;
            let out = folder.join(&name);
            phone.done(&["file", &name, "--out", &out.display().to_string()]).await?;
            assert_eq!(hex::encode(Sha256::digest(std::fs::read(&out)?)), name);
            std::fs::remove_file(out)?;
        }
        named.push(text(note, "/attachment")?);
    }
    Ok(named)
}

async fn is_whole_at(center: &siaga_testkit::program::center::Center, name: &str) -> anyhow::Result<bool> {
    let answer = center.raw("GET", &format!("/api/attachments/{name}"), None).await?;
    let whole = answer.status == 200;
    assert!(!whole || hex::encode(Sha256::digest(&answer.body)) == name, "whole, and another file");
    Ok(whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_killed_while_it_is_saved_is_there_whole_with_its_note_or_not_at_all() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (incident, _) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    ani.link().cut();
    let mut chance = Seed::new(9);
    let mut all = pictures(stage.folder(), 25, 96)?.into_iter().map(|path| path.display().to_string());
    let note = |photo: &str| ["note", &incident, "--text", "jembatan", "--photo", photo].map(str::to_owned);
    let first = note(&all.next().context("a picture")?);
    let began = Instant::now();
    ani.done(&first.each_ref().map(String::as_str)).await?;
    let mut whole = u64::try_from(began.elapsed().as_micros())?;
    let (mut acknowledged, mut killed) = (1, 0);

    for photo in all {
        let mut saving = ani.starts(&note(&photo).each_ref().map(String::as_str), Stdio::piped())?;
        let mut output = saving.stdout.take().expect("piped");
        // The last half of it is where the disk is written to.
        let after = Duration::from_micros(chance.between(whole / 2, whole + whole / 2));
        let began = Instant::now();
        // Another program on this machine makes it longer, and its end shorter again: what it takes is what it lately took.
        if tokio::time::timeout(after, saving.wait()).await.is_err() {
            saving.kill().await?;
            killed += 1;
            whole += whole / 8;
        } else {
            whole = u64::try_from(began.elapsed().as_micros())?;
        }
        let mut said = String::new();
        output.read_to_string(&mut said).await?;
        acknowledged += usize::from(serde_json::from_str::<Value>(&said).is_ok());
    }

    assert!(killed > 0 && acknowledged > 1, "{killed} killed, {acknowledged} acknowledged");
    let named = photographs(&ani, &incident, stage.folder()).await?;
    assert!(named.len() >= acknowledged, "{} of {acknowledged} that were said to be saved", named.len());
    let waiting = ani.done(&["outbox"]).await?.pointer("/sync/attachments_waiting").and_then(Value::as_u64);
    assert_eq!(waiting, Some(named.len() as u64), "no photograph without its note");
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;
    for name in &named {
        assert!(is_whole_at(&stage.center, name).await?);
    }
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_killed_while_photographs_travel_never_says_that_112_has_one_it_has_not() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (incident, _) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    for photo in pictures(stage.folder(), 4, 160)? {
        ani.done(&["note", &incident, "--text", "jembatan", "--photo", &photo.display().to_string()]).await?;
    }
    let named = photographs(&ani, &incident, stage.folder()).await?;
    let mut chance = Seed::new(10);
    ani.link().becomes(Quality { up_bytes_per_s: Some(48 * 1024), ..Quality::village_4g() });
    let began = ani.link().traffic().up_bytes;
    let (mut kills, mut seen) = (0, std::collections::BTreeSet::new());

    loop {
        let mut sync = ani.starts(&["sync"], Stdio::null())?;
        let at = ani.link().traffic().up_bytes + chance.between(2_000, 20_000);
        tokio::select! {
            () = ani.link().carried(|traffic| traffic.up_bytes >= at) => {}
            _ = sync.wait() => break,
        }
        // Wherever in the piece and its answer that is.
        let _ = tokio::time::timeout(Duration::from_micros(chance.between(0, 60_000)), sync.wait()).await;
        sync.kill().await?;
        kills += 1;
        assert!(kills < 60, "it gets nowhere: {} bytes", ani.link().traffic().up_bytes - began);
        lease_ends(&ani)?;
        let outbox = ani.done(&["outbox"]).await?;
        let waiting = outbox.pointer("/sync/attachments_waiting").and_then(Value::as_u64).context("no count")?;
        let mut here = 0;
        for name in &named {
            here += u64::from(is_whole_at(&stage.center, name).await?);
        }
        let told = (named.len() as u64).saturating_sub(waiting);
        assert!(told <= here, "{told} are said to be there, {here} are");
        seen.insert(here);
    }
    ani.sync_until_quiet(SOON).await?;

    assert!(kills >= 4 && seen.len() > 1, "{kills} kills, {seen:?}");
    for name in &named {
        assert!(is_whole_at(&stage.center, name).await?);
    }
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}
