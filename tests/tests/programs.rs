//! Stories played with the real programs: `siaga-center` and `siaga-field` as processes, over TLS and a link that
//! can be cut. Nothing in them is mocked; what they ask, a person could ask.

mod programs {
    mod answer_lost;
    pub(crate) mod ask;
    mod assessment;
    mod command_line;
    mod crash_loop;
    mod dead_zone;
    mod dispute;
    mod file_names;
    mod five_kills;
    mod guests;
    mod power_cut;
    mod receipt;
    mod report;
    mod restore;
    mod revoked;
    mod roster;
}
