//! The two runs a message is written in: chance, which nothing makes shorter, and everything else.

use super::frame::Unreadable;
use siaga_domain::varint::{self, Reader};

/// A message being written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Runs {
    pub raw: Vec<u8>,
    pub rest: Vec<u8>,
}

impl Runs {
    pub(super) fn byte(&mut self, byte: u8) {
        self.rest.push(byte);
    }

    pub(super) fn number(&mut self, number: u64) {
        varint::put(&mut self.rest, number);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
    }

    pub(super) fn signed(&mut self, number: i64) {
        varint::put_signed(&mut self.rest, number);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.rest.extend_from_slice(bytes);
    }

    /// Chance whose length both sides know.
    pub(super) fn chance(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
    }

    /// Chance whose length is told.
    pub(super) fn sized_chance(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.chance(bytes);
    }

    /// None is 0, a number is one more.
    pub(super) fn maybe(&mut self, number: Option<u64>) {
        self.number(number.map_or(0, |number| number.saturating_add(1)));
    }
}

/// A message being read. Every length is compared with what is there before anything is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    raw: Reader<'a>,
    rest: Reader<'a>,
}

type Read<T> = Result<T, Unreadable>;

fn some<T>(value: Option<T>) -> Read<T> {
    value.ok_or(Unreadable::Malformed)
}

impl<'a> Reading<'a> {
    pub(super) const fn of(runs: &'a Runs) -> Self {
        Self { raw: Reader::new(runs.raw.as_slice()), rest: Reader::new(runs.rest.as_slice()) }
    }

    pub(super) fn byte(&mut self) -> Read<u8> {
        some(self.rest.byte())
    }

    pub(super) fn number(&mut self) -> Read<u64> {
        some(self.rest.number())
    }

    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Read<T> {
        T::try_from(self.number()?).map_err(|_| Unreadable::Malformed)
    }

    pub(super) fn size(&mut self, most: usize) -> Read<usize> {
        self.rest.size(most).ok_or(Unreadable::TooLarge)
    }

    pub(super) fn signed(&mut self) -> Read<i64> {
        some(self.rest.signed())
    }

    pub(super) fn bytes(&mut self) -> Read<&'a [u8]> {
        let size = self.size(self.rest.left())?;
        some(self.rest.take(size))
    }

    pub(super) fn text(&mut self) -> Read<String> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Unreadable::Malformed)
    }

    pub(super) fn chance<const N: usize>(&mut self) -> Read<[u8; N]> {
        some(self.raw.array())
    }

    pub(super) fn sized_chance(&mut self) -> Read<Vec<u8>> {
        let size = self.size(self.raw.left())?;
        some(self.raw.take(size)).map(<[u8]>::to_vec)
    }

    pub(super) fn maybe(&mut self) -> Read<Option<u64>> {
        Ok(self.number()?.checked_sub(1))
    }

    /// What is left of both runs.
    pub(super) fn remainder(mut self) -> (Vec<u8>, Vec<u8>) {
        let raw = self.raw.take(self.raw.left()).unwrap_or_default().to_vec();
        let rest = self.rest.take(self.rest.left()).unwrap_or_default().to_vec();
        (raw, rest)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty() && self.rest.is_empty()
    }
}
