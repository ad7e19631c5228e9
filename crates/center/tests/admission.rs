//! Workers under attack: what kills them is found and kept aside, what is honest is admitted, and the center goes on.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

#[allow(dead_code, reason = "another test file uses the rest")]
#[path = "field/phone.rs"]
mod phone;

use phone::Stage;
use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};
use siaga_center::admission::inside::Inside;
use siaga_center::admission::link::Program;
use siaga_center::admission::pool::Pool;
use siaga_center::admission::worker::UNCOUNTED;
use siaga_center::admission::{Case, Gate, GateError, Ruling};
use siaga_document::{Claim, Document, Header, NewEntry, Question, Rules};
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::{ActorId, DeviceId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::policy::Author;
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::status::Status;
use siaga_wire::exchange::{Hash32, Outcome};
use siaga_wire::receipt::{Exception, Verdict};
use std::path::PathBuf;
use std::sync::Arc;

const CENTER: &str = env!("CARGO_BIN_EXE_siaga-center");
const RECORD: RecordId = RecordId::from_bytes([7; 16]);
const CLAIM: Claim =
    Claim { record: RECORD, kind: RecordKind::Incident, author: Author::Device(Role::Medic), rules: Rules::Entering };
/// More operations than any machine looks at in two seconds.
const ENDLESS: u64 = 20_000_000_000;

fn program() -> Program {
    Program { path: PathBuf::from(CENTER), arguments: vec!["admit-worker".to_owned()] }
}

/// Workers that decode what they did not count: what else may cost as much is not known, and the walls are for that.
fn credulous(workers: usize) -> Pool {
    let arguments = vec!["admit-worker".to_owned(), UNCOUNTED.to_owned()];
    Pool::start(Program { path: PathBuf::from(CENTER), arguments }, workers).expect("workers")
}

fn pool(workers: usize) -> Pool {
    Pool::start(program(), workers).expect("workers")
}

fn uleb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// Signed: a positive run length whose top bit does not read as a sign.
fn leb(number: u64) -> Vec<u8> {
    let mut bytes = uleb(number);
    if bytes.last().unwrap() & 0x40 != 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// A whole and valid change of about a hundred bytes that says "put null under this key" so many times: every column
/// is one run.
fn bomb(operations: u64, actor: u8) -> Vec<u8> {
    let run = |value: &[u8]| [leb(operations).as_slice(), value].concat();
    let columns: [(u8, Vec<u8>); 5] =
        [(0x15, run(&[1, b'a'])), (0x34, uleb(operations)), (0x42, run(&[1])), (0x56, run(&[0])), (0x70, run(&[0]))];
    // No dependencies; the actor; sequence 1, first operation 1, time 0, no message, no other actors.
    let mut body = vec![0, 16];
    body.extend([actor; 16]);
    body.extend([1, 1, 0, 0, 0]);
    body.push(5);
    for (spec, data) in &columns {
        body.push(*spec);
        body.extend(uleb(data.len() as u64));
    }
    columns.iter().for_each(|(_, data)| body.extend(data));
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1];
    chunk.extend(uleb(body.len() as u64));
    chunk.extend(body);
    with_checksum(chunk)
}

fn with_checksum(mut chunk: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&chunk[8..]);
    chunk[4..8].copy_from_slice(&hash[..4]);
    chunk
}

/// An honest record of so many changes.
fn honest(changes: u8) -> Vec<Vec<u8>> {
    let actor = ActorId::from_bytes([1; 16]);
    let note = |number: u8| NewEntry {
        id: EntryId::from_bytes([number; 16]),
        stamp: Stamp::default(),
        body: Body::Note(Note { text: format!("catatan {number}"), ..Note::default() }),
    };
    let header = Header { id: RECORD, kind: RecordKind::Incident, schema: 1 };
    let (mut document, mut made) = Document::create(header, actor, &[note(0)]).expect("a document");
    for number in 1..changes {
        made.extend(document.append(actor, &[note(number)]).expect("a change"));
    }
    made.into_iter().map(|change| change.bytes).collect()
}

