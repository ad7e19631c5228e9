//! Cut anywhere in an exchange, also after the center committed and before the phone heard of it.

use crate::programs::ask::{SOON, agree, statuses};
use siaga_testkit::link::Quality;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_after_the_center_committed_doubles_nothing() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    ani.done(&["accept", &task]).await?;
    ani.sync_until_quiet(SOON).await?;
    let mut pressed = vec!["accepted".to_owned()];
    let mut committed_unheard = 0;

    // From the middle of the handshake to past the end of the answer, in steps smaller than an answer.
    for cut_after in (600..4_600).step_by(250) {
        ani.done(&["press", &task, "delayed", "--reason", &format!("{cut_after}")]).await?;
        pressed.push("delayed".to_owned());
        ani.link().becomes(Quality {
            cut_percent: 100,
            cut_after_bytes: Some(cut_after..=cut_after),
            ..Quality::default()
        });
        let said = ani.run(&["sync"]).await?;
        if said.code == 3 && statuses(&stage.center, &task).await?.len() == pressed.len() {
            committed_unheard += 1;
        }
        ani.link().becomes(Quality::default());
        ani.sync_until_quiet(SOON).await?;
    }

    assert_eq!(statuses(&stage.center, &task).await?, pressed);
    assert!(committed_unheard > 0, "no cut fell between the commit and its answer");
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}
