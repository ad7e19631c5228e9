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

    // What a press and its receipt weigh with their greeting; then cuts from the middle of the greeting to past the end
    // of the answer, towards the end in steps smaller than an answer.
    ani.done(&["press", &task, "delayed", "--reason", "banjir"]).await?;
    pressed.push("delayed".to_owned());
    let before = ani.link().traffic();
    ani.sync_until_quiet(SOON).await?;
    let said = ani.link().traffic().since(before);
    let whole = said.up_bytes + said.down_bytes;
    let cuts = (600..whole).step_by(300).chain((whole.saturating_sub(480)..whole + 60).step_by(40));

    for cut_after in cuts {
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
