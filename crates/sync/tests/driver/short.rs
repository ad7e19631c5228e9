//! The misbehaving center's own ears and mouth for the short form (version 2). What a phone leaves out is filled in from
//! the chains; news are packed against a log that may hold more than the phone does.

use siaga_document::recode::{Base, Packed, Packer, Past, Unpacker};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_wire::MAX_MESSAGE_BYTES;
use siaga_wire::compact::{self, Asked, Block, Known};
use siaga_wire::envelope::change_hash;
use siaga_wire::exchange::{ExchangeAnswer, ExchangeRequest, News, Outcome};
use std::collections::BTreeMap;

/// All changes the center has, by their document.
#[derive(Default)]
pub(super) struct Log(pub BTreeMap<RecordId, Vec<Vec<u8>>>);

impl Past for Log {
    fn change(&self, record: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>> {
        let mut found = self.0.get(record)?.iter().filter(|bytes| change_hash(bytes).0.starts_with(hash_begins));
        found.next().cloned()
    }
}

/// What was asked, with everything the phone left out. `head` is the manifest of the newest envelope of a lane.
pub(super) fn hear(
    body: &[u8],
    log: &Log,
    known: &Known,
    head: impl Fn(u8, u64) -> Option<ChangeHash>,
) -> (ExchangeRequest, Asked) {
    let draft = compact::read_request(body).expect("a request");
    let mut changes = Vec::new();
    if let Some(Block { raw, rest }) = draft.block().cloned() {
        let packed = Packed { raw, rest };
        let (clock, person) = draft.base();
        let base = Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot.into() };
        let mut unpacker = Unpacker::new(base, person, &packed, log, MAX_MESSAGE_BYTES).of_known_shapes();
        for (record, kind) in draft.documents() {
            changes.push(unpacker.unpack(record, kind.parse().expect("a kind")).expect("changes"));
        }
        unpacker.finish().expect("all of them");
    }
    draft.complete(known, changes, head).expect("it can be filled in")
}

/// The answer, its changes packed unless `plainly`.
pub(super) fn say(answer: &ExchangeAnswer, asked: &Asked, log: &Log, plainly: bool) -> Vec<u8> {
    let block = match &answer.outcome {
        Outcome::Exchanged(all) if !plainly && !all.news.is_empty() => Some(pack(&all.news, asked, log)),
        _ => None,
    };
    compact::write_answer(answer, asked, block.as_ref()).expect("it has a short form")
}

fn pack(news: &[News], asked: &Asked, log: &Log) -> Block {
    let mut packer = Packer::new(Base { at_ms: asked.device_ms, ..Base::default() }, "", log);
    for one in news {
        let (record, kind, changes) = match one {
            News::Entered { record, kind, changes, .. } => (record, kind.parse().expect("a kind"), changes.as_slice()),
            News::Changed { record, change, .. } => (record, RecordKind::Incident, std::slice::from_ref(change)),
            News::Left { .. } => continue,
        };
        let changes: Vec<&[u8]> = changes.iter().map(|change| change.bytes.as_slice()).collect();
        packer.pack(*record, kind, &changes).expect("they can be packed");
    }
    let Packed { raw, rest } = packer.finish().expect("packed");
    Block { raw, rest }
}
