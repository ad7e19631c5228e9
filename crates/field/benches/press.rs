//! How long a press takes until it is durable, and how long the list of tasks takes with 1,000 documents.

#[path = "../tests/stage/stage.rs"]
mod stage;

use criterion::{Criterion, criterion_group, criterion_main};
use siaga_domain::entry::Body;
use siaga_domain::kind::Role;
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::status::Status;
use siaga_field::request::Press;
use stage::{Center, Stage, UNIT, hear};
use std::hint::black_box;

/// A long road already lies behind the crew.
const ENTRIES: usize = 50;
/// Presses go round, so that no document grows far beyond that.
const TASKS: usize = 40;
const DOCUMENTS: usize = 1_000;

fn event(status: Status) -> Body {
    Body::StatusEvent(StatusEvent { status, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None })
}

fn press(criterion: &mut Criterion) {
    let stage = Stage::new(Role::Medic);
    let mut center = Center::new();
    let incident = center.incident();
    let mut requests = Vec::with_capacity(TASKS);
    let mut records = Vec::with_capacity(TASKS + 1);
    for _ in 0..TASKS {
        let mut order = center.order(incident.id, UNIT);
        for _ in 0..ENTRIES {
            center.more(&mut order, event(Status::OnScene));
        }
        requests.push(Press {
            id: order.id.to_string(),
            status: Status::OnScene,
            position: None,
            reason: None,
            shown: None,
            outcome: None,
        });
        records.push(order);
    }
    records.push(incident);
    hear(stage.folder.path(), records);
    let mut turns = requests.iter().cycle();
    criterion.bench_function("press into a document of 50 entries", |bench| {
        bench.iter(|| turns.next().map(|request| black_box(stage.field.press(request).expect("is kept"))));
    });
}

fn tasks(criterion: &mut Criterion) {
    let stage = Stage::new(Role::Medic);
    let mut center = Center::new();
    let mut records = Vec::with_capacity(DOCUMENTS);
    while records.len() < DOCUMENTS {
        let incident = center.incident();
        records.push(center.order(incident.id, UNIT));
        records.push(incident);
    }
    hear(stage.folder.path(), records);
    criterion.bench_function("tasks of 1,000 documents", |bench| {
        bench.iter(|| black_box(stage.field.tasks().expect("tasks").len()));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = press, tasks
}
criterion_main!(benches);
