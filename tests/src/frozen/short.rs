//! What the exchange says since 0.2.0: the fields that came after version 1, and messages in their short form.
//!
//! A short message is read by what its reader knows already. In fixtures that is always the same: these are the
//! constants it was written against.

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use siaga_document::recode::{Base, Packed, Packer, Unpacker};
use siaga_domain::id::{CenterId, DeviceId, Epoch, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_wire::archive::{SignedArchive, Statement};
use siaga_wire::compact::{self, Asked, Block, Known};
use siaga_wire::exchange::{ExchangeAnswer, ExchangeRequest, Exchanged, Hash32, News, Outcome};
use siaga_wire::receipt::LaterVerdicts;
use siaga_wire::repair::{RecordTips, RepairAnswer, RepairAsk, SignedTestimony, Testimony};
use siaga_wire::{MAX_MESSAGE_BYTES, codec};
use std::collections::BTreeMap;

/// Who asks, and whom.
pub const KNOWN: Known =
    Known { center: CenterId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]), epoch: Epoch([4; 8]) };

/// What was asked, where an answer is read.
#[must_use]
pub const fn asked() -> Asked {
    Asked {
        device: KNOWN.device,
        epoch: KNOWN.epoch,
        cursors: [40_000, 70_000],
        device_ms: 1_665_360_000_000,
        dictionary: compact::DICTIONARY,
        plainly: false,
        manifests: BTreeMap::new(),
    }
}

/// Writes a request in its short form, its changes packed.
///
/// # Errors
/// It has no short form.
pub fn write_request(request: &ExchangeRequest) -> anyhow::Result<Vec<u8>> {
    let (clock, person) = compact::base(request);
    let base = Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot.into() };
    let mut packer = Packer::new(base, person, &()).of_known_shapes();
    let mut any = false;
    for document in request.envelopes.iter().flat_map(|envelope| &envelope.documents) {
        let changes: Vec<&[u8]> = document.changes.iter().map(|change| change.bytes.as_slice()).collect();
        packer.pack(document.record, document.kind.parse()?, &changes)?;
        any = true;
    }
    let block = if any { Some(block(packer.finish()?)) } else { None };
    let written = compact::write_request(request, &KNOWN.center, block.as_ref(), compact::DICTIONARY, false);
    Ok(written.context("no short form")?.0)
}

/// Writes an answer to [`asked`] in its short form, its changes packed.
///
/// # Errors
/// It has no short form.
pub fn write_answer(answer: &ExchangeAnswer) -> anyhow::Result<Vec<u8>> {
    let mut packer = Packer::new(Base { at_ms: asked().device_ms, ..Base::default() }, "", &());
    let mut any = false;
    if let Outcome::Exchanged(all) = &answer.outcome {
        for one in &all.news {
            let News::Entered { record, kind, changes, .. } = one else { continue };
            let changes: Vec<&[u8]> = changes.iter().map(|change| change.bytes.as_slice()).collect();
            packer.pack(*record, kind.parse()?, &changes)?;
            any = true;
        }
    }
    let block = if any { Some(block(packer.finish()?)) } else { None };
    compact::write_answer(answer, &asked(), block.as_ref()).context("no short form")
}

fn block(Packed { raw, rest }: Packed) -> Block {
    Block { raw, rest }
}

/// Reads a request in its short form.
///
/// # Errors
/// It is none.
pub fn read_request(bytes: &[u8]) -> anyhow::Result<ExchangeRequest> {
    let draft = compact::read_request(bytes)?;
    let (clock, person) = draft.base();
    let base = Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot.into() };
    let documents = draft.documents().map(|(record, kind)| Ok((record, kind.parse()?)));
    let changes = unpack(draft.block(), base, person, documents.collect::<anyhow::Result<_>>()?)?;
    // The envelope before the first one is known by its manifest.
    let (request, _) = draft.complete(&KNOWN, changes, |_, _| Some(siaga_domain::id::ChangeHash([3; 32])))?;
    Ok(request)
}

/// Reads an answer to [`asked`] in its short form.
///
/// # Errors
/// It is none.
pub fn read_answer(bytes: &[u8]) -> anyhow::Result<ExchangeAnswer> {
    let draft = compact::read_answer(bytes, &asked())?;
    let base = Base { at_ms: asked().device_ms, ..Base::default() };
    let documents = draft.documents().map(|(record, kind)| {
        let kind = kind.map_or(Ok(RecordKind::Incident), str::parse).map_err(|_| anyhow!("no kind of record"))?;
        Ok((record, kind))
    });
    let changes = unpack(draft.block(), base, "", documents.collect::<anyhow::Result<_>>()?)?;
    Ok(draft.complete(changes)?)
}

fn unpack(
    block: Option<&Block>,
    base: Base,
    person: &str,
    documents: Vec<(RecordId, RecordKind)>,
) -> anyhow::Result<Vec<Vec<Vec<u8>>>> {
    let Some(Block { raw, rest }) = block.cloned() else { return Ok(Vec::new()) };
    let packed = Packed { raw, rest };
    let mut unpacker = Unpacker::new(base, person, &packed, &(), MAX_MESSAGE_BYTES);
    let changes =
        documents.into_iter().map(|(record, kind)| unpacker.unpack(record, kind)).collect::<Result<_, _>>()?;
    unpacker.finish()?;
    Ok(changes)
}

fn hash(hash: &Hash32) -> String {
    hash.0.to_string()
}

