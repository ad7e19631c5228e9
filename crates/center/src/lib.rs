//! siaga-center

pub mod api;
