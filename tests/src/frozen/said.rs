//! What a message says, as JSON: only what the protocol said when its kind was frozen, so that a field added later
//! changes no word.

use super::short;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use siaga_wire::blob::BlobState;
use siaga_wire::codec;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest, Invitation};
use siaga_wire::envelope::Envelope;
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Fix, Hash32, News, Outcome, WireChange,
};
use siaga_wire::receipt::{Receipt, SignedReceipt};

/// Reads the bytes of a message of `kind` with today's code and says what is in them.
///
/// # Errors
/// They are no such message, or nobody knows the kind.
pub fn read(kind: &str, bytes: &[u8]) -> anyhow::Result<Value> {
    Ok(match kind {
        "request" => request(&codec::decode(bytes)?),
        "answer" => answer(&codec::decode(bytes)?)?,
        // Since 0.2.0: what came after version 1, in the long form and in the short one.
        "request_2" => request_2(&codec::decode(bytes)?)?,
        "answer_2" => answer_2(&codec::decode(bytes)?)?,
        "short_request" => request_2(&short::read_request(bytes)?)?,
        "short_answer" => answer_2(&short::read_answer(bytes)?)?,
        "envelope" => envelope(&codec::decode(bytes)?),
        "receipt" => signed_receipt(&codec::decode(bytes)?)?,
        "invitation" => invitation(&Invitation::from_link(std::str::from_utf8(bytes)?)?),
        "enrol_request" => enrol_request(&codec::decode(bytes)?),
        "enrol_answer" => enrol_answer(&codec::decode(bytes)?),
        "blob_state" => {
            let state: BlobState = codec::decode(bytes)?;
            json!({ "held_bytes": state.held_bytes, "whole": state.whole })
        }
        other => bail!("nobody reads a {other}"),
    })
}

fn request_2(all: &ExchangeRequest) -> anyhow::Result<Value> {
    Ok(json!({ "version_1": request(all), "since": short::request(all)? }))
}

fn answer_2(all: &ExchangeAnswer) -> anyhow::Result<Value> {
    let unread = if let Outcome::Unread { dictionary } = &all.outcome { Some(*dictionary) } else { None };
    Ok(json!({ "version_1": answer(all)?, "since": short::outcome(&all.outcome)?, "unread": unread }))
}

