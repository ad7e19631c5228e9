//! `make test`: every test there is, each part told apart, with its time and the sum of what ran.
//!
//! A part that fails does not stop the others, unless they need what it builds; one run tells everything that
//! is wrong. Numbers are read from what the runners print, so a part that ran nothing shows it.

use crate::android::{drift, face, kotlin, manifest, none_of};
use crate::{house, programs};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Options {
    /// Only these parts; all when none is given.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// A part of the suite, in the order they run: quick ones first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Part {
    /// rustfmt changes nothing.
    Format,
    /// The pages build, their types agree and their own tests pass.
    Pages,
    /// Clippy has nothing to say.
    Clippy,
    /// All Rust tests, the rules of the house among them.
    Rust,
    /// The generated TypeScript is not stale.
    Codegen,
    /// Both pages in a browser, against the real programs.
    Browser,
    /// The app itself, driven under Xvfb.
    Shell,
    /// The Android app as far as a machine without its SDK can: Kotlin, resources, names, and the life of its service.
    Android,
    /// All Rust of the app, type-checked and linted for both of a phone's processors.
    AndroidTypes,
}

/// What one part said.
struct Told {
    part: Part,
    passed: u64,
    failed: u64,
    took: Duration,
    trouble: Option<anyhow::Error>,
}

/// Runs the parts and sums up; an error when any of them failed.
pub fn run(options: &Options) -> Result<()> {
    let mut told = Vec::new();
    for part in Part::value_variants() {
        if !options.only.is_empty() && !options.only.contains(part) {
            continue;
        }
        println!("\n==> {}", name_of(*part));
        let began = Instant::now();
        let mut count = Count::default();
        let trouble = run_part(*part, &mut count).err();
        if let Some(error) = &trouble {
            eprintln!("{}: {error:#}", name_of(*part));
        }
        told.push(Told { part: *part, passed: count.passed, failed: count.failed, took: began.elapsed(), trouble });
    }
    sum_up(&told)
}

fn run_part(part: Part, count: &mut Count) -> Result<()> {
    let root = house::root();
    match part {
        Part::Format => house::must(house::cargo().args(["fmt", "--all", "--check"])),
        Part::Pages => {
            programs::pages()?;
            house::must(programs::npm().args(["run", "--silent", "check"]))?;
            count.run(programs::npm().args(["run", "--silent", "test"]))
        }
        Part::Clippy => {
            programs::pages_once()?;
            house::must(house::cargo().args(["clippy", "--locked", "--all-targets", "--quiet", "--", "-D", "warnings"]))
        }
        Part::Rust => {
            programs::pages_once()?;
            // Stories among them start the real programs, so these stand there first.
            programs::engine_and_center("dev")?;
            count.run(house::cargo().args(["test", "--locked", "--no-fail-fast"]))
        }
        Part::Codegen => crate::codegen::check().map(|files| println!("{files} generated files are fresh")),
        Part::Browser => {
            programs::pages()?;
            programs::engine_and_center("dev")?;
            programs::alter_home()?;
            count.run(node_tests(&root.join("tests/e2e"))?.env("SIAGA_PROGRAMS", house::target_dir().join("debug")))
        }
        Part::Shell => {
            programs::pages()?;
            programs::engine_and_center("dev")?;
            programs::shell()?;
            // A phone's service finds the engine in the same library that holds the page's shell.
            none_of(&face::broken_symbols(&programs::shell_library(), "nm")?)?;
            count.run(
                node_tests(&root.join("tests/shell"))?
                    .env("SIAGA_PROGRAMS", house::target_dir().join("debug"))
                    .env("SIAGA_APP", programs::shell_program())
                    .env("TAURI_DRIVER", tauri_driver()?),
            )
        }
        Part::Android => {
            programs::pages_once()?;
            programs::engine_center_and_face()?;
            let programs = house::target_dir().join("debug");
            none_of(&face::broken_names()?)?;
            none_of(&face::broken_symbols(&programs.join("libsiaga_android.so"), "nm")?)?;
            none_of(&manifest::broken_manifest()?)?;
            none_of(&drift::broken_drift()?)?;
            kotlin::link_resources()?;
            count.run(&mut kotlin::tests(&programs)?)?;
            println!("not proved here: Gradle, R8, androidx, Android's rules for services, key stores, and any phone");
            Ok(())
        }
        Part::AndroidTypes => {
            crate::android::check(&[])?;
            println!("not proved here, without an NDK: C code and linking for Android");
            Ok(())
        }
    }
}

/// The driver that lets a test press the app's buttons; built once, beside Cargo's target folder.
fn tauri_driver() -> Result<PathBuf> {
    const VERSION: &str = "2.1.0";
    let root = house::target_dir().join("tools");
    let program = root.join("bin/tauri-driver");
    if !program.is_file() {
        let mut cargo = house::cargo();
        cargo.args(["install", "tauri-driver", "--locked", "--version", VERSION, "--root"]).arg(&root);
        house::must(cargo.env("CARGO_TARGET_DIR", programs::shell_target_dir()))?;
    }
    Ok(program)
}

