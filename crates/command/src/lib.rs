//! siaga-command
