//! An app that is killed at its start again and again starts without what can be left out, says so, and still saves and
//! sends.

use crate::programs::ask::{SOON, agree, statuses};
use serde_json::Value;
use siaga_testkit::program::center::free_address;
use siaga_testkit::program::stage::Stage;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_killed_three_times_at_its_start_starts_in_safe_mode_and_its_records_are_sent() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let safe = |home: &Value| home.pointer("/health/safe_start").and_then(Value::as_bool);
    assert_eq!(safe(&ani.done(&["home"]).await?), Some(false));

    for _ in 0..3 {
        let listen = free_address()?.to_string();
        let mut served = ani.starts(&["serve", "--no-sync", "--listen", &listen], Stdio::piped())?;
        // It has opened its home and says where it listens; nobody has seen a screen of it.
        let mut said = BufReader::new(served.stdout.take().expect("a pipe")).lines();
        assert!(said.next_line().await?.is_some());
        served.kill().await?;
    }
    let home = ani.done(&["home"]).await?;
    let written = ani.done(&["accept", &task]).await;

    assert_eq!(safe(&home), Some(true), "it says so");
    written?;
    ani.sync_until_received(SOON).await?;
    assert_eq!(statuses(&stage.center, &task).await?, ["accepted"]);
    assert_eq!(safe(&ani.done(&["home"]).await?), Some(false), "a start that came to something ends it");
    ani.sync_until_quiet(SOON).await?;
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}
