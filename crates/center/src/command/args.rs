//! The arguments of every command, with an example in each help.

use clap::{Args, Parser, Subcommand};
use siaga_center::api::view::StaffRole;
use siaga_domain::kind::Role;
use siaga_domain::record::directory::UnitKind;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Siaga 112: the center of an emergency service.
#[derive(Parser, Debug)]
#[command(
    name = "siaga-center",
    version,
    about,
    after_help = "Example:\n  siaga-center seed --data var/center --regency 61.04 --demo\n  siaga-center serve --data var/center"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Write places, agencies, posts, units and people of a regency into a new center.
    #[command(after_help = "Example:\n  siaga-center seed --data var/center --regency 61.04 --demo")]
    Seed(Seed),
    /// Run the center: the console and API, and the listener of the phones.
    #[command(
        after_help = "Example:\n  siaga-center serve --data var/center --field-listen 0.0.0.0:8443 --field-url https://112.example.go.id:8443"
    )]
    Serve(Serve),
    /// Make a one-time link and QR code that enrols one phone within ten minutes.
    #[command(
        after_help = "Example:\n  siaga-center invite --data var/center --unit AMB-01 --role medic --name \"HP Ambulans 1\""
    )]
    Invite(Invite),
    /// People who sign in, posts, units, facilities, and tokens that are withdrawn.
    #[command(
        subcommand,
        after_help = "Example:\n  siaga-center admin person add --data var/center --user sari --name \"Sari Dewi\" --role dispatcher"
    )]
    Admin(Admin),
    /// Make a bearer token with which another system uses the HTTP API.
    #[command(after_help = "Example:\n  siaga-center token --data var/center --name \"SPGDT Provinsi\"")]
    Token(Token),
    /// Import posts, people and shifts from a CSV file: all of it or nothing.
    #[command(after_help = "Example:\n  siaga-center import-roster --data var/center piket-oktober.csv")]
    ImportRoster(Import),
    /// Import village outlines from a GeoJSON file.
    #[command(after_help = "Example:\n  siaga-center import-boundaries --data var/center desa.geojson")]
    ImportBoundaries(Import),
    /// Map packs that phones keep for the hours without signal: boundaries (GeoJSON) and tiles (PMTiles).
    #[command(
        subcommand,
        after_help = "Example:\n  siaga-center pack add --data var/center desa.geojson --name \"batas desa\" --for AMB-01"
    )]
    Pack(Pack),
    /// Write database, keys and attachments into one file, while the center may be running.
    #[command(after_help = "Example:\n  siaga-center backup --data var/center cadangan.siaga")]
    Backup(Backup),
    /// Make a center from a backup; phones then give back what it lost.
    #[command(after_help = "Example:\n  siaga-center restore cadangan.siaga --data var/center-baru")]
    Restore(Restore),
    /// Move a device to another unit without an invitation; what it wrote before is still taken.
    #[command(
        after_help = "Example:\n  siaga-center move --data var/center 019a0b1c-2d3e-7f40-8a5b-6c7d8e9f0a1b --unit AMB-02"
    )]
    Move(Move),
    /// Close a device's access; what it wrote stays.
    #[command(after_help = "Example:\n  siaga-center revoke --data var/center 019a0b1c-2d3e-7f40-8a5b-6c7d8e9f0a1b")]
    Revoke(Revoke),
    /// Sign closed incidents and put each into a file of its own.
    #[command(after_help = "Example:\n  siaga-center archive --data var/center --closed-for-h 24 --json")]
    Archive(Archive),
    /// Verify every envelope, change, document, attachment and audit row.
    #[command(after_help = "Example:\n  siaga-center check --data var/center --json")]
    Check(Check),
    /// Judge changes for the center that started this process; not for people.
    #[command(hide = true)]
    AdmitWorker,
}

