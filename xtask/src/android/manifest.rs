//! What Android is told of the app, held against what was decided: every permission, every component, both processes.
//!
//! It reads XML. That a phone does with it what its documentation says is for a day with phones.

use super::xml::{self, Element};
use crate::house;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

pub const MANIFEST: &str = "android/app/src/main/AndroidManifest.xml";

/// Permissions, exactly these, and what each is for.
const PERMISSIONS: &[(&str, &str)] = &[
    ("INTERNET", "the center"),
    ("ACCESS_NETWORK_STATE", "to send at once when a network comes, and to know whether it is paid for"),
    ("ACCESS_COARSE_LOCATION", "asked together with the next, as Android 12 wants it"),
    ("ACCESS_FINE_LOCATION", "the trail"),
    ("ACCESS_BACKGROUND_LOCATION", "the trail goes on after a restart without a person"),
    ("FOREGROUND_SERVICE", "the service of a duty"),
    ("FOREGROUND_SERVICE_LOCATION", "its kind, from Android 14 on"),
    ("POST_NOTIFICATIONS", "alarms are seen"),
    ("USE_FULL_SCREEN_INTENT", "an alarm takes the locked screen"),
    ("RECEIVE_BOOT_COMPLETED", "a duty goes on after a restart, and jobs stay"),
    ("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", "the self-test may ask for it"),
    ("VIBRATE", "an alarm is felt"),
];

/// Kind, name, and every attribute that decides who may call it and where it runs.
type Component = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const COMPONENTS: &[Component] = &[
    ("activity", ".EntryActivity", &[("exported", "true")]),
    ("activity", ".MainActivity", &[("exported", "false"), ("launchMode", "singleTask")]),
    ("activity", ".GateActivity", &[("exported", "false")]),
    ("activity", ".RestartActivity", &[("exported", "false"), ("process", ":field")]),
    (
        "activity",
        ".field.AlarmActivity",
        &[("exported", "false"), ("process", ":field"), ("showWhenLocked", "true"), ("turnScreenOn", "true")],
    ),
    (
        "service",
        ".field.FieldService",
        &[("exported", "false"), ("process", ":field"), ("foregroundServiceType", "location")],
    ),
    (
        "service",
        ".field.SyncJobService",
        &[("exported", "false"), ("process", ":field"), ("permission", "android.permission.BIND_JOB_SERVICE")],
    ),
    ("receiver", ".field.BootReceiver", &[("exported", "false"), ("process", ":field")]),
    ("receiver", ".field.AlarmReceiver", &[("exported", "false"), ("process", ":field")]),
    ("provider", "androidx.core.content.FileProvider", &[("exported", "false"), ("grantUriPermissions", "true")]),
];

const APPLICATION: &[(&str, &str)] = &[
    ("name", ".SiagaApp"),
    ("allowBackup", "false"),
    ("fullBackupContent", "false"),
    ("dataExtractionRules", "@xml/data_extraction_rules"),
    ("usesCleartextTraffic", "${usesCleartextTraffic}"),
];

/// Attributes and elements that Debian's framework, of Android 10, does not know: left out where resources are linked
/// against it, and held here.
pub const NEWER: &[&str] = &["android:dataExtractionRules"];
pub const NEWER_ELEMENTS: &[&str] = &["queries"];

/// One sentence for each thing that is otherwise.
pub fn broken_manifest() -> Result<Vec<String>> {
    let elements = xml::elements(&house::root().join(MANIFEST))?;
    let mut broken = broken_permissions(&elements);
    broken.extend(broken_components(&elements));
    broken.extend(broken_names(&elements)?);
    broken.extend(broken_words()?);
    let gradle = std::fs::read_to_string(house::root().join("android/app/build.gradle.kts"))?;
    for line in ["minSdk = 26", "targetSdk = 37", r#"rootDirRel = "../../src-tauri""#] {
        if !gradle.contains(line) {
            broken.push(format!("android/app/build.gradle.kts does not say {line}"));
        }
    }
    Ok(broken)
}

fn broken_permissions(elements: &[Element]) -> Vec<String> {
    let asked: Vec<&str> = elements
        .iter()
        .filter(|element| element.path.starts_with("manifest/uses-permission"))
        .map(|element| element.name().strip_prefix("android.permission.").unwrap_or(element.name()))
        .collect();
    let wanted: Vec<&str> = PERMISSIONS.iter().map(|(name, _)| *name).collect();
    let missing = PERMISSIONS.iter().filter(|(name, _)| !asked.contains(name));
    let missing = missing.map(|(name, why)| format!("the manifest does not ask for {name}: {why}"));
    let unknown = asked.iter().filter(|name| !wanted.contains(name));
    let unknown = unknown.map(|name| format!("the manifest asks for {name}, and no reason is listed"));
    missing.chain(unknown).collect()
}

