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
    // A hang-up asks for the certificates to be read again, and ends nothing.
    let hung_up = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().expect("a signal");
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("a signal");
    let status = child.wait().expect("an end");

    assert!(said["console"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:") && !url.ends_with(":0")));
    assert!(said["field"].as_str().is_some_and(|url| url.starts_with("https://127.0.0.1:")));
    assert!(hung_up.success() && ended.success());
    assert_eq!(status.code(), Some(0));
    assert!(lines.next().is_none(), "one JSON value");
}

fn done(arguments: &[&str], data: &Path) -> Value {
    let (code, said) = run(arguments, data);
    assert_eq!(code, 0, "{arguments:?}: {said}");
    said
}

#[test]
fn a_center_is_seeded_from_any_folder_and_set_up_without_an_exercise() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("center");
    let seeded = siaga_center(&["seed", "--regency", "61.04", "--json", "--data"])
        .arg(&data)
        .current_dir(folder.path())
        .output()
        .expect("a program");
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));

    let sari =
        done(&["admin", "person", "add", "--user", "Sari", "--name", "Sari Dewi", "--role", "dispatcher"], &data);
    let place = ["--lat", "-1.17", "--lon", "110.6"];
    let post = ["admin", "post", "add", "--code", "PSC-SANDAI", "--name", "PSC Sandai", "--agency", "DINKES"];
    done(&[post.as_slice(), &place].concat(), &data);
    let unit = ["admin", "unit", "add", "--code", "AMB-07", "--name", "Ambulans 7", "--kind", "ambulance"];
    let at = ["--agency", "DINKES", "--post", "PSC-SANDAI"];
    done(&[unit.as_slice(), &at].concat(), &data);
    let facility = ["admin", "facility", "add", "--code", "PKM-SANDAI", "--name", "Puskesmas Sandai"];
    done(&[facility.as_slice(), &place].concat(), &data);
    done(&["invite", "--unit", "AMB-07", "--role", "medic", "--name", "HP", "--field-url", "https://a:1"], &data);
    done(&["token", "--name", "SPGDT"], &data);
    let withdrawn = done(&["admin", "token", "withdraw", "--name", "SPGDT"], &data);

    assert_eq!((sari["user"].as_str(), sari["one_time"].as_bool()), (Some("sari"), Some(true)));
    assert!(sari["password"].as_str().is_some_and(|password| password.len() == 24));
    assert_eq!(withdrawn["withdrawn"], 1);
    let units = done(&["admin", "unit", "list"], &data);
    assert_eq!(units.as_array().map(Vec::len), Some(1));
    let audit = siaga_center::Center::open(&data).expect("a center").check().expect("a check");
    assert!(audit.problems.is_empty() && audit.audit_rows >= 7, "each act is written down: {}", audit.audit_rows);

    done(&["admin", "unit", "end", "--code", "AMB-07"], &data);
    done(&["admin", "post", "end", "--code", "PSC-SANDAI"], &data);
    done(&["admin", "facility", "end", "--code", "PKM-SANDAI"], &data);
    done(&["admin", "person", "end", "--user", "sari"], &data);
    assert_eq!(done(&["admin", "unit", "list"], &data), serde_json::json!([]));
    assert_eq!(done(&["admin", "post", "list"], &data), serde_json::json!([]));
    done(&[post.as_slice(), &place].concat(), &data);
    done(&[unit.as_slice(), &at].concat(), &data);
    assert_eq!(done(&["admin", "unit", "list"], &data).as_array().map(Vec::len), Some(1), "what ended can begin again");
}

