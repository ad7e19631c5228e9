//! Photographs, thumbnails and map packs: sealed, whole or not there, kept until they may go.

use super::*;

const DAY_MS: i64 = 24 * 3_600_000;

fn hash_of(bytes: &[u8]) -> ChangeHash {
    crate::file::hash_of(bytes)
}

fn picture(record: RecordId, kind: PictureKind, bytes: &[u8]) -> NewAttachment {
    NewAttachment { record, kind, media: "image/jpeg".to_owned(), bytes: bytes.to_vec() }
}

/// A note with these pictures.
fn photographed(store: &Store, number: u8, pictures: &[(PictureKind, &[u8])]) -> RecordId {
    let id = patient(store, number);
    let mut with_photo = authoring(vec![write(id, RecordKind::Patient, false, vec![note(number + 100, "look")])]);
    with_photo.attachments = pictures.iter().map(|(kind, bytes)| picture(id, *kind, bytes)).collect();
    store.author(with_photo).expect("writes");
    id
}

fn offer(number: u64, kind: OfferKind, bytes: &[u8], pack: &str) -> Offer {
    Offer {
        number,
        hash: hash_of(bytes),
        size_bytes: bytes.len() as u64,
        kind,
        media: "application/geo+json".to_owned(),
        record: (kind != OfferKind::Pack).then(|| record(1)),
        pack: pack.to_owned(),
        made_ms: UtcMs(number.cast_signed()),
    }
}

fn offered(store: &Store, lease: &Lease, offers: Vec<Offer>) {
    store.apply_answer(lease, &News { offers, ..super::news(Vec::new(), Vec::new()) }).expect("applies");
}

fn lies_plain(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return lies_plain(&path, needle);
        }
        let bytes = std::fs::read(&path).expect("a file");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn no_byte_of_a_photograph_lies_plain_in_the_home() {
    let (folder, store) = home();
    let bytes: Vec<u8> = b"a very recognisable photograph".repeat(5_000);

    photographed(&store, 1, &[(PictureKind::Photograph, &bytes)]);

    assert_eq!(store.attachment_bytes(&hash_of(&bytes)).expect("reads"), bytes);
    drop(store);
    assert!(!lies_plain(folder.path(), b"recognisable photograph"));
}

#[test]
fn a_file_whose_bytes_changed_is_flagged_and_never_sent() {
    let (_folder, store) = home();
    photographed(&store, 1, &[(PictureKind::Photograph, b"a photograph")]);
    let hash = hash_of(b"a photograph");

    store.conn.execute("UPDATE file_piece SET bytes = x'00'", []).expect("damages");

    assert!(matches!(store.attachment_bytes(&hash), Err(StoreError::Damaged { .. })));
    assert!(store.attachments_waiting().expect("answers").is_empty());
    assert_eq!(store.attachment(&hash).expect("answers").expect("is known").state, AttachmentState::Damaged);
}

#[test]
fn a_thumbnail_waits_before_every_photograph() {
    let (_folder, store) = home();
    photographed(&store, 1, &[(PictureKind::Photograph, b"p"), (PictureKind::Thumbnail, b"a larger thumbnail")]);

    let waiting: Vec<PictureKind> =
        store.attachments_waiting().expect("answers").into_iter().map(|file| file.kind).collect();

    assert_eq!(waiting, [PictureKind::Thumbnail, PictureKind::Photograph]);
}

#[test]
fn a_photograph_and_its_row_are_there_together_or_not_at_all() {
    let (_folder, store) = home();
    let id = patient(&store, 1);
    let mut twice = authoring(vec![write(id, RecordKind::Patient, true, vec![opening(1)])]);
    twice.attachments.push(picture(id, PictureKind::Photograph, b"a photograph"));

    store.author(twice).expect_err("the record exists already");

    let files: i64 = store.conn.query_row("SELECT count(*) FROM file", [], |row| row.get(0)).expect("answers");
    assert_eq!(files, 0);
    assert!(store.attachments_waiting().expect("answers").is_empty());
}

