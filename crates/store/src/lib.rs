//! siaga-store
