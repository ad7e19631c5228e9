//! siaga-center
