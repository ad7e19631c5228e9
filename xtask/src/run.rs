//! `make run`: a center, one responder and, where there is a display, the app's window; until Ctrl-C.
//!
//! It uses the real programs as a person would, by their commands. What they keep stands under `var/`; throwing
//! that folder away is starting afresh. It installs nothing: `scripts/setup.sh` has done so.

use crate::{house, programs};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, timeout};

/// Long enough for a slow disk; a center that has not answered by then has said why in its log.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// What a program may take to close its database before it is ended.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

#[derive(Args)]
pub struct Options {
    /// Where the console and its API answer.
    #[arg(long, default_value = "127.0.0.1:8112")]
    console: SocketAddr,
    /// Where phones reach the center.
    #[arg(long, default_value = "127.0.0.1:8443")]
    field: SocketAddr,
    /// Where the responder's page answers.
    #[arg(long, default_value = "127.0.0.1:8113")]
    responder: SocketAddr,
    /// The folder that keeps everything.
    #[arg(long, default_value = "var")]
    data: PathBuf,
    /// Never open the app's window.
    #[arg(long)]
    no_window: bool,
}

/// Builds, starts, waits for Ctrl-C and stops what it started.
pub fn run(options: &Options) -> Result<()> {
    let data = house::root().join(&options.data);
    fs::create_dir_all(&data).with_context(|| format!("could not make {}", data.display()))?;
    let has_display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    let window = has_display && !options.no_window;

    programs::pages()?;
    programs::engine_and_center("dev")?;
    if window {
        programs::shell()?;
    }

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let mut house = Running { children: Vec::new() };
        let outcome = house.live(options, &data, window).await;
        house.stop().await;
        outcome
    })
}

/// The programs started here, in the order of their start.
struct Running {
    children: Vec<(&'static str, Child)>,
}

impl Running {
    async fn live(&mut self, options: &Options, data: &Path, window: bool) -> Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let started = async {
            let seeded = self.start_center(options, &data.join("center")).await?;
            let page = self.start_responder(options, data).await?;
            if window {
                self.start_window(&data.join("field"))?;
            }
            print_guide(options, &seeded, &page, window);
            Err::<(), anyhow::Error>(self.first_to_end().await)
        };
        tokio::select! {
            ended = started => ended,
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    }

    /// Seeds Ketapang where nothing is yet; returns what the seeding said about signing in.
    async fn start_center(&mut self, options: &Options, folder: &Path) -> Result<String> {
        let program = house::target_dir().join("debug/siaga-center");
        let said = folder.join("sign-ins.txt");
        if !said.is_file() {
            let mut seed = Command::new(&program);
            seed.arg("seed").arg("--data").arg(folder).args(["--regency", "61.04", "--demo"]);
            let printed = answer_of(&mut seed).await.context("the center could not be seeded")?;
            fs::write(&said, printed)?;
        }
        let mut serve = Command::new(&program);
        serve.arg("serve").arg("--data").arg(folder);
        serve.args(["--listen", &options.console.to_string(), "--field-listen", &options.field.to_string()]);
        let log = File::create(folder.join("serve.log"))?;
        serve.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
        self.start("the center", &mut serve)?;
        let until = Instant::now() + STARTS_WITHIN;
        while !is_healthy(options.console).await {
            self.nobody_has_ended(&folder.join("serve.log"))?;
            if Instant::now() > until {
                bail!("the center did not answer in {STARTS_WITHIN:?}; see {}", folder.join("serve.log").display());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(fs::read_to_string(&said)?)
    }

    /// Invites and enrols the responder where it is not enrolled; returns the address of its page.
    async fn start_responder(&mut self, options: &Options, data: &Path) -> Result<String> {
        let program = house::target_dir().join("debug/siaga-field");
        let home = data.join("field");
        let enrolled = data.join("field.enrolled");
        if !enrolled.is_file() {
            let mut invite = Command::new(house::target_dir().join("debug/siaga-center"));
            invite.args(["invite", "--json", "--unattended", "--unit", "AMB-01", "--role", "medic"]);
            invite.args(["--name", "HP Ambulans 1", "--field-url", &format!("https://{}", options.field)]);
            invite.arg("--data").arg(data.join("center"));
            let invitation: Value = serde_json::from_str(&answer_of(&mut invite).await?)?;
            let link = invitation.get("link").and_then(Value::as_str).context("the invitation holds no link")?;
            answer_of(Command::new(&program).arg("--home").arg(&home).arg("enrol").arg(link)).await?;
            File::create(&enrolled)?;
        }
        let mut serve = Command::new(&program);
        serve.arg("--home").arg(&home).args(["serve", "--listen", &options.responder.to_string()]);
        serve.stdout(Stdio::piped()).stderr(Stdio::from(File::create(data.join("field.log"))?));
        let child = self.start("the responder", &mut serve)?;
        let mut lines = BufReader::new(child.stdout.take().context("its standard output is piped")?).lines();
        let page = timeout(STARTS_WITHIN, async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = address_in(&line) {
                    return Ok(address.to_owned());
                }
            }
            bail!("the responder ended; see {}", data.join("field.log").display())
        })
        .await
        .context("the responder printed no address")??;
        // Whatever it prints later must not fill the pipe and stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(page)
    }

