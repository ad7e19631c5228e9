//! What stories, benchmarks and the freezer of fixtures share.

pub mod frozen;
pub mod small_disk;