fn judge(gate: &dyn Gate, base: &[Vec<u8>], changes: &[Vec<u8>]) -> Result<Vec<Ruling>, GateError> {
    let document = Document::from_log(base.iter().map(Vec::as_slice)).expect("a document");
    let questions: Vec<Question<'_>> = changes.iter().map(|bytes| Question { bytes, claim: CLAIM }).collect();
    gate.judge(&Case {
        device: DeviceId::from_bytes([5; 16]),
        record: RECORD,
        document: &document,
        history: &|| Ok(base.to_vec()),
        questions: &questions,
    })
}

fn reasons(rulings: &[Ruling]) -> Vec<Option<&str>> {
    rulings.iter().map(Ruling::reason).collect()
}

fn end(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).expect("a process");
    // It may have ended by itself in between.
    let _ = kill_process(process, signal);
}

fn seen() -> Body {
    Body::StatusEvent(StatusEvent {
        status: Status::Seen,
        lat: None,
        lon: None,
        accuracy_m: None,
        reason: None,
        outcome: None,
    })
}

#[test]
fn workers_rule_as_this_process_would_and_keep_records_at_hand() {
    let pool = pool(2);
    let changes = honest(150);
    let (base, more) = changes.split_at(40);
    let mut asked = more.to_vec();
    asked.insert(5, bomb(300, 9));
    asked.insert(70, more[3].clone());
    asked.insert(71, vec![1, 2, 3]);

    let by_workers = judge(&pool, base, &asked).expect("rulings");

    let mut inside = judge(&Inside, base, &asked).expect("rulings");
    for ruling in &mut inside {
        if let Ruling::Admitted(vetted) = ruling {
            vetted.change.bytes.clear();
        }
    }
    assert_eq!(by_workers, inside);
    assert_eq!(by_workers.iter().filter(|ruling| matches!(ruling, Ruling::Admitted(_))).count(), 110);
    let again = judge(&pool, &changes, &asked[..2]).expect("rulings");
    assert_eq!(again, [Ruling::Duplicate, Ruling::Duplicate]);
    assert_eq!(pool.deaths(), 0);
}

#[test]
fn an_endless_change_of_a_hundred_bytes_is_kept_aside_and_those_around_it_are_admitted() {
    let pool = credulous(2);
    let endless = bomb(ENDLESS, 9);
    assert!(endless.len() < 120, "{}", endless.len());
    let mut changes = honest(6);
    changes.insert(3, endless);

    let rulings = judge(&pool, &[], &changes).expect("rulings");

    assert_eq!(reasons(&rulings), [None, None, None, Some("resource"), None, None, None]);
    // Once among the others, once alone in a worker that had judged nothing else.
    assert_eq!(pool.deaths(), 2);
}

#[test]
fn a_device_that_sends_many_endless_changes_waits_between_them_and_gets_on() {
    let pool = credulous(2);
    let mut changes = honest(3);
    changes.insert(1, bomb(ENDLESS, 20));
    changes.insert(3, bomb(ENDLESS, 21));

    let first = judge(&pool, &[], &changes);
    let second = judge(&pool, &[], &changes).expect("rulings");

    assert!(matches!(first, Err(GateError::Down { .. })), "{first:?}");
    let killed = Some("resource");
    assert_eq!(reasons(&second), [None, killed, None, killed, None]);
    // Together once, and each alone once: what killed is known.
    assert_eq!(pool.deaths(), 3);
}

#[test]
fn a_change_of_a_million_operations_is_refused_before_it_is_decoded() {
    let pool = pool(1);
    let bombs = [bomb(257, 9), bomb(1_000_000, 9), bomb(10_000_000, 8), bomb(ENDLESS, 7)];

    let rulings = judge(&pool, &honest(1), &bombs).expect("rulings");
    let unpacked = credulous(1);
    let decoded = judge(&unpacked, &honest(1), &bombs[..2]).expect("rulings");

    assert_eq!(reasons(&rulings), [Some("operation_count"); 4]);
    assert_eq!(pool.deaths(), 0);
    let known = |reason: &Option<&str>| matches!(reason, Some("operation_count" | "resource"));
    assert!(reasons(&decoded).iter().all(known), "{decoded:?}");
}

