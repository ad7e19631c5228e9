//! The exchange that runs beside the page, until the server stops or somebody says "offline".

use siaga_field::Field;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Before it tries again when the home itself did not open.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

pub(super) async fn exchange(
    field: Arc<Field>,
    mut offline: watch::Receiver<bool>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            online = offline.wait_for(|offline| !*offline) => if online.is_err() { return },
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let ended = until_told_otherwise(&field, offline.clone(), stopping.clone()).await;
        if *stopping.borrow() {
            return;
        }
        if let Err(failure) = ended {
            tracing::warn!(code = %failure.code, "the exchange could not begin and is tried again");
            tokio::time::sleep(AFTER_A_FAILURE).await;
        }
    }
}

/// Exchanges until the server stops or the page goes offline.
async fn until_told_otherwise(
    field: &Field,
    mut offline: watch::Receiver<bool>,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), siaga_field::Failure> {
    let (stop, stopped) = watch::channel(false);
    let telling = tokio::spawn(async move {
        tokio::select! {
            _ = offline.wait_for(|offline| *offline) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        stop.send_replace(true);
    });
    // The store's own stamp tells the page what came in.
    let ended = field.watch(stopped, || {}).await;
    telling.abort();
    ended
}
