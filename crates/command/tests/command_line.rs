//! The command line as a script sees it: exit codes, one JSON value, and what is left after a `kill -9`.

#[path = "../../field/tests/stage/stage.rs"]
mod stage;

use serde_json::Value;
use siaga_domain::kind::Role;
use stage::{Center, POST, UNIT, VILLAGE, enrol, hear};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn siaga(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siaga-field"));
    command.arg("--home").arg(home).env_remove("SIAGA_HOME").stdin(Stdio::null());
    command
}

fn ask(home: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = siaga(home).arg("--json").args(arguments).output().expect("starts");
    (output.status.code().expect("an exit code"), one_json(&output))
}

fn one_json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("standard output is one JSON value")
}

/// An enrolled phone with one flood ordered to it: its home, the task, the incident.
fn phone() -> (TempDir, String, String) {
    let home = tempfile::tempdir().expect("a folder");
    enrol(home.path(), Role::Medic);
    let mut center = Center::new();
    let (directory, incident) = (center.directory(), center.incident());
    let order = center.order(incident.id, UNIT);
    let ids = (order.id.to_string(), incident.id.to_string());
    hear(home.path(), vec![directory, incident, order]);
    (home, ids.0, ids.1)
}

#[test]
fn what_is_done_ends_with_zero_and_one_json_value() {
    let (home, task, incident) = phone();
    let home = home.path();

    let (tasks_code, tasks) = ask(home, &["tasks"]);
    let (press_code, pressed) = ask(home, &["press", &task, "enroute", "--lat", "-1.813", "--lon", "109.958"]);
    let (_, patient) = ask(home, &["patient", "add", "--incident", &incident, "--sex", "P", "--age", "32"]);
    let id = patient["id"].as_str().expect("an id").to_owned();
    let (triage_code, _) = ask(home, &["triage", &id, "red"]);
    let (vitals_code, _) = ask(home, &["vitals", &id, "--hr", "92", "--temp", "36,8", "--spo2", "not_taken"]);
    let (treat_code, _) = ask(home, &["treat", &id, "--what", "oksigen", "--dose", "3 L/menit"]);
    let (note_code, _) = ask(home, &["note", &task, "--text", "jembatan putus"]);
    let numbers = ["--displaced-kk", "40", "--displaced", "152", "--number", "elderly=12", "--need", "perahu"];
    let assess = [&["assess", "--incident", &task, "--village", VILLAGE, "--verified"][..], &numbers[..]].concat();
    let (assess_code, _) = ask(home, &assess);
    let (duty_code, _) = ask(home, &["duty", "on", "--post", POST, "--person", "Ani"]);
    let (_, fixed) = ask(home, &["fix", "--lat", "-1.813", "--lon", "109.958", "--accuracy", "12"]);
    let (_, shifts) = ask(home, &["shifts"]);
    let (_, outbox) = ask(home, &["outbox"]);
    let (_, digest) = ask(home, &["digest"]);

    assert_eq!((tasks_code, press_code, triage_code, vitals_code), (0, 0, 0, 0));
    assert_eq!((treat_code, note_code, assess_code, duty_code), (0, 0, 0, 0));
    assert_eq!(tasks[0]["id"], task.as_str());
    assert_eq!(pressed["id"], task.as_str());
    assert_eq!(fixed, serde_json::json!({ "kept": true, "next_ms": 5000 }));
    assert_eq!(shifts["posts"][0]["status"]["people"], serde_json::json!(["Ani"]));
    assert_eq!(outbox["sync"]["fixes_waiting"], 1);
    assert_eq!(digest["digest"].as_str().map(str::len), Some(64));
}

