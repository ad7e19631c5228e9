//! What is called in: the categories of a 112 center with the codes other systems know them by.
//!
//! Indonesia has no national list. This one is a proposal built from the lists in use in Gresik, Ambon,
//! Magelang and Jakarta; its EIDO types exist in NENA-STA-021.1b (APCO 2.103.2), its CAP categories in CAP 1.2,
//! its hazards in BNPB's table.

use crate::hazard::Hazard;

crate::coded! {
    /// One category. The code is what the console shows beside the words.
    Category {
        /// Darurat medis.
        Medical = "MED",
        /// Persalinan darurat.
        Childbirth = "MED-LAHIR",
        /// Nyeri dada / henti jantung.
        CardiacArrest = "MED-JANTUNG",
        /// Gigitan ular/buaya/anjing.
        Bite = "MED-GIGIT",
        /// Mobil jenazah.
        Hearse = "JENAZAH",
        /// Kecelakaan lalu lintas ada korban.
        CrashWithInjury = "LAKA-LUKA",
        /// Kecelakaan lalu lintas tanpa korban.
        Crash = "LAKA",
        /// Kecelakaan air / kapal / speedboat.
        WaterAccident = "LAKA-AIR",
        /// Orang tenggelam.
        Drowning = "TENGGELAM",
        /// Orang hilang / pencarian.
        Search = "SAR",
        /// Kebakaran bangunan.
        StructureFire = "BAKAR-BGN",
        /// Kebakaran hutan dan lahan.
        WildlandFire = "KARHUTLA",
        /// Kebakaran kendaraan/kapal.
        VehicleFire = "BAKAR-KEND",
        /// Banjir.
        Flood = "BANJIR",
        /// Tanah longsor.
        Landslide = "LONGSOR",
        /// Puting beliung / angin kencang.
        Windstorm = "ANGIN",
        /// Gelombang pasang / abrasi.
        TidalSurge = "ROB",
        /// Kekeringan / air bersih.
        Drought = "KERING",
        /// Gempa bumi.
        Earthquake = "GEMPA",
        /// Pohon tumbang.
        FallenTree = "POHON",
        /// Bangunan/konstruksi runtuh.
        BuildingCollapse = "BGN-RUNTUH",
        /// Jembatan putus/rusak.
        BridgeFailure = "JEMBATAN",
        /// Kabel listrik putus / korsleting.
        PowerLine = "LISTRIK",
        /// Gangguan keamanan dan ketertiban.
        PublicOrder = "KAMTIBMAS",
        /// Tindak kriminal.
        Crime = "KRIMINAL",
        /// Kerusuhan.
        Riot = "RUSUH",
        /// KDRT / kekerasan anak.
        DomesticViolence = "KDRT",
        /// Percobaan bunuh diri.
        SuicideThreat = "BUNDIR",
        /// Evakuasi ODGJ.
        MentalHealth = "ODGJ",
        /// Orang terlantar.
        Welfare = "TERLANTAR",
        /// Evakuasi hewan liar/berbahaya.
        Animal = "HEWAN",
        /// Tumpahan bahan berbahaya.
        HazardousMaterial = "B3",
        /// Ledakan / benda diduga peledak.
        Explosion = "LEDAK",
        /// Korban massal.
        MassCasualty = "KORBAN-MASSAL",
        /// Petugas minta bantuan.
        ResponderNeedsHelp = "PETUGAS",
        /// Pengaduan fasilitas umum (bukan darurat).
        PublicFacility = "FASUM",
        /// Panggilan informasi.
        Information = "INFO",
        /// Iseng / prank.
        Prank = "PRANK",
        /// Panggilan hantu / tanpa suara.
        Ghost = "GHOST",
    }
}

crate::coded! {
    /// What a responder is asked to fill in for a category.
    Form {
        Patient = "patient",
        Casualties = "casualties",
        /// As casualties, shown to fewer people.
        CasualtiesConfidential = "casualties_confidential",
        Task = "task",
        RapidAssessment = "assessment",
        MassTriage = "mass_triage",
        Sos = "sos",
        Forward = "forward",
        Close = "close",
    }
}

