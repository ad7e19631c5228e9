//! `scripts/android-release.sh` where no SDK is: what it asks for, and what it says of the APKs that a build leaves. The build is
//! a stand-in that leaves APKs with a library made here; the checks of the result are the script's own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A machine that has all that the script asks for.
struct Machine {
    folder: tempfile::TempDir,
}

const ENGINE: &str = "int Java_id_go_ketapang_siaga_engine_Engine_open(void) { return 0; }";
const ON_16_KB: &str = "-Wl,-z,max-page-size=16384";

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder") };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the house");
        for folder in ["repo/scripts", "repo/src-tauri", "repo/ui/node_modules", "bin", "sdk", "apk"] {
            fs::create_dir_all(machine.at(folder)).expect("a folder");
        }
        let tools = machine.at("ndk/toolchains/llvm/prebuilt/linux-x86_64/bin");
        fs::create_dir_all(&tools).expect("a folder");
        for tool in ["readelf", "nm"] {
            symlink(Path::new("/usr/bin").join(tool), tools.join(format!("llvm-{tool}"))).expect("a link");
        }
        for target in ["aarch64-linux-android", "armv7-linux-androideabi"] {
            fs::create_dir_all(machine.at("sysroot/lib/rustlib").join(target)).expect("a folder");
        }
        fs::copy(root.join("scripts/android-release.sh"), machine.at("repo/scripts/android-release.sh"))
            .expect("copies");
        machine.program("rustc", &format!("echo {}", machine.at("sysroot").display()));
        // What Gradle leaves, where it leaves it.
        machine.program(
            "npm",
            &format!(
                "echo \"$* lto=$CARGO_PROFILE_RELEASE_LTO\" >> {0}/asked\nfor abi in arm64 arm; do\n  out={0}/repo/android/app/build/outputs/apk/$abi/release\n  \
                 mkdir -p \"$out\"\n  cp {0}/apk/$abi.apk \"$out/app-$abi-release-unsigned.apk\"\ndone",
                machine.folder.path().display()
            ),
        );
        machine
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\nset -e\n{text}\n")).expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("may be run");
    }

    /// What the build will leave for one processor.
    fn apk(&self, name: &str, abi: &str, source: &str, link: &str, ballast: usize) {
        let folder = self.at(&format!("apk/{name}/lib/{abi}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(self.at("engine.c"), source).expect("writes");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", link, "-o"]).arg(folder.join("libsiaga_app.so")).arg(self.at("engine.c"));
        assert!(cc.status().expect("cc runs").success());
        fs::write(self.at(&format!("apk/{name}/ballast")), vec![0; ballast]).expect("writes");
        let mut zip = Command::new("zip");
        zip.current_dir(self.at(&format!("apk/{name}"))).args(["-q", "-0", "-r", &format!("../{name}.apk"), "."]);
        assert!(zip.status().expect("zip runs").success());
    }

    fn release(&self, ndk: &str) -> Output {
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap_or_default());
        Command::new("bash")
            .arg(self.at("repo/scripts/android-release.sh"))
            .env("PATH", path)
            .env("ANDROID_HOME", self.at("sdk"))
            .env("NDK_HOME", self.at(ndk))
            .env_remove("SIAGA_KEYSTORE")
            .output()
            .expect("bash runs")
    }
}

fn complaints(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_machine_without_what_it_needs_is_told_what() {
    let machine = Machine::new();

    let without_ndk = machine.release("nowhere");
    fs::remove_dir(machine.at("sysroot/lib/rustlib/armv7-linux-androideabi")).expect("removes");
    let without_target = machine.release("ndk");

    assert_eq!(without_ndk.status.code(), Some(2));
    assert!(complaints(&without_ndk).contains("NDK_HOME names no folder"));
    assert_eq!(without_target.status.code(), Some(2));
    assert!(complaints(&without_target).contains("rustup target add armv7-linux-androideabi"));
}

#[test]
fn both_apks_are_built_by_one_command_and_pass_where_all_is_as_it_should_be() {
    let machine = Machine::new();
    machine.apk("arm64", "arm64-v8a", ENGINE, ON_16_KB, 0);
    machine.apk("arm", "armeabi-v7a", ENGINE, "-Wl,-z,max-page-size=4096", 0);

    let released = machine.release("ndk");

    assert!(released.status.success(), "{}", complaints(&released));
    let asked = fs::read_to_string(machine.at("asked")).expect("asked");
    assert_eq!(
        asked.trim(),
        "run tauri -- android build --apk --split-per-abi --target aarch64 --target armv7 --ci lto=fat"
    );
    let left = fs::read_dir(machine.at("repo/target/android-release")).expect("a folder").count();
    assert_eq!(left, 2);
}

#[test]
fn small_pages_an_engine_that_is_not_exported_and_twenty_megabytes_are_each_named() {
    let machine = Machine::new();
    machine.apk("arm64", "arm64-v8a", ENGINE, "-Wl,-z,max-page-size=4096", 21 * 1024 * 1024);
    machine.apk("arm", "armeabi-v7a", "int other(void) { return 0; }", ON_16_KB, 0);

    let released = machine.release("ndk");

    assert_eq!(released.status.code(), Some(1));
    let said = complaints(&released);
    for sentence in [
        "is larger than 20971520 bytes",
        "arm64-v8a: a segment stands on 0x1000, and not on 16 KB",
        "armeabi-v7a: the library does not export the engine",
    ] {
        assert!(said.contains(sentence), "{sentence} is missing in: {said}");
    }
}
