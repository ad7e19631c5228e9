//! BNPB's hazard codes (*jenis bencana*), as in its national disaster table.

crate::coded! {
    /// A natural hazard. The code is BNPB's number.
    Hazard {
        Flood = "101",
        Landslide = "102",
        /// Not seen in the published table; from memory of BNPB's list.
        FloodAndLandslide = "103",
        TidalWave = "104",
        Tornado = "105",
        Drought = "106",
        WildlandFire = "107",
        Earthquake = "108",
        Tsunami = "109",
        /// Not seen in the published table; from memory of BNPB's list.
        EarthquakeAndTsunami = "110",
        Volcano = "111",
    }
}

impl Hazard {
    /// `id_jenis_bencana`.
    #[must_use]
    pub const fn bnpb(self) -> u16 {
        match self {
            Self::Flood => 101,
            Self::Landslide => 102,
            Self::FloodAndLandslide => 103,
            Self::TidalWave => 104,
            Self::Tornado => 105,
            Self::Drought => 106,
            Self::WildlandFire => 107,
            Self::Earthquake => 108,
            Self::Tsunami => 109,
            Self::EarthquakeAndTsunami => 110,
            Self::Volcano => 111,
        }
    }
}
