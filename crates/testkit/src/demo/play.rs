//! The play, act by act.

use crate::demo::flood::{self, Figures, VILLAGES, Village};
use crate::demo::table::Row;
use crate::link::{Quality, Traffic};
use crate::program::center::Center;
use crate::program::desk::UnitAtPost;
use crate::program::phone::{Holder, Phone};
use crate::seed::Seed;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// No phone may need longer than this to be received once there is coverage.
const RECEIVED_WITHIN: Duration = Duration::from_secs(30);

/// What the play came to.
#[derive(Debug)]
pub struct Outcome {
    pub rows: Vec<Row>,
    /// Every phone's digest equals the center's.
    pub agree: bool,
    /// What the center adds up from the villages.
    pub counted: Figures,
    pub took: Duration,
}

struct Cast {
    center: Center,
    crew: Actor,
    first: Actor,
    second: Actor,
    village: Actor,
}

/// Somebody with a phone.
struct Actor {
    phone: Phone,
    who: String,
    post: String,
    made: AtomicU64,
    exchanges: AtomicU64,
    enrolled: Traffic,
}

impl Actor {
    /// Writes something, with or without coverage.
    async fn writes(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let id = self.phone.makes(arguments).await?;
        self.made.fetch_add(1, Ordering::SeqCst);
        Ok(id)
    }

    async fn quiet(&self) -> anyhow::Result<()> {
        let effort = self.phone.sync_until_quiet(RECEIVED_WITHIN).await?;
        self.exchanges.fetch_add(effort.exchanges, Ordering::SeqCst);
        Ok(())
    }

    /// The link as it is where this phone is now; then how long until the center has everything.
    async fn meets(&self, quality: Quality, window: Option<(Duration, Duration)>) -> anyhow::Result<Duration> {
        let link = self.phone.link();
        link.becomes(quality);
        link.restore();
        let began = Instant::now();
        let flicker = async {
            // Coverage for a moment, then none, then some again: the hill, the valley, the next hill.
            if let Some((lasts, gone)) = window {
                tokio::time::sleep(lasts).await;
                link.cut();
                tokio::time::sleep(gone).await;
                link.restore();
            }
        };
        let ((), effort) = tokio::join!(flicker, self.phone.sync_until_received(RECEIVED_WITHIN));
        self.exchanges.fetch_add(effort?.exchanges, Ordering::SeqCst);
        Ok(began.elapsed())
    }

    async fn assesses(&self, incident: &str, village: &Village, source: &str) -> anyhow::Result<String> {
        let Figures { households, persons, houses } = village.figures;
        let numbers = [households, persons, houses, village.water_cm].map(|number| number.to_string());
        let [households, persons, houses, water] = &numbers;
        let mut arguments = vec![
            "assess",
            "--incident",
            incident,
            "--village",
            village.code,
            "--affected-kk",
            households,
            "--affected",
            persons,
            "--houses-submerged",
            houses,
            "--water-cm",
            water,
            "--source",
            source,
            "--note",
            flood::EXERCISE,
        ];
        if village.verified {
            arguments.push("--verified");
        }
        self.writes(&arguments).await
    }
}

