//! The engine and the shell, type-checked and linted for Android.
//!
//! With `NDK_HOME` set and the Rust targets installed, the phone's library is linked for real, and what it exports is
//! compared with what Kotlin calls. Without, Debian's own compiler (`rustc-web`, `cargo-web`, `rust-web-src`,
//! `rust-web-clippy`: one version, with the standard library's source) checks every type against Android's standard
//! library. C code is then not compiled: what stands in for its compiler answers with an empty object, so this proves types
//! and nothing about linking. What is proved and what is not stands in `docs/android.md`.
//!
//! It has a target folder of its own, so that two compilers never throw away one another's work.

pub mod drift;
pub mod face;
pub mod kotlin;
pub mod manifest;
pub mod xml;

use crate::house;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the phones of this service run: nearly all, and those sold with a 32-bit system.
pub const TARGETS: &[&str] = &["aarch64-linux-android", "armv7-linux-androideabi"];

/// The shell, and with it all that a phone carries.
const PACKAGE: &str = "siaga-app";

const DEBIAN_PACKAGES: &[&str] =
    &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "clang", "llvm", "libssl-dev"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// By its full name: Cargo would look for one beside a toolchain of somebody's own first.
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";

/// Checks the targets given, or all.
pub fn check(targets: &[String]) -> Result<()> {
    let targets: Vec<&str> =
        if targets.is_empty() { TARGETS.to_vec() } else { targets.iter().map(String::as_str).collect() };
    if !house::root().join("ui/dist/field.html").is_file() {
        bail!("the pages are not built, and the shell embeds them; run `make ui`");
    }
    match std::env::var_os("NDK_HOME") {
        Some(ndk) => targets.iter().try_for_each(|target| link(target, Path::new(&ndk))),
        None => {
            install_debian_compiler()?;
            let shim = write_shim(&target_dir())?;
            targets.iter().try_for_each(|target| check_types(target, &shim))
        }
    }
}

fn target_dir() -> PathBuf {
    house::target_dir().join("android-check")
}

fn check_types(target: &str, shim: &Path) -> Result<()> {
    println!("android-check: types of {PACKAGE} and all it uses, for {target}");
    let include = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let library = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let variable = target.replace('-', "_");
    let mut cargo = Command::new(DEBIAN_CLIPPY);
    cargo.current_dir(house::root());
    cargo.args(["clippy", "--locked", "--package", PACKAGE, "--lib", "--target", target]);
    cargo.args(["-Z", "build-std=std,panic_abort", "--", "-D", "warnings"]);
    // What wry writes for the app while it is built, our line for a dead renderer among it.
    let kotlin = target_dir().join("kotlin").join(target);
    fs::create_dir_all(&kotlin).with_context(|| format!("could not make {}", kotlin.display()))?;
    cargo.env("WRY_ANDROID_PACKAGE", "id.go.ketapang.siaga").env("WRY_ANDROID_LIBRARY", "siaga_app");
    cargo.env("WRY_ANDROID_KOTLIN_FILES_OUT_DIR", &kotlin);
    cargo.env("CARGO_TARGET_DIR", target_dir()).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    // A toolchain chosen by rustup would be found before Debian's, and has no source of its standard library.
    for inherited in ["RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(inherited);
    }
    cargo.env("CARGO", DEBIAN_CARGO);
    cargo.env("RUSTDOC", "/bin/false");
    cargo.env(format!("CC_{variable}"), shim).env(format!("AR_{variable}"), "llvm-ar");
    cargo.env(format!("CFLAGS_{variable}"), format!("-I{include}"));
    cargo.env("OPENSSL_NO_VENDOR", "1").env("OPENSSL_LIB_DIR", library).env("OPENSSL_INCLUDE_DIR", "/usr/include");
    house::must(&mut cargo)?;
    generated_kotlin(&kotlin)
}

