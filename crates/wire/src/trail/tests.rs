//! Any run of fixes comes back within its bounds, and no bytes do harm.

use super::*;
use proptest::prelude::*;

fn fix() -> impl Strategy<Value = Fix> {
    let offset = prop_oneof![8 => Just(Some(1_250_i64)), 1 => Just(None), 1 => any::<i64>().prop_map(Some)];
    (
        -4_102_444_800_000_i64..4_102_444_800_000,
        -90_000_000..=90_000_000_i32,
        -180_000_000..=180_000_000_i32,
        proptest::option::of(0..100_000_u32),
        proptest::option::of(0..40_000_u32),
        offset,
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, offset_ms, mock)| Fix {
            at_ms,
            lat_e6,
            lon_e6,
            accuracy_m,
            speed_cms,
            offset_ms,
            mock,
        })
}

fn drive(first: Fix, steps: Vec<(i32, i32, i64)>) -> Vec<Fix> {
    let mut fixes = vec![first];
    let mut last = first;
    for (north, east, later_ms) in steps {
        last.lat_e6 = last.lat_e6.saturating_add(north).clamp(-90_000_000, 90_000_000);
        last.lon_e6 = wrapped(i64::from(last.lon_e6) + i64::from(east));
        last.at_ms += later_ms;
        fixes.push(last);
    }
    fixes
}

proptest! {
    #[test]
    fn any_run_of_fixes_comes_back_within_its_bounds(fixes in proptest::collection::vec(fix(), 1..40)) {
        let packed = pack(7, &fixes).expect("packed");
        let back = unpack(&packed).expect("unpacked");

        prop_assert_eq!(back.first, 7);
        prop_assert_eq!(back.fixes.len(), fixes.len());
        for (back, fix) in back.fixes.iter().zip(&fixes) {
            prop_assert!(apart_m(back, fix) <= MAX_ERROR_M, "{} m", apart_m(back, fix));
            prop_assert!(back.at_ms.abs_diff(fix.at_ms) <= 50);
            prop_assert_eq!(back.offset_ms, fix.offset_ms);
            prop_assert_eq!(back.mock, fix.mock);
            prop_assert_eq!(back.speed_cms.is_some(), fix.speed_cms.is_some());
            prop_assert_eq!(back.accuracy_m.is_some(), fix.accuracy_m.is_some());
        }
    }

    #[test]
    fn errors_do_not_add_up_along_a_drive_wherever_on_earth_it_is(
        first in fix(),
        steps in proptest::collection::vec((-900..900_i32, -900..900_i32, -9_000..70_000_i64), 1..400),
    ) {
        let fixes = drive(first, steps);
        let back = unpack(&pack(1, &fixes).expect("packed")).expect("unpacked");

        for (back, fix) in back.fixes.iter().zip(&fixes) {
            prop_assert!(apart_m(back, fix) <= MAX_ERROR_M, "{} m", apart_m(back, fix));
        }
    }

    #[test]
    fn no_bytes_unwind_the_unpacking(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = unpack(&PackedTrail { coding: CODING, first: 1, bytes });
    }

    #[test]
    fn a_damaged_run_is_refused_or_is_some_run_but_never_unwinds(
        at in any::<prop::sample::Index>(), flip in 1..=255_u8, cut in any::<prop::sample::Index>(), first in fix(),
    ) {
        let fixes = drive(first, (0..60).map(|step| (step * 9 % 170, step * 7 % 150, 5_000)).collect());
        let mut packed = pack(1, &fixes).expect("packed");
        let place = at.index(packed.bytes.len());
        if let Some(byte) = packed.bytes.get_mut(place) { *byte ^= flip; }
        if let Ok(back) = unpack(&packed) { prop_assert!(back.fixes.len() <= MAX_FIXES); }
        packed.bytes.truncate(cut.index(packed.bytes.len()));
        prop_assert!(unpack(&packed).is_err());
    }
}

#[test]
fn a_run_that_claims_more_fixes_than_may_be_is_refused_before_anything_is_made_for_it() {
    let run = Run {
        count: u32::MAX,
        at: 0,
        lat_e6: 0,
        lon_e6: 0,
        step_lat: 24,
        step_lon: 24,
        predictor: 0,
        times: Column::Same(50),
        lats: Column::Same(0),
        lons: Column::Same(0),
        speeds: Column::Same(0),
        accuracies: Column::Same(0),
        offsets: Column::Same(0),
        mocks: None,
    };
    let bytes = codec::encode(&run).expect("encoded");

    assert!(matches!(unpack(&PackedTrail { coding: CODING, first: 1, bytes }), Err(TrailError::Count)));
}

#[test]
fn a_column_that_inflates_beyond_its_count_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; 50_000_000], 3).expect("compressed");

    assert!(matches!(Column::Deflated(bomb).read(100), Err(ColumnError::Inflate(_) | ColumnError::Long)));
}

#[test]
fn marks_are_a_last_column_that_an_older_center_does_not_miss_and_that_is_not_there_where_nothing_is_marked() {
    #[derive(Decode)]
    struct Older {
        #[n(0)]
        count: u32,
        #[n(12)]
        offsets: Column,
    }
    let at = |number: i64, mock| Fix {
        at_ms: number * 5_000,
        lat_e6: -1_830_000,
        lon_e6: 109_960_000,
        accuracy_m: None,
        speed_cms: None,
        offset_ms: Some(7),
        mock,
    };
    let marked: Vec<Fix> = (0..9).map(|number| at(number, number % 3 == 1)).collect();
    let unmarked: Vec<Fix> = (0..9).map(|number| at(number, false)).collect();

    let (marked, unmarked) = (pack(1, &marked).expect("packed"), pack(1, &unmarked).expect("packed"));

    let marks: Vec<bool> = unpack(&marked).expect("unpacked").fixes.iter().map(|fix| fix.mock).collect();
    assert_eq!(marks, [false, true, false, false, true, false, false, true, false]);
    assert_eq!((unmarked.bytes[0], marked.bytes[0]), (0x8d, 0x8e), "thirteen columns and their head, and one more");
    let older: Older = codec::decode(&marked.bytes).expect("decoded");
    assert_eq!((older.count, older.offsets.read(9).expect("a column")[0]), (9, 8));
}

#[test]
fn a_packing_of_a_later_build_is_named_and_not_guessed() {
    let packed = PackedTrail { coding: 9, first: 1, bytes: vec![1, 2, 3] };

    assert!(matches!(unpack(&packed), Err(TrailError::Coding(9))));
}

#[test]
fn nothing_and_too_much_are_not_packed() {
    let fix = Fix { at_ms: 0, lat_e6: 0, lon_e6: 0, accuracy_m: None, speed_cms: None, offset_ms: None, mock: false };

    assert_eq!(pack(1, &[]), None);
    assert_eq!(pack(1, &vec![fix; MAX_FIXES + 1]), None);
}