#[test]
fn a_photograph_stays_while_the_center_has_not_confirmed_it_however_long() {
    let (_folder, store, lease) = enrolled();
    photographed(&store, 1, &[(PictureKind::Photograph, b"a photograph")]);
    let hash = hash_of(b"a photograph");
    store.attachment_held(&lease, &hash, 12, false, UtcMs(1)).expect("keeps");

    let gone = store.erase_kept_long_enough(&lease, UtcMs(4_000 * DAY_MS), 7 * DAY_MS).expect("answers");

    assert_eq!(gone, 0);
    assert_eq!(store.attachment_bytes(&hash).expect("reads"), b"a photograph");
}

#[test]
fn a_confirmed_photograph_stays_until_its_time_is_over_and_its_thumbnail_longer() {
    let (_folder, store, lease) = enrolled();
    photographed(&store, 1, &[(PictureKind::Photograph, b"a photograph"), (PictureKind::Thumbnail, b"thumb")]);
    let (photograph, thumbnail) = (hash_of(b"a photograph"), hash_of(b"thumb"));
    for hash in [&photograph, &thumbnail] {
        store.attachment_held(&lease, hash, 12, true, UtcMs(DAY_MS)).expect("keeps");
    }

    let early = store.erase_kept_long_enough(&lease, UtcMs(8 * DAY_MS - 1), 7 * DAY_MS).expect("answers");
    assert_eq!((early, store.attachment_bytes(&photograph).is_ok()), (0, true));
    let late = store.erase_kept_long_enough(&lease, UtcMs(8 * DAY_MS), 7 * DAY_MS).expect("answers");

    assert_eq!(late, 1);
    assert!(matches!(store.attachment_bytes(&photograph), Err(StoreError::NoSuchAttachment(_))));
    assert_eq!(store.attachment(&photograph).expect("answers").expect("known").state, AttachmentState::Received);
    assert!(store.attachment_bytes(&thumbnail).is_ok());
}

#[test]
fn a_photograph_that_went_after_its_time_can_be_fetched_again() {
    let (_folder, store, lease) = enrolled();
    photographed(&store, 1, &[(PictureKind::Photograph, b"a photograph")]);
    let hash = hash_of(b"a photograph");
    store.attachment_held(&lease, &hash, 12, true, UtcMs(0)).expect("keeps");
    store.erase_kept_long_enough(&lease, UtcMs(2 * DAY_MS), DAY_MS).expect("answers");

    assert!(store.want(&hash).expect("answers"));
    let kept = store.keep_downloaded(&lease, &hash, 0, b"a photograph", UtcMs(2)).expect("keeps");

    assert!(kept.whole);
    assert_eq!(store.attachment_bytes(&hash).expect("reads"), b"a photograph");
}

#[test]
fn a_plain_photograph_of_an_earlier_version_is_sealed_and_its_file_goes() {
    let (folder, store) = home();
    let bytes = b"taken before the update";
    photographed(&store, 1, &[(PictureKind::Photograph, bytes)]);
    let hash = hash_of(bytes);
    // As that version left it.
    store.conn.execute("DELETE FROM file", []).expect("forgets");
    let name = hash.to_string();
    for (of, file, content) in [
        ("attachments", name.clone(), bytes.to_vec()),
        ("attachments", format!("{name}.77.part"), b"half".to_vec()),
        ("originals", format!("{name}.jpg"), b"as the camera wrote it".to_vec()),
    ] {
        std::fs::create_dir_all(folder.path().join(of)).expect("a folder");
        std::fs::write(folder.path().join(of).join(file), content).expect("a file");
    }
    drop(store);

    let store = open(folder.path());

    assert_eq!(store.attachment_bytes(&hash).expect("reads"), bytes);
    assert!(!folder.path().join("attachments").exists());
    assert!(!folder.path().join("originals").exists());
    let originals: i64 = store
        .conn
        .query_row("SELECT count(*) FROM original o JOIN file f ON f.hash = o.file", [], |row| row.get(0))
        .expect("answers");
    assert_eq!(originals, 1);
    drop(store);
    assert!(!lies_plain(folder.path(), b"camera wrote"));
}