#[test]
fn what_an_administrator_types_wrong_is_named_with_its_field_and_remedy_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("center");
    done(&["seed", "--regency", "61.04", "--demo"], &data);
    let long = "a".repeat(81);
    let user = ["admin", "person", "add", "--role", "dispatcher"];
    let post = ["admin", "post", "add", "--agency", "DINKES", "--name", "Pos"];
    let unit = ["admin", "unit", "add", "--name", "Ambulans"];
    let before = done(&["check"], &data)["report"]["changes"].clone();

    for (arguments, named) in [
        ([user.as_slice(), &["--user", "", "--name", "Sari"]].concat(), "user"),
        ([user.as_slice(), &["--user", "sari dewi", "--name", "Sari"]].concat(), "user"),
        ([user.as_slice(), &["--user", "dispatcher", "--name", "Sari"]].concat(), "user"),
        ([user.as_slice(), &["--user", "sari", "--name", "Sari\u{7}"]].concat(), "name"),
        ([user.as_slice(), &["--user", "sari", "--name", &long]].concat(), "name"),
        (vec!["admin", "person", "add", "--user", "sari", "--name", "Sari", "--role", "kepala"], "role"),
        (vec!["admin", "person", "add", "--user", "sari", "--name", "Sari", "--role", "system"], "role"),
        (vec!["admin", "person", "end", "--user", "nobody"], "user"),
        (vec!["admin", "person", "password", "--user", "nobody"], "user"),
        ([post.as_slice(), &["--code", "POS 1", "--lat", "-1.8", "--lon", "110"]].concat(), "code"),
        ([post.as_slice(), &["--code", "POS-1", "--lat", "-91", "--lon", "110"]].concat(), "lat"),
        ([post.as_slice(), &["--code", "POS-1", "--lat", "-1.8", "--lon", "NaN"]].concat(), "lon"),
        ([post.as_slice(), &["--code", "POS-1", "--lat", "0", "--lon", "0"]].concat(), "lat"),
        ([post.as_slice(), &["--code", "PSC-DELTAPAWAN", "--lat", "-1.8", "--lon", "110"]].concat(), "code"),
        (
            [
                unit.as_slice(),
                &["--code", "AMB-77", "--kind", "kapal", "--agency", "DINKES", "--post", "PSC-DELTAPAWAN"],
            ]
            .concat(),
            "kind",
        ),
        (
            [
                unit.as_slice(),
                &["--code", "AMB-77", "--kind", "boat", "--agency", "DAMKAR", "--post", "PSC-DELTAPAWAN"],
            ]
            .concat(),
            "agency",
        ),
        (
            [unit.as_slice(), &["--code", "AMB-77", "--kind", "boat", "--agency", "DINKES", "--post", "POS-9"]]
                .concat(),
            "post",
        ),
        (vec!["admin", "post", "end", "--code", "PSC-DELTAPAWAN"], "code"),
        (vec!["admin", "unit", "end", "--code", "AMB-99"], "code"),
        (vec!["admin", "token", "withdraw", "--name", "SIAPA"], "name"),
        (vec!["serve", "--listen", "pusat:8112"], "listen"),
    ] {
        let (code, said) = run(&arguments, &data);

        assert_eq!((code, said["argument"].as_str()), (2, Some(named)), "{arguments:?}: {said}");
        assert!(said["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{arguments:?}");
    }

    assert_eq!(done(&["check"], &data)["report"]["changes"], before);
}

#[cfg(unix)]
#[test]
fn a_second_server_and_a_restore_beside_a_running_one_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = center(folder.path());
    let file = folder.path().join("cadangan").to_string_lossy().into_owned();
    let text = data.to_string_lossy().into_owned();
    let arguments = ["serve", "--data", &text, "--json", "--listen", "localhost:0", "--field-listen", "127.0.0.1:0"];
    let mut child = siaga_center(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a program");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(lines.next().is_some(), "it is served");

    let (made, _) = run(&["backup", &file], &data);
    let (second, said) = run(&["serve", "--listen", "0", "--field-listen", "localhost:0"], &data);
    let (restored, why) = run(&["restore", &file, "--replace"], &data);
    child.kill().expect("a signal");
    child.wait().expect("an end");
    let (after, _) = run(&["restore", &file, "--replace"], &data);

    assert_eq!((made, second, restored, after), (0, 1, 1, 0));
    assert_eq!((said["code"].as_str(), why["code"].as_str()), (Some("in_use"), Some("in_use")));
    assert!(said["remedy"].as_str().is_some_and(|remedy| remedy.contains("stop")), "{said}");
}
