//! A phone whose access was closed.

use crate::programs::ask::{SOON, statuses, text};
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_is_told_and_goes_on_saving() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    stage.center.command(&["revoke", &ani.device]).await?.done()?;
    let said = ani.run(&["sync"]).await?;
    ani.done(&["accept", &task]).await?;
    let again = ani.run(&["sync"]).await?;

    assert_eq!((said.code, again.code), (4, 4), "{said:?} {again:?}");
    assert_eq!(text(&ani.done(&["home"]).await?, "/sync/reach")?, "revoked");
    assert!(ani.waiting().await? > 0);
    assert_eq!(statuses(&stage.center, &task).await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let unit = stage.unit("ambulance", 0).await?.unit;
    let link = stage.center.invite(&unit, "medic", "HP 1", stage.center.field()).await?;
    let enrol = async |home: &str| {
        let ani = stage.folder().join(home).display().to_string();
        let programs = siaga_testkit::program::find::programs()?;
        let status = tokio::process::Command::new(programs.field)
            .args(["--home", &ani, "--json", "enrol", &link])
            .output()
            .await?;
        anyhow::Ok(status.status.code())
    };

    let first = enrol("first").await?;
    let second = enrol("second").await?;

    assert_eq!((first, second), (Some(0), Some(4)));
    Ok(())
}
