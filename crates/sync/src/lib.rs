//! siaga-sync
