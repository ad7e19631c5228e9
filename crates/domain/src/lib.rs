//! What is true in the field: records, statuses, places, time, vocabularies and their rules.
//!
//! Everything here is a pure value. Nothing reads a clock, draws a random number, opens a file, awaits, or
//! knows that Automerge or SQL exist: whoever calls brings the time and the ids.

pub mod address;
pub mod age;
pub mod category;
pub mod claimed;
pub mod clinical;
pub mod coordinates;
pub mod damage;
pub mod delivery;
pub mod entry;
pub mod hazard;
pub mod id;
pub mod kind;
pub mod nik;
pub mod pace;
pub mod patient_number;
pub mod place;
pub mod policy;
pub mod record;
pub mod register;
pub mod roster;
pub mod status;
pub mod text;
pub mod time;
pub mod tracking;
pub mod triage;
pub mod varint;
pub mod verdict;
pub mod vitals;
pub mod vocabulary;
