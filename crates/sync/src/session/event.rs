//! What happens to a session, and what it asks for: the vocabulary between the session and whoever moves bytes.

/// Whether the session ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Until nothing waits on either side, or the center is not there.
    Once,
    /// Until it is stopped. Milliseconds a request may be held while somebody is on duty.
    Watch { hold_ms: u32 },
}

/// What waits on the phone, most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Lane 0: changes without a receipt.
    pub urgent: u32,
    /// Lane 1: changes without a receipt.
    pub records: u32,
    /// Lane 2: fixes the center does not have.
    pub fixes: u32,
    /// Lane 3: previews the center does not have.
    pub thumbnails: u32,
    /// Lane 4: photographs the center does not have.
    pub bulk: u32,
    /// Lane 3 the other way: previews this phone is to fetch.
    pub previews: u32,
    /// Lane 4 the other way: files somebody asked for, and small map packs.
    pub downloads: u32,
    /// Besides them: what was offered and comes by itself over a good link only.
    pub offered: u32,
    /// Records to be compared with the center's or made equal; beside lane 1, behind whatever was written.
    pub repairs: u32,
}

impl Waiting {
    pub const NOTHING: Self = Self {
        urgent: 0,
        records: 0,
        fixes: 0,
        thumbnails: 0,
        bulk: 0,
        previews: 0,
        downloads: 0,
        offered: 0,
        repairs: 0,
    };

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.urgent == 0 && self.records == 0 && self.repairs == 0 && self.fixes == 0 && !self.has_files()
    }

    #[must_use]
    pub const fn has_files(&self) -> bool {
        self.thumbnails > 0 || self.bulk > 0 || self.previews > 0 || self.downloads > 0
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
    /// The center asks to be left alone for this long.
    Busy {
        retry_after_s: u32,
    },
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// No connection stood.
    Unreachable,
    /// A connection stood and broke before the answer was whole.
    Cut,
    TimedOut,
    NotOurCenter,
    /// The center's certificate does not hold at the time this phone believes it is.
    ClockWrong,
}

/// Which of the requests that may be under way together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Line {
    /// Whatever waits, in lane order; files as well, one piece at a time.
    Push,
    /// Lane 0 only, beside a push that is under way already.
    Urgent,
    /// Nothing; answered when the center has news.
    Hold,
}

/// What one request moved and how long it took: body bytes, and milliseconds from its first byte to the last of
/// its answer, a hold of the center included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Carried {
    pub up_bytes: u32,
    pub down_bytes: u32,
    pub took_ms: u32,
}

/// What happened. `jitter` is 0 to 999, drawn by whoever moves the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Ready; this waits.
    Started {
        waiting: Waiting,
    },
    /// A guest wrote something.
    Written {
        waiting: Waiting,
    },
    /// Somebody checked in on this phone, or the last one checked out.
    Duty {
        on: bool,
    },
    /// The platform says the network is back.
    NetworkUp,
    /// An answer was read, believed and applied; this waits now.
    Answered {
        line: Line,
        answer: Answer,
        waiting: Waiting,
        carried: Carried,
        jitter: u16,
    },
    /// One piece of a file was confirmed, or stored here.
    PieceConfirmed {
        waiting: Waiting,
        carried: Carried,
    },
    Failed {
        line: Line,
        trouble: Trouble,
        jitter: u16,
    },
    /// The wait asked for is over.
    Woke,
    /// The pace asked for is over.
    Paced,
}

/// Which files a piece is taken from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Files {
    /// Lane 3.
    Thumbnails,
    /// Lane 4.
    Bulk,
}

/// Which files are fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Downloads {
    /// Previews, what somebody asked for, small map packs.
    Needed,
    /// Whatever was offered: the link is good.
    All,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Send what waits on [`Line::Push`]: sealed envelopes again first, then new ones of `envelope_bytes` at most,
    /// in lane order, about `up_bytes` in all. Records ride beside an urgent envelope only as far as one packet
    /// bears. The newest position goes along; its history when `with_trail`.
    Push { up_bytes: u32, envelope_bytes: u32, down_bytes: u32, with_trail: bool, proof: bool },
    /// Send lane 0 and the newest position on [`Line::Urgent`], beside what is under way.
    Urgent { up_bytes: u32, envelope_bytes: u32, down_bytes: u32, proof: bool },
    /// Ask to be told on [`Line::Hold`]: a request without an outbox, held by the center.
    Hold { hold_ms: u32, down_bytes: u32, proof: bool },
    /// Send the next piece of a file on [`Line::Push`].
    SendPiece { files: Files, up_bytes: u32 },
    /// Fetch the next piece of the most urgent file on [`Line::Push`].
    FetchPiece { downloads: Downloads, down_bytes: u32 },
    /// Give up the request of this line without waiting for it: its connection is gone. No event of it follows.
    Abandon(Line),
    /// Read the feed from its beginning.
    ResetCursors,
    /// Come back with [`Event::Woke`] after this long; replaces an earlier wait.
    Wait { ms: i64 },
    /// Come back with [`Event::Paced`] after this long; apart from any wait.
    Pace { ms: i64 },
    /// Nothing more will be asked for.
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
    ClockWrong,
    Revoked,
    UpdateNeeded,
}