fn node_tests(folder: &std::path::Path) -> Result<Command> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("{} is not there", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("{} holds no *.test.mjs", folder.display());
    }
    let mut command = Command::new("node");
    // One file at a time: each starts a center, phones and a browser of its own.
    command.args(["--test", "--test-reporter=tap", "--test-concurrency=1"]).args(files).current_dir(house::root());
    Ok(command)
}

/// How many tests ran, as their runners say.
#[derive(Default, PartialEq, Eq, Debug)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    /// Runs a command, shows what it prints, and counts; an error when it failed or ran no test.
    fn run(&mut self, command: &mut Command) -> Result<()> {
        let before = self.passed;
        let mut child =
            command.env("NO_COLOR", "1").stdout(Stdio::piped()).spawn().context("could not start the tests")?;
        let printed = child.stdout.take().context("its standard output is piped")?;
        for line in BufReader::new(printed).split(b'\n') {
            let line = line?;
            let text = String::from_utf8_lossy(&line);
            println!("{text}");
            self.read(&text);
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status}", command.get_program().to_string_lossy());
        }
        if self.passed == before {
            bail!("{} ran no test", command.get_program().to_string_lossy());
        }
        Ok(())
    }

    /// The closing lines of cargo, node and vitest.
    fn read(&mut self, line: &str) {
        let line = line.trim();
        let number_before = |word: &str| -> u64 {
            let words: Vec<&str> =
                line.split(|c: char| c.is_whitespace() || c == ';').filter(|w| !w.is_empty()).collect();
            words
                .windows(2)
                .find_map(|pair| match pair {
                    [number, name] if *name == word => number.parse().ok(),
                    _ => None,
                })
                .unwrap_or(0)
        };
        if let Some(number) =
            line.strip_prefix("[INFO] Tests run: ").or_else(|| line.strip_prefix("[ERROR] Tests run: "))
        {
            // The sum of a run; the line of each class goes on with its time.
            let count_of = |name: &str| -> u64 {
                let found = line.split(", ").find_map(|part| part.strip_prefix(name));
                found.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
            };
            if !line.contains("Time elapsed") {
                let run: u64 = number.split(',').next().and_then(|number| number.parse().ok()).unwrap_or(0);
                let failed = count_of("Failures: ") + count_of("Errors: ");
                self.failed += failed;
                self.passed += run.saturating_sub(failed + count_of("Skipped: "));
            }
        } else if line.starts_with("test result:") || (line.starts_with("Tests ") && line.ends_with(')')) {
            self.passed += number_before("passed");
            self.failed += number_before("failed");
        } else if let Some(number) = line.strip_prefix("# pass ") {
            self.passed += number.trim().parse::<u64>().unwrap_or(0);
        } else if let Some(number) = line.strip_prefix("# fail ") {
            self.failed += number.trim().parse::<u64>().unwrap_or(0);
        }
    }
}

fn sum_up(told: &[Told]) -> Result<()> {
    println!();
    let (mut passed, mut failed) = (0, 0);
    for one in told {
        let verdict = if one.trouble.is_none() { "ok    " } else { "FAILED" };
        let tests = match one.passed + one.failed {
            0 => String::new(),
            _ => format!("{} passed, {} failed", one.passed, one.failed),
        };
        println!("{verdict} {:<28} {:>6.1} s  {tests}", name_of(one.part), one.took.as_secs_f64());
        passed += one.passed;
        failed += one.failed + u64::from(one.trouble.is_some() && one.failed == 0);
    }
    println!("total: {passed} passed, {failed} failed");
    if failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}

fn name_of(part: Part) -> &'static str {
    match part {
        Part::Format => "format",
        Part::Pages => "pages: types and units",
        Part::Clippy => "clippy",
        Part::Rust => "rust",
        Part::Codegen => "generated types",
        Part::Browser => "pages in a browser",
        Part::Shell => "shell under Xvfb",
        Part::Android => "Android at a desk",
        Part::AndroidTypes => "Rust for Android",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_every_runner_are_counted() {
        let mut count = Count::default();

        for line in [
            "test result: ok. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "      Tests  7 passed (7)",
            "# pass 5",
            "# fail 2",
            "running 3 tests",
            " Test Files  2 passed (2)",
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in a.B",
            "[INFO] Tests run: 36, Failures: 0, Errors: 0, Skipped: 0",
            "[ERROR] Tests run: 9, Failures: 1, Errors: 2, Skipped: 1",
        ] {
            count.read(line);
        }

        assert_eq!(count, Count { passed: 24 + 36 + 5, failed: 3 + 3 });
    }
}
