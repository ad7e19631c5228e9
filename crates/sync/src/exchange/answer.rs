//! Answers: what is believed of them, and what the store is told.
//!
//! A receipt is believed under the center's signature and for this device only; news likewise. An answer that
//! does not hold is not our center's, whatever its status was.

use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::time::{ClockAnchor, UtcMs};
use siaga_store::{
    Archive, Compared, Enrolment, FeedItem, LaterVerdicts, News, Offer, OfferKind, Receipted, Terms, ThinNews,
    ToldNews, Verdict,
};
use siaga_wire::archive::{self, SignedArchive};
use siaga_wire::blob::{FileKind, FileOffer};
use siaga_wire::envelope::change_hash;
use siaga_wire::exchange::{self, ExchangeAnswer, Exchanged};
use siaga_wire::key::CenterPublicKey;
use siaga_wire::receipt::{self, SignedReceipt, SignedVerdicts};

/// The answer does not bear our center's signature where it must.
#[derive(Debug)]
pub(super) struct NotBelieved;

/// Checks every signature and gives the store's view of the answer.
pub(super) fn believe(
    answer: &ExchangeAnswer,
    exchanged: &Exchanged,
    enrolment: &Enrolment,
    at_ms: UtcMs,
    clock: Option<ClockAnchor>,
    thin: Option<u8>,
    compared: Option<Compared>,
) -> Result<News, NotBelieved> {
    let key = CenterPublicKey(enrolment.center_key);
    let receipts =
        exchanged.receipts.iter().map(|signed| read_receipt(signed, &key, enrolment)).collect::<Result<Vec<_>, _>>()?;
    let told = exchanged.news.is_empty()
        || receipt::verify_news(&exchanged.news, &answer.epoch, &enrolment.device, &key, &exchanged.news_signature);
    if !told {
        return Err(NotBelieved);
    }
    let archives = exchanged
        .archives
        .iter()
        .flatten()
        .map(|signed| read_archive(signed, &key, enrolment))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(News {
        archives,
        epoch: answer.epoch,
        at_ms,
        receipts,
        items: exchanged.news.iter().filter_map(read_news).collect(),
        cursors: exchanged.cursors,
        token: exchanged.token.clone(),
        clock,
        trail_received: exchanged.trail_received,
        needed: exchanged.needed.iter().map(|needed| (needed.lane, needed.seq)).collect(),
        attachments_held: exchanged.attachments_held.iter().map(|hash| hash.0).collect(),
        told: told_news(answer, exchanged),
        told_terms: None,
        terms: exchanged.terms.as_ref().map(|terms| Terms {
            stamp: terms.stamp,
            unit: terms.unit.clone(),
            role: terms.role.clone(),
            kinds: terms.kinds.clone(),
            letters: terms.letters.clone(),
        }),
        compared,
        offers: exchanged.files.iter().flatten().map(read_offer).collect(),
        thin: read_thin(exchanged, thin),
        answered_ms: UtcMs(answer.answered_ms),
        later: match &exchanged.later {
            Some(signed) => read_later(signed, &key, enrolment, answer)?,
            None => LaterVerdicts::default(),
        },
    })
}

/// The items as they were signed, with what changes stand in them.
fn told_news(answer: &ExchangeAnswer, exchanged: &Exchanged) -> Option<ToldNews> {
    let mut changes = Vec::new();
    for news in &exchanged.news {
        match news {
            exchange::News::Entered { record, changes: all, .. } => {
                changes.extend(all.iter().map(|change| (*record, change_hash(&change.bytes))));
            }
            exchange::News::Changed { record, change, .. } => changes.push((*record, change_hash(&change.bytes))),
            exchange::News::Left { .. } => {}
        }
    }
    if changes.is_empty() {
        return None;
    }
    let news = receipt::told(&exchanged.news).ok()?;
    Some(ToldNews { epoch: answer.epoch, news, signature: exchanged.news_signature.clone(), changes })
}

/// Verdicts of another epoch are about another life of the center: their numbers would mean something else.
fn read_later(
    signed: &SignedVerdicts,
    key: &CenterPublicKey,
    enrolment: &Enrolment,
    answer: &ExchangeAnswer,
) -> Result<LaterVerdicts, NotBelieved> {
    let later = receipt::verify_verdicts(signed, key, &enrolment.device).map_err(|_| NotBelieved)?;
    if later.epoch != answer.epoch {
        return Err(NotBelieved);
    }
    Ok(LaterVerdicts {
        center_ms: UtcMs(later.center_ms),
        verdicts: later
            .verdicts
            .into_iter()
            .map(|one| {
                let (verdict, reason) = verdict(one.verdict, one.reason);
                (one.number, one.change.0, verdict, reason)
            })
            .collect(),
        missing: later.missing.into_iter().map(|hash| hash.0).collect(),
    })
}

fn read_archive(signed: &SignedArchive, key: &CenterPublicKey, enrolment: &Enrolment) -> Result<Archive, NotBelieved> {
    let statement = archive::verify(&signed.statement, &signed.signature, key).ok_or(NotBelieved)?;
    if statement.center != enrolment.center_id {
        return Err(NotBelieved);
    }
    Ok(Archive {
        incident: statement.incident,
        number: statement.number,
        archived_ms: UtcMs(statement.archived_ms),
        records: statement
            .records
            .into_iter()
            .map(|ended| (ended.record, ended.heads.into_iter().map(|head| head.0).collect()))
            .collect(),
    })
}

