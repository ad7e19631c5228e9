//! When to talk to the center, and about what: a value. `(state, event) -> (state, effects)`.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or awaits; times and jitter come in with the
//! events. The simulator and the phone run the same code.
//!
//! Two requests may be under way at once: a *push*, which carries what waits here, and a *hold*, which carries
//! nothing and is answered when the center has news. So an urgent press never waits for a held request.
//!
//! A lane never waits behind a lower one: trail history rides only when no change waits, attachments only when
//! nothing else does. No number of failures discards anything: failing only changes when it is tried again.

/// Bytes of the first request on a link nobody knows.
const FIRST_BUDGET: u32 = 4 * 1024;
const LEAST_BUDGET: u32 = 1024;
const MOST_BUDGET: u32 = 192 * 1024;

/// Waiting after failures: doubles from the first to the most; less while something urgent waits. A window of
/// coverage may last eight seconds, and an order must be here half a minute after it opened; asking into the void
/// costs one refused connection.
const FIRST_WAIT_MS: i64 = 1_000;
const MOST_WAIT_MS: i64 = 15_000;
const MOST_URGENT_WAIT_MS: i64 = 4_000;
/// A center that answers and takes nothing is left alone for this long.
const STALLED_WAIT_MS: i64 = 15_000;

/// A center may ask for an hour of patience; while something urgent waits it gets a quarter.
const MOST_PATIENCE_MS: i64 = 3_600_000;
const MOST_URGENT_PATIENCE_MS: i64 = 900_000;

/// Exchanges in a row that may move nothing before `Once` gives up (it would never end) and `Watch` waits.
const MOST_IDLE_ROUNDS: u32 = 3;

/// Whether the session ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Until nothing waits on either side, or the center is not there.
    Once,
    /// As long as the device is on duty. Milliseconds a request may be held.
    Watch { hold_ms: u32 },
}

/// What waits on the phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Changes without a receipt: urgent lane, records.
    pub urgent: u32,
    pub records: u32,
    pub fixes: u32,
    pub attachments: u32,
}

impl Waiting {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.urgent == 0 && self.records == 0 && self.fixes == 0 && self.attachments == 0
    }
}

/// What an answer came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The exchange happened. `more`: the center has more than the budget bore.
    Exchanged {
        more: bool,
    },
    /// Prove who you are.
    Challenged,
    /// Another life of the center: cursors start again.
    OtherEpoch,
    Revoked,
    UpdateNeeded,
    Busy {
        retry_after_s: u32,
    },
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    Unreachable,
    TimedOut,
    NotOurCenter,
}

/// Which of the two requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    Push,
    Hold,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The driver is ready; this waits.
    Started { waiting: Waiting },
    /// A guest wrote something.
    Written { waiting: Waiting },
    /// The platform says the network is back.
    NetworkUp,
    /// An answer was read, believed and applied; this waits now.
    Answered { line: Line, answer: Answer, waiting: Waiting },
    /// One piece of an attachment was confirmed.
    PieceConfirmed { waiting: Waiting },
    /// A request failed. `jitter` is 0 to 999, drawn by the driver.
    Failed { line: Line, trouble: Trouble, jitter: u16 },
    /// The wait asked for is over.
    Woke,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Send what waits: resend sealed envelopes first, then cut new ones in lane order, up to `up_bytes`.
    Push { up_bytes: u32, down_bytes: u32, with_trail: bool, proof: bool },
    /// Ask to be told: a request without an outbox, held by the center.
    Hold { hold_ms: u32, down_bytes: u32, proof: bool },
    /// Send the next piece of the most urgent attachment.
    SendPiece { up_bytes: u32 },
    /// Read the feed from its beginning.
    ResetCursors,
    /// Come back with [`Event::Woke`] after this long; replaces an earlier wait.
    Wait { ms: i64 },
    /// Nothing more will be asked of the driver.
    Finish(Finish),
}