/// One row of the mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// The name in use, Bahasa Indonesia.
    pub name: &'static str,
    /// The agency that leads, as the center's lists name it.
    pub lead_agency: &'static str,
    pub supporting: &'static str,
    /// EIDO incident type (APCO 2.103.2); none for calls that are no incident.
    pub eido: Option<&'static str>,
    /// CAP 1.2 category.
    pub cap: Option<&'static str>,
    pub hazard: Option<Hazard>,
    pub form: Form,
}

impl Category {
    #[must_use]
    pub const fn mapping(self) -> Mapping {
        match self {
            Self::Medical => Mapping {
                name: "Darurat medis",
                lead_agency: "Dinkes/PSC 119, RSUD",
                supporting: "PMI, puskesmas",
                eido: Some("SICK"),
                cap: Some("Health"),
                hazard: None,
                form: Form::Patient,
            },
            Self::Childbirth => Mapping {
                name: "Persalinan darurat",
                lead_agency: "Dinkes/PSC 119",
                supporting: "puskesmas, bidan desa",
                eido: Some("PREG"),
                cap: Some("Health"),
                hazard: None,
                form: Form::Patient,
            },
            Self::CardiacArrest => Mapping {
                name: "Nyeri dada / henti jantung",
                lead_agency: "Dinkes/PSC 119",
                supporting: "",
                eido: Some("CARDIAC"),
                cap: Some("Health"),
                hazard: None,
                form: Form::Patient,
            },
            Self::Bite => Mapping {
                name: "Gigitan ular/buaya/anjing",
                lead_agency: "Dinkes/PSC 119",
                supporting: "Damkar, BKSDA",
                eido: Some("BITE"),
                cap: Some("Health"),
                hazard: None,
                form: Form::Patient,
            },
            Self::Hearse => Mapping {
                name: "Mobil jenazah",
                lead_agency: "RSUD/Dinkes",
                supporting: "Dinsos",
                eido: Some("NONEMERG"),
                cap: Some("Other"),
                hazard: None,
                form: Form::Task,
            },
            Self::CrashWithInjury => Mapping {
                name: "Kecelakaan lalu lintas ada korban",
                lead_agency: "Polres (Satlantas), PSC 119",
                supporting: "Dishub, Jasa Raharja",
                eido: Some("MVAINJY"),
                cap: Some("Transport"),
                hazard: None,
                form: Form::Patient,
            },
            Self::Crash => Mapping {
                name: "Kecelakaan lalu lintas tanpa korban",
                lead_agency: "Polres (Satlantas)",
                supporting: "Dishub",
                eido: Some("MVA"),
                cap: Some("Transport"),
                hazard: None,
                form: Form::Task,
            },
            Self::WaterAccident => Mapping {
                name: "Kecelakaan air / kapal / speedboat",
                lead_agency: "BPBD/Basarnas (Pos SAR)",
                supporting: "Polairud, TNI AL, PSC 119",
                eido: Some("WATER"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::Casualties,
            },
            Self::Drowning => Mapping {
                name: "Orang tenggelam",
                lead_agency: "Basarnas, BPBD",
                supporting: "Damkar, Polairud, relawan",
                eido: Some("DROWN"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::Casualties,
            },
            Self::Search => Mapping {
                name: "Orang hilang / pencarian",
                lead_agency: "Basarnas, BPBD",
                supporting: "Polres, Kodim, relawan desa",
                eido: Some("PERMISS"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::Casualties,
            },
            Self::StructureFire => Mapping {
                name: "Kebakaran bangunan",
                lead_agency: "Damkar (Satpol PP/BPBD)",
                supporting: "PLN, PSC 119, Polres",
                eido: Some("FSTRU"),
                cap: Some("Fire"),
                hazard: None,
                form: Form::RapidAssessment,
            },
            Self::WildlandFire => Mapping {
                name: "Kebakaran hutan dan lahan",
                lead_agency: "BPBD, Manggala Agni",
                supporting: "Kodim, Polres, MPA desa",
                eido: Some("FBRUSH"),
                cap: Some("Fire"),
                hazard: Some(Hazard::WildlandFire),
                form: Form::RapidAssessment,
            },
            Self::VehicleFire => Mapping {
                name: "Kebakaran kendaraan/kapal",
                lead_agency: "Damkar",
                supporting: "Polres",
                eido: Some("FVEH"),
                cap: Some("Fire"),
                hazard: None,
                form: Form::Task,
            },
            Self::Flood => Mapping {
                name: "Banjir",
                lead_agency: "BPBD",
                supporting: "Dinsos, Dinkes, Kodim, Polres, desa",
                eido: Some("HAZ"),
                cap: Some("Met"),
                hazard: Some(Hazard::Flood),
                form: Form::RapidAssessment,
            },
            Self::Landslide => Mapping {
                name: "Tanah longsor",
                lead_agency: "BPBD",
                supporting: "PUPR, Kodim",
                eido: Some("HAZ"),
                cap: Some("Geo"),
                hazard: Some(Hazard::Landslide),
                form: Form::RapidAssessment,
            },
            Self::Windstorm => Mapping {
                name: "Puting beliung / angin kencang",
                lead_agency: "BPBD",
                supporting: "PLN, PUPR",
                eido: Some("HAZ"),
                cap: Some("Met"),
                hazard: Some(Hazard::Tornado),
                form: Form::RapidAssessment,
            },
            Self::TidalSurge => Mapping {
                name: "Gelombang pasang / abrasi",
                lead_agency: "BPBD",
                supporting: "Dinas Perikanan, Polairud",
                eido: Some("HAZ"),
                cap: Some("Met"),
                hazard: Some(Hazard::TidalWave),
                form: Form::RapidAssessment,
            },
            Self::Drought => Mapping {
                name: "Kekeringan / air bersih",
                lead_agency: "BPBD",
                supporting: "PDAM, Dinsos",
                eido: Some("HAZ"),
                cap: Some("Met"),
                hazard: Some(Hazard::Drought),
                form: Form::RapidAssessment,
            },
            Self::Earthquake => Mapping {
                name: "Gempa bumi",
                lead_agency: "BPBD",
                supporting: "semua",
                eido: Some("MAJORINC"),
                cap: Some("Geo"),
                hazard: Some(Hazard::Earthquake),
                form: Form::RapidAssessment,
            },
            Self::FallenTree => Mapping {
                name: "Pohon tumbang",
                lead_agency: "BPBD/DLH",
                supporting: "PLN, Damkar",
                eido: Some("PUBWKS"),
                cap: Some("Infra"),
                hazard: None,
                form: Form::Task,
            },
            Self::BuildingCollapse => Mapping {
                name: "Bangunan/konstruksi runtuh",
                lead_agency: "BPBD/Damkar",
                supporting: "PUPR, PSC 119",
                eido: Some("BLDCLPSE"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::RapidAssessment,
            },
            Self::BridgeFailure => Mapping {
                name: "Jembatan putus/rusak",
                lead_agency: "PUPR",
                supporting: "BPBD, Polres, Dishub",
                eido: Some("BRGCLPSE"),
                cap: Some("Infra"),
                hazard: None,
                form: Form::RapidAssessment,
            },
            Self::PowerLine => Mapping {
                name: "Kabel listrik putus / korsleting",
                lead_agency: "PLN",
                supporting: "Damkar",
                eido: Some("WIRES"),
                cap: Some("Infra"),
                hazard: None,
                form: Form::Task,
            },
            Self::PublicOrder => Mapping {
                name: "Gangguan keamanan dan ketertiban",
                lead_agency: "Polres",
                supporting: "Satpol PP, Kodim",
                eido: Some("FIGHT"),
                cap: Some("Security"),
                hazard: None,
                form: Form::Task,
            },
            Self::Crime => Mapping {
                name: "Tindak kriminal",
                lead_agency: "Polres",
                supporting: "",
                eido: Some("ROBBERY"),
                cap: Some("Security"),
                hazard: None,
                form: Form::Task,
            },
            Self::Riot => Mapping {
                name: "Kerusuhan",
                lead_agency: "Polres",
                supporting: "Kodim, Satpol PP",
                eido: Some("CU1"),
                cap: Some("Security"),
                hazard: None,
                form: Form::Task,
            },
            Self::DomesticViolence => Mapping {
                name: "KDRT / kekerasan anak",
                lead_agency: "Polres (PPA)",
                supporting: "Dinsos P3A, PSC 119",
                eido: Some("DVA"),
                cap: Some("Security"),
                hazard: None,
                form: Form::CasualtiesConfidential,
            },
            Self::SuicideThreat => Mapping {
                name: "Percobaan bunuh diri",
                lead_agency: "Polres, Damkar",
                supporting: "PSC 119",
                eido: Some("SUICTHRT"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::Patient,
            },
            Self::MentalHealth => Mapping {
                name: "Evakuasi ODGJ",
                lead_agency: "Dinsos, Satpol PP",
                supporting: "PSC 119, Polres",
                eido: Some("MNTL"),
                cap: Some("Health"),
                hazard: None,
                form: Form::Patient,
            },
            Self::Welfare => Mapping {
                name: "Orang terlantar",
                lead_agency: "Dinsos",
                supporting: "Satpol PP",
                eido: Some("WELFARE"),
                cap: Some("Other"),
                hazard: None,
                form: Form::Task,
            },
            Self::Animal => Mapping {
                name: "Evakuasi hewan liar/berbahaya",
                lead_agency: "Damkar",
                supporting: "BKSDA",
                eido: Some("ANIMAL"),
                cap: Some("Safety"),
                hazard: None,
                form: Form::Task,
            },
            Self::HazardousMaterial => Mapping {
                name: "Tumpahan bahan berbahaya",
                lead_agency: "Damkar/DLH",
                supporting: "BPBD, Polres",
                eido: Some("HAZMAT"),
                cap: Some("CBRNE"),
                hazard: None,
                form: Form::Task,
            },
            Self::Explosion => Mapping {
                name: "Ledakan / benda diduga peledak",
                lead_agency: "Polres",
                supporting: "Damkar, PSC 119",
                eido: Some("EXPLOS"),
                cap: Some("Security"),
                hazard: None,
                form: Form::Task,
            },
            Self::MassCasualty => Mapping {
                name: "Korban massal",
                lead_agency: "PSC 119 + BPBD",
                supporting: "semua",
                eido: Some("MCI"),
                cap: Some("Rescue"),
                hazard: None,
                form: Form::MassTriage,
            },
            Self::ResponderNeedsHelp => Mapping {
                name: "Petugas minta bantuan",
                lead_agency: "Pusat 112",
                supporting: "unit terdekat",
                eido: Some("HLP1"),
                cap: Some("Safety"),
                hazard: None,
                form: Form::Sos,
            },
            Self::PublicFacility => Mapping {
                name: "Pengaduan fasilitas umum (bukan darurat)",
                lead_agency: "SIMADU-KMC",
                supporting: "OPD teknis",
                eido: Some("NONEMERG"),
                cap: Some("Other"),
                hazard: None,
                form: Form::Forward,
            },
            Self::Information => Mapping {
                name: "Panggilan informasi",
                lead_agency: "Pusat 112",
                supporting: "",
                eido: Some("INFO"),
                cap: Some("Other"),
                hazard: None,
                form: Form::Close,
            },
            Self::Prank => Mapping {
                name: "Iseng / prank",
                lead_agency: "Pusat 112",
                supporting: "",
                eido: None,
                cap: None,
                hazard: None,
                form: Form::Close,
            },
            Self::Ghost => Mapping {
                name: "Panggilan hantu / tanpa suara",
                lead_agency: "Pusat 112",
                supporting: "",
                eido: None,
                cap: None,
                hazard: None,
                form: Form::Close,
            },
        }
    }

    /// A call that is no emergency and needs no unit.
    #[must_use]
    pub const fn is_no_emergency(self) -> bool {
        matches!(self, Self::Information | Self::Prank | Self::Ghost | Self::PublicFacility)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_bnpb_101_and_apco_haz() {
        let flood = Category::Flood.mapping();

        assert_eq!(flood.hazard.map(Hazard::bnpb), Some(101));
        assert_eq!(flood.eido, Some("HAZ"));
        assert_eq!(flood.form, Form::RapidAssessment);
    }

    #[test]
    fn only_prank_and_ghost_calls_have_no_incident_type() {
        let without: Vec<_> = Category::ALL.iter().filter(|category| category.mapping().eido.is_none()).collect();

        assert_eq!(without, [&Category::Prank, &Category::Ghost]);
    }
}
