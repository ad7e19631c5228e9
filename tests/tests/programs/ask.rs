//! Questions several stories ask.

use anyhow::{Context, ensure};
use rusqlite::Connection;
use serde_json::Value;
use siaga_testkit::program::center::Center;
use siaga_testkit::program::phone::Phone;
use std::time::Duration;

/// Long enough for a slow machine, short enough to fail in.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Text at a JSON pointer.
pub(crate) fn text(value: &Value, path: &str) -> anyhow::Result<String> {
    Ok(value.pointer(path).and_then(Value::as_str).with_context(|| format!("nothing at {path} in {value}"))?.to_owned())
}

/// The list at a JSON pointer; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

/// The statuses pressed on an assignment, in causal order, as the center has them.
pub(crate) async fn statuses(center: &Center, assignment: &str) -> anyhow::Result<Vec<String>> {
    let record = center.get(&format!("/api/records/{assignment}")).await?;
    list(&record, "/record/events").map(|event| text(event, "/status")).collect()
}

/// How many changes the center has of a record.
pub(crate) async fn change_count(center: &Center, record: &str) -> anyhow::Result<u64> {
    let record = center.get(&format!("/api/records/{record}")).await?;
    record.pointer("/received/change_count").and_then(Value::as_u64).context("no change count")
}

/// The fields a phone says people disagree about in one record.
pub(crate) async fn disputed_fields(phone: &Phone, record: &str) -> anyhow::Result<Vec<String>> {
    let disputes = phone.done(&["disputes"]).await?;
    let of_record = list(&disputes, "").filter(|item| item.get("id").and_then(Value::as_str) == Some(record));
    of_record.map(|item| text(item, "/dispute/field")).collect()
}

/// Whether phone and center hold the same documents.
pub(crate) async fn agree(center: &Center, phone: &Phone) -> anyhow::Result<bool> {
    Ok(phone.digest().await? == center.digest(&phone.device).await?)
}

/// A process of this phone was killed in the middle of an exchange: its lease ends now and not in six seconds, in which
/// nothing would travel anyway.
pub(crate) fn lease_ends(phone: &Phone) -> anyhow::Result<()> {
    let key = hex::encode(std::fs::read(phone.home().join("store.key"))?);
    let conn = Connection::open(phone.home().join("siaga.db"))?;
    conn.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA busy_timeout = 10000;"))?;
    ensure!(conn.execute("UPDATE lease SET expires_ms = 0", [])? == 1, "nobody ever held it");
    Ok(())
}
