//! `siaga-center serve`.

use super::args::Serve;
use super::failure::Failure;
use super::{Answer, Tongue, cannot_open};
use serde_json::json;
use siaga_center::Center;
use siaga_center::admission::link::Program;
use siaga_center::admission::pool::Pool;
use siaga_center::clock::SystemClock;
use siaga_center::keys::make_owner_only;
use siaga_center::listen::Patience;
use siaga_center::lock;
use siaga_center::serve::{self, ServeError, ServeOptions};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub(super) fn serve(arguments: &Serve, tongue: Tongue) -> Result<Answer, Failure> {
    let data = &arguments.common.data;
    make_owner_only(data).map_err(|error| Failure::other("open", &error, "check the rights of the folder"))?;
    // Before anything is opened: a second server would write beside the first.
    let _served = lock::serving(data).map_err(|error| {
        Failure::other(
            "in_use",
            &error,
            "stop the `siaga-center serve` that runs on this folder, or name another --data",
        )
    })?;
    let center = Arc::new(open(arguments)?);
    let options = ServeOptions {
        console: arguments.listen,
        console_tls: arguments.tls_cert.clone().zip(arguments.tls_key.clone()),
        field: arguments.field_listen,
        field_urls: arguments.field_url.clone(),
        patience: Patience::of_the_field(),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::internal(&error))?;
    let stopped = runtime.block_on(run(center, options, tongue))?;
    // Whatever still waits for the disk has nobody to answer any more.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    Ok(stopped)
}

/// Opens the center behind processes that judge what phones send.
fn open(arguments: &Serve) -> Result<Center, Failure> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let workers = arguments.admission_workers.map_or(cores.clamp(2, 16), usize::from);
    let pool = Program::this().and_then(|program| Pool::start(program, workers)).map_err(|error| {
        Failure::other(
            "admission",
            &error,
            "the center judges what phones send in processes of its own program; let it start them",
        )
    })?;
    Center::open_behind(&arguments.common.data, Box::new(SystemClock), Box::new(pool))
        .map_err(|error| cannot_open(&error))
}

async fn run(center: Arc<Center>, options: ServeOptions, tongue: Tongue) -> Result<Answer, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| Failure::internal(&error))?;
    let mut hangup = signal(SignalKind::hangup()).map_err(|error| Failure::internal(&error))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| Failure::internal(&error))?;
    let (stop, stopping) = watch::channel(false);
    let secure = options.console_tls.is_some();
    let serving = serve::serve(center, options, stopping).await.map_err(|error| failure_of(&error))?;
    let scheme = if secure { "https" } else { "http" };
    let console = format!("{scheme}://{}", serving.console);
    let field = format!("https://{}", serving.field);
    let lines = vec![format!("Konsol dan API: {console}"), format!("HP petugas: {}", serving.field_urls.join(" "))];
    let addresses = json!({ "console": console, "field": field, "field_urls": serving.field_urls });
    tongue.say(&Answer::new(&addresses, lines)?);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => match serving.reload() {
                Ok(()) => tracing::info!("the certificate of the console was read again"),
                Err(error) => {
                    let error = &error as &(dyn std::error::Error + 'static);
                    tracing::error!(error, "the certificate of the console was not read again; the old one stays");
                }
            },
        }
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    serving.finished().await;
    // The one JSON value was the addresses.
    Ok(Answer { json: serde_json::Value::Null, lines: Vec::new(), failed: false })
}

fn failure_of(error: &ServeError) -> Failure {
    match error {
        ServeError::PlainConsole(_) => Failure::bad_input(
            "listen",
            error.to_string(),
            "listen at 127.0.0.1, or give --tls-cert and --tls-key for the console",
        ),
        ServeError::DemoPasswords(users) => Failure::bad_input(
            "listen",
            error.to_string(),
            format!(
                "give each a new password with `siaga-center admin person password --user {}`, end them with `admin person end`, or listen at 127.0.0.1",
                users.first().map_or("USER", String::as_str)
            ),
        ),
        ServeError::FieldUrl(_) => Failure::bad_input("field-url", error.to_string(), "write it as https://HOST:PORT"),
        ServeError::ReadTls(..) => Failure::bad_input("tls-cert", error.to_string(), "name PEM files that may be read"),
        ServeError::Listen(..) => {
            Failure::other("listen", error, "choose another port with --listen or --field-listen, or stop what uses it")
        }
        _ => Failure::internal(error),
    }
}