/// What a request says beside what version 1 said.
pub(super) fn request(request: &ExchangeRequest) -> anyhow::Result<Value> {
    Ok(json!({
        "packed_trail": request.packed_trail.iter().map(|run| {
            let fixes = siaga_wire::trail::unpack(run)?.fixes.len();
            Ok(json!([run.coding, run.first, hex::encode(&run.bytes), fixes]))
        }).collect::<anyhow::Result<Vec<_>>>()?,
        "repair": request.repair.as_ref().map(ask).transpose()?,
        "thin": request.thin,
        "files_after": request.files_after,
        "verdicts_up_to": request.verdicts_up_to,
        "satellite_ahead_ms": request.satellite_ahead_ms,
    }))
}

fn ask(ask: &RepairAsk) -> anyhow::Result<Value> {
    Ok(json!({
        "testimonies": ask.testimonies.iter().map(testimony).collect::<anyhow::Result<Vec<_>>>()?,
        "compare": ask.compare.as_ref().map(|compare| json!([
            compare.from.to_string(),
            compare.up_to.to_string(),
            compare.digests.iter().map(|one| json!([one.record.to_string(), hex::encode(&one.digest)])).collect::<Vec<_>>(),
        ])),
        "tips": ask.tips.iter().map(tips).collect::<Vec<_>>(),
        "told": ask.told.iter().map(|told| json!([
            hex::encode(told.epoch.0), hex::encode(&told.news), hex::encode(&told.signature),
        ])).collect::<Vec<_>>(),
        "chains": ask.chains,
        "needs": ask.needs.iter().map(hash).collect::<Vec<_>>(),
        "given": ask.given.iter().map(|change| hex::encode(&change.bytes)).collect::<Vec<_>>(),
        "faults": ask.faults.iter().map(|fault| json!([
            fault.number, fault.code, fault.at_ms, fault.count, fault.saved,
        ])).collect::<Vec<_>>(),
    }))
}

fn tips(record: &RecordTips) -> Value {
    let tips = record.tips.iter().map(|tip| json!([hex::encode(&tip.actor), tip.seq, hex::encode(&tip.hash)]));
    json!([record.record.to_string(), tips.collect::<Vec<_>>()])
}

fn testimony(signed: &SignedTestimony) -> anyhow::Result<Value> {
    let testimony: Testimony = codec::decode(&signed.payload).context("the payload of a testimony")?;
    Ok(json!([
        testimony.center.to_string(),
        hex::encode(testimony.epoch.0),
        testimony.number,
        hex::encode(&signed.signature),
    ]))
}

/// What an answer says beside what version 1 said.
pub(super) fn outcome(outcome: &Outcome) -> anyhow::Result<Value> {
    Ok(match outcome {
        Outcome::Exchanged(all) => exchanged(all)?,
        Outcome::OtherEpoch { testimony: signed } => {
            json!({ "testimony": signed.as_ref().map(testimony).transpose()? })
        }
        _ => Value::Null,
    })
}

fn exchanged(all: &Exchanged) -> anyhow::Result<Value> {
    Ok(json!({
        "later": all.later.as_ref().map(|signed| {
            let later: LaterVerdicts = codec::decode(&signed.payload).context("the payload of later verdicts")?;
            let verdicts = later.verdicts.iter().map(|one| {
                json!([one.number, hash(&one.change), format!("{:?}", one.verdict).to_lowercase(), one.reason])
            });
            Ok::<_, anyhow::Error>(json!({
                "device": later.device.to_string(),
                "epoch": hex::encode(later.epoch.0),
                "center_ms": later.center_ms,
                "verdicts": verdicts.collect::<Vec<_>>(),
                "missing": later.missing.iter().map(hash).collect::<Vec<_>>(),
                "signature": hex::encode(&signed.signature),
            }))
        }).transpose()?,
        "files": all.files.as_ref().map(|files| files.iter().map(|file| json!([
            file.number, file.hash.to_string(), file.size_bytes, file.kind, file.made_ms, file.record.map(hex::encode), file.pack,
        ])).collect::<Vec<_>>()),
        "archives": all.archives.iter().flatten().map(archive).collect::<anyhow::Result<Vec<_>>>()?,
        "repair": all.repair.as_ref().map(repair).transpose()?,
    }))
}

fn archive(signed: &SignedArchive) -> anyhow::Result<Value> {
    let statement: Statement = codec::decode(&signed.statement).context("the statement of an archive")?;
    let records = statement.records.iter().map(|ended| {
        json!([ended.record.to_string(), ended.kind, ended.heads.iter().map(hash).collect::<Vec<_>>(), ended.changes])
    });
    Ok(json!({
        "center": statement.center.to_string(),
        "incident": statement.incident.to_string(),
        "number": statement.number,
        "archived_ms": statement.archived_ms,
        "records": records.collect::<Vec<_>>(),
        "signature": hex::encode(&signed.signature),
    }))
}

fn repair(answer: &RepairAnswer) -> anyhow::Result<Value> {
    Ok(json!({
        "testimony": answer.testimony.as_ref().map(testimony).transpose()?,
        "tips": answer.tips.iter().map(tips).collect::<Vec<_>>(),
        "compared_up_to": answer.compared_up_to.as_ref().map(hex::encode),
        "answers": answer.answers,
        "needs": answer.needs.iter().map(hash).collect::<Vec<_>>(),
        "given": answer.given.iter().map(|change| hex::encode(&change.bytes)).collect::<Vec<_>>(),
    }))
}
