//! One home, several processes at once.

use crate::programs::ask::{SOON, agree, statuses};
use siaga_testkit::program::center::free_address;
use siaga_testkit::program::stage::Stage;
use std::process::Stdio;
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_served_page_and_the_command_line_share_one_home() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let mut served = ani.starts(&["serve", "--listen", &free_address()?.to_string()], Stdio::null())?;

    ani.done(&["accept", &task]).await?;
    let ani = Arc::new(ani);
    let mut writing = JoinSet::new();
    for number in 0..20 {
        let (ani, task) = (Arc::clone(&ani), task.clone());
        writing.spawn(async move { ani.done(&["note", &task, "--text", &format!("catatan {number}")]).await });
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    assert!(served.try_wait()?.is_none(), "the page stopped serving");
    ani.sync_until_received(SOON).await?;
    served.kill().await?;
    ani.sync_until_quiet(SOON).await?;

    let incident = ani.done(&["task", &task]).await?;
    assert_eq!(incident.pointer("/incident/notes").and_then(serde_json::Value::as_array).map(Vec::len), Some(20));
    assert_eq!(statuses(&stage.center, &task).await?, ["accepted"]);
    assert!(agree(&stage.center, &ani).await?);
    Ok(())
}
