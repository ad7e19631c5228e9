//! Resident workers: leased to one case at a time, replaced when they die, and counted.
//!
//! What killed a worker is found by asking again, one change at a time, in a worker that has judged nothing else
//! before; only a change that kills such a worker too is held to be the cause. Every worker proves on an honest
//! change that it can judge before it is believed about any other, so that a broken program or a full machine is
//! never taken for a hostile change: then nothing is judged, and devices are asked to come again.
//!
//! A little long, because who gets a worker and what its death means are one thought.

use super::control::Control;
use super::link::{Death, Program, Worker};
use super::message::{Ask, Say};
use super::told::{hashes, ruling};
use super::{Case, Gate, GateError, RESOURCE, Ruling};
use minicbor::bytes::ByteVec;
use siaga_document::Question;
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::policy::Author;
use siaga_wire::envelope::change_hash;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Changes asked about at once, at most: the answer stays bounded, and so does what one death costs.
const TOGETHER: usize = 64;

/// A worker is replaced after so many questions, so that what it has gathered in memory goes with it.
const ANSWERS: u32 = 20_000;

/// Fresh workers that one change may outlive by somebody else's doing.
const ATTEMPTS: usize = 4;

/// Workers that the changes of one case may kill before the device is asked to come again. What killed one is known
/// by then and costs nothing the second time, so that the device gets on.
const KILLED_A_CASE: u32 = 1;

/// Changes remembered to have killed a worker.
const KILLERS: usize = 4_096;

/// How long a case waits for a worker before the device is asked to come again.
const QUEUED: Duration = Duration::from_secs(20);

const AFTER_QUEUE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Records a worker is remembered to have at hand.
const AT_HAND: usize = 48;

/// The gate with walls.
pub struct Pool {
    program: Program,
    most: usize,
    control: Control,
    state: Mutex<State>,
    freed: Condvar,
    /// Devices of which a change killed a worker. All of them together get one worker at a time.
    suspects: Mutex<BTreeSet<DeviceId>>,
    killers: Mutex<BTreeSet<ChangeHash>>,
    one_suspect: Mutex<()>,
}

#[derive(Default)]
struct State {
    idle: Vec<Held>,
    leased: usize,
    /// Processes of the leased.
    at_work: BTreeSet<u32>,
    /// Starts that failed one after the other, and when the next may be tried.
    failed: u32,
    not_before: Option<Instant>,
    deaths: u64,
}

/// A worker and what it lately judged.
struct Held {
    worker: Worker,
    at_hand: VecDeque<RecordId>,
}

/// Where a case stands: the heads after what was admitted, and that itself.
struct Progress<'a> {
    heads: Vec<ByteVec>,
    admitted: Vec<&'a [u8]>,
    /// Changes of it that killed a worker just now.
    killed: u32,
}

/// What came of a question.
enum Answered {
    Ruled { rulings: Vec<Ruling>, heads: Vec<ByteVec> },
    Died(Death),
}

impl Pool {
    /// Starts the first worker; the others follow as they are needed.
    ///
    /// # Errors
    /// The system's, when no worker can be started: better known now than at the first SOS.
    pub fn start(program: Program, most: usize) -> io::Result<Self> {
        let pool = Self {
            program,
            most: most.max(1),
            control: Control::make()?,
            state: Mutex::new(State::default()),
            freed: Condvar::new(),
            suspects: Mutex::new(BTreeSet::new()),
            killers: Mutex::new(BTreeSet::new()),
            one_suspect: Mutex::new(()),
        };
        let first = pool.start_one()?;
        if !first.worker.confined {
            tracing::warn!("this system does not keep workers from files and sockets; memory and time are limited");
        }
        pool.lock().idle.push(first);
        Ok(pool)
    }

    /// Workers that ended before their time since the start.
    #[must_use]
    pub fn deaths(&self) -> u64 {
        self.lock().deaths
    }

