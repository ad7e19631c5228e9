//! TLS session tickets, kept per holder: a connection resumed with one counts as proven before its first request.
//!
//! The ticket of a connection is kept only once that connection is proven, so strangers who greet all day push nobody's
//! ticket out. A ticket is good for one greeting, and a holder has a few of them.

use crate::listen::line::{Holder, Line};
use rustls::server::StoresServerSessions;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tickets of one holder: two a greeting, on at most four connections.
const OF_A_HOLDER: usize = 8;

/// Tickets of all: eight of each of 4,096 phones, some 300 bytes each.
const MOST: usize = 32_768;

/// A name drawn by rustls, and the session it stands for.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub name: Vec<u8>,
    pub session: Vec<u8>,
}

/// The tickets of one listener.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_name: BTreeMap<Vec<u8>, (u64, Holder, Vec<u8>)>,
    by_age: BTreeMap<u64, Vec<u8>>,
    by_holder: BTreeMap<Holder, BTreeSet<u64>>,
    next: u64,
}

impl Tickets {
    pub(crate) fn keep(&self, holder: Holder, ticket: Ticket) {
        let mut kept = self.kept();
        let number = kept.next;
        kept.next = number.wrapping_add(1);
        kept.by_age.insert(number, ticket.name.clone());
        kept.by_name.insert(ticket.name, (number, holder, ticket.session));
        let of_holder = kept.by_holder.entry(holder).or_default();
        of_holder.insert(number);
        let surplus = if of_holder.len() > OF_A_HOLDER { of_holder.first().copied() } else { None };
        let oldest = surplus.or_else(|| {
            (kept.by_age.len() > MOST).then(|| kept.by_age.first_key_value().map(|(number, _)| *number)).flatten()
        });
        if let Some(name) = oldest.and_then(|number| kept.by_age.get(&number).cloned()) {
            kept.remove(&name);
        }
    }

    fn take(&self, name: &[u8]) -> Option<(Holder, Vec<u8>)> {
        self.kept().remove(name)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, name: &[u8]) -> Option<(Holder, Vec<u8>)> {
        let (number, holder, session) = self.by_name.remove(name)?;
        self.by_age.remove(&number);
        if let Some(of_holder) = self.by_holder.get_mut(&holder) {
            of_holder.remove(&number);
            if of_holder.is_empty() {
                self.by_holder.remove(&holder);
            }
        }
        Some((holder, session))
    }
}

/// The tickets as one connection uses them: what rustls stores during a handshake belongs to this connection.
#[derive(Debug)]
pub struct OfLine {
    tickets: Arc<Tickets>,
    line: Arc<Line>,
    /// Whose ticket was offered. It proves something only once the handshake is done as a resumption: until then anybody
    /// could have copied the name of a ticket off the air.
    offered: Mutex<Option<Holder>>,
}

impl OfLine {
    #[must_use]
    pub const fn new(tickets: Arc<Tickets>, line: Arc<Line>) -> Self {
        Self { tickets, line, offered: Mutex::new(None) }
    }

    /// Whose ticket the handshake used.
    #[must_use]
    pub fn offered(&self) -> Option<Holder> {
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoresServerSessions for OfLine {
    fn put(&self, name: Vec<u8>, session: Vec<u8>) -> bool {
        self.line.keep_ticket(Ticket { name, session });
        true
    }

    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        // TLS 1.3 takes; nothing here offers TLS 1.2.
        None
    }

    fn take(&self, name: &[u8]) -> Option<Vec<u8>> {
        let (holder, session) = self.tickets.take(name)?;
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
        Some(session)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siaga_domain::id::DeviceId;

    fn holder(byte: u8) -> Holder {
        DeviceId::from_bytes([byte; 16]).into()
    }

    fn ticket(name: u16) -> Ticket {
        Ticket { name: name.to_be_bytes().to_vec(), session: vec![1] }
    }

    #[test]
    fn a_ticket_is_good_once_and_a_holder_that_greets_all_day_pushes_out_only_its_own() {
        let tickets = Tickets::default();
        tickets.keep(holder(1), ticket(0));

        (1..1_000).for_each(|name| tickets.keep(holder(2), ticket(name)));

        assert_eq!(tickets.kept().by_name.len(), 1 + OF_A_HOLDER);
        assert_eq!(tickets.take(&ticket(0).name).map(|(holder, _)| holder), Some(holder(1)));
        assert_eq!(tickets.take(&ticket(0).name), None);
        assert!(tickets.take(&ticket(999).name).is_some() && tickets.take(&ticket(1).name).is_none());
    }

    #[test]
    fn the_tickets_of_a_connection_are_kept_when_it_is_proven_and_not_before() {
        let tickets = Arc::new(Tickets::default());
        let line = Arc::new(Line::new([10, 0, 0, 1].into(), Some(Arc::clone(&tickets))));
        let of_line = OfLine::new(Arc::clone(&tickets), Arc::clone(&line));

        of_line.put(vec![1], vec![2]);
        let before = of_line.take(&[1]);
        line.prove(holder(3));
        let after = of_line.take(&[1]);

        assert_eq!((before, after), (None, Some(vec![2])));
        assert_eq!(of_line.offered(), Some(holder(3)));
    }
}