/// How a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finish {
    /// Nothing waits on either side.
    Quiet,
    /// The center answered, and something waits that it did not take now.
    Stalled,
    Unreachable,
    NotOurCenter,
    Revoked,
    UpdateNeeded,
}

/// The session: a value without a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    mode: Mode,
    waiting: Waiting,
    /// The center said it has more.
    more: bool,
    pushing: bool,
    holding: bool,
    /// A wait was asked for and is not over.
    resting: bool,
    /// Consecutive failures.
    failures: u32,
    /// Consecutive exchanges that moved nothing.
    idle_rounds: u32,
    challenges: u32,
    budget: u32,
    /// The hold the network has lately borne.
    hold_ms: u32,
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
            waiting: Waiting { urgent: 0, records: 0, fixes: 0, attachments: 0 },
            more: false,
            pushing: false,
            holding: false,
            resting: false,
            failures: 0,
            idle_rounds: 0,
            challenges: 0,
            budget: FIRST_BUDGET,
            hold_ms,
            finished: false,
        }
    }

    /// Bytes the next request may have.
    #[must_use]
    pub const fn budget(&self) -> u32 {
        self.budget
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
                vec![self.push(false)]
            }
            Event::Written { waiting } => {
                self.waiting = waiting;
                self.idle_rounds = 0;
                // Something urgent does not wait out a backoff; everything else does.
                if self.resting && waiting.urgent == 0 { Vec::new() } else { self.go_on() }
            }
            Event::NetworkUp => {
                self.failures = 0;
                self.resting = false;
                self.go_on()
            }
            Event::Woke => {
                self.resting = false;
                self.go_on()
            }
            Event::PieceConfirmed { waiting } => {
                self.pushing = false;
                self.succeeded();
                self.waiting = waiting;
                self.go_on()
            }
            Event::Answered { line, answer, waiting } => self.answered(line, answer, waiting),
            Event::Failed { line, trouble, jitter } => self.failed(line, trouble, jitter),
        }
    }

    fn answered(&mut self, line: Line, answer: Answer, waiting: Waiting) -> Vec<Effect> {
        self.release(line);
        match answer {
            Answer::Exchanged { more } => {
                let moved = waiting != self.waiting || more;
                self.idle_rounds = if moved { 0 } else { self.idle_rounds + 1 };
                self.challenges = 0;
                self.more = more;
                self.waiting = waiting;
                self.succeeded();
                self.go_on()
            }
            Answer::Challenged => {
                self.challenges += 1;
                if self.challenges > 2 {
                    // A center that never believes a good proof is not ours, or our key is not the one it knows.
                    return self.failed(line, Trouble::NotOurCenter, 0);
                }
                vec![match line {
                    Line::Push => self.push(true),
                    Line::Hold => self.hold(true),
                }]
            }
            Answer::OtherEpoch => {
                self.more = true;
                let mut effects = vec![Effect::ResetCursors];
                if !self.pushing {
                    effects.push(self.push(false));
                }
                effects
            }
            Answer::Revoked => self.finish(Finish::Revoked),
            Answer::UpdateNeeded => self.finish(Finish::UpdateNeeded),
            Answer::Busy { retry_after_s } => {
                let most = if self.waiting.urgent > 0 { MOST_URGENT_PATIENCE_MS } else { MOST_PATIENCE_MS };
                let ms = i64::from(retry_after_s.max(1)).saturating_mul(1000).min(most);
                match self.mode {
                    Mode::Once => self.finish(Finish::Stalled),
                    Mode::Watch { .. } => vec![self.rest(ms)],
                }
            }
        }
    }

    fn failed(&mut self, line: Line, trouble: Trouble, jitter: u16) -> Vec<Effect> {
        self.release(line);
        self.failures = self.failures.saturating_add(1);
        if trouble == Trouble::TimedOut {
            match line {
                Line::Push => self.budget = (self.budget / 2).max(LEAST_BUDGET),
                // Something on the way cuts silent connections: ask for less next time.
                Line::Hold => self.hold_ms = (self.hold_ms / 2).max(5_000),
            }
        }
        match (self.mode, trouble) {
            (Mode::Once, Trouble::NotOurCenter) => self.finish(Finish::NotOurCenter),
            (Mode::Once, Trouble::TimedOut) if self.failures < 3 => vec![self.push(false)],
            (Mode::Once, _) => self.finish(Finish::Unreachable),
            // A push under way decides for itself; a failed hold beside it only waits for that.
            (Mode::Watch { .. }, _) if self.pushing => Vec::new(),
            (Mode::Watch { .. }, _) => {
                let ms = self.backoff_ms(jitter);
                vec![self.rest(ms)]
            }
        }
    }

    /// Doubles with each failure, up to the most, plus up to half of itself by jitter.
    fn backoff_ms(&self, jitter: u16) -> i64 {
        let most = if self.waiting.urgent > 0 { MOST_URGENT_WAIT_MS } else { MOST_WAIT_MS };
        let doublings = self.failures.saturating_sub(1).min(16);
        let base = FIRST_WAIT_MS.saturating_mul(1_i64 << doublings).min(most);
        base + base * i64::from(jitter.min(999)) / 2000
    }

    fn go_on(&mut self) -> Vec<Effect> {
        if self.pushing {
            return Vec::new();
        }
        let stalled = self.idle_rounds >= MOST_IDLE_ROUNDS;
        if !stalled && (self.more || self.waiting.urgent > 0 || self.waiting.records > 0 || self.waiting.fixes > 0) {
            return vec![self.push(false)];
        }
        if !stalled && self.waiting.attachments > 0 {
            self.pushing = true;
            return vec![Effect::SendPiece { up_bytes: self.budget }];
        }
        match self.mode {
            Mode::Once if self.waiting.is_empty() => self.finish(Finish::Quiet),
            Mode::Once => self.finish(Finish::Stalled),
            Mode::Watch { .. } if stalled && !self.waiting.is_empty() => {
                self.idle_rounds = 0;
                vec![self.rest(STALLED_WAIT_MS)]
            }
            Mode::Watch { .. } if self.holding => Vec::new(),
            Mode::Watch { .. } => vec![self.hold(false)],
        }
    }

    const fn push(&mut self, proof: bool) -> Effect {
        self.pushing = true;
        self.resting = false;
        // History of the trail would only delay a press behind it.
        let with_trail = self.waiting.urgent == 0 && self.waiting.records == 0;
        Effect::Push { up_bytes: self.budget, down_bytes: self.down_bytes(), with_trail, proof }
    }

    const fn hold(&mut self, proof: bool) -> Effect {
        self.holding = true;
        Effect::Hold { hold_ms: self.hold_ms, down_bytes: self.down_bytes(), proof }
    }

    /// Networks carry more down than up; never less than one document of a shift.
    const fn down_bytes(&self) -> u32 {
        let bytes = self.budget.saturating_mul(4);
        if bytes > MOST_BUDGET {
            MOST_BUDGET
        } else if bytes < 16 * 1024 {
            16 * 1024
        } else {
            bytes
        }
    }

    const fn rest(&mut self, ms: i64) -> Effect {
        self.resting = true;
        Effect::Wait { ms }
    }

    const fn release(&mut self, line: Line) {
        match line {
            Line::Push => self.pushing = false,
            Line::Hold => self.holding = false,
        }
    }

    fn succeeded(&mut self) {
        self.failures = 0;
        self.budget = self.budget.saturating_mul(2).min(MOST_BUDGET);
    }

    fn finish(&mut self, how: Finish) -> Vec<Effect> {
        self.finished = true;
        vec![Effect::Finish(how)]
    }
}

#[cfg(test)]
mod tests;
