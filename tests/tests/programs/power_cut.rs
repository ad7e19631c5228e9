//! `kill -9` at any instant: what was said to be saved is saved.

use crate::programs::ask::{SOON, agree, list, text};
use serde_json::Value;
use siaga_testkit::program::stage::Stage;
use siaga_testkit::seed::Seed;
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
        let mut press = tokio::process::Command::new(ani.program())
            .arg("--home")
            .arg(ani.home())
            .args(["--json", "press", &task, "delayed", "--reason", "banjir"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
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
        let mut sync = tokio::process::Command::new(ani.program())
            .arg("--home")
            .arg(ani.home())
            .args(["--json", "sync"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let _ = tokio::time::timeout(Duration::from_micros(chance.between(0, 150_000)), sync.wait()).await;
        sync.kill().await?;
    }
    ani.sync_until_quiet(SOON).await?;

    let there = stage.center.get(&format!("/api/records/{task}")).await?;
    assert_eq!(list(&there, "/record/events").count(), pressed);
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}