    fn start_window(&mut self, home: &Path) -> Result<()> {
        let mut shell = Command::new(programs::shell_program());
        shell.env("SIAGA_HOME", home);
        // Closing the window is not stopping the center, so it is not watched; it is stopped with the rest.
        self.start("the window", &mut shell).map(drop)
    }

    fn start(&mut self, name: &'static str, command: &mut Command) -> Result<&mut Child> {
        let child = command
            .current_dir(house::root())
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        self.children.push((name, child));
        Ok(&mut self.children.last_mut().expect("one was just pushed").1)
    }

    fn nobody_has_ended(&mut self, log: &Path) -> Result<()> {
        for (name, child) in &mut self.children {
            if let Some(status) = child.try_wait()? {
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!("{name} ended with {status}:\n{}", said.trim());
            }
        }
        Ok(())
    }

    /// Waits until one that must live has ended.
    async fn first_to_end(&mut self) -> anyhow::Error {
        loop {
            for (name, child) in self.children.iter_mut().filter(|(name, _)| *name != "the window") {
                match child.try_wait() {
                    Ok(None) => {}
                    Ok(Some(status)) => {
                        return anyhow::anyhow!("{name} ended with {status}; its log stands under var/");
                    }
                    Err(error) => return anyhow::Error::new(error).context(format!("{name} cannot be watched")),
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Asks all to end, the last started first, and ends those that do not.
    async fn stop(&mut self) {
        for (_, child) in self.children.iter().rev() {
            if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
            {
                // It may have ended already: then there is nobody to ask.
                let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            }
        }
        for (name, child) in self.children.iter_mut().rev() {
            if timeout(ENDS_WITHIN, child.wait()).await.is_err() {
                eprintln!("{name} did not end by itself");
                let _ = child.kill().await;
            }
        }
    }
}

async fn answer_of(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).current_dir(house::root()).output().await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout);
        bail!(
            "{} ended with {}: {} {}",
            command.as_std().get_program().display(),
            output.status,
            said.trim(),
            printed.trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The address in a printed line, session token and all.
fn address_in(line: &str) -> Option<&str> {
    let tail = line.get(line.find("http://")?..)?;
    tail.split(|c: char| c.is_whitespace() || c == '"').next()
}

async fn is_healthy(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut status = [0_u8; 12];
        stream.read_exact(&mut status).await?;
        Ok::<_, std::io::Error>(status.ends_with(b" 200"))
    };
    matches!(timeout(Duration::from_secs(2), asked).await, Ok(Ok(true)))
}

fn print_guide(options: &Options, seeded: &str, page: &str, window: bool) {
    println!();
    println!("Siaga is running. Ctrl-C stops all of it; everything is kept under {}/.", options.data.display());
    println!("  console    http://{}/", options.console);
    for line in seeded.lines().filter(|line| line.starts_with("Masuk")).take(3) {
        println!("             {line}");
    }
    println!("  responder  {page}");
    println!(
        "             AMB-01, \"HP Ambulans 1\"{}",
        if window { "; the app's window shows the same phone" } else { "" }
    );
    println!(
        "  try first  on the responder's page go on duty (Saya, Naik piket); on the console sign in, take a call at Asam Jelai"
    );
    println!(
        "             and assign AMB-01; on the responder's page accept it, press the next status, add a patient, and watch the"
    );
    println!("             console. The same phone from a shell:");
    println!(
        "             {} --home {} tasks",
        shown(&house::target_dir().join("debug/siaga-field")),
        shown(&options.data.join("field"))
    );
}

/// As short as it can be typed from the root of the project.
fn shown(path: &Path) -> String {
    path.strip_prefix(house::root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_a_sentence_and_in_json_with_its_token() {
        assert_eq!(address_in("open http://127.0.0.1:8113/#s=ab now"), Some("http://127.0.0.1:8113/#s=ab"));
        assert_eq!(address_in(r#"{"address":"http://127.0.0.1:8113/#s=ab"}"#), Some("http://127.0.0.1:8113/#s=ab"));
        assert_eq!(address_in("nothing yet"), None);
    }
}