#[test]
fn a_worker_killed_from_outside_in_the_middle_of_its_work_costs_no_honest_change() {
    let pool = Arc::new(credulous(1));
    let mut changes = honest(4);
    changes.insert(2, bomb(ENDLESS, 9));
    let (waiting, _) = pool.processes();
    waiting.iter().for_each(|process| end(*process, Signal::KILL));
    let judging = {
        let pool = Arc::clone(&pool);
        std::thread::spawn(move || judge(&*pool, &[], &changes))
    };

    // Two workers more, each at work on the endless change.
    let mut killed = waiting;
    while killed.len() < 3 {
        let (_, at_work) = pool.processes();
        if let Some(process) = at_work.into_iter().find(|process| !killed.contains(process)) {
            end(process, Signal::KILL);
            killed.push(process);
        }
        std::thread::yield_now();
    }
    let rulings = judging.join().expect("a thread").expect("rulings");

    assert_eq!(reasons(&rulings), [None, None, Some("resource"), None, None]);
}

#[test]
fn a_thousand_hostile_changes_in_a_row_leave_a_gate_that_admits_the_honest_one() {
    let pool = pool(2);
    let mut honest = honest(12);
    let next = honest.pop().expect("a change");
    let mut draw = 1_u64;
    let mut dice = move || {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(draw >> 33).unwrap()
    };
    let hostile: Vec<Vec<u8>> = (0..1_000)
        .map(|_| {
            let mut bytes = next.clone();
            for _ in 0..=dice() % 4 {
                let at = 9 + dice() % (bytes.len() - 9);
                bytes[at] = u8::try_from(dice() % 256).unwrap();
            }
            with_checksum(bytes)
        })
        .filter(|bytes| *bytes != next)
        .collect();

    let mut refused = 0;
    for some in hostile.chunks(50) {
        let rulings = judge(&pool, &honest, some).expect("rulings");
        refused += reasons(&rulings).iter().flatten().count();
    }
    let last = judge(&pool, &honest, &[next]).expect("a ruling");

    // A flipped letter of a text makes another honest change; that is all that may pass.
    assert!(refused > 700, "{refused}");
    assert_eq!(reasons(&last), [None]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_can_open_nothing_and_is_limited_by_the_kernel() {
    let pool = pool(1);
    let (waiting, _) = pool.processes();
    let of =
        |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", waiting[0])).expect("a file of the kernel");
    let limits = of("limits");
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).expect("a limit");
        line[name.len()..].split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
    };

    assert_eq!(limit("Max address space"), ["536870912", "536870912"]);
    assert_eq!(limit("Max open files"), ["3", "3"]);
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    assert_eq!(limit("Max file size"), ["0", "0"]);
    assert_ne!(limit("Max cpu time")[0], "unlimited");
    let status = of("status");
    assert!(status.lines().any(|line| line == "Seccomp:\t2"), "{status}");
    assert!(status.lines().any(|line| line == "NoNewPrivs:\t1"), "{status}");
    assert_eq!(of("environ"), "");
}

