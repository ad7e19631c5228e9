//! A disk that is full to the last block: a folder of its own on a small memory disk, which only root may mount.
//!
//! Where it cannot be mounted there is nothing to test on, and the test says so and ends.

use siaga_domain::status::Status;
use siaga_field::FailureCode;
use siaga_field::request::{AddNote, RaiseSos};
use siaga_testkit::world::World;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of eight megabytes.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts a home on a disk of its own, with everything in it.
    fn under(home: &Path) -> Option<Self> {
        let files: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(home)
            .expect("a folder")
            .flatten()
            .filter(|entry| entry.path().is_file())
            .map(|entry| (entry.path(), std::fs::read(entry.path()).expect("reads")))
            .collect();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(home).status();
        let disk = mounted.is_ok_and(|status| status.success()).then(|| Self(home.to_owned()))?;
        files.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).expect("writes"));
        Some(disk)
    }

    /// Something else takes every block that is left.
    fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.0.join("video.mp4")).expect("a file");
        for size in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("video.mp4")).expect("is removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn raise() -> RaiseSos {
    RaiseSos { position: None }
}

#[test]
fn on_a_full_disk_a_phone_starts_shows_its_tasks_and_takes_presses_and_a_call_for_help() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.switch_off();
    let Some(disk) = SmallDisk::under(ani.home()) else {
        println!("nothing to test on: no small disk can be mounted here");
        return;
    };
    ani.switch_on();
    world.run_until_quiet();
    ani.switch_off();
    disk.fill();

    ani.switch_on();
    disk.fill();

    assert_eq!(ani.field().tasks().expect("are readable").len(), 1);
    for status in [Status::EnRoute, Status::OnScene, Status::AtPatient] {
        ani.press(&task, status);
    }
    ani.field().raise_sos(&raise()).expect("is taken");
    disk.fill();
    let note = AddNote { id: task.incident.clone(), text: "air naik".to_owned(), photo: None };
    assert_eq!(ani.field().note(&note).expect_err("waits").code, FailureCode::StorageFull);
    for _ in 0..4 {
        ani.press(&task, Status::Departed);
    }

    ani.try_sync().expect("answers");
    assert!(world.center().statuses(&task).contains(&Status::AtPatient), "it travels too");
    ani.switch_off();
    disk.empty();
    ani.switch_on();
    ani.field().note(&note).expect("is taken again");
    world.run_until_quiet();
    let health = ani.field().home().expect("answers").health;
    assert!(health.home_lost.is_none() && health.damaged_waiting == 0 && health.damaged_lost == 0, "{health:?}");
    assert!(
        !std::fs::read_dir(ani.home())
            .expect("a folder")
            .flatten()
            .any(|entry| { entry.file_name().to_string_lossy().starts_with("damaged-") })
    );
}
