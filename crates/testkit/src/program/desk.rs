//! The center's HTTP API, as another 112 system asks it: with a bearer token.

use crate::program::http;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Somebody who may ask the center everything.
#[derive(Clone, Debug)]
pub struct Desk {
    console: SocketAddr,
    token: String,
}

impl Desk {
    #[must_use]
    pub const fn new(console: SocketAddr, token: String) -> Self {
        Self { console, token }
    }

    #[must_use]
    pub const fn console(&self) -> SocketAddr {
        self.console
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
        let made = self.order(json!({ "incident": incident, "unit": unit, "text": text })).await?;
        id_of(&made).context("the assignment has no id")
    }

    /// The same, to be answered within so many seconds.
    ///
    /// # Errors
    /// The center did not answer, or refused.
    pub async fn assign_within(&self, incident: &str, unit: &str, ack_within_s: i64) -> anyhow::Result<String> {
        let order = json!({ "incident": incident, "unit": unit, "text": "", "ack_within_s": ack_within_s });
        id_of(&self.order(order).await?).context("the assignment has no id")
    }

    /// A unit that has an open order is ordered here as well: the center is given a reason once it asks for one.
    async fn order(&self, mut order: Value) -> anyhow::Result<Value> {
        let answer = self.raw("POST", "/api/assignments", Some(&order)).await?;
        let asks = answer.status == 409 && answer.json()?.pointer("/standing/assignment").is_some();
        match order.as_object_mut() {
            Some(fields) if asks => fields.insert("also".to_owned(), json!("kejadian berikutnya")),
            _ if (200..300).contains(&answer.status) => return answer.json(),
            _ => bail!("an order was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)),
        };
        self.post("/api/assignments", &order).await
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
