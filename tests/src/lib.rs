//! siaga-tests
