//! siaga-app