    /// Processes of workers that wait, and of workers that judge.
    #[must_use]
    pub fn processes(&self) -> (Vec<u32>, Vec<u32>) {
        let state = self.lock();
        (state.idle.iter().map(|held| held.worker.id()).collect(), state.at_work.iter().copied().collect())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_one(&self) -> io::Result<Held> {
        let mut worker = Worker::start(&self.program)?;
        self.control.try_out(&mut worker)?;
        Ok(Held { worker, at_hand: VecDeque::new() })
    }

    /// A worker for one case: one that has the record at hand where there is one, a new one where none is idle.
    fn lease(&self, record: &RecordId, fresh: Fresh) -> Result<Lease<'_>, GateError> {
        let deadline = Instant::now() + QUEUED;
        let mut state = self.lock();
        while state.leased >= self.most {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(GateError::Down { retry_after: AFTER_QUEUE });
            }
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let at = state.idle.iter().position(|held| match fresh {
            Fresh::Yes => held.worker.answered == 0,
            Fresh::No => held.at_hand.contains(record),
        });
        let found = match (at, fresh) {
            (Some(at), _) => Some(state.idle.swap_remove(at)),
            (None, Fresh::No) => state.idle.pop(),
            (None, Fresh::Yes) => None,
        };
        if let Some(held) = found {
            state.leased = state.leased.saturating_add(1);
            state.at_work.insert(held.worker.id());
            return Ok(Lease { pool: self, held: Some(held) });
        }
        let now = Instant::now();
        if let Some(not_before) = state.not_before
            && now < not_before
        {
            return Err(GateError::Down { retry_after: not_before - now });
        }
        // A stranger in an idle place makes room for the new one.
        let stranger = if state.idle.len().saturating_add(state.leased) >= self.most { state.idle.pop() } else { None };
        state.leased = state.leased.saturating_add(1);
        drop(state);
        drop(stranger);
        let mut lease = Lease { pool: self, held: None };
        match self.start_one() {
            Ok(held) => {
                let mut state = self.lock();
                state.failed = 0;
                state.not_before = None;
                state.at_work.insert(held.worker.id());
                drop(state);
                lease.held = Some(held);
                Ok(lease)
            }
            Err(error) => {
                let mut state = self.lock();
                let pause = FIRST_PAUSE.saturating_mul(1 << state.failed.min(6)).min(LONGEST_PAUSE);
                state.failed = state.failed.saturating_add(1);
                state.not_before = Some(Instant::now() + pause);
                tracing::error!(%error, failed = state.failed, "a worker could not be started; nothing is admitted");
                Err(GateError::Down { retry_after: pause })
            }
        }
    }

    /// Asks about some changes of a case in one worker.
    fn ask(
        &self,
        case: &Case<'_>,
        progress: &Progress<'_>,
        questions: &[Question<'_>],
        fresh: Fresh,
    ) -> Result<Answered, GateError> {
        let mut lease = self.lease(&case.record, fresh)?;
        let record: ByteVec = case.record.as_bytes().to_vec().into();
        let Some(claim) = questions.first().map(|question| question.claim) else {
            return Ok(Answered::Ruled { rulings: Vec::new(), heads: progress.heads.clone() });
        };
        let judge = Ask::Judge {
            record: record.clone(),
            heads: progress.heads.clone(),
            kind: claim.kind.code().to_owned(),
            role: match claim.author {
                Author::Center => None,
                Author::Device(role) => Some(role.code().to_owned()),
            },
            changes: questions.iter().map(|question| question.bytes.to_vec().into()).collect(),
        };
        let mut said = lease.ask(&judge);
        if matches!(said, Ok(Say::NotHere)) {
            let mut history: Vec<ByteVec> =
                (case.history)().map_err(GateError::History)?.into_iter().map(ByteVec::from).collect();
            history.extend(progress.admitted.iter().map(|bytes| ByteVec::from(bytes.to_vec())));
            match lease.ask(&Ask::Open { record, history }) {
                Ok(Say::Opened) => said = lease.ask(&judge),
                opened => {
                    // What is opened was admitted once: whatever this is, no change of this case is the cause.
                    tracing::error!(record = %case.record, ?opened, "a worker could not take a record in");
                    lease.died(&opened.err().unwrap_or_else(|| io::ErrorKind::InvalidData.into()));
                    return Ok(Answered::Died(Death::OfOthers));
                }
            }
        }
        match said {
            Ok(Say::Ruled { rulings, heads }) if rulings.len() == questions.len() => {
                let rulings: Option<Vec<Ruling>> = rulings.into_iter().map(ruling).collect();
                if let Some(rulings) = rulings {
                    lease.answered(case.record);
                    return Ok(Answered::Ruled { rulings, heads });
                }
                Ok(Answered::Died(lease.died(&io::ErrorKind::InvalidData.into())))
            }
            Ok(_) => Ok(Answered::Died(lease.died(&io::ErrorKind::InvalidData.into()))),
            Err(error) => Ok(Answered::Died(lease.died(&error))),
        }
    }

    /// Asks about one change until it is clear whether it is the change that kills workers.
    fn ask_alone(
        &self,
        case: &Case<'_>,
        progress: &Progress<'_>,
        question: Question<'_>,
    ) -> Result<(Ruling, Option<Vec<ByteVec>>), GateError> {
        for _ in 0..ATTEMPTS {
            match self.ask(case, progress, &[question], Fresh::Yes)? {
                Answered::Ruled { rulings, heads } => {
                    if let Some(ruling) = rulings.into_iter().next() {
                        return Ok((ruling, Some(heads)));
                    }
                }
                Answered::Died(Death::OfItsWork) => {
                    tracing::error!(device = %case.device, record = %case.record, "a change used up what a change may cost");
                    self.remember_killer(case, question);
                    return Ok((resource(), None));
                }
                Answered::Died(Death::OfOthers) => {}
            }
        }
        tracing::error!(record = %case.record, "workers were ended by others again and again");
        Err(GateError::Down { retry_after: AFTER_QUEUE })
    }

    fn remember_killer(&self, case: &Case<'_>, question: Question<'_>) {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner).insert(case.device);
        let mut killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
        if killers.len() >= KILLERS {
            killers.clear();
        }
        killers.insert(change_hash(question.bytes));
    }

