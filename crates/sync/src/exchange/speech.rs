//! How this phone speaks: shortly where the center understands it, in full where it does not.
//!
//! A center of version 1 does not know the media type of the short form; one that lacks the dictionary, or something the
//! short form leaves out, says so. Either is remembered for a while and asked again at once in a form that is
//! understood. Nothing is lost by it but bytes.

use super::SyncError;
use siaga_document::recode::{Base, Packed, Packer, Past, RecodeError, Unpacker};
use siaga_domain::id::{CenterId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use siaga_store::Store;
use siaga_wire::compact::{self, AnswerDraft, Asked, Block, DICTIONARY, Unreadable};
use siaga_wire::envelope::Envelope;
use siaga_wire::exchange::{Clock, ExchangeAnswer, ExchangeRequest, Outcome};
use siaga_wire::{MAX_MESSAGE_BYTES, MEDIA_TYPE, VERSION, codec};

/// A center that did not know a form is asked again after a day: it may have been updated.
const REMEMBERED_FOR_MS: i64 = 86_400_000;
/// What one side lacked of a document it soon has.
const PLAIN_FOR_MS: i64 = 600_000;
/// Settings: since when, device UTC milliseconds.
const LONG_SINCE: &str = "exchange_long_since";
const NO_DICTIONARY_SINCE: &str = "exchange_no_dictionary_since";
const PLAIN_SINCE: &str = "exchange_plain_since";

/// Changes become shorter by this much at least, nearly always.
const SHORTENS: usize = 4;
/// Signature, place and person of an envelope.
const FRAME_BYTES: usize = 88;

/// A form of the exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Speech {
    Long,
    /// With changes packed.
    Short {
        dictionary: u8,
    },
    /// With changes plain, both ways.
    Plain {
        dictionary: u8,
    },
}

/// How a request was written, and what its answer may leave out.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Long,
    Short(Asked),
}

/// A request as it leaves.
pub(super) struct Spoken {
    pub body: Vec<u8>,
    pub media: &'static str,
    pub form: Form,
}

/// What came back.
pub(super) enum Heard {
    Answer(Box<ExchangeAnswer>),
    /// It is to be asked again, in another form.
    Again,
    /// The center speaks a version this phone does not know.
    Newer,
    /// No answer of our center.
    Nothing,
}

impl Speech {
    /// What the center is known to understand.
    pub(super) fn now(store: &Store, now: UtcMs) -> Result<Self, SyncError> {
        if lately(store, LONG_SINCE, now, REMEMBERED_FOR_MS)? {
            return Ok(Self::Long);
        }
        let dictionary = if lately(store, NO_DICTIONARY_SINCE, now, REMEMBERED_FOR_MS)? { 0 } else { DICTIONARY };
        let plain = lately(store, PLAIN_SINCE, now, PLAIN_FOR_MS)?;
        Ok(if plain { Self::Plain { dictionary } } else { Self::Short { dictionary } })
    }

    /// How much of the outbox goes into a byte of a request, about.
    pub(super) const fn shortens(self) -> usize {
        match self {
            Self::Short { .. } => SHORTENS,
            Self::Long | Self::Plain { .. } => 1,
        }
    }

    /// What an envelope weighs in this form, at most; `None` where it goes in full.
    pub(super) fn weighs(self, store: &Store, envelope: &Envelope) -> Option<usize> {
        let Self::Short { .. } = self else { return None };
        let past = Kept(store);
        let header = &envelope.header;
        let mut packer = Packer::new(base(header.clock), &header.user, &past).of_known_shapes();
        pack_into(&mut packer, std::slice::from_ref(envelope)).ok()?;
        Some(packer.size().saturating_add(FRAME_BYTES))
    }
}

/// Writes a request in the shortest form that is understood.
pub(super) fn say(
    store: &Store,
    request: &ExchangeRequest,
    center: &CenterId,
    speech: Speech,
) -> Result<Spoken, SyncError> {
    let short = match speech {
        Speech::Long => None,
        Speech::Plain { dictionary } => compact::write_request(request, center, None, dictionary, true),
        Speech::Short { dictionary } => match pack(store, request) {
            Ok(block) => compact::write_request(request, center, block.as_ref(), dictionary, false),
            Err(error) => {
                tracing::warn!(%error, "changes of a request are sent plain");
                compact::write_request(request, center, None, dictionary, true)
            }
        },
    };
    Ok(match short {
        Some((body, asked)) => Spoken { body, media: compact::MEDIA_TYPE, form: Form::Short(asked) },
        None => {
            Spoken { body: codec::encode(request).map_err(|_| SyncError::Encode)?, media: MEDIA_TYPE, form: Form::Long }
        }
    })
}