/// What every command has.
#[derive(Args, Debug)]
pub(super) struct Common {
    /// The center's folder.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Write one JSON value to standard output and nothing else.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Seed {
    #[command(flatten)]
    pub common: Common,
    /// Kemendagri code of the regency.
    #[arg(long, value_name = "CODE")]
    pub regency: String,
    /// Posts, units, roster and sign-ins of an exercise as well.
    #[arg(long)]
    pub demo: bool,
    /// A folder with the names and codes of areas, in place of those that the program carries.
    #[arg(long, value_name = "DIR")]
    pub areas: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Serve {
    #[command(flatten)]
    pub common: Common,
    /// Console and API: plain HTTP on loopback only, elsewhere with --tls-cert and --tls-key.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8112", value_parser = siaga_domain::address::listening)]
    pub listen: SocketAddr,
    /// Phones: always TLS, with the center's own root.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443", value_parser = siaga_domain::address::listening)]
    pub field_listen: SocketAddr,
    /// An address phones reach the center at, where it is another than --field-listen; may be given again.
    #[arg(long, value_name = "URL")]
    pub field_url: Vec<String>,
    /// Processes that judge what phones send; as many as the machine has cores, at least 2, where it is not given.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub admission_workers: Option<u8>,
    /// Certificate chain of the console, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Invite {
    #[command(flatten)]
    pub common: Common,
    /// Call sign of the unit the phone belongs to.
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// medic, volunteer, village or supervisor.
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// What the phone is called at the center.
    #[arg(long, value_name = "TEXT")]
    pub name: String,
    /// Nobody has to compare six digits and confirm; for tests and kiosks, and written down.
    #[arg(long)]
    pub unattended: bool,
    /// An address to put into the link instead of those the center is served at; may be given again.
    #[arg(long, value_name = "URL")]
    pub field_url: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct Token {
    #[command(flatten)]
    pub common: Common,
    /// The system that will use it.
    #[arg(long, value_name = "TEXT")]
    pub name: String,
}

#[derive(Args, Debug)]
pub(super) struct Import {
    #[command(flatten)]
    pub common: Common,
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Subcommand, Debug)]
pub(super) enum Pack {
    /// Offer a file to phones, in place of the one of the same name.
    #[command(after_help = "Example:\n  siaga-center pack add --data var/center desa.geojson --name \"batas desa\"")]
    Add(AddPack),
    /// The packs that are offered.
    #[command(after_help = "Example:\n  siaga-center pack list --data var/center")]
    List(ListPacks),
    /// Withdraw a pack: phones delete it at their next contact.
    #[command(after_help = "Example:\n  siaga-center pack remove --data var/center --name \"batas desa\"")]
    Remove(RemovePack),
}

#[derive(Args, Debug)]
pub(super) struct AddPack {
    #[command(flatten)]
    pub common: Common,
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What responders call it; a newer file of this name replaces the older one.
    #[arg(long, value_name = "TEXT")]
    pub name: String,
    /// A unit, or a post for the units stationed there now; may be given again. Everybody when left out.
    #[arg(long = "for", value_name = "UNIT|POST")]
    pub whom: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct ListPacks {
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args, Debug)]
pub(super) struct RemovePack {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_name = "TEXT")]
    pub name: String,
}

#[derive(Args, Debug)]
pub(super) struct Backup {
    #[command(flatten)]
    pub common: Common,
    /// The file to write; it must not exist.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct Archive {
    #[command(flatten)]
    pub common: Common,
    /// Closed for so many hours at least; otherwise the setting archive_after_h, or 72. Earlier means that phones out
    /// of coverage write addenda.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(0..=87_600))]
    pub closed_for_h: Option<u32>,
}

#[derive(Args, Debug)]
pub(super) struct Restore {
    /// A file made by `siaga-center backup`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub common: Common,
    /// Where a center is in DIR already, set it aside in a folder beside instead of refusing. It must be stopped.
    #[arg(long)]
    pub replace: bool,
}

#[derive(Args, Debug)]
pub(super) struct Move {
    /// The device's id.
    pub device: String,
    /// Code of the unit it works for from now on.
    #[arg(long, value_name = "CODE")]
    pub unit: String,
    /// What it works as from now on; what it was, when nothing is given.
    #[arg(long, value_name = "ROLE")]
    pub role: Option<Role>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    #[command(flatten)]
    pub common: Common,
    /// The device's id, as the console and `siaga-field` show it.
    #[arg(value_name = "DEVICE")]
    pub device: String,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand, Debug)]
