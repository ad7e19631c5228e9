//! What is pressed where there is no signal.

use crate::programs::ask::{SOON, agree, change_count, statuses};
use serde_json::Value;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_status_pressed_in_a_dead_zone_reaches_the_center_once() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    ani.link().cut();
    ani.done(&["accept", &task]).await?;
    ani.done(&["press", &task, "enroute", "--lat", "-1.813", "--lon", "109.958"]).await?;
    assert_eq!(statuses(&stage.center, &task).await?, [""; 0]);
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;

    assert_eq!(statuses(&stage.center, &task).await?, ["accepted", "enroute"]);
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn running_sync_twice_sends_nothing_twice() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    ani.done(&["accept", &task]).await?;
    ani.sync_until_quiet(SOON).await?;
    let before = change_count(&stage.center, &task).await?;

    let again = ani.done(&["sync"]).await?;

    let counts = ["sent_changes", "receipted_changes", "received_changes", "sent_fixes"];
    assert_eq!(counts.map(|name| again.get(name).and_then(Value::as_u64)), [Some(0); 4], "{again}");
    assert_eq!(change_count(&stage.center, &task).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_said_to_be_on_the_phone_until_a_receipt_names_it() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    ani.link().cut();
    ani.done(&["accept", &task]).await?;
    let offline = ani.done(&["get", &task]).await?;
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;
    let received = ani.done(&["get", &task]).await?;

    assert_eq!(offline.pointer("/delivery/state"), Some(&Value::from("saved")), "{offline}");
    assert!(
        matches!(received.pointer("/delivery/state").and_then(Value::as_str), Some("received") | None),
        "{received}"
    );
    assert_eq!(ani.waiting().await?, 0);
    Ok(())
}
