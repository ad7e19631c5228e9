//! Lets Tauri read its configuration, capabilities and permissions.

fn main() {
    tauri_build::build();
}
