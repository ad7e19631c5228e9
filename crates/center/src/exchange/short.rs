//! Exchanges in their short form (version 2): what a phone left out is filled in, what it has is left out.
//!
//! Nothing of a phone's changes is made before its session is open, and then only from their parts: no bytes it sent are
//! read as a change here. What was made goes the way of what comes in full, signature first. What cannot be made is
//! asked for in full.

use super::answer::{Asking, ExchangeError, Turn};
use super::limit;
use super::session::Session;
use crate::Center;
use crate::db::{DbError, chain, log};
use rusqlite::Connection;
use siaga_document::recode::{Base, Packed, Packer, Past, RecodeError, Unpacker};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use siaga_wire::compact::{self, Asked, Block, DICTIONARY, Known, RequestDraft, Unreadable};
use siaga_wire::exchange::{Credential, ExchangeAnswer, ExchangeRequest, News, Outcome};
use siaga_wire::{MAX_MESSAGE_BYTES, codec};

/// News become shorter by this much at least, nearly always.
const SHORTENS: u32 = 4;

impl Center {
    /// As [`exchange_counted`](Self::exchange_counted), in the short form; with what the answer may leave out.
    ///
    /// # Errors
    /// [`ExchangeError`]; the device may ask again.
    pub fn exchange_short(
        &self,
        body: &[u8],
        received: UtcMs,
        count: &dyn Fn(&DeviceId, limit::Known) -> Result<(), ExchangeError>,
    ) -> Result<(Turn, Asked), ExchangeError> {
        let epoch = self.identity()?.epoch;
        let draft = match compact::read_request(body) {
            Ok(draft) => draft,
            Err(Unreadable::Dictionary(_)) => {
                return Ok((self.say(epoch, received, Outcome::Unread { dictionary: DICTIONARY }), Asked::nothing()));
            }
            Err(error) => return Err(ExchangeError::Short(error)),
        };
        let asked = draft.asked();
        let say = |outcome| Ok((self.say(epoch, received, outcome), asked.clone()));
        if let (Credential::Proof { .. }, Some(device)) = (draft.credential(), draft.device()) {
            count(&device, limit::Known::Claimed(None))?;
        }
        let session = match (draft.credential(), draft.device()) {
            (Credential::Token(token), _) => self.session_of_token(token)?,
            (credential, Some(device)) => self.session(&device, credential)?,
            (_, None) => Session::Unknown,
        };
        let (device, token) = match session {
            Session::Open { device, token } => (device, token),
            Session::Challenge(nonce) => return say(Outcome::Challenge { nonce }),
            Session::Revoked => return say(Outcome::Revoked),
            Session::Unknown => return Err(ExchangeError::Unknown),
        };
        count(&device.id, limit::Known::Proven)?;
        if !draft.is_of(&epoch) {
            if let Some(ask) = draft.repair() {
                self.note_rivals(&device, ask, epoch)?;
            }
            return say(Outcome::OtherEpoch { testimony: Some(self.testimony()?) });
        }
        let known = Known { center: self.id(), device: device.id, epoch };
        let made = self.db().read(|tx| Ok::<_, DbError>(complete(tx, draft, &known)))?;
        let (request, asked) = match made {
            Ok(made) => made,
            Err(NotMade) => return say(Outcome::Unread { dictionary: DICTIONARY }),
        };
        let bytes: Vec<Vec<u8>> =
            request.envelopes.iter().map(codec::encode).collect::<Result<_, _>>().map_err(ExchangeError::Sign)?;
        let raw: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        let news_bytes =
            if asked.plainly { request.budget_bytes } else { request.budget_bytes.saturating_mul(SHORTENS) };
        let asking = Asking { device: *device, token, request: &request, raw: &raw, news_bytes, epoch, received };
        Ok((self.settle(asking)?, asked))
    }

    /// Writes an answer to what was asked in the short form.
    ///
    /// # Errors
    /// [`ExchangeError`] when the database fails; the device may ask again.
    pub fn write_short(&self, answer: &ExchangeAnswer, asked: &Asked) -> Result<Vec<u8>, ExchangeError> {
        let block = match &answer.outcome {
            Outcome::Exchanged(exchanged) if !exchanged.news.is_empty() && !asked.plainly => {
                let packed = self.db().read(|tx| Ok::<_, DbError>(pack(tx, &exchanged.news, asked)))?;
                packed.inspect_err(|error| tracing::warn!(%error, "news are sent plain")).ok()
            }
            _ => None,
        };
        compact::write_answer(answer, asked, block.as_ref()).ok_or(ExchangeError::Short(Unreadable::Malformed))
    }
}

/// Something the phone left out is not known here, or came out as something else.
struct NotMade;

fn complete(tx: &Connection, draft: RequestDraft, known: &Known) -> Result<(ExchangeRequest, Asked), NotMade> {
    let changes = unpack(tx, &draft).map_err(|error| {
        tracing::warn!(device = %known.device, %error, "changes of a request could not be made; they are asked for plain");
        NotMade
    })?;
    let manifest = |lane, seq| chain::manifest_at(tx, &known.device, lane, seq).ok().flatten();
    draft.complete(known, changes, manifest).map_err(|error| {
        tracing::warn!(device = %known.device, %error, "a request could not be filled in; it is asked for plain");
        NotMade
    })
}

/// What the center has of a document.
struct Log<'a>(&'a Connection);

impl Past for Log<'_> {
    fn change(&self, record: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>> {
        let found = log::that_begins(self.0, record, hash_begins);
        found.inspect_err(|error| tracing::error!(%error, "a change could not be looked for")).ok().flatten()
    }
}

fn unpack(tx: &Connection, draft: &RequestDraft) -> Result<Vec<Vec<Vec<u8>>>, RecodeError> {
    let Some(Block { raw, rest }) = draft.block().cloned() else { return Ok(Vec::new()) };
    let packed = Packed { raw, rest };
    let (clock, person) = draft.base();
    let base = Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot.into() };
    let past = Log(tx);
    let mut unpacker = Unpacker::new(base, person, &packed, &past, MAX_MESSAGE_BYTES).of_known_shapes();
    let mut changes = Vec::new();
    for (record, kind) in draft.documents() {
        let kind: RecordKind = kind.parse().map_err(|_| RecodeError::Shape)?;
        changes.push(unpacker.unpack(record, kind)?);
    }
    unpacker.finish()?;
    Ok(changes)
}

/// Told against the phone's own clock, which it knows, and nobody.
fn pack(tx: &Connection, news: &[News], asked: &Asked) -> Result<Block, RecodeError> {
    let past = Log(tx);
    let mut packer = Packer::new(Base { at_ms: asked.device_ms, ..Base::default() }, "", &past);
    for one in news {
        let (record, kind, changes) = match one {
            News::Entered { record, kind, changes, .. } => {
                let kind: RecordKind = kind.parse().map_err(|_| RecodeError::Shape)?;
                (record, kind, changes.iter().map(|change| change.bytes.as_slice()).collect::<Vec<_>>())
            }
            // Only the first change of a document says its kind, and that comes with a document that entered.
            News::Changed { record, change, .. } => (record, RecordKind::Incident, vec![change.bytes.as_slice()]),
            News::Left { .. } => continue,
        };
        packer.pack(*record, kind, &changes)?;
    }
    let Packed { raw, rest } = packer.finish()?;
    Ok(Block { raw, rest })
}
