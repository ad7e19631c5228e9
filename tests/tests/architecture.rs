//! The rules of the house, held by every `cargo test`: who may use whom, what a file looks like, and lists that
//! stand in two places and must be one.

use std::collections::BTreeSet;

fn text_of(path: &str) -> String {
    let path = siaga_xtask::house::root().join(path);
    std::fs::read_to_string(path).expect("a file of the house is there")
}

/// The words that open the lines between the line holding `from` and the next one that starts with `to`; none
/// stands there twice.
fn names_between(text: &str, from: &str, to: &str, end_of_name: char) -> BTreeSet<String> {
    let names: Vec<String> = text
        .lines()
        .skip_while(|line| !line.contains(from))
        .skip(1)
        .take_while(|line| !line.starts_with(to))
        .filter_map(|line| line.split_once(end_of_name).map(|(name, _)| name.trim().trim_matches('"').to_owned()))
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    let once: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(once.len(), names.len(), "a name stands twice in {names:?}");
    once
}

fn commands_of_the_shell() -> BTreeSet<String> {
    names_between(&text_of("src-tauri/src/commands.rs"), "commands! {", "}", '(')
}

#[test]
fn every_dependency_points_the_way_the_architecture_says() {
    let broken = siaga_xtask::arrows::broken_arrows().expect("the workspace can be read");

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_is_tidy() {
    let broken = siaga_xtask::tidy::broken_rules().expect("the files can be read");

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_shell_offers_exactly_the_commands_that_the_page_knows() {
    let page = names_between(&text_of("ui/src/lib/api.ts"), "export interface Commands {", "}", ':');

    assert!(page.len() > 30, "the list of the page was not found: {page:?}");
    assert_eq!(commands_of_the_shell(), page);
}

#[test]
fn the_page_finds_the_same_commands_in_a_browser_as_in_the_app() {
    let served = text_of("crates/command/src/serve/api.rs");
    let mut served: BTreeSet<String> = served
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>").map(|(name, _)| name.to_owned()))
        .collect();

    // Only where there is no airplane mode does somebody need a command for it.
    assert!(served.remove("offline"));
    assert_eq!(served, commands_of_the_shell());
}

#[test]
fn the_page_may_call_every_command_of_the_shell_and_nothing_else() {
    let permitted = names_between(&text_of("src-tauri/permissions/field.toml"), "commands.allow", "]", ',');

    assert_eq!(commands_of_the_shell(), permitted);
}

#[test]
fn the_window_may_listen_and_ask_the_engine_and_do_nothing_else() {
    let capability: serde_json::Value =
        serde_json::from_str(&text_of("src-tauri/capabilities/field.json")).expect("a capability is JSON");

    let permissions = capability["permissions"].as_array().expect("a list of permissions");

    assert_eq!(permissions, &["core:event:allow-listen", "core:event:allow-unlisten", "allow-field"]);
}

#[test]
fn kotlin_and_rust_call_one_another_by_the_same_names_and_no_shrinker_takes_them() {
    let broken = siaga_xtask::android::face::broken_names().expect("both sides can be read");

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn android_is_told_of_the_app_what_was_decided_and_nothing_else() {
    let broken = siaga_xtask::android::manifest::broken_manifest().expect("the manifest can be read");

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_backup_of_a_phone_carries_its_database_away() {
    let manifest = text_of("android/app/src/main/AndroidManifest.xml");

    assert!(manifest.contains(r#"android:allowBackup="false""#));
    assert!(manifest.contains(r#"android:dataExtractionRules="@xml/data_extraction_rules""#));
}

#[test]
fn gradle_finds_the_shell_from_where_its_project_really_stands() {
    assert!(text_of("android/app/build.gradle.kts").contains(r#"rootDirRel = "../../src-tauri""#));
    assert!(text_of("src-tauri/tauri.conf.json").contains(r#""minSdkVersion": 26"#));
}
