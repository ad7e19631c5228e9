//! Makes the folder of the built pages when it is missing, so that the center compiles before the pages do.

fn main() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    if let Err(error) = std::fs::create_dir_all(&pages) {
        println!("cargo:warning=the folder of the pages could not be made: {error}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
