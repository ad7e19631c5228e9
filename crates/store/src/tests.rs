//! The store from outside: what survives, what is refused, what leaves the outbox.
