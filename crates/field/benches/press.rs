//! How long a press takes until it is durable, and how long the list of tasks takes with 1,000 documents.

#[path = "../tests/stage/stage.rs"]
mod stage;

use criterion::{Criterion, criterion_group, criterion_main};
use siaga_domain::kind::Role;
use siaga_domain::status::Status;
use siaga_field::request::Press;
use stage::{Center, Stage, UNIT, hear};
use std::hint::black_box;

/// A long road already lies behind the crew.
const ENTRIES: usize = 50;
const DOCUMENTS: usize = 1_000;

fn press(criterion: &mut Criterion) {
    let (stage, id, _) = Stage::with_a_task(Role::Medic);
    let request = Press { id, status: Status::OnScene, position: None, reason: None };
    for _ in 0..ENTRIES {
        stage.field.press(&request).expect("is kept");
    }
    criterion.bench_function("press into a document of 50 entries", |bench| {
        bench.iter(|| black_box(stage.field.press(&request).expect("is kept")));
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
