//! A change chunk taken apart and put together again, true or not: lengths and checksum always fit.

use sha2::{Digest, Sha256};

/// The parts of a change as they stand in its bytes.
#[derive(Clone)]
pub(crate) struct Parts {
    pub chunk_type: u8,
    pub deps: Vec<Vec<u8>>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    /// Signed, as it stands.
    pub time: Vec<u8>,
    pub message: Vec<u8>,
    pub other_actors: Vec<Vec<u8>>,
    pub columns: Vec<(u64, Vec<u8>)>,
    pub rest: Vec<u8>,
}

impl Parts {
    /// `None` for bytes that are not an honest change.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut all = Reader(bytes.get(8..)?);
        let chunk_type = *all.take(1)?.first()?;
        let length = all.number()?;
        let mut body = Reader(all.take(length)?);
        let count = body.number()?;
        let deps = (0..count).map(|_| body.take(32).map(<[u8]>::to_vec)).collect::<Option<_>>()?;
        let actor = body.prefixed()?;
        let (seq, start_op) = (body.number()?, body.number()?);
        let time = body.raw_number()?;
        let message = body.prefixed()?;
        let count = body.number()?;
        let other_actors = (0..count).map(|_| body.prefixed()).collect::<Option<_>>()?;
        let count = body.number()?;
        let layout: Vec<(u64, u64)> =
            (0..count).map(|_| Some((body.number()?, body.number()?))).collect::<Option<_>>()?;
        let columns = layout
            .into_iter()
            .map(|(specification, length)| Some((specification, body.take(length)?.to_vec())))
            .collect::<Option<_>>()?;
        let rest = body.0.to_vec();
        Some(Self { chunk_type, deps, actor, seq, start_op, time, message, other_actors, columns, rest })
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put(&mut body, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| body.extend(dep));
        put_prefixed(&mut body, &self.actor);
        put(&mut body, self.seq);
        put(&mut body, self.start_op);
        body.extend(&self.time);
        put_prefixed(&mut body, &self.message);
        put(&mut body, self.other_actors.len() as u64);
        self.other_actors.iter().for_each(|actor| put_prefixed(&mut body, actor));
        put(&mut body, self.columns.len() as u64);
        for (specification, data) in &self.columns {
            put(&mut body, *specification);
            put(&mut body, data.len() as u64);
        }
        self.columns.iter().for_each(|(_, data)| body.extend(data));
        body.extend(&self.rest);
        framed(self.chunk_type, &body)
    }
}

/// A chunk of this type around these bytes.
pub(crate) fn framed(chunk_type: u8, body: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, chunk_type];
    put(&mut chunk, body.len() as u64);
    chunk.extend(body);
    with_checksum(chunk)
}

/// The bytes inside the chunk.
pub(crate) fn body(bytes: &[u8]) -> Option<&[u8]> {
    let mut all = Reader(bytes.get(9..)?);
    let length = all.number()?;
    all.take(length)
}

pub(crate) fn with_checksum(mut chunk: Vec<u8>) -> Vec<u8> {
    if let Some((head, rest)) = chunk.split_at_mut_checked(8)
        && let (Some(sum), hash) = (head.get_mut(4..8), Sha256::digest(rest))
    {
        sum.copy_from_slice(hash.get(..4).unwrap_or(&[0; 4]));
    }
    chunk
}

pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

fn put_prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend(bytes);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn raw_number(&mut self) -> Option<Vec<u8>> {
        let length = self.0.iter().position(|byte| byte & 0x80 == 0)?.checked_add(1)?;
        self.take(length as u64).map(<[u8]>::to_vec)
    }

    fn number(&mut self) -> Option<u64> {
        let raw = self.raw_number()?;
        Some(raw.iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f)))
    }

    fn prefixed(&mut self) -> Option<Vec<u8>> {
        let length = self.number()?;
        self.take(length).map(<[u8]>::to_vec)
    }
}