    /// Asks about changes of which none is known to have killed a worker.
    fn judge_some<'a>(
        &self,
        case: &Case<'a>,
        together: &[Question<'a>],
        progress: &mut Progress<'a>,
    ) -> Result<Vec<Ruling>, GateError> {
        if let Answered::Ruled { rulings, heads } = self.ask(case, progress, together, Fresh::No)? {
            progress.heads = heads;
            progress.take(together, &rulings);
            return Ok(rulings);
        }
        let mut rulings = Vec::with_capacity(together.len());
        for question in together {
            let (ruling, heads) = self.ask_alone(case, progress, *question)?;
            match heads {
                Some(heads) => progress.heads = heads,
                None if progress.killed >= KILLED_A_CASE => {
                    return Err(GateError::Down { retry_after: AFTER_QUEUE });
                }
                None => progress.killed = progress.killed.saturating_add(1),
            }
            progress.take(std::slice::from_ref(question), std::slice::from_ref(&ruling));
            rulings.push(ruling);
        }
        Ok(rulings)
    }
}

fn resource() -> Ruling {
    Ruling::Refused(RESOURCE.to_owned())
}

impl Gate for Pool {
    fn judge(&self, case: &Case<'_>) -> Result<Vec<Ruling>, GateError> {
        let suspect = self.suspects.lock().unwrap_or_else(PoisonError::into_inner).contains(&case.device);
        let _one_at_a_time = suspect.then(|| self.one_suspect.lock().unwrap_or_else(PoisonError::into_inner));
        let killers: BTreeSet<ChangeHash> = {
            let known = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = case.questions.iter().map(|question| change_hash(question.bytes));
            if known.is_empty() { BTreeSet::new() } else { asked.filter(|hash| known.contains(hash)).collect() }
        };
        let mut progress = Progress { heads: hashes(&case.document.heads()), admitted: Vec::new(), killed: 0 };
        let mut rulings = Vec::with_capacity(case.questions.len());
        let is_killer = |question: &Question<'_>| !killers.is_empty() && killers.contains(&change_hash(question.bytes));
        for alike in case.questions.chunk_by(|one, next| is_killer(one) == is_killer(next)) {
            if alike.first().is_some_and(is_killer) {
                rulings.extend(alike.iter().map(|_| resource()));
                continue;
            }
            for together in alike.chunks(TOGETHER) {
                rulings.extend(self.judge_some(case, together, &mut progress)?);
            }
        }
        Ok(rulings)
    }
}

impl<'a> Progress<'a> {
    fn take(&mut self, questions: &[Question<'a>], rulings: &[Ruling]) {
        let admitted = questions.iter().zip(rulings).filter(|(_, ruling)| matches!(ruling, Ruling::Admitted(_)));
        self.admitted.extend(admitted.map(|(question, _)| question.bytes));
    }
}

/// Whether a worker must have judged nothing before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fresh {
    No,
    Yes,
}

/// A worker on loan; it comes back when dropped, unless it died.
struct Lease<'a> {
    pool: &'a Pool,
    held: Option<Held>,
}

impl Lease<'_> {
    fn ask(&mut self, ask: &Ask) -> io::Result<Say> {
        self.held.as_mut().map_or_else(|| Err(io::ErrorKind::BrokenPipe.into()), |held| held.worker.ask(ask))
    }

    fn answered(&mut self, record: RecordId) {
        let Some(held) = &mut self.held else { return };
        held.worker.answered = held.worker.answered.saturating_add(1);
        held.at_hand.retain(|other| *other != record);
        held.at_hand.push_back(record);
        if held.at_hand.len() > AT_HAND {
            held.at_hand.pop_front();
        }
    }

    fn died(mut self, error: &io::Error) -> Death {
        let Some(held) = self.held.take() else { return Death::OfOthers };
        let process = held.worker.id();
        let death = held.worker.death(error);
        let mut state = self.pool.lock();
        state.at_work.remove(&process);
        state.deaths = state.deaths.saturating_add(1);
        drop(state);
        tracing::warn!(?death, %error, "a worker ended and is replaced");
        death
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let back = self.held.take();
        let mut state = self.pool.lock();
        if let Some(held) = &back {
            state.at_work.remove(&held.worker.id());
        }
        let (back, worn): (Vec<Held>, Vec<Held>) = back.into_iter().partition(|held| held.worker.answered < ANSWERS);
        state.leased = state.leased.saturating_sub(1);
        state.idle.extend(back);
        drop(state);
        drop(worn);
        self.pool.freed.notify_one();
    }
}