/// Reads what came back, and remembers what was not understood.
pub(super) fn hear(store: &Store, form: &Form, body: &[u8], now: UtcMs) -> Result<Heard, SyncError> {
    let Form::Short(asked) = form else {
        return Ok(match codec::decode::<ExchangeAnswer>(body) {
            Ok(answer) if answer.version == VERSION => Heard::Answer(Box::new(answer)),
            Ok(answer) if answer.version > VERSION => Heard::Newer,
            Err(error) if error.is_of_a_newer_build() => Heard::Newer,
            _ => Heard::Nothing,
        });
    };
    let draft = match compact::read_answer(body, asked) {
        Ok(draft) => draft,
        Err(Unreadable::Version(version)) if version > compact::VERSION => return Ok(Heard::Newer),
        Err(Unreadable::Outcome(_)) => return Ok(Heard::Newer),
        Err(Unreadable::Dictionary(_)) => return again(store, NO_DICTIONARY_SINCE, now),
        Err(_) => return Ok(Heard::Nothing),
    };
    let changes = match unpack(store, &draft, asked) {
        Ok(changes) => changes,
        Err(error) => {
            tracing::warn!(%error, "changes of an answer could not be made again; they are asked for plain");
            return again(store, PLAIN_SINCE, now);
        }
    };
    let Ok(answer) = draft.complete(changes) else { return Ok(Heard::Nothing) };
    match answer.outcome {
        Outcome::Unread { dictionary } if dictionary < asked.dictionary => again(store, NO_DICTIONARY_SINCE, now),
        // Where even plain words were not understood, only the long form is left.
        Outcome::Unread { .. } if asked.plainly => again(store, LONG_SINCE, now),
        Outcome::Unread { .. } => again(store, PLAIN_SINCE, now),
        _ => Ok(Heard::Answer(Box::new(answer))),
    }
}

/// The center does not know the media type of the short form.
pub(super) fn go_long(store: &Store, now: UtcMs) -> Result<Heard, SyncError> {
    again(store, LONG_SINCE, now)
}

fn again(store: &Store, setting: &str, now: UtcMs) -> Result<Heard, SyncError> {
    store.set_setting(setting, &now.0.to_string())?;
    Ok(Heard::Again)
}

fn lately(store: &Store, setting: &str, now: UtcMs, for_ms: i64) -> Result<bool, SyncError> {
    let since = store.setting(setting)?.and_then(|text| text.parse::<i64>().ok());
    Ok(since.is_some_and(|since| (0..for_ms).contains(&now.0.saturating_sub(since))))
}

/// What this phone has of a document.
struct Kept<'a>(&'a Store);

impl Past for Kept<'_> {
    fn change(&self, record: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>> {
        let found = self.0.change_that_begins(record, hash_begins);
        found.inspect_err(|error| tracing::warn!(%error, "a change could not be looked for")).ok().flatten()
    }
}

const fn base(clock: Clock) -> Base {
    Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot as i64 }
}

fn pack(store: &Store, request: &ExchangeRequest) -> Result<Option<Block>, RecodeError> {
    if request.envelopes.is_empty() {
        return Ok(None);
    }
    let (clock, person) = compact::base(request);
    let past = Kept(store);
    let mut packer = Packer::new(base(clock), person, &past).of_known_shapes();
    pack_into(&mut packer, &request.envelopes)?;
    let Packed { raw, rest } = packer.finish()?;
    Ok(Some(Block { raw, rest }))
}

fn pack_into(packer: &mut Packer<'_>, envelopes: &[Envelope]) -> Result<(), RecodeError> {
    for document in envelopes.iter().flat_map(|envelope| &envelope.documents) {
        let kind: RecordKind = document.kind.parse().map_err(|_| RecodeError::Shape)?;
        let changes: Vec<&[u8]> = document.changes.iter().map(|change| change.bytes.as_slice()).collect();
        packer.pack(document.record, kind, &changes)?;
    }
    Ok(())
}

/// The center packs its news against the phone's own clock as the question told it, and nobody.
fn unpack(store: &Store, draft: &AnswerDraft, asked: &Asked) -> Result<Vec<Vec<Vec<u8>>>, RecodeError> {
    let Some(Block { raw, rest }) = draft.block().cloned() else { return Ok(Vec::new()) };
    let packed = Packed { raw, rest };
    let past = Kept(store);
    let base = Base { at_ms: asked.device_ms, ..Base::default() };
    let mut unpacker = Unpacker::new(base, "", &packed, &past, MAX_MESSAGE_BYTES);
    let mut changes = Vec::new();
    for (record, kind) in draft.documents() {
        // Only the first change of a document says its kind, and that comes with a document that entered.
        let kind = kind.map_or(Ok(RecordKind::Incident), str::parse).map_err(|_| RecodeError::Shape)?;
        changes.push(unpacker.unpack(record, kind)?);
    }
    unpacker.finish()?;
    Ok(changes)
}
