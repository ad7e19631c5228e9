//! `scripts/android-smoke.sh` against a stand-in for `adb`: what it does to a phone, and what it says of one that is not well.
//! That a real phone answers so is for the workflow.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// Its processes are files; `kill` and a job change them.
const ADB: &str = r#"#!/bin/sh
echo "$*" >> "$PHONE/asked"
case "$*" in
"shell am start"*) touch "$PHONE/page" ;;
"shell cmd jobscheduler run"*) [ -e "$PHONE/jobs-fail" ] && exit 1; touch "$PHONE/field" ;;
"shell pidof id.go.ketapang.siaga") [ -e "$PHONE/page" ] && echo 100 ;;
"shell pidof id.go.ketapang.siaga:field") [ -e "$PHONE/field" ] && echo 200 ;;
"shell kill -9 100") rm "$PHONE/page"; [ -e "$PHONE/dies-together" ] && rm "$PHONE/field"; true ;;
"shell id -u") echo 0 ;;
"logcat -d") cat "$PHONE/log" ;;
*) true ;;
esac
"#;

fn smoke(phone: &Path) -> Output {
    let bin = phone.join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    fs::write(bin.join("adb"), ADB).expect("writes");
    fs::set_permissions(bin.join("adb"), fs::Permissions::from_mode(0o755)).expect("may be run");
    if !phone.join("log").exists() {
        fs::write(phone.join("log"), "I siaga: begun\n").expect("writes");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/android-smoke.sh");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    bash.arg(script).arg("app.apk").env("PATH", path).env("PHONE", phone).env("SIAGA_SMOKE_WAIT_S", "1");
    bash.output().expect("bash runs")
}

#[test]
fn a_phone_that_is_well_passes_and_its_page_was_killed() {
    let phone = tempfile::tempdir().expect("a folder");

    let done = smoke(phone.path());

    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let asked = fs::read_to_string(phone.path().join("asked")).expect("asked");
    for step in
        ["install -r -g app.apk", "shell am start -W -n id.go.ketapang.siaga/.EntryActivity", "shell kill -9 100"]
    {
        assert!(asked.lines().any(|line| line == step), "{step} is missing in: {asked}");
    }
}

#[test]
fn a_service_that_does_not_begin_dies_with_the_page_or_crashed_is_named() {
    for (mark, log, sentence) in [
        ("jobs-fail", "", "the process of the service is not there"),
        ("dies-together", "", "the service died with the page"),
        ("nothing", "E AndroidRuntime: FATAL EXCEPTION: main\n", "something crashed, or the home did not open"),
    ] {
        let phone = tempfile::tempdir().expect("a folder");
        fs::write(phone.path().join(mark), "").expect("marks");
        fs::write(phone.path().join("log"), log).expect("writes");

        let done = smoke(phone.path());

        assert_eq!(done.status.code(), Some(1), "{mark}");
        assert!(String::from_utf8_lossy(&done.stderr).contains(sentence), "{mark}: {done:?}");
    }
}
