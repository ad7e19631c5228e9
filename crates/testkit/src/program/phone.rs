//! One responder's phone: `siaga-field` over a home of its own, behind a link of its own.

use crate::link::{Link, Quality};
use crate::program::center::Center;
use crate::program::find::Programs;
use crate::program::{Said, find, run};
use crate::seed::Seed;
use anyhow::{Context, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Child;
use tokio::time::Instant;

/// Who holds the phone.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    /// `medic`, `volunteer`, `village` or `supervisor`.
    pub role: &'a str,
}

/// A phone that the center knows.
#[derive(Debug)]
pub struct Phone {
    pub name: String,
    pub device: String,
    programs: Programs,
    home: PathBuf,
    link: Link,
}

/// What it took to have nothing left to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    pub exchanges: u64,
    /// `sync` commands, those that did not reach the center included.
    pub attempts: u64,
}

impl Phone {
    /// Enrols over a good link, then takes the first exchange.
    ///
    /// # Errors
    /// The center did not take the phone.
    pub async fn enrol(home: &Path, center: &Center, holder: Holder<'_>, chance: Seed) -> anyhow::Result<Self> {
        Self::enrol_with(find::programs()?, home, center, holder, chance).await
    }

    /// As [`enrol`](Self::enrol), with the program of the caller's.
    ///
    /// # Errors
    /// The center did not take the phone.
    pub async fn enrol_with(
        programs: Programs,
        home: &Path,
        center: &Center,
        holder: Holder<'_>,
        chance: Seed,
    ) -> anyhow::Result<Self> {
        let link = Link::open(center.field(), Quality::default(), chance).await?;
        let invitation = center.invite(holder.unit, holder.role, holder.name, link.address()).await?;
        let mut phone =
            Self { name: holder.name.to_owned(), device: String::new(), programs, home: home.to_owned(), link };
        let enrolled = phone.done(&["enrol", &invitation]).await?;
        phone.device = enrolled.get("device").and_then(Value::as_str).context("no device id")?.to_owned();
        phone.done(&["sync"]).await?;
        Ok(phone)
    }

    /// A home that is there and enrolled already; what it is led to is up to the caller.
    ///
    /// # Errors
    /// No port is free for its link.
    pub async fn at(programs: Programs, home: &Path, center: &Center, chance: Seed) -> anyhow::Result<Self> {
        let link = Link::open(center.field(), Quality::default(), chance).await?;
        Ok(Self { name: "phone".to_owned(), device: String::new(), programs, home: home.to_owned(), link })
    }

    #[must_use]
    pub const fn link(&self) -> &Link {
        &self.link
    }

    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    #[must_use]
    pub fn program(&self) -> &Path {
        &self.programs.field
    }

    /// Runs one command, whatever it comes to.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<Said> {
        let mut all = vec!["--home".to_owned(), self.home.display().to_string(), "--json".to_owned()];
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        run(&self.programs.field, &self.programs.house, &all).await
    }

    /// Starts one command and leaves it running; it ends when it is dropped.
    ///
    /// # Errors
    /// It could not be started.
    pub fn starts(&self, arguments: &[&str], stdout: Stdio) -> std::io::Result<Child> {
        tokio::process::Command::new(&self.programs.field)
            .arg("--home")
            .arg(&self.home)
            .arg("--json")
            .args(arguments)
            .stdout(stdout)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }

    /// Runs one command that must be done.
    ///
    /// # Errors
    /// It ended with anything but 0.
    pub async fn done(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let said = self.run(arguments).await?;
        said.done().with_context(|| format!("{}: siaga-field {}", self.name, arguments.join(" ")))
    }

    /// The id in what a command wrote.
    ///
    /// # Errors
    /// The command failed or wrote nothing.
    pub async fn makes(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let written = self.done(arguments).await?;
        Ok(written.get("id").and_then(Value::as_str).context("nothing with an id was written")?.to_owned())
    }

    /// Exchanges until nothing waits here and the center has nothing more, trying again while the link fails.
    ///
    /// # Errors
    /// The center refused, or `within` was not enough.
    pub async fn sync_until_quiet(&self, within: Duration) -> anyhow::Result<Effort> {
        let began = Instant::now();
        let mut effort = Effort::default();
        loop {
            let said = self.run(&["sync"]).await?;
            effort.attempts += 1;
            effort.exchanges += count(&said.json, "exchanges");
            let news = count(&said.json, "received_changes") + count(&said.json, "receipted_changes");
            match said.code {
                0 if news == 0 && self.waiting().await? == 0 => return Ok(effort),
                0 | 3 => {}
                code => bail!("{}: sync ended with {code}: {} {}", self.name, said.json, said.complaint),
            }
            if began.elapsed() > within {
                bail!("{}: still not quiet after {within:?}: {}", self.name, said.json);
            }
        }
    }

    /// Exchanges until the center has receipted everything written here, and no longer.
    ///
    /// # Errors
    /// The center refused, or `within` was not enough.
    pub async fn sync_until_received(&self, within: Duration) -> anyhow::Result<Effort> {
        let began = Instant::now();
        let mut effort = Effort::default();
        loop {
            let said = self.run(&["sync"]).await?;
            effort.attempts += 1;
            effort.exchanges += count(&said.json, "exchanges");
            if !matches!(said.code, 0 | 3) {
                bail!("{}: sync ended with {}: {} {}", self.name, said.code, said.json, said.complaint);
            }
            if self.waiting().await? == 0 {
                return Ok(effort);
            }
            if began.elapsed() > within {
                bail!("{}: still waiting for a receipt after {within:?}: {}", self.name, said.json);
            }
        }
    }

    /// Changes, fixes and files the center has not confirmed.
    ///
    /// # Errors
    /// The store could not be read.
    pub async fn waiting(&self) -> anyhow::Result<u64> {
        let outbox = self.done(&["outbox"]).await?;
        let state = outbox.get("sync").context("the outbox does not say how things stand")?;
        Ok(["saved", "sent", "fixes_waiting", "attachments_waiting"].iter().map(|name| count(state, name)).sum())
    }

    /// The hash over everything in scope.
    ///
    /// # Errors
    /// The store could not be read.
    pub async fn digest(&self) -> anyhow::Result<String> {
        let digest = self.done(&["digest"]).await?;
        Ok(digest.get("digest").and_then(Value::as_str).context("no digest")?.to_owned())
    }
}

fn count(report: &Value, name: &str) -> u64 {
    report.get(name).and_then(Value::as_u64).unwrap_or(0)
}