/// Plays everything in `folder` and says what happens as it happens.
///
/// # Errors
/// A program failed, or something that must be true is not.
pub async fn play(folder: &Path, seed: u64, say: &(dyn Fn(Duration, &str) + Send + Sync)) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let tell = |text: String| say(began.elapsed(), &text);

    tell("siaga-center: seeding Kabupaten Ketapang (61.04), starting".to_owned());
    let cast = gather(folder, seed).await?;
    tell(format!("four phones enrolled over TLS: {}", cast.names().join(", ")));

    let incident = opening(&cast).await?;
    tell(
        "112: banjir in Jelai Hulu, priority 1; AMB-01 and both BPBD teams ordered, every phone has its task"
            .to_owned(),
    );
    let patient = cast.first_patient(&incident).await?;
    tell("AMB-01 logs a patient while it still has coverage; BPBD sees it".to_owned());

    for actor in cast.actors() {
        actor.phone.link().cut();
    }
    tell("the water takes the power: no phone has coverage".to_owned());
    cast.work_without_coverage(&incident, &patient).await?;
    for actor in cast.actors() {
        let waiting = actor.phone.waiting().await?;
        ensure!(waiting > 0, "{} wrote nothing", actor.phone.name);
        tell(format!("  {:<8} {waiting} waiting on the phone, none lost", actor.phone.name));
    }
    let refused = cast.crew.phone.run(&["sync"]).await?;
    ensure!(refused.code == 3, "a sync without coverage must end with 3, not {}", refused.code);
    tell("  sync says so honestly: saved here, center not reached (3)".to_owned());

    tell("coverage returns in patches: 4 KB/s, 300 ms, connections cut, gone again after 3 s".to_owned());
    let received = cast.coverage_returns(&tell).await?;

    tell("everybody hears what the others did".to_owned());
    let disputes = cast.settle_the_triage(&incident, &patient).await?;
    tell(format!("  the triage two people set apart was shown as a dispute {disputes} and settled by a human"));
    for actor in cast.actors() {
        actor.phone.link().becomes(Quality::default());
        actor.quiet().await?;
    }

    let counted = cast.counted().await?;
    cast.center.command(&["check"]).await?.done().context("the center found damage in its own store")?;
    tell("siaga-center check: every change, hash and projection verified".to_owned());
    let mut rows = Vec::new();
    for (actor, until_received) in cast.actors().into_iter().zip(received) {
        let agrees = actor.phone.digest().await? == cast.center.digest(&actor.phone.device).await?;
        rows.push(Row {
            name: actor.phone.name.clone(),
            who: actor.who.clone(),
            made: actor.made.load(Ordering::SeqCst),
            exchanges: actor.exchanges.load(Ordering::SeqCst),
            traffic: actor.phone.link().traffic().since(actor.enrolled),
            until_received,
            agrees,
        });
    }
    let agree = rows.iter().all(|row| row.agrees);
    Ok(Outcome { rows, agree, counted, took: began.elapsed() })
}

async fn gather(folder: &Path, seed: u64) -> anyhow::Result<Cast> {
    let data = folder.join("center");
    std::fs::create_dir_all(&data)?;
    let center = Center::start(&data).await?;
    let ambulance = center.units("ambulance").await?.into_iter().next().context("the seed has no ambulance")?;
    let mut teams = center.units("team").await?.into_iter();
    let first = teams.next().context("the seed has no BPBD team")?;
    let second = teams.next().unwrap_or_else(|| first.clone());
    let village = center.units("village").await?.into_iter().next().context("the seed has no village unit")?;
    let chance = Seed::new(seed);
    let enrol = async |name: &str, UnitAtPost { unit, post }: UnitAtPost, role: &str, title: &str| {
        let home = folder.join(name.to_lowercase());
        let holder = Holder { name, unit: &unit, role };
        let phone = Phone::enrol(&home, &center, holder, chance.branch(name)).await?;
        let enrolled = phone.link().traffic();
        let who = format!("{title}, {unit}");
        anyhow::Ok(Actor { phone, who, post, made: AtomicU64::new(0), exchanges: AtomicU64::new(0), enrolled })
    };
    let (crew, first, second, village) = tokio::try_join!(
        enrol("Ani", ambulance, "medic", "ambulance crew"),
        enrol("Budi", first, "volunteer", "BPBD volunteer"),
        enrol("Citra", second, "volunteer", "BPBD volunteer"),
        enrol("Darman", village, "village", "village officer"),
    )?;
    Ok(Cast { center, crew, first, second, village })
}

/// The call, the orders, and everybody's first look at them.
async fn opening(cast: &Cast) -> anyhow::Result<String> {
    for actor in cast.actors() {
        actor.writes(&["duty", "on", "--post", &actor.post, "--person", &actor.phone.name]).await?;
    }
    let narrative = format!("Banjir, air naik cepat, warga di atap. {}", flood::DECREE);
    let incident = cast.center.call("BANJIR", "61.04.14.2001", &narrative).await?;
    let mut ordered: Vec<String> = Vec::new();
    for actor in [&cast.crew, &cast.first, &cast.second] {
        let unit = actor.who.rsplit(", ").next().unwrap_or_default().to_owned();
        if !ordered.contains(&unit) {
            cast.center.assign(&incident, &unit, "lewat jalan Tumbang Titi").await?;
            ordered.push(unit);
        }
    }
    for actor in cast.actors() {
        actor.quiet().await?;
    }
    Ok(incident)
}

