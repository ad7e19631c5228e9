//! That an exchange costs the same however many documents a phone has.

use crate::table::{Row, count, ms};
use siaga_domain::status::Status;
use siaga_testkit::shift;
use siaga_testkit::world::World;
use std::time::{Duration, Instant};

const DOCUMENTS: [usize; 3] = [10, 1_000, 10_000];
/// A request names no document; only the numbers in it get longer, by a byte or two.
const SLACK_BYTES: u64 = 8;

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut first: Option<[u64; 4]> = None;
    for documents in DOCUMENTS {
        let mut world = World::seeded(7);
        let [ani] = world.phones(["Ani"]);
        let tasks = shift::orders(&world, &ani, documents);
        let driver = ani.driver();
        ani.exchange(&driver);
        // Whichever exchange comes when a session grows old brings the next one, once: the lightest says nothing else.
        let mut idles: Vec<_> = (0..3).map(|_| timed(|| ani.exchange(&driver))).collect();
        idles.sort_by_key(|(report, time)| (report.bytes_up + report.bytes_down, *time));
        let (idle, idle_time) = idles.swap_remove(0);
        if let Some(task) = tasks.first() {
            ani.press(task, Status::EnRoute);
        }
        let (press, press_time) = timed(|| ani.exchange(&driver));
        let bytes = [idle.bytes_up, idle.bytes_down, press.bytes_up, press.bytes_down];
        let first = *first.get_or_insert(bytes);
        rows.push(Row {
            what: format!(
                "messages of an idle exchange and of a press with {} documents",
                count(ani.known_documents() as u64)
            ),
            promised: "independent of the number".to_owned(),
            found: format!(
                "{} B up, {} B down, {}; {} B up, {} B down, {}",
                idle.bytes_up,
                idle.bytes_down,
                ms(idle_time),
                press.bytes_up,
                press.bytes_down,
                ms(press_time)
            ),
            kept: bytes.iter().zip(first).all(|(now, first)| now.abs_diff(first) <= SLACK_BYTES)
                && (idle.exchanges, press.exchanges) == (1, 1),
        });
    }
    Ok(rows)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}