#[test]
fn pieces_of_a_download_survive_a_restart_and_only_a_right_hash_makes_it_whole() {
    let (folder, store, lease) = enrolled();
    let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    offered(&store, &lease, vec![offer(3, OfferKind::Photograph, &bytes, "")]);
    let hash = hash_of(&bytes);
    store.keep_downloaded(&lease, &hash, 0, &bytes[..70_000], UtcMs(1)).expect("keeps");
    drop(store);

    let store = open(folder.path());
    let held = store.download(&hash).expect("answers").expect("is known").held_bytes;
    let overlapping = store.keep_downloaded(&lease, &hash, 60_000, &bytes[60_000..90_000], UtcMs(2)).expect("keeps");
    let hole = store.keep_downloaded(&lease, &hash, 100_000, &bytes[100_000..], UtcMs(3)).expect("keeps");
    let last = store.keep_downloaded(&lease, &hash, 90_000, &bytes[90_000..], UtcMs(4)).expect("keeps");

    assert_eq!(held, 70_000);
    assert_eq!(overlapping, PieceKept { held_bytes: 90_000, whole: false });
    assert_eq!(hole, PieceKept { held_bytes: 90_000, whole: false });
    assert_eq!(last, PieceKept { held_bytes: 200_000, whole: true });
    assert_eq!(store.attachment_bytes(&hash).expect("reads"), bytes);
}

#[test]
fn a_download_that_is_another_file_in_the_end_is_thrown_away_and_not_fetched_in_circles() {
    let (_folder, store, lease) = enrolled();
    offered(&store, &lease, vec![offer(1, OfferKind::Thumbnail, b"0123456789", "")]);
    let hash = hash_of(b"0123456789");
    store.keep_downloaded(&lease, &hash, 0, b"01234", UtcMs(1)).expect("keeps");

    let kept = store.keep_downloaded(&lease, &hash, 5, b"56780", UtcMs(2)).expect("keeps");

    assert_eq!(kept, PieceKept { held_bytes: 0, whole: false });
    assert!(store.attachment_bytes(&hash).is_err());
    assert_eq!(store.next_download(Fetching::All).expect("answers"), None);
    store.try_files_again().expect("answers");
    assert!(store.next_download(Fetching::All).expect("answers").is_some());
}

#[test]
fn thumbnails_are_fetched_first_and_photographs_and_packs_only_when_asked_or_where_all_may_come() {
    let (_folder, store, lease) = enrolled();
    offered(
        &store,
        &lease,
        vec![
            offer(1, OfferKind::Thumbnail, b"thumb", ""),
            offer(2, OfferKind::Photograph, b"photograph", ""),
            offer(3, OfferKind::Pack, b"small pack", "desa"),
            offer(4, OfferKind::Pack, b"a large pack", "jalan"),
        ],
    );
    assert_eq!(store.files_after().expect("answers"), 4);

    let mut fetched = Vec::new();
    let mut fetch = |fetching| {
        while let Some(next) = store.next_download(fetching).expect("answers") {
            let bytes: &[u8] = [&b"thumb"[..], b"photograph", b"small pack", b"a large pack"]
                .into_iter()
                .find(|bytes| hash_of(bytes) == next.hash)
                .expect("one of them");
            store.keep_downloaded(&lease, &next.hash, 0, bytes, UtcMs(1)).expect("keeps");
            fetched.push(String::from_utf8_lossy(bytes).into_owned());
        }
    };
    fetch(Fetching::Needed);
    store.want(&hash_of(b"photograph")).expect("answers");
    store.want(&hash_of(b"small pack")).expect("answers");
    fetch(Fetching::Needed);
    fetch(Fetching::All);

    assert_eq!(fetched, ["thumb", "small pack", "photograph", "a large pack"]);
}