fn broken_components(elements: &[Element]) -> Vec<String> {
    let mut broken = Vec::new();
    let application = elements.iter().find(|element| element.path == "manifest/application");
    let mut hold = |what: &str, element: Option<&Element>, wanted: &[(&str, &str)]| {
        for (attribute, value) in wanted {
            let found = element.map_or("", |element| element.get(&format!("android:{attribute}")));
            if found != *value {
                broken.push(format!("{what}: {attribute} is {found:?} and should be {value:?}"));
            }
        }
    };
    hold("application", application, APPLICATION);
    let components: Vec<&Element> = elements
        .iter()
        .filter(|element| {
            let kind = element.path.strip_prefix("manifest/application/").unwrap_or_default();
            ["activity", "activity-alias", "service", "receiver", "provider"].contains(&kind)
        })
        .collect();
    for (kind, name, wanted) in COMPONENTS {
        let path = format!("manifest/application/{kind}");
        let found = components.iter().find(|element| element.path == path && element.name() == *name).copied();
        hold(name, found, wanted);
    }
    for element in components {
        if !COMPONENTS.iter().any(|(_, name, _)| *name == element.name()) {
            broken.push(format!("{} stands in the manifest and in no list", element.name()));
        }
    }
    broken
}

/// A class named in the manifest has its file; no compiler looks there.
fn broken_names(elements: &[Element]) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for element in elements.iter().filter(|element| element.path.starts_with("manifest/application")) {
        if let Some(class) = element.name().strip_prefix('.') {
            let file = format!("android/app/src/main/java/id/go/ketapang/siaga/{}.kt", class.replace('.', "/"));
            let text = std::fs::read_to_string(house::root().join(&file)).unwrap_or_default();
            let simple = class.rsplit('.').next().unwrap_or(class);
            if !text.contains(&format!("class {simple}")) {
                broken.push(format!("the manifest names {class}, and {file} does not have it"));
            }
        }
    }
    Ok(broken)
}

/// Both languages say everything; the categories of a call, the answers to an order and the reasons for declining one have
/// the words of the page.
fn broken_words() -> Result<Vec<String>> {
    let read = |file: &str| {
        let path = house::root().join(file);
        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
    };
    let words = |folder: &str| -> Result<BTreeMap<String, Element>> {
        let file = house::root().join(format!("android/app/src/main/res/{folder}/strings.xml"));
        let strings = xml::elements(&file)?.into_iter().filter(|element| element.path == "resources/string");
        Ok(strings.map(|element| (element.get("name").to_owned(), element)).collect())
    };
    let (bahasa, english) = (words("values")?, words("values-en")?);
    let mut broken = Vec::new();
    for (name, element) in &bahasa {
        if element.get("translatable") != "false" && !english.contains_key(name) {
            broken.push(format!("{name} has no English"));
        }
    }
    broken
        .extend(english.keys().filter(|name| !bahasa.contains_key(*name)).map(|name| format!("{name} has no Bahasa")));
    if !read("android/app/src/main/res/raw/keep.xml")?.contains(r#"tools:keep="@string/category_*""#) {
        broken.push("no rule keeps the words of the categories, which are found by a name made at run time".to_owned());
    }
    let screen = read("android/app/src/main/java/id/go/ketapang/siaga/field/AlarmActivity.kt")?;
    for (language, ours) in [("id", &bahasa), ("en", &english)] {
        let categories = said_in(&read(&format!("ui/src/lib/i18n/{language}.ts"))?, "  category: {");
        let answers = said_in(&read(&format!("ui/src/lib/i18n/field.{language}.ts"))?, "  incoming: {");
        let reasons = said_in(&read(&format!("ui/src/lib/i18n/field.{language}.ts"))?, "    reasons: {");
        if categories.len() < 30 || reasons.len() < 3 {
            broken.push(format!("the words of the page were not found ({language})"));
        }
        let code = |prefix: &str, key: &str| format!("{prefix}_{}", key.to_lowercase().replace('-', "_"));
        let answers = ANSWERS.iter().map(|(name, key)| {
            let said = answers.iter().find(|(found, _)| found == key);
            ((*name).to_owned(), said.map_or(String::new(), |(_, said)| said.clone()))
        });
        let wanted = categories.iter().map(|(key, said)| (code("category", key), said.clone()));
        let wanted = wanted.chain(reasons.iter().map(|(key, said)| (code("decline", key), said.clone())));
        broken.extend(wanted.chain(answers).filter_map(|(name, said)| {
            let found = ours.get(&name).map(|element| element.text.replace("\\'", "'"));
            let same = found.as_deref() == Some(said.as_str());
            (!same).then(|| format!("{name} is {found:?} ({language}), and the page says {said:?}"))
        }));
        let (listed, said): (Vec<String>, Vec<String>) =
            (reasons_of(&screen), reasons.into_iter().map(|(key, _)| key).collect());
        if listed != said {
            broken.push(format!("the alarm's screen offers the reasons {listed:?}, the page {said:?}"));
        }
    }
    Ok(broken)
}