impl Cast {
    fn actors(&self) -> [&Actor; 4] {
        [&self.crew, &self.first, &self.second, &self.village]
    }

    fn names(&self) -> Vec<String> {
        self.actors().iter().map(|actor| format!("{} ({})", actor.phone.name, actor.who)).collect()
    }

    async fn first_patient(&self, incident: &str) -> anyhow::Result<String> {
        let added = [
            "patient",
            "add",
            "--incident",
            incident,
            "--sex",
            "P",
            "--age",
            "34",
            "--complaint",
            "kedinginan, kaki luka",
        ];
        let patient = self.crew.writes(&added).await?;
        self.crew.quiet().await?;
        self.first.quiet().await?;
        Ok(patient)
    }

    async fn work_without_coverage(&self, incident: &str, patient: &str) -> anyhow::Result<()> {
        let (near, far) = VILLAGES.split_at(6);
        tokio::try_join!(
            self.crew_works(incident, patient),
            self.team_works(&self.first, incident, near, Some(patient)),
            self.team_works(&self.second, incident, far, None),
            self.village_works(),
        )?;
        Ok(())
    }

    async fn crew_works(&self, incident: &str, patient: &str) -> anyhow::Result<()> {
        let crew = &self.crew;
        let task = first_task(&crew.phone).await?;
        crew.writes(&["accept", &task, "--lat", "-1.813", "--lon", "109.958"]).await?;
        let road =
            [("enroute", "-1.835", "110.599"), ("onscene", "-2.071", "110.868"), ("patient", "-2.072", "110.869")];
        for (status, lat, lon) in road {
            crew.phone.done(&["fix", "--lat", lat, "--lon", lon, "--accuracy", "12"]).await?;
            crew.writes(&["press", &task, status, "--lat", lat, "--lon", lon]).await?;
        }
        crew.writes(&["triage", patient, "red"]).await?;
        let vitals = [
            "vitals", patient, "--hr", "124", "--rr", "28", "--sbp", "92", "--dbp", "60", "--spo2", "91", "--gcs",
            "14", "--temp", "35.1",
        ];
        crew.writes(&vitals).await?;
        crew.writes(&["treat", patient, "--what", "selimut, oksigen", "--dose", "3 L/menit"]).await?;
        let second =
            ["patient", "add", "--incident", incident, "--sex", "L", "--age", "61", "--complaint", "sesak napas"];
        let second = crew.writes(&second).await?;
        crew.writes(&["triage", &second, "yellow"]).await?;
        crew.writes(&["press", &task, "departed", "--lat", "-2.02", "--lon", "110.735"]).await?;
        Ok(())
    }

    async fn team_works(
        &self,
        team: &Actor,
        incident: &str,
        villages: &[Village],
        patient: Option<&str>,
    ) -> anyhow::Result<()> {
        let task = first_task(&team.phone).await?;
        team.writes(&["accept", &task]).await?;
        team.writes(&["press", &task, "enroute"]).await?;
        for village in villages.iter().filter(|village| village.code != flood::CUT_OFF) {
            team.assesses(incident, village, "kepala desa").await?;
        }
        if let Some(patient) = patient {
            team.writes(&["triage", patient, "yellow", "--method", "judgement"]).await?;
        }
        team.writes(&["note", incident, "--text", "jembatan putus, hanya perahu"]).await?;
        Ok(())
    }

    async fn village_works(&self) -> anyhow::Result<()> {
        let officer = &self.village;
        let cut_off = VILLAGES
            .iter()
            .find(|village| village.code == flood::CUT_OFF)
            .context("Asam Jelai is not in the exercise")?;
        let report =
            ["report", "--type", "BANJIR", "--village", cut_off.code, "--text", "Asam Jelai terputus, belum terdata"];
        let incident = officer.writes(&report).await?;
        officer.assesses(&incident, cut_off, "hitung sendiri").await?;
        officer.writes(&["note", &incident, "--text", "butuh perahu karet dan air bersih"]).await?;
        Ok(())
    }