#[test]
fn bad_input_ends_with_two_and_names_the_argument_and_the_remedy() {
    let (home, task, incident) = phone();
    let photo = home.path().join("boot.txt");
    std::fs::write(&photo, "not a picture").expect("a file");
    let photo = photo.display().to_string();
    let wrong: [(&[&str], &str); 11] = [
        (&["press", &task, "flying"], "status"),
        (&["press", "zzzz", "enroute"], "id"),
        (&["press", &task, "enroute", "--lat", "109.9", "--lon", "-1.8"], "lat"),
        (&["decline", &task, "--reason", " "], "reason"),
        (&["report", "--type", "UFO", "--text", "x", "--village", VILLAGE], "type"),
        (&["report", "--type", "BANJIR", "--text", "x"], "village"),
        (&["report", "--type", "BANJIR", "--text", "x", "--village", VILLAGE, "--photo", &photo], "photo"),
        (&["patient", "add", "--incident", &incident, "--age", "400"], "age"),
        (&["assess", "--incident", &incident, "--village", VILLAGE, "--number", "elderly"], "number"),
        (&["fix", "--lat", "0", "--lon", "0", "--at", "yesterday"], "at"),
        (&["duty", "on", "--post", "NOWHERE", "--person", "Ani"], "post"),
    ];

    for (arguments, argument) in wrong {
        let (code, failure) = ask(home.path(), arguments);

        assert_eq!((code, failure["argument"].as_str()), (2, Some(argument)), "{arguments:?}: {failure}");
        assert!(failure["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{arguments:?}");
    }
    let (code, failure) = ask(home.path(), &["press", &task]);
    assert_eq!((code, failure["code"].as_str()), (2, Some("bad_input")));
}

#[test]
fn an_empty_post_is_named_as_such() {
    let (home, ..) = phone();
    ask(home.path(), &["duty", "on", "--post", POST, "--person", "Ani"]);

    let (code, failure) = ask(home.path(), &["duty", "off", "--post", POST, "--person", "Ani"]);

    assert_eq!((code, failure["code"].as_str()), (2, Some("post_would_be_empty")));
}

#[test]
fn a_center_that_is_not_there_ends_with_three_and_keeps_everything() {
    let (home, task, _) = phone();
    ask(home.path(), &["press", &task, "enroute"]);

    let (code, _) = ask(home.path(), &["sync"]);

    assert_eq!(code, 3);
    assert_eq!(ask(home.path(), &["outbox"]).1["sync"]["saved"], 1);
}

#[test]
fn before_enrolment_writing_ends_with_one_and_a_link_that_is_none_with_two() {
    let home = tempfile::tempdir().expect("a folder");

    let (sos, failure) = ask(home.path(), &["sos"]);
    let (link, malformed) = ask(home.path(), &["enrol", "https://example.org"]);

    assert_eq!((sos, failure["code"].as_str()), (1, Some("not_enrolled")));
    assert_eq!((link, malformed["argument"].as_str()), (2, Some("link")));
}

#[test]
fn words_for_people_are_in_their_language_and_json_is_not_mixed_in() {
    let (home, task, _) = phone();

    let pressed = siaga(home.path()).args(["press", &task, "enroute"]).output().expect("starts");
    let wrong = siaga(home.path()).args(["press", &task, "flying"]).output().expect("starts");

    assert!(String::from_utf8_lossy(&pressed.stdout).starts_with("Tersimpan di HP."));
    assert!(wrong.stdout.is_empty());
    assert!(String::from_utf8_lossy(&wrong.stderr).starts_with("Gagal: isian salah"));
}

#[test]
fn kill_minus_nine_at_any_instant_loses_nothing_that_was_acknowledged() {
    let (home, task, _) = phone();
    let mut acknowledged = Vec::new();

    for round in 0_u64..12 {
        let mut child = siaga(home.path())
            .args(["--json", "press", &task, "onscene"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        // Killed at another instant each time: before, in and after the write.
        let give_up = Instant::now() + Duration::from_millis(4 * round);
        while Instant::now() < give_up && child.try_wait().expect("answers").is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let output = child.wait_with_output().expect("ends");
        if let Ok(written) = serde_json::from_slice::<Value>(&output.stdout) {
            acknowledged.push(written["entry"].as_str().expect("an entry").to_owned());
        }
    }
    let (code, last) = ask(home.path(), &["press", &task, "available"]);
    acknowledged.push(last["entry"].as_str().expect("an entry").to_owned());

    let (_, view) = ask(home.path(), &["get", &task]);
    let events = view["record"]["events"].as_array().expect("events");
    let kept: Vec<&str> = events.iter().filter_map(|event| event["author"]["entry"].as_str()).collect();
    assert_eq!(code, 0);
    assert!(acknowledged.iter().all(|entry| kept.contains(&entry.as_str())), "{acknowledged:?} {kept:?}");
}

#[test]
fn every_command_has_an_example_in_its_help() {
    let commands: &[&[&str]] = &[
        &["enrol"],
        &["sync"],
        &["tasks"],
        &["task"],
        &["seen"],
        &["accept"],
        &["decline"],
        &["press"],
        &["fix"],
        &["trail"],
        &["report"],
        &["patient", "add"],
        &["patient", "show"],
        &["triage"],
        &["vitals"],
        &["treat"],
        &["handover"],
        &["identify"],
        &["note"],
        &["strike"],
        &["assess"],
        &["assessment"],
        &["duty", "on"],
        &["duty", "off"],
        &["shifts"],
        &["sos"],
        &["outbox"],
        &["disputes"],
        &["resolve"],
        &["get"],
        &["digest"],
        &["villages"],
        &["home"],
        &["serve"],
    ];
    let home = tempfile::tempdir().expect("a folder");

    for command in commands {
        let output = siaga(home.path()).args(*command).arg("--help").output().expect("starts");

        let help = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && help.contains("Example: siaga-field"), "{command:?}");
        assert!(help.contains("--json") && help.contains("--home"), "{command:?}");
    }
}

#[test]
fn a_full_disk_or_a_closed_pipe_behind_the_output_changes_no_exit_code_and_loses_no_press() {
    let (home, task, _) = phone();
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").expect("a disk without room"));
    let press = ["press", &task, "enroute", "--lat", "-1.813", "--lon", "109.958"];

    let pressed = siaga(home.path()).args(press).stdout(full()).stderr(full()).status().expect("starts");
    let refused = siaga(home.path()).args(["task", "nothing"]).stdout(full()).stderr(full()).status().expect("starts");
    let mut gone = siaga(home.path())
        .args(["serve", "--listen", "pusat:1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop((gone.stdout.take(), gone.stderr.take()));

    assert_eq!((pressed.code(), refused.code()), (Some(0), Some(2)));
    assert_eq!(gone.wait().expect("an end").code(), Some(2));
    let (_, now) = ask(home.path(), &["task", &task]);
    assert!(now.to_string().contains("enroute"), "{now}");
}
