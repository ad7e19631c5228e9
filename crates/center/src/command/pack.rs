//! `siaga-center pack add`, `list` and `remove`.

use super::args::{AddPack, Pack, RemovePack};
use super::failure::Failure;
use super::{Answer, BY, open};
use serde_json::{Value, json};
use siaga_center::db::file::Pack as Known;
use siaga_center::pack::PackError;

pub(super) fn pack(arguments: &Pack) -> Result<Answer, Failure> {
    match arguments {
        Pack::Add(add) => added(add),
        Pack::List(list) => {
            let packs = open(&list.common.data)?.packs().map_err(|error| Failure::internal(&error))?;
            let lines = match packs.as_slice() {
                [] => vec!["Belum ada paket peta.".to_owned()],
                packs => packs.iter().map(line).collect(),
            };
            Answer::new(&packs.iter().map(described).collect::<Vec<_>>(), lines)
        }
        Pack::Remove(remove) => removed(remove),
    }
}

fn added(add: &AddPack) -> Result<Answer, Failure> {
    let center = open(&add.common.data)?;
    let pack = center.add_pack(&add.file, &add.name, &add.whom, BY).map_err(|error| {
        let detail = error.to_string();
        match error {
            PackError::Name => Failure::bad_input("name", detail, "give a short name such as \"batas desa\""),
            PackError::Unknown(_) => Failure::bad_input("for", detail, "give the code of a unit or a post"),
            PackError::Read(_) | PackError::TooLarge | PackError::Format => {
                Failure::bad_input("file", detail, "give a GeoJSON or PMTiles file of at most 64 MB")
            }
            error @ PackError::NoRoom(_) => Failure::other("storage_full", &error, "free space on the center's disk"),
            error => Failure::internal(&error),
        }
    })?;
    Answer::new(&described(&pack), vec![line(&pack)])
}

fn removed(remove: &RemovePack) -> Result<Answer, Failure> {
    let center = open(&remove.common.data)?;
    if center.remove_pack(&remove.name, BY).map_err(|error| Failure::internal(&error))? {
        return Answer::new(
            &json!({ "removed": remove.name }),
            vec![format!("Paket peta \"{}\" ditarik.", remove.name)],
        );
    }
    Err(Failure::bad_input("name", "there is no map pack of this name", "see `siaga-center pack list`"))
}

fn described(pack: &Known) -> Value {
    json!({
        "name": pack.name,
        "format": pack.kind.code(),
        "size_bytes": pack.size_bytes,
        "sha256": hex::encode(pack.hash),
        "added_ms": pack.added_ms,
        "units": pack.units,
    })
}

fn line(pack: &Known) -> String {
    let whom = if pack.units.is_empty() { "semua unit".to_owned() } else { pack.units.join(", ") };
    format!("{}: {}, {} KB, untuk {whom}.", pack.name, pack.kind.code(), pack.size_bytes.div_ceil(1024))
}
