//! What goes wrong, as the plan says it, and the calm after it.

use super::{Happening, Machine};
use crate::simulation::ledger::Lost;
use crate::simulation::phone::Sky;
use crate::simulation::plan::{Death, TWIN, Weather};
use crate::simulation::template::{center_of, copy_tree, home_of};
use anyhow::{Context as _, Result};
use siaga_center::backup::{Present, restore_into};
use siaga_domain::id::{EntryId, Epoch};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A kill that finds no commit to strike at strikes after this long.
const STRIKES_WITHIN_MS: i64 = 3_000;
const HOUR_MS: i64 = 3_600_000;

impl Machine<'_> {
    pub(super) fn kill(&mut self, number: usize, commits: u8, down_ms: u32, death: Death) -> Result<()> {
        if self.engine(number).is_none() {
            return Ok(());
        }
        let time = self.time.clone();
        let phone = self.phone(number)?;
        if death == Death::Device {
            phone.boot(&time);
        }
        let life = phone.life;
        let home = phone.home.clone();
        self.disks.arm(&home, u32::from(commits));
        self.ledger.set_down_ms(number, i64::from(down_ms));
        self.after(STRIKES_WITHIN_MS, Happening::Dies { phone: number, life });
        Ok(())
    }

    pub(super) fn kill_center(&mut self, commits: u8, down_ms: u32) {
        if self.center.is_none() {
            return;
        }
        self.disks.arm(&self.database(), u32::from(commits));
        self.ledger.center_down_ms = i64::from(down_ms);
        let life = self.center_life;
        self.after(STRIKES_WITHIN_MS, Happening::CenterDies { life });
    }

    pub(super) fn part(&mut self, number: usize, for_ms: u32) -> Result<()> {
        let until = self.time.now_ms() + i64::from(for_ms);
        let phone = self.phone(number)?;
        phone.silent_until_ms = phone.silent_until_ms.max(until);
        let platform_tells = phone.road.happens(60);
        if platform_tells {
            self.after(i64::from(for_ms) + 10, Happening::CoverageIsBack { phone: number });
        }
        Ok(())
    }

    pub(super) fn cover(&mut self, number: usize, weather: Weather, percent: u8, for_ms: u32) -> Result<()> {
        let until_ms = self.time.now_ms() + i64::from(for_ms);
        self.phone(number)?.sky = Some(Sky { weather, percent, until_ms });
        Ok(())
    }

    /// A database is told at its opening how large it may grow, so the process begins anew.
    pub(super) fn set_full(&mut self, number: usize, full: bool) -> Result<()> {
        let home = self.home(number)?;
        if self.disks.is_full(&home) == full {
            return Ok(());
        }
        self.disks.set_full(&home, full);
        if self.engine(number).is_some() { self.end_process(number, 100) } else { Ok(()) }
    }

    pub(super) fn set_center_full(&mut self, full: bool) -> Result<()> {
        let database = self.database();
        if self.disks.is_full(&database) != full {
            self.disks.set_full(&database, full);
            if self.center.is_some() {
                self.end_center(100);
            }
        }
        Ok(())
    }

    /// Everybody is switched off; the plan goes on in the morning.
    pub(super) fn night(&mut self, hours: u8) -> Result<()> {
        let night_ms = i64::from(hours) * HOUR_MS;
        self.late_ms += night_ms;
        for number in 0..self.phones.len() {
            let time = self.time.clone();
            self.phone(number)?.boot(&time);
            self.end_process(number, night_ms)?;
        }
        if self.center.is_some() {
            self.end_center(night_ms - 1_000);
        }
        Ok(())
    }

    /// A copy of a home, as a backup of the phone would have it.
    pub(super) fn keep(&mut self, number: usize) -> Result<()> {
        let kept = self.folder.join(format!("kept-{number}"));
        let home = self.home(number)?;
        if kept.exists() {
            fs::remove_dir_all(&kept).context("let an older copy go")?;
        }
        copy_tree(&home, &kept)?;
        self.phone(number)?.kept = Some(kept);
        self.ledger.kept(number);
        Ok(())
    }

    /// The home is what it was when it was kept.
    pub(super) fn put_back(&mut self, number: usize, down_ms: u32) -> Result<()> {
        let Some(kept) = self.phone(number)?.kept.clone() else { return Ok(()) };
        let life = self.center.as_ref().map(|center| center.identity()).transpose()?.map(|identity| identity.epoch);
        self.end_process(number, i64::from(down_ms))?;
        let home = self.home(number)?;
        fs::remove_dir_all(&home).context("let a home go")?;
        copy_tree(&kept, &home)?;
        self.disks.note_copy(&home);
        let phone = self.phone(number)?;
        let lost = Lost {
            waited: std::mem::take(&mut phone.waiting),
            fixes_from: phone.fixes_from,
            knew_the_center: life.is_some() && phone.compared_in == life,
        };
        (phone.fixes_from, phone.compared_in) = (0, None);
        self.ledger.rolled_back(number, &lost);
        Ok(())
    }

    /// One home on two phones, both used from now on.
    pub(super) fn copy_phone(&mut self, number: u8) -> Result<()> {
        let (twin, number, twin_number) = (TWIN + number, usize::from(number), self.phones.len());
        if self.twins.contains_key(&twin) {
            return Ok(());
        }
        self.twins.insert(twin, twin_number);
        let home = home_of(&self.folder, twin);
        copy_tree(&self.home(number)?, &home)?;
        self.disks.note_copy(&home);
        let seed = self.seed.clone();
        let twin = self.phone(number)?.twin(home, &seed);
        self.phones.push(twin);
        self.ledger.cloned(number);
        self.start(twin_number)
    }

    pub(super) fn back_up(&mut self) -> Result<()> {
        let file = self.folder.join("backup.tar");
        if file.exists() {
            fs::remove_file(&file).context("let an older backup go")?;
        }
        if self.at_center(|center| center.backup(&file, "simulation"))?.is_some() {
            self.ledger.backed_up();
        }
        Ok(())
    }

    pub(super) fn restore(&mut self, down_ms: u32) -> Result<()> {
        let file = self.folder.join("backup.tar");
        if !file.exists() {
            return Ok(());
        }
        self.end_center(i64::from(down_ms));
        let epoch = Epoch(self.seed.branch(&format!("epoch {}", self.center_life)).bytes());
        restore_into(&file, &center_of(&self.folder), Present::SetAside, self.time.utc(), epoch)?;
        self.ledger.restored(&self.holders()?);
        Ok(())
    }

    /// Of what the center wrote, which phones have it.
    fn holders(&self) -> Result<BTreeMap<EntryId, BTreeSet<usize>>> {
        let mut holders: BTreeMap<EntryId, BTreeSet<usize>> = BTreeMap::new();
        for (number, phone) in self.phones.iter().enumerate() {
            let Some(engine) = &phone.engine else { continue };
            for (record, entry) in &self.ledger.by_center {
                let document = engine.store.document(*record)?;
                if document.is_some_and(|document| document.entries().iter().any(|one| one.id == *entry)) {
                    holders.entry(*entry).or_default().insert(number);
                }
            }
        }
        Ok(holders)
    }

    /// Nothing goes wrong any more; only the clocks stay as they are.
    pub(super) fn calm(&mut self) -> Result<()> {
        self.calm_since_ms = Some(self.time.now_ms());
        if self.center.is_none() {
            self.disks.set_full(&self.database(), false);
            self.start_center()?;
        } else {
            self.disks.revive(&self.database());
            self.set_center_full(false)?;
        }
        self.spare_everybody();
        for number in 0..self.phones.len() {
            let home = self.home(number)?;
            let phone = self.phone(number)?;
            (phone.silent_until_ms, phone.sky) = (0, None);
            let off = phone.engine.is_none();
            self.set_full(number, false)?;
            self.disks.revive(&home);
            if off {
                self.start(number)?;
            }
        }
        self.after(0, Happening::Look);
        Ok(())
    }

    /// Whatever was armed and did not strike yet misses.
    fn spare_everybody(&mut self) {
        let armed = |what: &Happening| matches!(what, Happening::Dies { .. } | Happening::CenterDies { .. });
        self.queue.retain(|due| !armed(&due.0.what));
    }
}