#[test]
fn a_newer_map_pack_replaces_the_old_one_only_once_it_is_whole() {
    let (_folder, store, lease) = enrolled();
    offered(&store, &lease, vec![offer(1, OfferKind::Pack, b"villages of 2024", "desa")]);
    store.keep_downloaded(&lease, &hash_of(b"villages of 2024"), 0, b"villages of 2024", UtcMs(1)).expect("keeps");
    offered(&store, &lease, vec![offer(2, OfferKind::Pack, b"villages of 2025", "desa")]);
    let newer = hash_of(b"villages of 2025");

    store.keep_downloaded(&lease, &newer, 0, b"villages", UtcMs(2)).expect("keeps");
    let half_way = store.packs().expect("answers");
    assert_eq!(store.pack_bytes(&half_way[0].hash, 12, 4).expect("reads"), b"2024");
    store.keep_downloaded(&lease, &newer, 8, b" of 2025", UtcMs(3)).expect("keeps");

    let used = store.packs().expect("answers");
    assert_eq!(used.len(), 1);
    assert_eq!(store.pack_bytes(&used[0].hash, 12, 4).expect("reads"), b"2025");
    assert!(store.pack_bytes(&hash_of(b"villages of 2024"), 0, 4).is_err());
    let files: i64 = store.conn.query_row("SELECT count(*) FROM file", [], |row| row.get(0)).expect("answers");
    assert_eq!(files, 1);
}

#[test]
fn one_file_under_two_names_is_two_map_packs_and_is_fetched_once() {
    let (_folder, store, lease) = enrolled();
    let file = hash_of(b"villages");
    offered(
        &store,
        &lease,
        vec![offer(1, OfferKind::Pack, b"villages", "desa"), offer(2, OfferKind::Pack, b"villages", "batas")],
    );
    let names = |packs: Vec<StoredPack>| packs.into_iter().map(|pack| pack.name).collect::<Vec<_>>();
    assert_eq!(store.offered_packs().expect("answers").len(), 2);
    assert_eq!(store.downloads_waiting(Fetching::All).expect("answers"), (0, 1));

    store.keep_downloaded(&lease, &file, 0, b"villages", UtcMs(1)).expect("keeps");

    assert_eq!(names(store.packs().expect("answers")), ["batas", "desa"]);
    assert!(store.next_download(Fetching::All).expect("answers").is_none());
}

#[test]
fn a_file_under_two_names_stays_while_one_of_them_uses_it() {
    let (_folder, store, lease) = enrolled();
    let file = hash_of(b"villages");
    let both = [offer(1, OfferKind::Pack, b"villages", "desa"), offer(2, OfferKind::Pack, b"villages", "batas")];
    offered(&store, &lease, both.to_vec());
    store.keep_downloaded(&lease, &file, 0, b"villages", UtcMs(1)).expect("keeps");

    offered(&store, &lease, vec![offer(3, OfferKind::Pack, b"rivers", "desa")]);
    store.keep_downloaded(&lease, &hash_of(b"rivers"), 0, b"rivers", UtcMs(2)).expect("keeps");
    assert_eq!(store.pack_bytes(&file, 0, 8).expect("another name has it"), b"villages");
    offered(&store, &lease, vec![offer(4, OfferKind::Pack, b"villages", "desa")]);
    offered(&store, &lease, vec![Offer { size_bytes: 0, ..offer(5, OfferKind::Pack, b"", "batas") }]);
    assert_eq!(store.pack_bytes(&file, 0, 8).expect("the first name has it again"), b"villages");

    offered(&store, &lease, vec![Offer { size_bytes: 0, ..offer(6, OfferKind::Pack, b"", "desa") }]);
    assert!(store.pack_bytes(&file, 0, 8).is_err());
    let files: i64 = store.conn.query_row("SELECT count(*) FROM file", [], |row| row.get(0)).expect("answers");
    assert_eq!(files, 0);
}