    async fn coverage_returns(&self, tell: &(dyn Fn(String) + Sync)) -> anyhow::Result<[Duration; 4]> {
        let patches = Some((Duration::from_secs(3), Duration::from_secs(2)));
        let edge = Quality::edge_of_coverage();
        let town = Quality::village_4g();
        let meets = async |actor: &Actor, quality: Quality, window| {
            let took = actor.meets(quality, window).await?;
            tell(format!(
                "  {:<8} everything received by 112, {:.1} s after the first bar",
                actor.phone.name,
                took.as_secs_f64()
            ));
            anyhow::Ok(took)
        };
        let (crew, first, second, village) = tokio::try_join!(
            meets(&self.crew, edge.clone(), patches),
            meets(&self.first, town.clone(), patches),
            meets(&self.second, town, None),
            meets(&self.village, edge, None),
        )?;
        Ok([crew, first, second, village])
    }

    /// Both phones and the center must show the dispute before somebody at the center settles it.
    async fn settle_the_triage(&self, incident: &str, patient: &str) -> anyhow::Result<String> {
        let mut seen = Vec::new();
        for actor in [&self.crew, &self.first] {
            actor.phone.link().becomes(Quality::default());
            actor.quiet().await?;
            let disputes = actor.phone.done(&["disputes"]).await?;
            let here = disputes.as_array().into_iter().flatten().any(|item| {
                item.get("id").and_then(Value::as_str) == Some(patient)
                    && item.pointer("/dispute/field").and_then(Value::as_str) == Some("triage")
            });
            ensure!(here, "{} does not show the dispute", actor.phone.name);
            seen.push(actor.phone.name.clone());
        }
        let detail = self.center.get(&format!("/api/incidents/{incident}")).await?;
        let dispute = detail
            .get("disputes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|view| view.get("record").and_then(Value::as_str) == Some(patient))
            .context("the center does not show the dispute")?;
        let red = dispute
            .pointer("/dispute/choices")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|choice| choice.get("value").and_then(Value::as_str) == Some("red"))
            .and_then(|choice| choice.pointer("/author/entry"))
            .and_then(Value::as_str)
            .context("red is not among the choices")?;
        let body = json!({ "record": patient, "field": "triage", "choice": red });
        self.center.post(&format!("/api/incidents/{incident}/resolve"), &body).await?;
        Ok(format!("by {} and the center", seen.join(", ")))
    }

    /// Affected households and persons and houses under water, as the center has them, each village once.
    async fn counted(&self) -> anyhow::Result<Figures> {
        let incidents = self.center.get("/api/incidents?state=all").await?;
        let mut villages: Vec<(String, Figures)> = Vec::new();
        for summary in incidents.as_array().into_iter().flatten() {
            let id = summary.get("id").and_then(Value::as_str).context("an incident without an id")?;
            let detail = self.center.get(&format!("/api/incidents/{id}")).await?;
            for view in detail.get("assessments").and_then(Value::as_array).into_iter().flatten() {
                let village = view.pointer("/assessment/village").and_then(Value::as_str).context("no village")?;
                let number = |metric: &str| {
                    let numbers = view.pointer("/assessment/numbers").and_then(Value::as_array).into_iter().flatten();
                    numbers
                        .filter(|seen| seen.get("metric").and_then(Value::as_str) == Some(metric))
                        .find_map(|seen| seen.pointer("/count/value").and_then(Value::as_i64))
                        .unwrap_or(0)
                };
                let figures = Figures {
                    households: number("affected_kk"),
                    persons: number("affected"),
                    houses: number("houses_submerged"),
                };
                if figures != Figures::default() && !villages.iter().any(|(known, _)| known == village) {
                    villages.push((village.to_owned(), figures));
                }
            }
        }
        Ok(flood::sum(villages.into_iter().map(|(_, figures)| figures)))
    }
}

async fn first_task(phone: &Phone) -> anyhow::Result<String> {
    let tasks = phone.done(&["tasks"]).await?;
    let open =
        tasks.as_array().into_iter().flatten().find(|task| task.get("open").and_then(Value::as_bool) == Some(true));
    let id = open.and_then(|task| task.get("id")).and_then(Value::as_str);
    Ok(id.with_context(|| format!("{} has no open task", phone.name))?.to_owned())
}
