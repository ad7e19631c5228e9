//! The desktop's way in; a phone comes in by the library.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    siaga_app::run();
}
