//! One center and the people a story needs, in a folder that goes when the story ends.

use crate::program::center::Center;
use crate::program::desk::UnitAtPost;
use crate::program::find::{self, Programs};
use crate::program::phone::{Holder, Phone};
use crate::seed::Seed;
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static STAGES: AtomicU32 = AtomicU32::new(0);

/// A center, running, and where phones live.
#[derive(Debug)]
pub struct Stage {
    pub center: Center,
    chance: Seed,
    folder: Folder,
}

#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What a failing story leaves behind is worth reading.
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

impl Stage {
    /// A seeded center and nobody yet.
    ///
    /// # Errors
    /// The center did not start.
    pub async fn set(seed: u64) -> anyhow::Result<Self> {
        Self::set_with(find::programs()?, seed).await
    }

    /// As [`set`](Self::set), with the center of the caller's.
    ///
    /// # Errors
    /// The center did not start.
    pub async fn set_with(programs: Programs, seed: u64) -> anyhow::Result<Self> {
        let number = STAGES.fetch_add(1, Ordering::SeqCst);
        let folder = Folder(std::env::temp_dir().join(format!("siaga-stage-{}-{number}", std::process::id())));
        let data = folder.0.join("center");
        std::fs::create_dir_all(&data)?;
        let center = Center::start_of(programs, &data).await.with_context(|| format!("see {}", folder.0.display()))?;
        Ok(Self { center, chance: Seed::new(seed), folder })
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// The `number`th unit of a kind, from 0.
    ///
    /// # Errors
    /// The seed has not so many.
    pub async fn unit(&self, kind: &str, number: usize) -> anyhow::Result<UnitAtPost> {
        let units = self.center.units(kind).await?;
        units.into_iter().nth(number).with_context(|| format!("the seed has no {kind} number {number}"))
    }

    /// Somebody of the first ambulance.
    ///
    /// # Errors
    /// The center did not take the phone.
    pub async fn medic(&self, name: &str) -> anyhow::Result<Phone> {
        let unit = self.unit("ambulance", 0).await?.unit;
        self.phone(name, &unit, "medic").await
    }

    /// Somebody of the first BPBD team.
    ///
    /// # Errors
    /// The center did not take the phone.
    pub async fn volunteer(&self, name: &str) -> anyhow::Result<Phone> {
        let unit = self.unit("team", 0).await?.unit;
        self.phone(name, &unit, "volunteer").await
    }

    /// # Errors
    /// The center did not take the phone.
    pub async fn phone(&self, name: &str, unit: &str, role: &str) -> anyhow::Result<Phone> {
        let home = self.folder.0.join(name.to_lowercase());
        Phone::enrol(&home, &self.center, Holder { name, unit, role }, self.chance.branch(name)).await
    }

    /// As [`phone`](Self::phone), with the program of the caller's.
    ///
    /// # Errors
    /// The center did not take the phone.
    pub async fn phone_with(&self, programs: Programs, holder: Holder<'_>) -> anyhow::Result<Phone> {
        let home = self.folder.0.join(holder.name.to_lowercase());
        Phone::enrol_with(programs, &home, &self.center, holder, self.chance.branch(holder.name)).await
    }

    /// A call, and the first ambulance ordered to it: the incident and the assignment.
    ///
    /// # Errors
    /// The center did not take them.
    pub async fn medical_call(&self) -> anyhow::Result<(String, String)> {
        let incident = self.center.call("MED", "61.04.14.2015", "sesak napas").await?;
        let unit = self.unit("ambulance", 0).await?.unit;
        let assignment = self.center.assign(&incident, &unit, "").await?;
        Ok((incident, assignment))
    }
}
