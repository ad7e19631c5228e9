//! `siaga-center` as a person and a script use it: exit codes, one JSON value, addresses on the first line.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn siaga_center(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siaga-center"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], data: &Path) -> (i32, Value) {
    let data = data.to_string_lossy();
    let output: Output =
        siaga_center(arguments).args(["--data", &*data, "--json"]).output().expect("a finished program");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(text.trim().lines().count(), 1, "one JSON value: {text}");
    (output.status.code().expect("a code"), serde_json::from_str(&text).expect("JSON"))
}

/// A center without places: one that was opened once.
fn center(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("center");
    drop(siaga_center::Center::open(&data).expect("a center"));
    data
}

#[test]
fn a_mistyped_folder_is_bad_input_and_does_not_become_a_center() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("centre");

    let (code, said) = run(&["check"], &data);

    assert_eq!((code, said["argument"].as_str()), (2, Some("data")));
    assert!(!data.exists());
}

#[test]
fn an_argument_that_is_wrong_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = center(folder.path());

    for (arguments, named) in [
        (&["invite", "--unit", "AMB-99", "--role", "medic", "--name", "HP"][..], "unit"),
        (&["invite", "--unit", "AMB-01", "--role", "chef", "--name", "HP"], "role"),
        (&["invite", "--unit", "AMB-01", "--role", "medic", "--name", "HP", "--field-url", "http://x"], "field-url"),
        (&["revoke", "ani"], "device"),
        (&["token", "--name", " "], "name"),
        (&["import-roster", "/nowhere.csv"], "file"),
        (&["serve", "--listen", "0.0.0.0:0"], "listen"),
        (&["restore", "/nowhere.siaga"], "data"),
    ] {
        let (code, said) = run(arguments, &data);

        assert_eq!((code, said["argument"].as_str()), (2, Some(named)), "{arguments:?}: {said}");
        assert!(said["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{arguments:?}");
    }
}

#[test]
fn a_backup_comes_back_whole_in_another_epoch_and_a_file_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = center(folder.path());
    let file = folder.path().join("cadangan").to_string_lossy().into_owned();
    let elsewhere = folder.path().join("lain");

    let (made, backup) = run(&["backup", &file], &data);
    let (again, _) = run(&["backup", &file], &data);
    let (restored, said) = run(&["restore", &file], &elsewhere);
    let (occupied, _) = run(&["restore", &file], &elsewhere);
    let (aside, _) = run(&["restore", &file, "--replace"], &elsewhere);
    let (checked, report) = run(&["check"], &elsewhere);

    assert_eq!((made, again, restored, occupied, aside, checked), (0, 2, 0, 2, 0, 0));
    assert_ne!(backup["backup"]["epoch"], said["epoch"]);
    assert_eq!(backup["backup"]["center"], said["backup"]["center"]);
    assert_eq!(report["ok"], true);
    let kept = std::fs::read_dir(&elsewhere).expect("a folder").filter_map(Result::ok);
    assert!(kept.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("before-restore-")));
}

#[test]
fn something_that_is_no_backup_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("foto.jpg");
    std::fs::write(&file, [0xff; 2048]).expect("a file");
    let data = folder.path().join("center");

    let (code, said) = run(&["restore", &file.to_string_lossy()], &data);

    assert_eq!((code, said["argument"].as_str()), (2, Some("file")));
    assert!(std::fs::read_dir(&data).is_ok_and(|mut entries| entries.next().is_none()));
}

#[cfg(unix)]
#[test]
fn what_is_secret_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let data = center(folder.path());

    for name in ["", "center.db", "keys", "keys/center.seed", "keys/root.key", "attachments"] {
        let mode = std::fs::metadata(data.join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_served_center_says_its_addresses_first_and_ends_in_order_when_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("center").to_string_lossy().into_owned();
    let arguments = ["serve", "--data", &data, "--json", "--listen", "127.0.0.1:0", "--field-listen", "127.0.0.1:0"];
    let mut child = siaga_center(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a program");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();

    let said: Value = serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON");
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("a signal");
    let status = child.wait().expect("an end");

    assert!(said["console"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:") && !url.ends_with(":0")));
    assert!(said["field"].as_str().is_some_and(|url| url.starts_with("https://127.0.0.1:")));
    assert!(ended.success());
    assert_eq!(status.code(), Some(0));
    assert!(lines.next().is_none(), "one JSON value");
}
