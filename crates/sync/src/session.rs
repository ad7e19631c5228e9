//! When to talk to the center, and about what: a value. `(state, event) -> (state, effects)`.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or awaits; times and jitter come in with the
//! events. The simulator and the phone run the same code.
//!
//! Three requests may be under way at once: a *push*, which carries what waits in lane order; an *urgent* one
//! beside it, for a press that came while the push was busy; and a *hold*, which carries nothing and is answered
//! when the center has news. So a press waits for nothing, and an order comes while photographs go out.
//!
//! A lane never waits behind a lower one: history of the trail rides only when no change waits, previews go when
//! no fix is due, photographs after them. No number of failures discards anything: failing only changes when it
//! is tried again.

mod budget;
mod event;
mod hold;

pub use event::{Answer, Carried, Downloads, Effect, Event, Files, Finish, Line, Mode, Trouble, Waiting};

use budget::Budget;
use hold::Hold;

/// Waiting after failures: doubles from the first to the most; less while something urgent waits. A window of
/// coverage may last eight seconds, and an order must be here half a minute after it opened; asking into the void
/// costs one refused connection.
const FIRST_WAIT_MS: i64 = 1_000;
const MOST_WAIT_MS: i64 = 15_000;
const MOST_URGENT_WAIT_MS: i64 = 2_000;
/// A center that answers and takes nothing is left alone for this long.
const STALLED_WAIT_MS: i64 = 15_000;

/// A center may ask for an hour of patience; while something urgent waits it gets a quarter.
const MOST_PATIENCE_MS: i64 = 3_600_000;
const MOST_URGENT_PATIENCE_MS: i64 = 900_000;
/// `Once` waits out a short request for patience; for a longer one somebody runs it again.
const MOST_PATIENCE_ONCE_MS: i64 = 20_000;

/// Exchanges in a row that may move nothing before `Once` gives up (it would never end) and `Watch` waits.
const MOST_IDLE_ROUNDS: u32 = 3;

/// While positions are all that is new they go together this often: a screen at the center need not be younger,
/// and a request costs more than the fixes in it.
const PACE_MS: i64 = 15_000;
/// So many fixes are history, not the last few positions: they do not wait for the pace.
const HISTORY: u32 = 60;

/// Off duty nobody is alarmed by this phone: it looks whether something is new, and holds nothing.
const LOOK_MS: i64 = 300_000;

/// An urgent request hears orders, not history.
const URGENT_DOWN_BYTES: u32 = 4 * 1024;

/// Why nothing is asked for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rest {
    /// A request failed. A new press does not wait for its end, the network coming back ends it.
    Backoff,
    /// The center asked for it; so much is left after the wait under way. Nothing goes before it is over.
    Patience { left_ms: i64 },
    /// Off duty, and nothing waits.
    Look,
}

/// What the push line is busy with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Busy {
    Exchange,
    /// A piece of a file, up or down; whether a position went beside it.
    Piece {
        position_went: bool,
    },
}

/// The session: a value without a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    mode: Mode,
    waiting: Waiting,
    /// Of `waiting.urgent`, what the push and the urgent request under way carry.
    in_push: u32,
    in_urgent: u32,
    /// The center said it has more.
    more: bool,
    push: Option<Busy>,
    urgent: bool,
    holding: bool,
    /// A hold was lost. The network forgot it if a quick request gets through now, and is gone itself if not.
    hold_lost: bool,
    rest: Option<Rest>,
    /// Positions went a moment ago.
    paced: bool,
    on_duty: bool,
    /// Consecutive failures.
    failures: u32,
    /// Consecutive exchanges that moved nothing.
    idle_rounds: u32,
    /// Challenges in a row, by line: push, urgent, hold.
    challenges: [u32; 3],
    /// The last piece came down, so the next goes up.
    fetched_last: bool,
    budget: Budget,
    hold: Hold,
    finished: bool,
}

