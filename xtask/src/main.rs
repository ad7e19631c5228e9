//! siaga-xtask
fn main() {}
