//! siaga-document
