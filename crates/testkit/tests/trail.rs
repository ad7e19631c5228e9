//! The trail on realistic shifts: how few bytes, how near, and how often.

use siaga_domain::pace::{Footprint, WINDOW_MS, judge};
use siaga_domain::place::Position;
use siaga_domain::time::UtcMs;
use siaga_testkit::trace;
use siaga_wire::codec;
use siaga_wire::exchange::Fix;
use siaga_wire::trail::{MAX_ERROR_M, MAX_FIXES, apart_m, pack, unpack};

/// The fixes a phone would keep of a shift.
fn kept(seed: u64) -> Vec<Fix> {
    let mut trail: Vec<Footprint> = Vec::new();
    for reading in trace::shift(seed) {
        let position = Position::new(reading.lat, reading.lon, Some(reading.accuracy_m)).expect("a position");
        let new = Footprint { at: UtcMs(reading.at_ms), position, speed_mps: reading.speed_mps };
        let from = trail.partition_point(|seen| seen.at.0 < new.at.0 - WINDOW_MS);
        if judge(trail.get(from..).unwrap_or_default(), &new, None).keep {
            trail.push(new);
        }
    }
    trail.iter().map(fix).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions and speeds on earth")]
fn fix(seen: &Footprint) -> Fix {
    Fix {
        at_ms: seen.at.0,
        lat_e6: (seen.position.lat() * 1e6).round() as i32,
        lon_e6: (seen.position.lon() * 1e6).round() as i32,
        accuracy_m: seen.position.accuracy_m().map(|metres| metres.round() as u32),
        speed_cms: seen.speed_mps.map(|speed| (speed * 100.0).round() as u32),
        offset_ms: Some(-734),
        mock: false,
    }
}

fn packed_bytes(fixes: &[Fix], run: usize) -> usize {
    let runs = fixes.chunks(run).map(|run| {
        let packed = pack(1, run).expect("packed");
        let back = unpack(&packed).expect("unpacked").fixes;
        assert_eq!(back.len(), run.len());
        let worst = back.iter().zip(run).map(|(back, fix)| apart_m(back, fix)).fold(0.0, f64::max);
        assert!(worst <= MAX_ERROR_M, "{worst} m");
        codec::encode(&packed).expect("encoded").len()
    });
    runs.sum()
}

#[test]
fn eight_hours_of_fifty_shifts_take_at_most_four_bytes_a_fix_within_two_metres() {
    let (mut fixes, mut bytes, mut worst) = (0, 0, 0.0_f64);
    for seed in 0..50 {
        let kept = kept(seed);
        let packed = packed_bytes(&kept, MAX_FIXES);
        fixes += kept.len();
        bytes += packed;
        worst = worst.max(per_fix(packed, kept.len()));
    }

    println!("{fixes} fixes, {:.2} bytes a fix, at worst {worst:.2}", per_fix(bytes, fixes));
    assert!(worst <= 4.0, "{worst} bytes a fix");
}

#[test]
fn runs_of_five_are_smaller_than_plain_ones_and_of_twenty_less_than_half() {
    let kept = kept(1);
    let moving = kept.get(400..600).expect("two hundred fixes");
    let plain = codec::encode(&moving.to_vec()).expect("encoded").len();

    for run in [1, 5, 20, 100] {
        let packed = packed_bytes(moving, run);
        println!("runs of {run}: {:.1} bytes a fix, plain {:.1}", per_fix(packed, 200), per_fix(plain, 200));
        assert!(
            run < 5 || packed * if run < 20 { 1 } else { 2 } < plain,
            "runs of {run}: {packed} bytes, plain {plain}"
        );
    }
}

#[test]
fn a_shift_of_stops_and_drives_keeps_no_more_than_its_pace_asks_for() {
    for seed in 0..10 {
        let kept = kept(seed);

        assert!((600..6_000).contains(&kept.len()), "{} fixes", kept.len());
        assert!(kept.windows(2).all(|pair| pair[1].at_ms - pair[0].at_ms >= 4_000));
    }
}

fn per_fix(bytes: usize, fixes: usize) -> f64 {
    f64::from(u32::try_from(bytes).expect("few")) / f64::from(u32::try_from(fixes).expect("few"))
}
