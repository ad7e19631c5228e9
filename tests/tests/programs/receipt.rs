//! What may be called received, and what may not.

use crate::programs::ask::{SOON, statuses, text};
use siaga_testkit::portal::Portal;
use siaga_testkit::program::center::free_address;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_captive_portal_that_says_200_receives_nothing() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let portal = Portal::open().await?;

    ani.link().leads_to(portal.address());
    ani.done(&["accept", &task]).await?;
    let said = ani.run(&["sync"]).await?;

    assert_eq!(said.code, 3, "{said:?}");
    assert!(ani.waiting().await? > 0);
    assert_eq!(text(&ani.done(&["home"]).await?, "/sync/reach")?, "not_our_center");
    ani.link().leads_to(stage.center.field());
    ani.sync_until_quiet(SOON).await?;
    assert_eq!(statuses(&stage.center, &task).await?, ["accepted"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_center_at_the_same_address_receives_nothing() -> anyhow::Result<()> {
    let (stage, other) = (Stage::set(7).await?, Stage::set(8).await?);
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    ani.link().leads_to(other.center.field());
    ani.done(&["accept", &task]).await?;
    let said = ani.run(&["sync"]).await?;

    assert_eq!(said.code, 3, "{said:?}");
    assert!(ani.waiting().await? > 0);
    assert_eq!(text(&ani.done(&["home"]).await?, "/sync/reach")?, "not_our_center");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_that_is_away_is_not_reached_and_nothing_is_lost() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    ani.link().leads_to(free_address()?);
    ani.done(&["accept", &task]).await?;
    let said = ani.run(&["sync"]).await?;

    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(text(&ani.done(&["home"]).await?, "/sync/reach")?, "no_signal");
    Ok(())
}
