//! A post must never be empty, and a phone without signal must know when one is.

use crate::programs::ask::{SOON, list, text};
use serde_json::Value;
use siaga_testkit::program::stage::Stage;

fn state_of(posts: impl Iterator<Item = Value>, post: &str) -> Option<String> {
    let found = posts.into_iter().find(|view| view.pointer("/post/code").and_then(Value::as_str) == Some(post))?;
    text(&found, "/status/state").ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_post_is_red_on_the_phone_without_signal_and_at_the_center() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let at = stage.unit("ambulance", 0).await?;
    let ani = stage.medic("Ani").await?;
    let on_phone = async || anyhow::Ok(state_of(list(&ani.done(&["shifts"]).await?, "/posts").cloned(), &at.post));
    let at_center = async || anyhow::Ok(state_of(list(&stage.center.get("/api/posts").await?, "").cloned(), &at.post));

    ani.link().cut();
    ani.done(&["duty", "on", "--post", &at.post, "--person", "Ani Lestari"]).await?;
    assert_ne!(on_phone().await?.as_deref(), Some("empty"));
    ani.done(&["duty", "off", "--person", "Ani Lestari", "--reason", "sakit"]).await?;
    assert_eq!(on_phone().await?.as_deref(), Some("empty"));
    ani.link().restore();
    ani.sync_until_quiet(SOON).await?;

    assert_eq!(at_center().await?.as_deref(), Some("empty"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_at_a_post_does_not_leave_it_without_a_reason() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let at = stage.unit("ambulance", 0).await?;
    let ani = stage.medic("Ani").await?;
    ani.done(&["duty", "on", "--post", &at.post, "--person", "Ani Lestari"]).await?;

    let said = ani.run(&["duty", "off", "--person", "Ani Lestari"]).await?;

    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(text(&said.json, "/code")?, "post_would_be_empty");
    Ok(())
}