impl Session {
    #[must_use]
    pub const fn new(mode: Mode) -> Self {
        let hold_ms = match mode {
            Mode::Once => 0,
            Mode::Watch { hold_ms } => hold_ms,
        };
        Self {
            mode,
            waiting: Waiting::NOTHING,
            in_push: 0,
            in_urgent: 0,
            more: false,
            push: None,
            urgent: false,
            holding: false,
            hold_lost: false,
            rest: None,
            paced: false,
            on_duty: true,
            failures: 0,
            idle_rounds: 0,
            challenges: [0; 3],
            fetched_last: false,
            budget: Budget::new(),
            hold: Hold::new(hold_ms),
            finished: false,
        }
    }

    /// Bytes the next request may have.
    #[must_use]
    pub fn budget(&self) -> u32 {
        self.budget.up_bytes()
    }

    /// Takes one event in and says what to do.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.finished {
            return Vec::new();
        }
        match event {
            Event::Started { waiting } => {
                self.waiting = waiting;
                // The first request is made even when nothing waits here: the center may have something.
                vec![self.start_push(false)]
            }
            Event::Written { waiting } => self.written(waiting),
            Event::Duty { on } => self.duty(on),
            Event::NetworkUp => self.network_up(),
            Event::Woke => self.woke(),
            Event::Paced => {
                self.paced = false;
                self.go_on()
            }
            Event::PieceConfirmed { waiting, carried } => {
                self.release(Line::Push);
                let moved = waiting != self.waiting || carried.up_bytes > 0 || carried.down_bytes > 0;
                self.note_round(moved);
                self.take_stock(waiting);
                self.succeeded(carried);
                self.go_on()
            }
            Event::Answered { line, answer, waiting, carried, jitter } => {
                self.release(line);
                if line != Line::Hold {
                    self.note_round(waiting != self.waiting || answer != Answer::Exchanged { more: false });
                }
                self.take_stock(waiting);
                self.answered(line, answer, carried, jitter)
            }
            Event::Failed { line, trouble, jitter } => self.failed(line, trouble, jitter),
        }
    }

    fn written(&mut self, waiting: Waiting) -> Vec<Effect> {
        let pressed = waiting.urgent > self.waiting.urgent;
        self.take_stock(waiting);
        self.idle_rounds = 0;
        match self.rest {
            // Something new and urgent does not wait out a backoff; everything else does.
            Some(Rest::Backoff) if !pressed => Vec::new(),
            Some(Rest::Patience { .. }) => Vec::new(),
            Some(Rest::Backoff) => {
                self.rest = None;
                self.go_on()
            }
            Some(Rest::Look) | None => self.go_on(),
        }
    }

    fn duty(&mut self, on: bool) -> Vec<Effect> {
        self.on_duty = on;
        if self.rest == Some(Rest::Look) {
            self.rest = None;
        }
        self.go_on()
    }

    /// Whatever is under way hangs on an address this phone no longer has.
    fn network_up(&mut self) -> Vec<Effect> {
        let mut effects = self.abandon([Line::Push, Line::Urgent, Line::Hold]);
        self.failures = 0;
        self.hold_lost = false;
        self.budget = Budget::new();
        if !matches!(self.rest, Some(Rest::Patience { .. })) {
            self.rest = None;
            effects.push(self.start_push(false));
        }
        effects
    }

    fn woke(&mut self) -> Vec<Effect> {
        match self.rest.take() {
            Some(Rest::Patience { left_ms }) if left_ms > 0 && self.waiting.urgent == 0 => {
                vec![self.be_patient(left_ms)]
            }
            // Whether the link carries anything is learned from a quick answer, not from a held one.
            Some(_) if self.push.is_none() && !self.urgent => vec![self.start_push(false)],
            _ => self.go_on(),
        }
    }

    fn answered(&mut self, line: Line, answer: Answer, carried: Carried, jitter: u16) -> Vec<Effect> {
        if answer != Answer::Challenged {
            *self.challenges_of(line) = 0;
        }
        match answer {
            Answer::Exchanged { more } => {
                if line == Line::Hold {
                    if carried.took_ms >= self.hold.ms() {
                        self.hold.lasted();
                    }
                    self.failures = 0;
                } else {
                    self.succeeded(carried);
                }
                self.more = more;
                self.go_on_paced(line)
            }
            Answer::Challenged => {
                *self.challenges_of(line) += 1;
                if *self.challenges_of(line) > 2 {
                    // A center that never believes a good proof is not ours, or our key is not the one it knows.
                    *self.challenges_of(line) = 0;
                    return self.failed(line, Trouble::NotOurCenter, jitter);
                }
                if matches!(self.rest, Some(Rest::Patience { .. })) {
                    return Vec::new();
                }
                vec![match line {
                    Line::Push => self.start_push(true),
                    Line::Urgent => self.start_urgent(true),
                    Line::Hold => self.start_hold(true),
                }]
            }
            Answer::OtherEpoch => {
                self.more = true;
                let mut effects = vec![Effect::ResetCursors];
                if self.push.is_none() && !matches!(self.rest, Some(Rest::Patience { .. })) {
                    effects.push(self.start_push(false));
                }
                effects
            }
            Answer::Revoked => self.finish(Finish::Revoked),
            Answer::UpdateNeeded => self.finish(Finish::UpdateNeeded),
            Answer::Busy { retry_after_s } => self.busy(retry_after_s, jitter),
        }
    }

    /// A crowd that was sent away together must not come back together: up to a quarter longer.
    fn busy(&mut self, retry_after_s: u32, jitter: u16) -> Vec<Effect> {
        let asked = i64::from(retry_after_s.max(1)).saturating_mul(1000);
        let ms = asked.saturating_add(asked / 4 * i64::from(jitter.min(999)) / 1000).min(MOST_PATIENCE_MS);
        if self.mode == Mode::Once && ms > MOST_PATIENCE_ONCE_MS {
            return self.finish(Finish::Stalled);
        }
        let effect = self.be_patient(ms);
        vec![effect]
    }

    /// A long patience is waited out in quarters, so that a press which comes meanwhile waits for one at most.
    fn be_patient(&mut self, ms: i64) -> Effect {
        let now_ms = ms.min(MOST_URGENT_PATIENCE_MS);
        self.rest = Some(Rest::Patience { left_ms: ms - now_ms });
        Effect::Wait { ms: now_ms }
    }

    fn failed(&mut self, line: Line, trouble: Trouble, jitter: u16) -> Vec<Effect> {
        self.release(line);
        let lost_midway = matches!(trouble, Trouble::TimedOut | Trouble::Cut);
        match line {
            Line::Hold => self.hold_lost = lost_midway,
            Line::Push | Line::Urgent => {
                self.hold_lost = false;
                if lost_midway {
                    self.budget.lost();
                }
            }
        }
        let mut effects = Vec::new();
        if line != Line::Hold {
            // It hangs on the connection that just failed; what comes after a wait stands on a new one.
            effects = self.abandon([Line::Hold]);
        }
        if self.push.is_some() || self.urgent {
            // What else is under way decides.
            return effects;
        }
        self.failures = self.failures.saturating_add(1);
        match (self.mode, trouble) {
            (Mode::Once, Trouble::NotOurCenter) => return self.finish(Finish::NotOurCenter),
            (Mode::Once, Trouble::ClockWrong) => return self.finish(Finish::ClockWrong),
            (Mode::Once, Trouble::TimedOut) if self.failures < 3 => effects.push(self.start_push(false)),
            (Mode::Once, _) => return self.finish(Finish::Unreachable),
            (Mode::Watch { .. }, _) if matches!(self.rest, Some(Rest::Patience { .. })) => {}
            (Mode::Watch { .. }, _) => {
                self.rest = Some(Rest::Backoff);
                effects.push(Effect::Wait { ms: self.backoff_ms(jitter) });
            }
        }
        effects
    }

    /// Doubles with each failure, up to the most, plus up to half of itself by jitter.
    fn backoff_ms(&self, jitter: u16) -> i64 {
        let most = if self.waiting.urgent > 0 { MOST_URGENT_WAIT_MS } else { MOST_WAIT_MS };
        let doublings = self.failures.saturating_sub(1).min(16);
        let base = FIRST_WAIT_MS.saturating_mul(1_i64 << doublings).min(most);
        base + base * i64::from(jitter.min(999)) / 2000
    }

    /// After an exchange: positions went with it, so the next few may gather.
    fn go_on_paced(&mut self, line: Line) -> Vec<Effect> {
        let mut effects = Vec::new();
        let watching = matches!(self.mode, Mode::Watch { .. });
        if line == Line::Push && watching && !self.paced {
            self.paced = true;
            effects.push(Effect::Pace { ms: PACE_MS });
        }
        effects.extend(self.go_on());
        effects
    }

    fn go_on(&mut self) -> Vec<Effect> {
        if matches!(self.rest, Some(Rest::Patience { .. } | Rest::Backoff)) {
            return Vec::new();
        }
        if self.push.is_some() {
            return self.beside_a_push();
        }
        if self.urgent {
            // Its answer is near, and says whether the link bears anything more.
            return Vec::new();
        }
        let stalled = self.idle_rounds >= MOST_IDLE_ROUNDS;
        let changes_wait = self.waiting.urgent > 0 || self.waiting.records > 0 || self.waiting.repairs > 0;
        if !stalled && (self.more || changes_wait || self.trail_is_due()) {
            return vec![self.start_push(false)];
        }
        let mut effects = Vec::new();
        if !stalled && (self.waiting.has_files() || self.offered_now() > 0) {
            effects.push(self.start_piece());
        }
        match self.mode {
            Mode::Once if !effects.is_empty() => {}
            Mode::Once if self.waiting.is_empty() => return self.finish(Finish::Quiet),
            Mode::Once => return self.finish(Finish::Stalled),
            Mode::Watch { .. } => self.watch(stalled, &mut effects),
        }
        effects
    }

    /// Nothing more goes out now: ask to be told, or come back later.
    fn watch(&mut self, stalled: bool, effects: &mut Vec<Effect>) {
        if self.on_duty && !self.holding {
            effects.push(self.start_hold(false));
        }
        if stalled && !self.waiting.is_empty() {
            self.idle_rounds = 0;
            self.rest = Some(Rest::Backoff);
            effects.push(Effect::Wait { ms: STALLED_WAIT_MS });
        } else if !self.on_duty && self.push.is_none() && self.rest.is_none() {
            self.rest = Some(Rest::Look);
            effects.push(Effect::Wait { ms: LOOK_MS });
        }
    }

    /// A press that no request under way carries goes out beside it; so does the position, beside a file.
    fn beside_a_push(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let position_waits = self.waiting.fixes > 0 && self.push == Some(Busy::Piece { position_went: false });
        let press_waits = self.waiting.urgent > self.in_push.max(self.in_urgent);
        if !self.urgent && (press_waits || position_waits) {
            effects.push(self.start_urgent(false));
        }
        let with_file = matches!(self.push, Some(Busy::Piece { .. }));
        let watching = matches!(self.mode, Mode::Watch { .. });
        if with_file && watching && self.on_duty && !self.holding && self.failures == 0 {
            effects.push(self.start_hold(false));
        }
        effects
    }

    const fn trail_is_due(&self) -> bool {
        self.waiting.fixes > 0 && (!self.paced || self.waiting.fixes >= HISTORY)
    }

    fn start_push(&mut self, proof: bool) -> Effect {
        self.push = Some(Busy::Exchange);
        self.rest = None;
        self.in_push = self.waiting.urgent;
        Effect::Push {
            up_bytes: self.budget.up_bytes(),
            envelope_bytes: self.budget.envelope_bytes(),
            down_bytes: self.budget.down_bytes(),
            // History of the trail would only delay a press behind it.
            with_trail: self.waiting.urgent == 0 && self.waiting.records == 0,
            proof,
        }
    }

    fn start_urgent(&mut self, proof: bool) -> Effect {
        self.urgent = true;
        self.in_urgent = self.waiting.urgent;
        if let Some(Busy::Piece { position_went }) = &mut self.push {
            *position_went = true;
        }
        Effect::Urgent {
            up_bytes: self.budget.up_bytes(),
            envelope_bytes: self.budget.envelope_bytes(),
            down_bytes: URGENT_DOWN_BYTES,
            proof,
        }
    }

    fn start_piece(&mut self) -> Effect {
        self.push = Some(Busy::Piece { position_went: false });
        let up_bytes = self.budget.up_bytes();
        let Waiting { thumbnails, bulk, previews, downloads, .. } = self.waiting;
        let (up, down, files) = if thumbnails > 0 || previews > 0 {
            (thumbnails, previews, Files::Thumbnails)
        } else {
            (bulk, downloads.saturating_add(self.offered_now()), Files::Bulk)
        };
        // The two directions take turns, so that neither waits for the last byte of the other.
        self.fetched_last = up == 0 || (down > 0 && !self.fetched_last);
        if self.fetched_last {
            let downloads = if self.budget.is_good() { Downloads::All } else { Downloads::Needed };
            Effect::FetchPiece { downloads, down_bytes: self.budget.down_bytes() }
        } else {
            Effect::SendPiece { files, up_bytes }
        }
    }

    /// What comes by itself because the link is good.
    fn offered_now(&self) -> u32 {
        if self.budget.is_good() { self.waiting.offered } else { 0 }
    }

    fn start_hold(&mut self, proof: bool) -> Effect {
        self.holding = true;
        Effect::Hold { hold_ms: self.hold.ms(), down_bytes: self.budget.down_bytes(), proof }
    }

    fn take_stock(&mut self, waiting: Waiting) {
        self.waiting = waiting;
        self.in_push = self.in_push.min(waiting.urgent);
        self.in_urgent = self.in_urgent.min(waiting.urgent);
    }

    fn note_round(&mut self, moved: bool) {
        self.idle_rounds = if moved { 0 } else { self.idle_rounds.saturating_add(1) };
    }

    fn release(&mut self, line: Line) {
        match line {
            Line::Push => (self.push, self.in_push) = (None, 0),
            Line::Urgent => (self.urgent, self.in_urgent) = (false, 0),
            Line::Hold => self.holding = false,
        }
    }

    fn abandon<const N: usize>(&mut self, lines: [Line; N]) -> Vec<Effect> {
        let mut effects = Vec::new();
        for line in lines {
            let under_way = match line {
                Line::Push => self.push.is_some(),
                Line::Urgent => self.urgent,
                Line::Hold => self.holding,
            };
            if under_way {
                self.release(line);
                effects.push(Effect::Abandon(line));
            }
        }
        effects
    }

    fn challenges_of(&mut self, line: Line) -> &mut u32 {
        let [push, urgent, hold] = &mut self.challenges;
        match line {
            Line::Push => push,
            Line::Urgent => urgent,
            Line::Hold => hold,
        }
    }

    fn succeeded(&mut self, carried: Carried) {
        self.failures = 0;
        if std::mem::take(&mut self.hold_lost) {
            self.hold.lost();
        }
        if self.rest == Some(Rest::Backoff) {
            self.rest = None;
        }
        self.budget.carried(carried);
    }

    fn finish(&mut self, how: Finish) -> Vec<Effect> {
        self.finished = true;
        vec![Effect::Finish(how)]
    }
}

#[cfg(test)]
mod tests;