#[test]
fn a_map_pack_the_center_withdrew_goes() {
    let (_folder, store, lease) = enrolled();
    offered(&store, &lease, vec![offer(1, OfferKind::Pack, b"villages", "desa")]);
    store.keep_downloaded(&lease, &hash_of(b"villages"), 0, b"villages", UtcMs(1)).expect("keeps");

    offered(&store, &lease, vec![Offer { size_bytes: 0, ..offer(2, OfferKind::Pack, b"", "desa") }]);

    assert!(store.packs().expect("answers").is_empty());
    assert!(store.offered_packs().expect("answers").is_empty());
}

#[test]
fn files_of_a_forgotten_record_go_with_it_and_unsent_ones_do_not() {
    let (_folder, store, lease) = enrolled();
    let id = photographed(&store, 1, &[(PictureKind::Photograph, b"mine, unsent")]);
    offered(&store, &lease, vec![offer(1, OfferKind::Photograph, b"theirs", "")]);
    store.keep_downloaded(&lease, &hash_of(b"theirs"), 0, b"theirs", UtcMs(1)).expect("keeps");

    let tx = store.writing().expect("begins");
    crate::log::forget(&tx, id).expect("forgets");
    tx.commit().expect("commits");

    assert!(store.attachment_bytes(&hash_of(b"theirs")).is_err());
    assert_eq!(store.attachment_bytes(&hash_of(b"mine, unsent")).expect("reads"), b"mine, unsent");
}

#[test]
fn whole_files_come_unasked_only_where_that_is_known_to_cost_nothing_or_somebody_chose_it() {
    let (_folder, store) = home();
    let comes = || store.fetches_unasked().expect("answers");

    assert!(!comes(), "nothing is known of the link");
    store.set_link_cost(LinkCost::Metered).expect("keeps");
    assert!(!comes());
    store.set_link_cost(LinkCost::Free).expect("keeps");
    assert!(comes());
    store.set_unasked(Unasked::Never).expect("keeps");
    assert!(!comes());
    store.set_link_cost(LinkCost::Metered).expect("keeps");
    store.set_unasked(Unasked::Always).expect("keeps");
    assert!(comes());
}

#[test]
fn what_was_said_of_the_link_is_forgotten_when_the_device_starts_again() {
    let (folder, store) = home();
    store.set_link_cost(LinkCost::Free).expect("keeps");
    drop(store);

    let store = Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-2", 2)).expect("opens");

    assert!(!store.fetches_unasked().expect("answers"));
}

#[test]
fn how_far_a_file_got_is_known_with_its_time() {
    let (_folder, store, lease) = enrolled();
    photographed(&store, 1, &[(PictureKind::Photograph, b"a photograph")]);
    let hash = hash_of(b"a photograph");
    let moved = || store.attachment(&hash).expect("answers").expect("is known").moved_ms;
    let saved = moved();

    store.attachment_held(&lease, &hash, 5, false, UtcMs(saved.0 + 1_000)).expect("keeps");
    assert_eq!(moved(), UtcMs(saved.0 + 1_000));
    // Asked again: nothing more of it is there.
    store.attachment_held(&lease, &hash, 5, false, UtcMs(saved.0 + 2_000)).expect("keeps");
    assert_eq!(moved(), UtcMs(saved.0 + 1_000));
}

#[test]
fn an_offer_of_a_kind_this_version_does_not_know_is_not_offered_for_ever() {
    let (_folder, store, lease) = enrolled();

    offered(&store, &lease, vec![offer(7, OfferKind::Unknown, b"of tomorrow", "")]);

    assert_eq!(store.files_after().expect("answers"), 7);
    assert_eq!(store.next_download(Fetching::All).expect("answers"), None);
}