fn request(request: &ExchangeRequest) -> Value {
    json!({
        "version": request.version,
        "device": request.device.to_string(),
        "epoch": hex::encode(request.epoch.0),
        "cursors": request.cursors,
        "clock": clock(&request.clock),
        "hold_ms": request.hold_ms,
        "budget_bytes": request.budget_bytes,
        "credential": match &request.credential {
            Credential::Token(token) => json!({ "token": hex::encode(token) }),
            Credential::Proof { nonce, signature } =>
                json!({ "nonce": hex::encode(nonce), "signature": hex::encode(signature) }),
            Credential::None => json!("none"),
        },
        "envelopes": request.envelopes.iter().map(envelope).collect::<Vec<_>>(),
        "newest_fix": request.newest_fix.as_ref().map(fix),
        "trail": request.trail.iter().map(|block| json!({
            "first": block.first,
            "fixes": block.fixes.iter().map(fix).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn clock(clock: &Clock) -> Value {
    json!([clock.device_ms, clock.monotonic_ms, clock.boot])
}

fn fix(fix: &Fix) -> Value {
    json!([fix.at_ms, fix.lat_e6, fix.lon_e6, fix.accuracy_m, fix.speed_cms, fix.offset_ms])
}

fn change(change: &WireChange) -> Value {
    json!({ "coding": change.coding, "bytes": hex::encode(&change.bytes) })
}

fn hash(hash: &Hash32) -> String {
    hash.0.to_string()
}

fn envelope(envelope: &Envelope) -> Value {
    let header = &envelope.header;
    json!({
        "version": header.version,
        "center": header.center.to_string(),
        "device": header.device.to_string(),
        "lane": header.lane,
        "seq": header.seq,
        "prev": header.prev.to_string(),
        "epoch": hex::encode(header.epoch.0),
        "user": header.user,
        "clock": clock(&header.clock),
        "documents": envelope.documents.iter().map(|document| json!({
            "record": document.record.to_string(),
            "kind": document.kind,
            "schema": document.schema,
            "changes": document.changes.iter().map(change).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "attachments": envelope.attachments.iter().map(hash).collect::<Vec<_>>(),
        "signature": hex::encode(&envelope.signature),
    })
}

fn answer(answer: &ExchangeAnswer) -> anyhow::Result<Value> {
    Ok(json!({
        "version": answer.version,
        "epoch": hex::encode(answer.epoch.0),
        "received_ms": answer.received_ms,
        "answered_ms": answer.answered_ms,
        "outcome": match &answer.outcome {
            Outcome::Exchanged(all) => exchanged(all)?,
            Outcome::Challenge { nonce } => json!({ "challenge": hex::encode(nonce) }),
            Outcome::OtherEpoch { .. } => json!("other_epoch"),
            Outcome::Revoked => json!("revoked"),
            Outcome::UpdateNeeded { least_version } => json!({ "update_needed": least_version }),
            Outcome::Busy { retry_after_s } => json!({ "busy": retry_after_s }),
            Outcome::Unread { dictionary } => json!({ "unread": dictionary }),
        },
    }))
}

fn exchanged(all: &Exchanged) -> anyhow::Result<Value> {
    Ok(json!({
        "token": all.token.as_ref().map(hex::encode),
        "receipts": all.receipts.iter().map(signed_receipt).collect::<anyhow::Result<Vec<_>>>()?,
        "news": all.news.iter().map(news).collect::<Vec<_>>(),
        "cursors": all.cursors,
        "more": all.more,
        "trail_received": all.trail_received,
        "needed": all.needed.iter().map(|needed| json!([needed.lane, needed.seq])).collect::<Vec<_>>(),
        "attachments_held": all.attachments_held.iter().map(hash).collect::<Vec<_>>(),
        "news_signature": hex::encode(&all.news_signature),
        "thin": all.thin.iter().map(|thin| json!([thin.record.to_string(), thin.kind, thin.brief])).collect::<Vec<_>>(),
    }))
}

fn news(news: &News) -> Value {
    match news {
        News::Entered { record, kind, generation, position, changes } => json!({
            "entered": record.to_string(),
            "kind": kind,
            "generation": generation,
            "position": position,
            "changes": changes.iter().map(change).collect::<Vec<_>>(),
        }),
        News::Left { record, generation, position } => {
            json!({ "left": record.to_string(), "generation": generation, "position": position })
        }
        News::Changed { record, position, change: one } => {
            json!({ "changed": record.to_string(), "position": position, "change": change(one) })
        }
        // What is said since is said to those who speak it; version 1 never said it.
        #[allow(unreachable_patterns, reason = "news has grown before and will grow again")]
        _ => json!("newer"),
    }
}

fn signed_receipt(signed: &SignedReceipt) -> anyhow::Result<Value> {
    let receipt: Receipt = codec::decode(&signed.payload).context("the payload of a receipt")?;
    Ok(json!({
        "device": receipt.device.to_string(),
        "lane": receipt.lane,
        "up_to_seq": receipt.up_to_seq,
        "head": receipt.head.to_string(),
        "center_ms": receipt.center_ms,
        "epoch": hex::encode(receipt.epoch.0),
        "exceptions": receipt.exceptions.iter().map(|exception| json!([
            hash(&exception.change),
            format!("{:?}", exception.verdict).to_lowercase(),
            exception.reason,
        ])).collect::<Vec<_>>(),
        "signature": hex::encode(&signed.signature),
    }))
}

fn invitation(invitation: &Invitation) -> Value {
    json!({
        "version": invitation.version,
        "center": invitation.center.to_string(),
        "center_name": invitation.center_name,
        "urls": invitation.urls,
        "root": hex::encode(&invitation.root_der),
        "center_key": hex::encode(&invitation.center_key),
        "number": hex::encode(&invitation.number),
        "secret": hex::encode(&invitation.secret),
    })
}

fn enrol_request(request: &EnrolRequest) -> Value {
    json!({
        "version": request.version,
        "number": hex::encode(&request.number),
        "public_key": hex::encode(&request.public_key),
        "mac": hex::encode(&request.mac),
        "app": request.app,
    })
}

fn enrol_answer(answer: &EnrolAnswer) -> Value {
    match answer {
        EnrolAnswer::Enrolled { device, name, unit, role, epoch, center_ms, token } => json!({
            "device": device.to_string(),
            "name": name,
            "unit": unit,
            "role": role,
            "epoch": hex::encode(epoch.0),
            "center_ms": center_ms,
            "token": hex::encode(token),
        }),
        EnrolAnswer::AwaitingConfirmation => json!("awaiting_confirmation"),
        EnrolAnswer::Refused => json!("refused"),
    }
}
