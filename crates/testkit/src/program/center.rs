//! A `siaga-center` process on ports of its own, seeded with Ketapang.

use crate::program::{Said, find, http, run};
use anyhow::{Context, bail};
use serde_json::{Value, json};
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
    program: PathBuf,
    folder: PathBuf,
    console: SocketAddr,
    field: SocketAddr,
    token: String,
    child: Child,
}

impl Center {
    /// Seeds a new center in `folder` with the places and people of the demonstration, and starts it.
    ///
    /// # Errors
    /// A program is missing, a command failed, or the center did not answer in time.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let program = find::programs()?.center;
        let said = command(&program, folder, &["seed", "--regency", "61.04", "--demo"]).await?;
        said.done().context("the center could not be seeded")?;
        let token = command(&program, folder, &["token", "--name", "testkit"]).await?.done()?;
        let token = token.get("token").and_then(Value::as_str).context("no token was given")?.to_owned();
        let (console, field) = (free_address()?, free_address()?);
        let child = serve(&program, folder, console, field)?;
        let mut center = Self { program, folder: folder.to_owned(), console, field, token, child };
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
        self.child = serve(&self.program, &self.folder, self.console, self.field)?;
        self.answers().await
    }

    async fn answers(&mut self) -> anyhow::Result<()> {
        let asked = async {
            loop {
                if let Ok(answer) = http::ask(self.console, "GET", "/health", &[], None).await
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

    #[must_use]
    pub const fn console(&self) -> SocketAddr {
        self.console
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
        command(&self.program, &self.folder, arguments).await
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

    /// # Errors
    /// The center did not answer with 2xx.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask("GET", path, None).await
    }

    /// # Errors
    /// The center did not answer with 2xx.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask("POST", path, Some(body)).await
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.raw(method, path, body).await?;
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        answer.json()
    }

    /// As it came, whatever the status.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn raw(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<http::Answer> {
        let bearer = format!("Bearer {}", self.token);
        http::ask(self.console, method, path, &[("Authorization", bearer.as_str())], body).await
    }

    /// A call comes in; gives the incident's id.
    ///
    /// # Errors
    /// The center did not take it.
    pub async fn call(&self, category: &str, village: &str, narrative: &str) -> anyhow::Result<String> {
        let body = json!({ "category": category, "priority": "1", "narrative": narrative, "village": village });
        let made = self.post("/api/incidents", &body).await?;
        id_of(&made).context("the incident has no id")
    }

    /// Orders a unit to an incident; gives the assignment's id.
    ///
    /// # Errors
    /// The center did not take it.
    pub async fn assign(&self, incident: &str, unit: &str, text: &str) -> anyhow::Result<String> {
        let made = self.post("/api/assignments", &json!({ "incident": incident, "unit": unit, "text": text })).await?;
        id_of(&made).context("the assignment has no id")
    }

    /// The units of a kind (`ambulance`, `team`, `village`) with their posts, in the order of the directory.
    ///
    /// # Errors
    /// The center did not answer.
    pub async fn units(&self, kind: &str) -> anyhow::Result<Vec<UnitAtPost>> {
        let units = self.get("/api/units").await?;
        let of_kind = |view: &&Value| view.pointer("/unit/kind").and_then(Value::as_str) == Some(kind);
        let text = |view: &Value, path: &str| view.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let all = units.as_array().into_iter().flatten().filter(of_kind);
        Ok(all
            .filter_map(|view| Some(UnitAtPost { unit: text(view, "/unit/code")?, post: text(view, "/unit/post")? }))
            .collect())
    }

    /// The hash the device must have when both are quiet.
    ///
    /// # Errors
    /// The center does not know the device.
    pub async fn digest(&self, device: &str) -> anyhow::Result<String> {
        let view = self.get(&format!("/api/devices/{device}/digest")).await?;
        Ok(view.get("digest").and_then(Value::as_str).context("no digest")?.to_owned())
    }
}

/// A unit's call sign and the post it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitAtPost {
    pub unit: String,
    pub post: String,
}

/// The id of a made thing, wherever its view keeps it.
fn id_of(made: &Value) -> Option<String> {
    ["/id", "/brief/id", "/summary/id", "/incident/id", "/assignment/id"]
        .iter()
        .find_map(|path| made.pointer(path).and_then(Value::as_str))
        .map(str::to_owned)
}

async fn command(program: &Path, folder: &Path, arguments: &[&str]) -> anyhow::Result<Said> {
    let mut all: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    all.extend(["--json".to_owned(), "--data".to_owned(), folder.display().to_string()]);
    run(program, &all).await
}

fn serve(program: &Path, folder: &Path, console: SocketAddr, field: SocketAddr) -> anyhow::Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("serve.log"))?;
    Command::new(program)
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
