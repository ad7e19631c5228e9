//! Starts that came to nothing, counted beside the database: after three in a minute the next one leaves out what can be
//! left out.
//!
//! A start has come to something when its first screen was answered, when the exchange it was for began, or when its process ended as it should; a process that is
//! alive has not come to nothing yet. The clock is the monotonic one of this boot, so no set clock makes or ends a count.
//! Nothing here can keep a home from opening.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const FILE: &str = "siaga.starts";
const MOST: usize = 3;
const WITHIN_MS: i64 = 60_000;
/// Lines kept, at most: what was counted longer ago counts no more.
const LINES: usize = 16;

/// How a home is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    Usual,
    /// Without what can be left out: records are written and sent.
    Safe,
}

/// This start, until it has come to something.
pub(crate) struct Start {
    file: PathBuf,
    line: String,
    reached: AtomicBool,
}

impl Start {
    pub(crate) fn begin(home: &Path, boot_id: &str, monotonic_ms: i64) -> (Self, Manner) {
        let file = home.join(FILE);
        let line = format!("{boot_id} {monotonic_ms} {}", std::process::id());
        let mut lines = read(&file);
        let failed = lines.iter().filter(|line| failed(line, boot_id, monotonic_ms)).count();
        lines.push(line.clone());
        write(&file, lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default());
        let manner = if failed >= MOST { Manner::Safe } else { Manner::Usual };
        (Self { file, line, reached: AtomicBool::new(false) }, manner)
    }

    /// It came to something: it counts no more, and neither do those before it.
    pub(crate) fn reached(&self) {
        if !self.reached.swap(true, Ordering::Relaxed) {
            let mut lines = read(&self.file);
            let before = lines.iter().position(|line| *line == self.line);
            lines.drain(..before.map_or(0, |at| at.saturating_add(1)));
            write(&self.file, &lines);
        }
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        // A panic that ends the process unwinds through here as well, and is no good end.
        if !std::thread::panicking() {
            self.reached();
        }
    }
}

/// Of this boot, lately, and its process is gone.
fn failed(line: &str, boot_id: &str, monotonic_ms: i64) -> bool {
    let mut words = line.rsplitn(3, ' ');
    let (process, at) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let lately = at.parse::<i64>().is_ok_and(|at| (0..WITHIN_MS).contains(&monotonic_ms.saturating_sub(at)));
    words.next() == Some(boot_id) && lately && !Path::new("/proc").join(process).exists()
}

fn read(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().rev().take(LINES).map(str::to_owned).collect::<Vec<_>>().into_iter().rev().collect()
}

/// What cannot be written down is not counted: a full disk is no reason not to start.
fn write(file: &Path, lines: &[String]) {
    let temporary = file.with_extension(format!("starts.{}", std::process::id()));
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let written = if lines.is_empty() {
        fs::remove_file(file)
    } else {
        fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, file))
    };
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a start was not counted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GONE: u32 = u32::MAX;

    fn failed_starts(folder: &Path, at: &[i64]) {
        let lines: Vec<String> = at.iter().map(|at| format!("boot {at} {GONE}")).collect();
        write(&folder.join(FILE), &lines);
    }

    #[test]
    fn the_start_after_three_that_came_to_nothing_leaves_out_what_can_be_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        failed_starts(folder.path(), &[1_000, 2_000]);
        assert_eq!(Start::begin(folder.path(), "boot", 3_000).1, Manner::Usual);

        failed_starts(folder.path(), &[1_000, 2_000, 3_000]);
        let (start, manner) = Start::begin(folder.path(), "boot", 4_000);
        assert_eq!(manner, Manner::Safe);

        start.reached();
        assert_eq!(Start::begin(folder.path(), "boot", 5_000).1, Manner::Usual);
    }

    #[test]
    fn starts_of_another_boot_or_of_more_than_a_minute_ago_do_not_count() {
        let folder = tempfile::tempdir().expect("a folder");
        failed_starts(folder.path(), &[1_000, 2_000, 3_000]);

        assert_eq!(Start::begin(folder.path(), "another boot", 4_000).1, Manner::Usual);
        failed_starts(folder.path(), &[1_000, 2_000, 3_000]);
        assert_eq!(Start::begin(folder.path(), "boot", 61_500).1, Manner::Usual);
    }

    #[test]
    fn processes_that_are_alive_have_not_come_to_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let alive = std::process::id();
        let lines: Vec<String> = (1..9).map(|at| format!("boot {at} {alive}")).collect();
        write(&folder.path().join(FILE), &lines);

        assert_eq!(Start::begin(folder.path(), "boot", 10).1, Manner::Usual);
    }

    #[test]
    fn a_file_that_cannot_be_read_keeps_nothing_from_starting() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), [0xff; 5_000]).expect("written");

        assert_eq!(Start::begin(folder.path(), "boot", 10).1, Manner::Usual);
    }
}
