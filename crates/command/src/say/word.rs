//! One word for each code, from the glossary.

use siaga_domain::delivery::Delivery;
use siaga_domain::place::Compass;
use siaga_domain::record::assessment::Quality;
use siaga_domain::status::Status;
use siaga_domain::time::{EARLIEST, LATEST_PLANNED, UtcMs};
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Absent, Measured};
use siaga_field::FailureCode;
use siaga_field::view::{PatientName, Reach};

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Seen => "dilihat",
        Status::Accepted => "diterima",
        Status::Declined => "tidak bisa",
        Status::EnRoute => "menuju lokasi",
        Status::Staging => "di titik kumpul",
        Status::Delayed => "terhambat",
        Status::OnScene => "tiba di lokasi",
        Status::AtPatient => "bertemu pasien",
        Status::Departed => "menuju RS",
        Status::AtDestination => "tiba di RS",
        Status::HandedOver => "serah terima",
        Status::Available => "siap tugas lagi",
    }
}

pub(super) fn triage(color: TriageColor) -> &'static str {
    match color {
        TriageColor::Red => "MERAH",
        TriageColor::Yellow => "KUNING",
        TriageColor::Green => "HIJAU",
        TriageColor::Black => "HITAM",
    }
}

pub(super) fn delivery(state: &Delivery) -> String {
    match state {
        Delivery::Refused { reason } => format!("tidak diterima 112: {}", refusal(reason)),
        Delivery::Kept { .. } => "tersimpan di HP, menunggu 112 diperbarui".to_owned(),
        Delivery::Parked { .. } => "di 112, menunggu data sebelumnya".to_owned(),
        Delivery::Saved { .. } => "tersimpan di HP".to_owned(),
        Delivery::Sent { .. } => "terkirim".to_owned(),
        Delivery::Received { .. } => "diterima 112".to_owned(),
    }
}

/// What a patient is called.
pub(super) fn patient(name: &PatientName) -> String {
    match &name.number {
        None => format!("sementara {}", name.short_id),
        Some(number) if name.number_twice => format!("{number} · {}", name.short_id),
        Some(number) => number.to_string(),
    }
}

/// Why 112 did not take something; a reason this build has no words for is said as it came.
pub(super) fn refusal(reason: &str) -> &str {
    match reason {
        "incident_closed" => "insiden sudah ditutup",
        "center_only" => "hanya 112 yang boleh mengisi ini",
        "role" => "catatan ini bukan untuk peran petugas ini",
        "does_not_belong" | "unknown_kind" => "isian ini tidak dikenal 112",
        "out_of_scope" => "catatan ini bukan tugas unit Anda",
        "missing_dependency" | "hangs_on_refused" => "data sebelumnya tidak diterima",
        "parked_too_long" => "data sebelumnya tidak datang selama 72 jam",
        "too_many_parked" => "terlalu banyak yang menunggu di 112",
        "fork" | "sequence" | "actor" => "HP ini pernah dipulihkan atau disalin",
        "damaged" | "checksum" | "malformed" | "not_canonical" => "data rusak",
        other => other,
    }
}

pub(super) fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Unknown => "112 belum dihubungi",
        Reach::Reached => "112 terhubung",
        Reach::NoSignal => "Tidak ada sinyal ke 112",
        Reach::NotOurCenter => "Yang menjawab bukan 112",
        Reach::Revoked => "Akses HP ini ditutup oleh 112",
        Reach::UpdateNeeded => "Aplikasi perlu diperbarui",
        Reach::ClockWrong => "Jam HP salah",
    }
}

pub(super) fn failure(code: FailureCode) -> &'static str {
    match code {
        FailureCode::BadInput => "isian salah",
        FailureCode::NotFound => "tidak ada di HP ini",
        FailureCode::NotEnrolled => "HP ini belum terdaftar",
        FailureCode::NotPermitted => "peran HP ini tidak boleh melakukannya",
        FailureCode::MovedOn => "status tugas sudah berubah",
        FailureCode::PostWouldBeEmpty => "pos akan kosong",
        FailureCode::CenterNotReached => "112 tidak terjangkau; semua tersimpan di HP",
        FailureCode::Unsent => "masih ada yang belum terkirim ke 112 yang lama",
        FailureCode::RefusedByCenter => "ditolak oleh 112",
        FailureCode::StorageFull => "memori penuh; yang tersimpan tetap aman",
        FailureCode::Storage => "penyimpanan tidak dapat dipakai",
        FailureCode::UpdateNeeded => "aplikasi perlu diperbarui",
        FailureCode::Internal => "kesalahan di aplikasi",
    }
}

/// Eight winds: *timur laut* is north-east.
pub(super) fn compass(wind: Compass) -> &'static str {
    match wind {
        Compass::North => "U",
        Compass::NorthEast => "TL",
        Compass::East => "T",
        Compass::SouthEast => "TG",
        Compass::South => "S",
        Compass::SouthWest => "BD",
        Compass::West => "B",
        Compass::NorthWest => "BL",
    }
}

pub(super) fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Estimate => "perkiraan",
        Quality::Verified => "sudah dicek",
    }
}

pub(super) fn measured(measured: Measured) -> String {
    match measured {
        Measured::Number(value) => number(value),
        Measured::Absent(Absent::NotTaken) => "tidak diukur".to_owned(),
        Measured::Absent(Absent::Refused) => "menolak".to_owned(),
        Measured::Absent(Absent::Unable) => "tidak bisa diukur".to_owned(),
        Measured::Absent(Absent::Unknown) => "tidak diketahui".to_owned(),
    }
}

/// One decimal at most, with a comma.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.replace('.', ","), str::to_owned)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];

/// `10 Okt 2022 07.00 WIB`: Ketapang is seven hours ahead of UTC and never moves its clocks.
pub(super) fn clock(at: UtcMs) -> String {
    if !(EARLIEST..LATEST_PLANNED).contains(&at) {
        return WRONG.to_owned();
    }
    let text = at.plus(7 * 3_600_000).rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).unwrap_or(&"?");
    format!("{} {month} {} {}.{} WIB", part(8, 10), part(0, 4), part(11, 13), part(14, 16))
}

/// A moment that no clock can have shown rightly.
const WRONG: &str = "jam salah";

/// `4 mnt lalu`.
pub(super) fn age(at: UtcMs, now: UtcMs) -> String {
    let Some(minutes) = at.age_at(now).map(|ms| ms / 60_000) else { return WRONG.to_owned() };
    match minutes {
        0 => "baru saja".to_owned(),
        1..60 => format!("{minutes} mnt lalu"),
        60..1440 => format!("{} jam lalu", minutes / 60),
        _ => format!("{} hari lalu", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_a_comma_and_ages_in_the_largest_unit() {
        assert_eq!(number(14.24), "14,2");
        assert_eq!(number(92.0), "92");
        assert_eq!(clock(UtcMs(1_665_360_000_000)), "10 Okt 2022 07.00 WIB");
        assert_eq!(age(UtcMs(0), UtcMs(59_000)), "baru saja");
        assert_eq!(age(UtcMs(0), UtcMs(4 * 60_000)), "4 mnt lalu");
        assert_eq!(age(UtcMs(120_000), UtcMs(0)), "jam salah");
        for wrong in [i64::MIN, -1, 0, 9_000_000_000_000_000, i64::MAX] {
            assert_eq!(clock(UtcMs(wrong)), "jam salah", "{wrong}");
        }
        assert_eq!(age(UtcMs(0), UtcMs(26 * 3_600_000)), "1 hari lalu");
    }
}