/// Words of the alarm and what the page calls them.
const ANSWERS: &[(&str, &str)] = &[
    ("alarm_accept", "accept"),
    ("alarm_decline", "decline"),
    ("decline_title", "declineTitle"),
    ("decline_other", "otherReason"),
];

/// `            R.id.alarm_reason_busy to R.string.decline_busy,`, the two of a line alike.
fn reasons_of(screen: &str) -> Vec<String> {
    screen
        .lines()
        .filter_map(|line| line.trim().strip_prefix("R.id.alarm_reason_")?.trim_end_matches(',').split_once(" to "))
        .map(|(button, said)| match said.strip_prefix("R.string.decline_") {
            Some(reason) if reason == button => reason.to_owned(),
            _ => format!("{button} as {said}"),
        })
        .collect()
}

/// `    'LAKA-LUKA': 'Kecelakaan, ada korban',` between the last line that is `opens` and the one that closes it.
fn said_in(page: &str, opens: &str) -> Vec<(String, String)> {
    let Some((_, inside)) = page.rsplit_once(&format!("\n{opens}\n")) else { return Vec::new() };
    let indent = opens.len() - opens.trim_start().len();
    let closes = format!("{}}},", " ".repeat(indent));
    inside
        .lines()
        .take_while(|line| *line != closes)
        .filter_map(|line| {
            let (code, said) = line.trim().trim_end_matches(',').split_once(": ")?;
            let said = said.strip_prefix('\'')?.strip_suffix('\'')?;
            Some((code.trim_matches('\'').to_owned(), said.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(path: &str, attributes: &[(&str, &str)]) -> Element {
        let attributes =
            attributes.iter().map(|(name, value)| (format!("android:{name}"), (*value).to_owned())).collect();
        Element { path: path.to_owned(), attributes, text: String::new() }
    }

    #[test]
    fn a_permission_too_many_and_one_too_few_are_named() {
        let mut elements: Vec<Element> = PERMISSIONS
            .iter()
            .skip(1)
            .map(|(name, _)| element("manifest/uses-permission", &[("name", &format!("android.permission.{name}"))]))
            .collect();
        elements.push(element("manifest/uses-permission-sdk-23", &[("name", "android.permission.CAMERA")]));

        let broken = broken_permissions(&elements);

        assert_eq!(broken.len(), 2, "{broken:?}");
        assert!(
            broken.iter().any(|line| line.contains("INTERNET")) && broken.iter().any(|line| line.contains("CAMERA"))
        );
    }

    #[test]
    fn a_service_that_anybody_may_call_and_one_that_nobody_listed_are_named() {
        let open = element("manifest/application/service", &[("name", ".field.FieldService"), ("exported", "true")]);
        let new = element("manifest/application/service", &[("name", ".Other")]);

        let broken = broken_components(&[open, new]);

        assert!(broken.iter().any(|line| line.contains(".field.FieldService: exported is \"true\"")), "{broken:?}");
        assert!(broken.iter().any(|line| line.starts_with(".Other ")), "{broken:?}");
    }

    #[test]
    fn what_the_page_says_is_found_between_its_braces() {
        let page = "x\n  incoming: {\n    reasons: { busy: string };\n  };\n  incoming: {\n    accept: 'Terima',\n    reasons: {\n      'a-b': 'Jalan putus, jauh',\n    },\n    more: (n) => `${n}`,\n  },\n  task: {\n    call: 'Telepon',\n  },\n";

        assert_eq!(said_in(page, "    reasons: {"), [("a-b".to_owned(), "Jalan putus, jauh".to_owned())]);
        let all: Vec<String> = said_in(page, "  incoming: {").into_iter().map(|(key, _)| key).collect();
        assert_eq!(all, ["accept", "a-b"]);
        assert!(said_in(page, "  patient: {").is_empty());
    }

    #[test]
    fn a_button_that_says_another_reason_than_its_own_is_seen() {
        let screen = "    R.id.alarm_reason_busy to R.string.decline_busy,\n    R.id.alarm_reason_road to R.string.decline_crew,\n";

        assert_eq!(reasons_of(screen), ["busy", "road as R.string.decline_crew"]);
    }
}
