//! siaga-field
