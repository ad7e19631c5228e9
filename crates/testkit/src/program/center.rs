//! A `siaga-center` process on ports of its own, seeded with Ketapang.

use crate::program::desk::Desk;
use crate::program::find::Programs;
use crate::program::{Said, find, http, run};
use anyhow::{Context, bail};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a center may take from its start to its first answer.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A running center. Dropping it kills the process.
#[derive(Debug)]
pub struct Center {
    programs: Programs,
    folder: PathBuf,
    desk: Desk,
    field: SocketAddr,
    child: Child,
}

impl Center {
    /// Seeds a new center in `folder` with the places and people of the demonstration, and starts it.
    ///
    /// # Errors
    /// A program is missing, a command failed, or the center did not answer in time.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_of(find::programs()?, folder).await
    }

    /// As [`start`](Self::start), with the programs of the caller's.
    ///
    /// # Errors
    /// A command failed, or the center did not answer in time.
    pub async fn start_of(programs: Programs, folder: &Path) -> anyhow::Result<Self> {
        let said = command(&programs, folder, &["seed", "--regency", "61.04", "--demo"]).await?;
        said.done().context("the center could not be seeded")?;
        Self::start_over(programs, folder).await
    }

    /// Starts a center over a folder that is there.
    ///
    /// # Errors
    /// A command failed, or the center did not answer in time.
    pub async fn start_over(programs: Programs, folder: &Path) -> anyhow::Result<Self> {
        let token = command(&programs, folder, &["token", "--name", "testkit"]).await?.done()?;
        let token = token.get("token").and_then(Value::as_str).context("no token was given")?.to_owned();
        let (console, field) = (free_address()?, free_address()?);
        let child = serve(&programs, folder, console, field)?;
        let desk = Desk::new(console, token);
        let mut center = Self { programs, folder: folder.to_owned(), desk, field, child };
        center.answers().await?;
        Ok(center)
    }

    /// Stops the process the hard way, as a power cut does.
    ///
    /// # Errors
    /// The process could not be ended.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("the center could not be killed")
    }

    /// Starts again over the same folder, at the same addresses.
    ///
    /// # Errors
    /// The center did not answer in time.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.child = serve(&self.programs, &self.folder, self.desk.console(), self.field)?;
        self.answers().await
    }

    async fn answers(&mut self) -> anyhow::Result<()> {
        let asked = async {
            loop {
                if let Ok(answer) = http::ask(self.desk.console(), "GET", "/health", &[], None).await
                    && answer.status == 200
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::select! {
            () = asked => Ok(()),
            ended = self.child.wait() => bail!("the center ended at once: {ended:?}"),
            () = tokio::time::sleep(STARTS_WITHIN) => bail!("the center did not answer in {STARTS_WITHIN:?}"),
        }
    }

    /// The process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Where phones reach it.
    #[must_use]
    pub const fn field(&self) -> SocketAddr {
        self.field
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Any other `siaga-center` command over the same folder.
    ///
    /// # Errors
    /// The command could not be started.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<Said> {
        command(&self.programs, &self.folder, arguments).await
    }

    /// A one-time link whose phone reaches the center at `through`.
    ///
    /// # Errors
    /// The center gave no link.
    pub async fn invite(&self, unit: &str, role: &str, name: &str, through: SocketAddr) -> anyhow::Result<String> {
        let url = format!("https://{through}");
        let arguments =
            ["invite", "--unit", unit, "--role", role, "--name", name, "--unattended", "--field-url", url.as_str()];
        let said = self.command(&arguments).await?.done()?;
        Ok(said.get("link").and_then(Value::as_str).context("no link was given")?.to_owned())
    }
}

impl std::ops::Deref for Center {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

async fn command(programs: &Programs, folder: &Path, arguments: &[&str]) -> anyhow::Result<Said> {
    let mut all: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    all.extend(["--json".to_owned(), "--data".to_owned(), folder.display().to_string()]);
    run(&programs.center, &programs.house, &all).await
}

fn serve(programs: &Programs, folder: &Path, console: SocketAddr, field: SocketAddr) -> anyhow::Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("serve.log"))?;
    Command::new(&programs.center)
        .current_dir(&programs.house)
        .arg("serve")
        .arg("--data")
        .arg(folder)
        .args(["--listen", &console.to_string(), "--field-listen", &field.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log))
        .kill_on_drop(true)
        .spawn()
        .context("the center could not be started")
}

/// A loopback port that was free a moment ago.
///
/// # Errors
/// There is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
