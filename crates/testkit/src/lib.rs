//! siaga-testkit