pub(super) enum Admin {
    /// Somebody who signs in at the console.
    #[command(subcommand)]
    Person(AdminPerson),
    /// A post of the directory.
    #[command(subcommand)]
    Post(AdminPost),
    /// A unit of the directory.
    #[command(subcommand)]
    Unit(AdminUnit),
    /// A facility that patients are brought to.
    #[command(subcommand)]
    Facility(AdminFacility),
    /// Bearer tokens of other systems; `siaga-center token` makes them.
    #[command(subcommand)]
    Token(AdminToken),
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminPerson {
    /// Add somebody; the one-time password is shown once and replaced at the first sign-in.
    #[command(
        after_help = "Example:\n  siaga-center admin person add --data var/center --user sari --name \"Sari Dewi\" --role dispatcher"
    )]
    Add {
        #[command(flatten)]
        common: Common,
        /// What they sign in with.
        #[arg(long, value_name = "USER")]
        user: String,
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// dispatcher or supervisor.
        #[arg(long, value_name = "ROLE")]
        role: StaffRole,
    },
    /// Give somebody a new one-time password, and end their sessions.
    #[command(after_help = "Example:\n  siaga-center admin person password --data var/center --user sari")]
    Password {
        #[command(flatten)]
        common: Common,
        #[arg(long, value_name = "USER")]
        user: String,
    },
    /// End somebody's access and sessions; what they wrote stays.
    #[command(after_help = "Example:\n  siaga-center admin person end --data var/center --user sari")]
    End {
        #[command(flatten)]
        common: Common,
        #[arg(long, value_name = "USER")]
        user: String,
    },
    /// Everybody who was ever added.
    List {
        #[command(flatten)]
        common: Common,
    },
}

/// Degrees, WGS 84.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Degrees north; south is negative.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    pub lat: f64,
    /// Degrees east.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    pub lon: f64,
}

/// An entry of the directory.
#[derive(Args, Debug)]
pub(super) struct ByCode {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_name = "CODE")]
    pub code: String,
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminPost {
    /// Add a post.
    #[command(
        after_help = "Example:\n  siaga-center admin post add --data var/center --code PSC-SANDAI --name \"PSC Sandai\" --agency DINKES --lat -1.17 --lon 110.6"
    )]
    Add {
        #[command(flatten)]
        common: Common,
        #[arg(long, value_name = "CODE")]
        code: String,
        #[arg(long, value_name = "TEXT")]
        name: String,
        #[arg(long, value_name = "AGENCY")]
        agency: String,
        #[command(flatten)]
        place: Place,
        /// Change the one of this code.
        #[arg(long)]
        replace: bool,
    },
    /// End a post at which no unit is stationed.
    End(ByCode),
    /// The posts there are.
    List {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminUnit {
    /// Add a unit.
    #[command(
        after_help = "Example:\n  siaga-center admin unit add --data var/center --code AMB-07 --name \"Ambulans 7\" --kind ambulance --agency DINKES --post PSC-SANDAI"
    )]
    Add {
        #[command(flatten)]
        common: Common,
        /// Its call sign.
        #[arg(long, value_name = "CODE")]
        code: String,
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// ambulance, boat, team, village, fire_engine or patrol.
        #[arg(long, value_name = "KIND")]
        kind: UnitKind,
        #[arg(long, value_name = "AGENCY")]
        agency: String,
        /// Where it is stationed.
        #[arg(long, value_name = "POST")]
        post: String,
        /// Change the one of this code.
        #[arg(long)]
        replace: bool,
    },
    /// End a unit without phones and open orders.
    End(ByCode),
    /// The units there are.
    List {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminFacility {
    /// Add a facility.
    #[command(
        after_help = "Example:\n  siaga-center admin facility add --data var/center --code PKM-SANDAI --name \"Puskesmas Sandai\" --lat -1.17 --lon 110.6"
    )]
    Add {
        #[command(flatten)]
        common: Common,
        #[arg(long, value_name = "CODE")]
        code: String,
        #[arg(long, value_name = "TEXT")]
        name: String,
        #[arg(long, value_name = "NUMBER")]
        phone: Option<String>,
        #[command(flatten)]
        place: Place,
        /// Change the one of this code.
        #[arg(long)]
        replace: bool,
    },
    /// End a facility.
    End(ByCode),
    /// The facilities there are.
    List {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminToken {
    /// The tokens that are valid.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Withdraw every token of a system.
    #[command(after_help = "Example:\n  siaga-center admin token withdraw --data var/center --name \"SPGDT Provinsi\"")]
    Withdraw {
        #[command(flatten)]
        common: Common,
        /// The name it was made with.
        #[arg(long, value_name = "TEXT")]
        name: String,
    },
}
