//! siaga-wire