/// Memory of this process at its largest.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_endless_change_is_judged_other_phones_are_answered() {
    let stage = Stage::behind(Box::new(credulous(2))).await;
    let mut hostile = stage.phone("AMB-01", Role::Medic).await;
    let mut other = stage.phone("TRC-01", Role::Volunteer).await;
    other.actor = ActorId::from_bytes([8; 16]);
    let (_, task) = stage.order("TRC-01");
    let (_, own) = stage.order("AMB-01");
    hostile.exchange(Vec::new(), 0).await;
    other.exchange(Vec::new(), 0).await;
    let mut changes = hostile.append(own, seen());
    changes.push(bomb(ENDLESS, 9));
    changes.extend(hostile.append(own, seen()));
    let endless = siaga_wire::envelope::change_hash(&changes[1]);
    let envelope = hostile.seal(vec![(own, RecordKind::Assignment, changes)]);

    let before = resident_kb();
    let attack = tokio::spawn(async move {
        let exchanged = hostile.exchange(vec![envelope], 0).await;
        hostile.receipts(&exchanged).remove(0)
    });
    let mut answered = 0;
    while answered < 20 {
        let pressed = other.add(task, RecordKind::Assignment, seen());
        let exchanged = other.exchange(vec![pressed], 0).await;
        assert_eq!(other.receipts(&exchanged)[0].exceptions, []);
        answered += 1;
    }
    let still_judged = !attack.is_finished();
    let receipt = attack.await.expect("a receipt");

    assert!(resident_kb().saturating_sub(before) < 512 * 1024, "the center grew");
    assert!(still_judged, "twenty presses took longer than the attack");
    let resource = Exception { change: Hash32(endless), verdict: Verdict::Refuse, reason: "resource".to_owned() };
    assert_eq!(receipt.exceptions, [resource]);
    assert_eq!(stage.center.history(&own).expect("a history").len(), 3);
    assert_eq!(stage.center.check().expect("a check").problems, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_worker_to_be_had_nothing_is_taken_orders_still_arrive_and_the_same_bytes_are_taken_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken");
    let script = format!("[ -e {} ] && exit 1; exec {CENTER} admit-worker", broken.display());
    let program = Program { path: PathBuf::from("/bin/sh"), arguments: vec!["-c".to_owned(), script] };
    let pool = Arc::new(Pool::start(program, 1).expect("a worker"));
    let stage = Stage::behind(Box::new(Shared(Arc::clone(&pool)))).await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, task) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    std::fs::write(&broken, b"").expect("a file");
    pool.processes().0.iter().for_each(|process| end(*process, Signal::KILL));
    let pressed = ani.add(task, RecordKind::Assignment, seen());

    let refused = ani.ask(ani.request(vec![pressed.clone()], 0)).await;
    let (_, second) = stage.order("AMB-01");
    let told = ani.exchange(vec![pressed.clone()], 0).await;

    assert!(matches!(refused.outcome, Outcome::Busy { retry_after_s: 1..=15 }), "{:?}", refused.outcome);
    assert!(told.receipts.is_empty(), "a receipt for what was not taken");
    assert!(ani.documents.contains_key(&second), "the order did not arrive");
    assert_eq!(stage.center.history(&task).expect("a history").len(), 1);

    std::fs::remove_file(&broken).expect("mended");
    let taken = loop {
        let answer = ani.ask(ani.request(vec![pressed.clone()], 0)).await;
        match answer.outcome {
            Outcome::Exchanged(exchanged) => break exchanged,
            Outcome::Busy { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ani.receipts(&taken)[0].exceptions, []);
    assert_eq!(stage.center.history(&task).expect("a history").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_center_that_stops_lets_what_is_being_judged_finish_and_signs_for_it() {
    let pool = Arc::new(credulous(1));
    let stage = Stage::behind(Box::new(Shared(Arc::clone(&pool)))).await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, task) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let mut changes = ani.append(task, seen());
    changes.push(bomb(ENDLESS, 9));
    let envelope = ani.seal(vec![(task, RecordKind::Assignment, changes)]);
    let sending = tokio::spawn(async move {
        let exchanged = ani.exchange(vec![envelope], 0).await;
        ani.receipts(&exchanged).remove(0)
    });
    while pool.processes().1.is_empty() {
        tokio::task::yield_now().await;
    }

    stage.stop.send(true).expect("a served center");
    stage.serving.finished().await;
    let receipt = sending.await.expect("a receipt");

    assert_eq!(receipt.exceptions.len(), 1);
    assert_eq!(stage.center.history(&task).expect("a history").len(), 2);
}

struct Shared(Arc<Pool>);

impl Gate for Shared {
    fn judge(&self, case: &Case<'_>) -> Result<Vec<Ruling>, GateError> {
        self.0.judge(case)
    }
}
