//! A center put back from a backup.

use crate::programs::ask::{SOON, agree, statuses};
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn phones_give_a_restored_center_what_it_lost_and_go_on_working() -> anyhow::Result<()> {
    let mut stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    ani.done(&["accept", &task]).await?;
    ani.sync_until_quiet(SOON).await?;
    let backup = stage.folder().join("backup").display().to_string();
    stage.center.command(&["backup", &backup]).await?.done()?;
    ani.done(&["press", &task, "enroute"]).await?;
    ani.sync_until_quiet(SOON).await?;

    stage.center.kill().await?;
    stage.center.command(&["restore", &backup, "--replace"]).await?.done()?;
    stage.center.start_again().await?;
    assert_eq!(statuses(&stage.center, &task).await?, ["accepted"]);
    ani.done(&["press", &task, "onscene"]).await?;
    ani.sync_until_quiet(SOON).await?;

    assert_eq!(statuses(&stage.center, &task).await?, ["accepted", "enroute", "onscene"]);
    assert!(agree(&stage.center, &ani).await?);
    stage.center.command(&["check"]).await?.done()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_killed_in_the_middle_of_its_day_has_everything_it_receipted() -> anyhow::Result<()> {
    let mut stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let mut pressed = Vec::new();

    for status in ["accept", "enroute", "onscene", "patient", "departed"] {
        match status {
            "accept" => ani.done(&["accept", &task]).await?,
            status => ani.done(&["press", &task, status]).await?,
        };
        pressed.push(if status == "accept" { "accepted" } else { status });
        ani.sync_until_received(SOON).await?;
        stage.center.kill().await?;
        stage.center.start_again().await?;
        assert_eq!(statuses(&stage.center, &task).await?, pressed);
    }

    stage.center.command(&["check"]).await?.done()?;
    Ok(())
}
