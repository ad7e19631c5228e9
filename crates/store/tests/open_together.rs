//! The first opening in a process, by many threads at once. Alone in its file, because a process has one first opening.

use siaga_store::{LifeSigns, Store, StoreKey};
use std::sync::{Arc, Barrier};

#[test]
fn threads_that_open_their_homes_at_the_same_moment_all_find_the_cipher_ready() {
    const THREADS: u8 = 32;
    let folder = tempfile::tempdir().expect("a folder");
    let together = Arc::new(Barrier::new(usize::from(THREADS)));

    let opening: Vec<_> = (0..THREADS)
        .map(|number| {
            let home = folder.path().join(number.to_string());
            let together = Arc::clone(&together);
            std::thread::spawn(move || {
                let signs =
                    LifeSigns { boot_id: "boot".to_owned(), boot_count: None, draw: Arc::new(move || [number; 16]) };
                together.wait();
                Store::open(&home, &StoreKey::new([number; 32]), &signs).map(|_| ())
            })
        })
        .collect();

    for opened in opening {
        opened.join().expect("ends").expect("opens");
    }
}
