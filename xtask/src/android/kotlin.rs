//! The app's Kotlin and its resources, proved at a desk: linked by Debian's aapt2 against its framework, compiled by Maven
//! against the framework's jar from Maven Central, tested on this machine's Java, the life of the field process among it.
//!
//! What androidx and the Tauri CLI bring are stubs here, and the framework for resources is of Android 10: what is newer is
//! left out for aapt2 and asserted as XML (`manifest`). Nothing here has seen a phone, Gradle or R8.

use super::manifest::{MANIFEST, NEWER, NEWER_ELEMENTS};
use crate::house;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const CHECK: &str = "android/check";
const FRAMEWORK: &str = "/usr/share/android-framework-res/framework-res.apk";
const PACKAGE: &str = "id.go.ketapang.siaga";

/// Links the resources and writes the `R.java` that the Kotlin is compiled with.
pub fn link_resources() -> Result<()> {
    let root = house::root();
    let out = root.join(CHECK).join("target");
    let (scratch, generated) = (out.join("aapt"), out.join("r"));
    // What was compiled before too: a class that no source has any more would be read with the others.
    for folder in [&scratch, &generated, &out.join("classes"), &out.join("test-classes")] {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
    }
    let foreign = scratch.join("foreign/values");
    std::fs::create_dir_all(&foreign)?;
    std::fs::copy(root.join(CHECK).join("foreign-res.xml"), foreign.join("foreign.xml"))?;
    let manifest = scratch.join("AndroidManifest.xml");
    let text = std::fs::read_to_string(root.join(MANIFEST))?;
    std::fs::write(&manifest, for_the_old_framework(&text)?)?;
    let compile = |from: &Path, to: &str| -> Result<PathBuf> {
        let to = scratch.join(to);
        house::must(Command::new("aapt2").args(["compile", "--dir"]).arg(from).arg("-o").arg(&to))?;
        Ok(to)
    };
    let ours = compile(&root.join("android/app/src/main/res"), "ours.zip")?;
    let theirs = compile(&scratch.join("foreign"), "theirs.zip")?;
    let mut link = Command::new("aapt2");
    link.args(["link", "-I", FRAMEWORK, "--min-sdk-version", "26", "--target-sdk-version", "37", "--manifest"]);
    link.arg(&manifest).arg("--java").arg(&generated).arg("-o").arg(scratch.join("linked.apk"));
    // The rules that a build makes of the manifest and the layouts, beside those of the project.
    link.arg("--proguard").arg(out.join("manifest.pro")).arg(theirs).arg(ours);
    house::must(&mut link)
}

/// Gradle's placeholders filled in, and what this framework does not know left out. Each must be there: a list that no
/// longer fits says so.
fn for_the_old_framework(manifest: &str) -> Result<String> {
    let mut text = manifest
        .replace("${applicationId}", PACKAGE)
        .replace("${usesCleartextTraffic}", "false")
        .replace("<manifest ", &format!("<manifest package=\"{PACKAGE}\" "));
    for attribute in NEWER {
        let (before, rest) = text.split_once(attribute).with_context(|| format!("no {attribute} in the manifest"))?;
        let after = rest.splitn(3, '"').nth(2).context("an attribute has a value")?;
        text = format!("{before}{after}");
    }
    for element in NEWER_ELEMENTS {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let (before, rest) = text.split_once(&open).with_context(|| format!("no {open} in the manifest"))?;
        let (_, after) = rest.split_once(&close).with_context(|| format!("no {close} in the manifest"))?;
        text = format!("{before}{after}");
    }
    Ok(text)
}

/// Maven over `android/check`, with the programs that a life is lived with.
pub fn tests(programs: &Path) -> Result<Command> {
    if !programs.join("libsiaga_android.so").is_file() {
        bail!("the engine's library is not built in {}", programs.display());
    }
    let mut maven = Command::new("mvn");
    maven.current_dir(house::root()).args(["-B", "-ntp", "-f"]).arg(format!("{CHECK}/pom.xml")).arg("test");
    maven.arg(format!("-Dsiaga.programs={}", programs.display())).arg("-Dstyle.color=never");
    Ok(maven)
}

/// Where the `java` on the path has its home.
pub fn java_home() -> Result<PathBuf> {
    let java = house::output_of(Command::new("sh").args(["-c", "readlink -f \"$(command -v java)\""]))?;
    let home = Path::new(java.trim()).parent().and_then(Path::parent).map(Path::to_path_buf);
    home.filter(|home| home.is_dir()).context("java is not on the path; scripts/setup.sh test installs one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_old_framework_does_not_know_is_left_out_and_nothing_else() {
        let text = "<manifest xmlns:android=\"x\">\n<queries><package/></queries>\n<application android:a=\"1\" android:dataExtractionRules=\"@xml/r\" android:b=\"2\" android:c=\"${applicationId}\"/></manifest>";

        let made = for_the_old_framework(text).expect("all is there");

        assert_eq!(
            made,
            "<manifest package=\"id.go.ketapang.siaga\" xmlns:android=\"x\">\n\n<application android:a=\"1\"  android:b=\"2\" android:c=\"id.go.ketapang.siaga\"/></manifest>"
        );
        assert!(for_the_old_framework("<manifest x=\"1\"/>").is_err());
    }
}