/// What the app's own Kotlin takes for granted of the one that is generated: the stubs of `android/check` say no more.
fn generated_kotlin(folder: &Path) -> Result<()> {
    const TAKEN: &[(&str, &str)] = &[
        ("RustWebViewClient.kt", "Boolean = Renderer.gone(view)"),
        ("WryActivity.kt", "open fun onWebViewCreate(webView: WebView) { }"),
        ("WryActivity.kt", "open val handleBackNavigation: Boolean"),
        ("WryActivity.kt", "abstract class WryActivity : AppCompatActivity()"),
        ("RustWebChromeClient.kt", "getExternalFilesDir(Environment.DIRECTORY_PICTURES)"),
        ("RustWebChromeClient.kt", ".fileprovider"),
    ];
    for (file, line) in TAKEN {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("wry did not write {}", path.display()))?;
        if !text.contains(line) {
            bail!("{file} of this wry does not say {line:?}, and the app counts on it");
        }
    }
    Ok(())
}

/// With the NDK: compiled, C code and all, and linked into the library that the app loads.
fn link(target: &str, ndk: &Path) -> Result<()> {
    println!("android-check: {PACKAGE} for {target}, linked with the NDK");
    let tools = ndk.join(format!("toolchains/llvm/prebuilt/linux-{}/bin", std::env::consts::ARCH));
    let clang_target = if target.starts_with("armv7") { "armv7a-linux-androideabi" } else { target };
    let clang = tools.join(format!("{clang_target}26-clang"));
    if !clang.is_file() {
        bail!("{} is not there; NDK_HOME must be an NDK of version 28 or newer", clang.display());
    }
    let variable = target.replace('-', "_");
    let mut cargo = house::cargo();
    cargo.args(["build", "--locked", "--package", PACKAGE, "--lib", "--target", target]);
    cargo.env("CARGO_TARGET_DIR", target_dir());
    cargo.env(format!("CC_{variable}"), &clang).env(format!("AR_{variable}"), tools.join("llvm-ar"));
    cargo.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), &clang);
    // 64-bit libraries must stand on 16 KB pages; NDK 28 does it by itself, an older one is told.
    cargo.env("RUSTFLAGS", "-C link-arg=-Wl,-z,max-page-size=16384");
    house::must(&mut cargo)?;
    let library = target_dir().join(target).join("debug/libsiaga_app.so");
    none_of(&face::broken_symbols(&library, &tools.join("llvm-nm").to_string_lossy())?)
}

/// One error of all sentences; none when there are none.
pub fn none_of(broken: &[String]) -> Result<()> {
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("\n")) }
}

fn install_debian_compiler() -> Result<()> {
    let missing: Vec<&&str> = DEBIAN_PACKAGES.iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("android-check: installing {missing:?}");
    let is_root = rustix::process::geteuid().is_root();
    let apt = |arguments: &[&str]| {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.arg("apt-get");
        }
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        house::must(&mut command)
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(missing.into_iter().copied());
    apt(&arguments).context("these are packages of Debian 12 and newer; elsewhere set NDK_HOME")
}

fn is_installed(package: &str) -> bool {
    let asked = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).output();
    asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("ok installed"))
}

/// What stands in for Android's C compiler. It must be *named* clang, since build scripts guess the family of a
/// compiler from what it answers: asked to compile, it leaves an empty object; asked anything else, the real
/// clang answers.
fn write_shim(folder: &Path) -> Result<PathBuf> {
    const SHIM: &str = r#"#!/bin/sh
case " $* " in
*" -c "*)
    out=
    while [ $# -gt 0 ]; do
        case "$1" in
        -o) out=$2; shift ;;
        -o*) out=${1#-o} ;;
        esac
        shift
    done
    [ -n "$out" ] || exit 1
    exec /usr/bin/clang --target=aarch64-linux-gnu -x c -c /dev/null -o "$out"
    ;;
*) exec /usr/bin/clang "$@" ;;
esac
"#;
    let bin = folder.join("shim");
    fs::create_dir_all(&bin).with_context(|| format!("could not make {}", bin.display()))?;
    let path = bin.join("clang");
    if fs::read_to_string(&path).ok().as_deref() != Some(SHIM) {
        fs::write(&path, SHIM)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(path)
}
