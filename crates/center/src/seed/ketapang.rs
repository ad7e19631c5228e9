//! What is known of Kabupaten Ketapang (61.04) beyond the names of its places.
//!
//! Points of the districts are centroids of their outlines, for orientation. The hospital is from the Ministry of
//! Health's referral data. There is no public list of puskesmas: Dinkes fills it.

use super::agency;
use siaga_domain::entry::Body;
use siaga_domain::id::{FacilityCode, PostCode, UnitCode};
use siaga_domain::record::directory::{Agency, Facility, Post, Unit, UnitKind};

/// The regency's code.
pub const CODE: &str = "61.04";

/// Code, degrees north, degrees east.
pub const DISTRICT_POINTS: [(&str, f64, f64); 20] = [
    ("61.04.01", -1.472, 110.161),
    ("61.04.02", -2.131, 110.652),
    ("61.04.03", -2.455, 111.014),
    ("61.04.04", -2.591, 110.522),
    ("61.04.05", -1.170, 110.605),
    ("61.04.07", -0.891, 110.527),
    ("61.04.08", -0.553, 110.272),
    ("61.04.11", -1.495, 110.570),
    ("61.04.12", -2.032, 110.239),
    ("61.04.13", -1.834, 110.641),
    ("61.04.14", -1.923, 110.890),
    ("61.04.16", -1.813, 109.958),
    ("61.04.17", -1.690, 110.143),
    ("61.04.18", -1.834, 110.104),
    ("61.04.19", -1.021, 110.983),
    ("61.04.20", -0.820, 110.258),
    ("61.04.21", -2.318, 110.812),
    ("61.04.22", -2.430, 110.681),
    ("61.04.24", -1.729, 110.558),
    ("61.04.25", -1.762, 110.362),
];

/// The referral hospital.
#[must_use]
pub fn facilities() -> Vec<Body> {
    FacilityCode::new("RSUD-AGOESDJAM")
        .into_iter()
        .map(|code| {
            Body::Facility(Facility {
                code,
                name: "RSUD dr. Agoesdjam".to_owned(),
                phone: Some("(0534) 3037239".to_owned()),
                lat: -1.832_508,
                lon: 109.967_432,
            })
        })
        .collect()
}

/// Code, name, agency, degrees north and east. Exercise posts: where real ones stand is for the agencies to say.
const POSTS: [(&str, &str, &str, f64, f64); 5] = [
    ("PSC-DELTAPAWAN", "PSC 119 Delta Pawan", "DINKES", -1.8325, 109.9674),
    ("BPBD-KETAPANG", "Pusdalops BPBD Ketapang", "BPBD", -1.8130, 109.9580),
    ("DAMKAR-KETAPANG", "Pos Damkar Ketapang", "SATPOLPP", -1.8360, 109.9760),
    ("POS-JELAIHULU", "Pos Jelai Hulu", "BPBD", -1.9230, 110.8900),
    ("POS-TUMBANGTITI", "Pos Tumbang Titi", "DINKES", -1.8340, 110.6410),
];

/// Call sign, name, kind, agency, post.
const UNITS: [(&str, &str, UnitKind, &str, &str); 9] = [
    ("AMB-01", "Ambulans 1", UnitKind::Ambulance, "DINKES", "PSC-DELTAPAWAN"),
    ("AMB-02", "Ambulans 2", UnitKind::Ambulance, "DINKES", "PSC-DELTAPAWAN"),
    ("AMB-03", "Ambulans Tumbang Titi", UnitKind::Ambulance, "DINKES", "POS-TUMBANGTITI"),
    ("BPBD-01", "TRC BPBD 1", UnitKind::Team, "BPBD", "BPBD-KETAPANG"),
    ("BPBD-02", "Perahu BPBD", UnitKind::Boat, "BPBD", "BPBD-KETAPANG"),
    ("BPBD-03", "Relawan Jelai Hulu", UnitKind::Team, "BPBD", "POS-JELAIHULU"),
    ("DAMKAR-01", "Damkar 1", UnitKind::FireEngine, "SATPOLPP", "DAMKAR-KETAPANG"),
    ("DESA-ASAMJELAI", "Perangkat Desa Asam Jelai", UnitKind::Village, "PEMDES", "POS-JELAIHULU"),
    ("DESA-TANGGERANG", "Perangkat Desa Tanggerang", UnitKind::Village, "PEMDES", "POS-JELAIHULU"),
];

/// Invented officers of the exercise, by post; each shift takes the next two.
pub const PEOPLE: [(&str, [&str; 6]); 5] = [
    ("PSC-DELTAPAWAN", ["Ani Lestari", "Budi Santoso", "Citra Dewi", "Dedi Kurniawan", "Eka Putri", "Fajar Nugroho"]),
    ("BPBD-KETAPANG", ["Gunawan", "Hendra Wijaya", "Indah Permata", "Joko Susilo", "Kartika Sari", "Lukman Hakim"]),
    ("DAMKAR-KETAPANG", ["Maman Suherman", "Nurul Aini", "Oki Pratama", "Purnomo", "Rahmat Hidayat", "Samsul Bahri"]),
    ("POS-JELAIHULU", ["Tono Saputra", "Umar Said", "Vina Marlina", "Wahyu Ramadhan", "Yusuf Maulana", "Zainab"]),
    (
        "POS-TUMBANGTITI",
        ["Agus Salim", "Bambang Irawan", "Dewi Anggraini", "Edi Suprapto", "Fitri Handayani", "Hasan Basri"],
    ),
];

/// Posts and units of the exercise.
#[must_use]
pub fn demo() -> Vec<Body> {
    let village_government =
        agency("PEMDES").map(|code| Body::Agency(Agency { code, name: "Pemerintah desa".to_owned() }));
    let posts = POSTS.iter().filter_map(|(code, name, of, lat, lon)| {
        let (code, agency) = (PostCode::new(*code).ok()?, agency(of)?);
        Some(Body::Post(Post { code, name: (*name).to_owned(), agency, lat: *lat, lon: *lon }))
    });
    let units = UNITS.iter().filter_map(|(code, name, kind, of, post)| {
        let (code, agency, post) = (UnitCode::new(*code).ok()?, agency(of)?, PostCode::new(*post).ok()?);
        Some(Body::Unit(Unit { code, name: (*name).to_owned(), kind: *kind, agency, post }))
    });
    village_government.into_iter().chain(posts).chain(units).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_of_the_tables_is_taken() {
        assert_eq!(facilities().len(), 1);
        assert_eq!(demo().len(), 1 + POSTS.len() + UNITS.len());
    }

    #[test]
    fn units_and_people_belong_to_posts_that_are_there() {
        let posts: BTreeSet<&str> = POSTS.iter().map(|row| row.0).collect();

        assert!(UNITS.iter().all(|row| posts.contains(row.4)));
        assert_eq!(PEOPLE.iter().map(|row| row.0).collect::<BTreeSet<_>>(), posts);
    }
}
