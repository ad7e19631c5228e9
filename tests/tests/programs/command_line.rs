//! Exit codes and the one JSON value on standard output.

use crate::programs::ask::{SOON, text};
use siaga_testkit::program::find::programs;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_end_has_its_exit_code() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (_, task) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;

    let done = ani.run(&["tasks"]).await?;
    let bad_status = ani.run(&["press", &task, "flying"]).await?;
    let unknown_record = ani.run(&["task", "00000000-0000-7000-8000-000000000000"]).await?;
    let bad_latitude = ani.run(&["press", &task, "enroute", "--lat", "91", "--lon", "110"]).await?;
    let missing_reason = ani.run(&["decline", &task]).await?;
    ani.link().cut();
    let not_reached = ani.run(&["sync"]).await?;

    let codes =
        [&done, &bad_status, &unknown_record, &bad_latitude, &missing_reason, &not_reached].map(|said| said.code);
    assert_eq!(codes, [0, 2, 2, 2, 2, 3], "{bad_status:?} {unknown_record:?} {bad_latitude:?} {missing_reason:?}");
    assert!(done.json.is_array());
    assert_eq!(text(&bad_status.json, "/argument")?, "status");
    assert!(!text(&bad_status.json, "/remedy")?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_never_enrolled_says_so() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let output = tokio::process::Command::new(programs()?.field)
        .arg("--home")
        .arg(home.path())
        .args(["--json", "report", "--type", "BANJIR", "--text", "air", "--village", "61.04.14.2015"])
        .output()
        .await?;

    let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;

    assert_eq!(text(&said, "/code")?, "not_enrolled");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_help_is_without_an_example() -> anyhow::Result<()> {
    let programs = programs()?;
    let field = [
        "enrol", "sync", "tasks", "task", "accept", "decline", "press", "fix", "trail", "report", "triage", "vitals",
        "treat", "note", "strike", "assess", "shifts", "sos", "outbox", "disputes", "resolve", "get", "digest",
        "serve",
    ];
    let center = [
        "seed",
        "serve",
        "invite",
        "token",
        "import-roster",
        "import-boundaries",
        "backup",
        "restore",
        "revoke",
        "check",
    ];
    let all = field.map(|name| (&programs.field, name)).into_iter().chain(center.map(|name| (&programs.center, name)));

    for (program, name) in all {
        let help = tokio::process::Command::new(program).args([name, "--help"]).output().await?;

        let text = String::from_utf8(help.stdout)?;
        assert!(help.status.success() && text.contains("Example"), "{name}: {text}");
        assert!(text.contains("--json"), "{name}");
    }
    Ok(())
}
