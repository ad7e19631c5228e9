//! Names and scalars of one map: from the domain's flat fields to Automerge values, and back.
//!
//! An entry's stamp stands in its own map under names that begin with `_`, so that a payload can never shadow
//! them.

use automerge::{Automerge, ObjId, ReadDoc, ScalarValue, Value};
use serde_json::{Map, Number, Value as Json};
use siaga_domain::entry::Stamp;
use siaga_domain::id::EntryId;
use siaga_domain::time::{ClockReading, UtcMs};

const BY: &str = "_by";
const AT: &str = "_at";
const MONOTONIC: &str = "_mono";
const BOOT: &str = "_boot";
const OFFSET: &str = "_off";
const UNCERTAINTY: &str = "_unc";
const REPLACES: &str = "_re";

/// Whether what an entry says it replaces is a list of ids, each in its one spelling, with one space between them.
pub(crate) fn replaces_ids<'a>(fields: impl IntoIterator<Item = (&'a String, &'a ScalarValue)>) -> bool {
    fields.into_iter().filter(|(key, _)| key.as_str() == REPLACES).all(|(_, value)| match value {
        ScalarValue::Str(ids) => ids.split(' ').all(|id| id.parse::<EntryId>().is_ok()),
        _ => false,
    })
}

/// Entries that one entry replaces, at most: a crowd that disagrees must not make it too large to be written. The last that
/// stand are replaced first; the others stay in dispute until somebody settles that.
const MAX_REPLACED: usize = 100;

/// The stamp as fields; what is empty is left out.
pub(crate) fn stamp_fields(stamp: &Stamp) -> Vec<(&'static str, ScalarValue)> {
    let clock = &stamp.clock;
    let mut fields = vec![(AT, ScalarValue::Int(clock.device.0)), (MONOTONIC, ScalarValue::Int(clock.monotonic_ms))];
    if !stamp.by.is_empty() {
        fields.push((BY, ScalarValue::Str(stamp.by.as_str().into())));
    }
    if clock.boot != 0 {
        fields.push((BOOT, ScalarValue::Int(i64::from(clock.boot))));
    }
    if let Some(offset) = clock.offset_ms {
        fields.push((OFFSET, ScalarValue::Int(offset)));
    }
    if let Some(uncertainty) = clock.uncertainty_ms {
        fields.push((UNCERTAINTY, ScalarValue::Int(uncertainty)));
    }
    if !stamp.replaces.is_empty() {
        let first = stamp.replaces.len().saturating_sub(MAX_REPLACED);
        let ids: Vec<String> = stamp.replaces.iter().skip(first).map(ToString::to_string).collect();
        fields.push((REPLACES, ScalarValue::Str(ids.join(" ").into())));
    }
    fields
}

/// A flat JSON value as a scalar; `None` for what an entry may not hold.
pub(crate) fn from_json(value: &Json) -> Option<ScalarValue> {
    match value {
        Json::Bool(flag) => Some(ScalarValue::Boolean(*flag)),
        Json::String(text) => Some(ScalarValue::Str(text.as_str().into())),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Some(ScalarValue::Int(integer)),
            None => number.as_f64().map(ScalarValue::F64),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn to_json(value: &ScalarValue) -> Option<Json> {
    match value {
        ScalarValue::Str(text) => Some(Json::String(text.to_string())),
        ScalarValue::Int(integer) => Some(Json::Number((*integer).into())),
        ScalarValue::Uint(integer) => Some(Json::Number((*integer).into())),
        ScalarValue::F64(number) => Number::from_f64(*number).map(Json::Number),
        ScalarValue::Boolean(flag) => Some(Json::Bool(*flag)),
        _ => None,
    }
}

/// Splits an entry's map into its stamp and its payload.
pub(crate) fn split_stamp(all: impl IntoIterator<Item = (String, ScalarValue)>) -> (Stamp, Map<String, Json>) {
    let mut stamp = Stamp { clock: ClockReading::default(), ..Stamp::default() };
    let mut fields = Map::new();
    for (key, value) in all {
        let integer = match &value {
            ScalarValue::Int(integer) => Some(*integer),
            ScalarValue::Uint(integer) => i64::try_from(*integer).ok(),
            _ => None,
        };
        match (key.as_str(), &value) {
            (BY, ScalarValue::Str(by)) => stamp.by = by.to_string(),
            (REPLACES, ScalarValue::Str(ids)) => {
                stamp.replaces = ids.split(' ').filter_map(|id| id.parse::<EntryId>().ok()).collect();
            }
            (AT, _) => stamp.clock.device = UtcMs(integer.unwrap_or(0)),
            (MONOTONIC, _) => stamp.clock.monotonic_ms = integer.unwrap_or(0),
            (BOOT, _) => stamp.clock.boot = integer.and_then(|boot| u32::try_from(boot).ok()).unwrap_or(0),
            (OFFSET, _) => stamp.clock.offset_ms = integer,
            (UNCERTAINTY, _) => stamp.clock.uncertainty_ms = integer,
            _ => {
                if let Some(json) = to_json(&value) {
                    fields.insert(key, json);
                }
            }
        }
    }
    (stamp, fields)
}

pub(crate) fn read_entry(doc: &Automerge, object: &ObjId) -> (Stamp, Map<String, Json>) {
    split_stamp(doc.keys(object).filter_map(|key| match doc.get(object, key.as_str()) {
        Ok(Some((Value::Scalar(value), _))) => Some((key, value.into_owned())),
        _ => None,
    }))
}

fn root_scalar(doc: &Automerge, key: &str) -> Option<ScalarValue> {
    match doc.get(automerge::ROOT, key) {
        Ok(Some((Value::Scalar(value), _))) => Some(value.into_owned()),
        _ => None,
    }
}

pub(crate) fn bytes(doc: &Automerge, key: &str) -> Option<Vec<u8>> {
    match root_scalar(doc, key)? {
        ScalarValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

pub(crate) fn text(doc: &Automerge, key: &str) -> Option<String> {
    match root_scalar(doc, key)? {
        ScalarValue::Str(text) => Some(text.to_string()),
        _ => None,
    }
}

pub(crate) fn integer(doc: &Automerge, key: &str) -> Option<i64> {
    match root_scalar(doc, key)? {
        ScalarValue::Int(integer) => Some(integer),
        ScalarValue::Uint(integer) => i64::try_from(integer).ok(),
        _ => None,
    }
}