/// What lists show is told under TLS alone: nothing is decided by it, and it is gone with the next telling.
fn read_thin(exchanged: &Exchanged, asked: Option<u8>) -> ThinNews {
    let rows = exchanged
        .thin
        .iter()
        .filter(|thin| thin.kind == RecordKind::Incident.code())
        .map(|thin| (thin.record, thin.brief.clone()))
        .collect();
    match asked {
        None => ThinNews::None,
        Some(exchange::THIN_ALL) => ThinNews::All(rows),
        Some(_) => ThinNews::Moved(rows),
    }
}

fn read_offer(offer: &FileOffer) -> Offer {
    let kind = FileKind::of(offer.kind);
    Offer {
        number: offer.number,
        hash: offer.hash,
        size_bytes: offer.size_bytes,
        kind: match kind {
            Some(FileKind::Thumbnail) => OfferKind::Thumbnail,
            Some(FileKind::Photograph) => OfferKind::Photograph,
            Some(FileKind::GeoJson | FileKind::PmTiles) => OfferKind::Pack,
            None => OfferKind::Unknown,
        },
        media: kind.map_or("", FileKind::media).to_owned(),
        record: offer.record.map(RecordId::from_bytes),
        pack: offer.pack.clone().unwrap_or_default(),
        made_ms: UtcMs(offer.made_ms),
    }
}

fn read_receipt(
    signed: &SignedReceipt,
    key: &CenterPublicKey,
    enrolment: &Enrolment,
) -> Result<Receipted, NotBelieved> {
    let receipt = receipt::verify(signed, key, &enrolment.device).map_err(|_| NotBelieved)?;
    Ok(Receipted {
        lane: receipt.lane,
        up_to_seq: receipt.up_to_seq,
        head: receipt.head,
        epoch: receipt.epoch,
        center_ms: UtcMs(receipt.center_ms),
        exceptions: receipt
            .exceptions
            .into_iter()
            .map(|exception| {
                let (verdict, reason) = verdict(exception.verdict, exception.reason);
                (exception.change.0, verdict, reason)
            })
            .collect(),
        payload: signed.payload.clone(),
        signature: signed.signature.clone(),
    })
}

/// A verdict this build does not know is no acceptance: it is shown with its reason, and nothing is written again for it.
fn verdict(verdict: receipt::Verdict, reason: String) -> (Verdict, String) {
    let known = match verdict {
        receipt::Verdict::Accept => Verdict::Accept,
        receipt::Verdict::Park => Verdict::Park,
        receipt::Verdict::Overrule => Verdict::Overrule,
        receipt::Verdict::Refuse => Verdict::Refuse,
        receipt::Verdict::Other(number) => {
            let reason = if reason.is_empty() { format!("verdict_{number}") } else { reason };
            return (Verdict::Overrule, reason);
        }
    };
    (known, reason)
}

/// `None` for a kind of record this build does not know; a newer one reads the feed from its beginning.
fn read_news(news: &exchange::News) -> Option<FeedItem> {
    Some(match news {
        exchange::News::Entered { record, kind, generation, position, changes } => FeedItem::Entered {
            record: *record,
            kind: kind.parse::<RecordKind>().ok()?,
            generation: *generation,
            position: *position,
            changes: changes.iter().map(|change| change.bytes.clone()).collect(),
        },
        exchange::News::Left { record, generation, position } => {
            FeedItem::Left { record: *record, generation: *generation, position: *position }
        }
        exchange::News::Changed { record, position, change } => {
            FeedItem::Changed { record: *record, position: *position, change: change.bytes.clone() }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use siaga_domain::id::{CenterId, DeviceId, Epoch};
    use siaga_domain::kind::Role;
    use siaga_wire::archive::Statement;
    use siaga_wire::key::CenterKey;

    #[test]
    fn an_archive_is_believed_from_this_center_and_under_its_own_key_only() {
        let key = CenterKey::from_seed(&[7; 32]);
        let enrolment = Enrolment {
            device: DeviceId::from_bytes([2; 16]),
            unit: "AMB-01".parse().expect("a code"),
            role: Role::Medic,
            name: String::new(),
            center_id: CenterId::from_bytes([3; 16]),
            center_name: String::new(),
            urls: Vec::new(),
            root_der: Vec::new(),
            center_key: key.public_key().0,
            epoch: Epoch::default(),
            token: None,
            center_ms: None,
        };
        let signed_by = |key: &CenterKey, center: u8| {
            let incident = RecordId::from_bytes([1; 16]);
            let center = CenterId::from_bytes([center; 16]);
            let statement = Statement { center, incident, number: 1, archived_ms: 5, records: Vec::new() };
            let (statement, signature) = archive::sign(&statement, key).expect("signed");
            SignedArchive { statement, signature }
        };
        let believed = |signed| read_archive(&signed, &key.public_key(), &enrolment).is_ok();

        assert!(believed(signed_by(&key, 3)));
        assert!(!believed(signed_by(&key, 4)), "another center's");
        assert!(!believed(signed_by(&CenterKey::from_seed(&[8; 32]), 3)), "another key");
    }
}
