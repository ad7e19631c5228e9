//! Files with names that systems and eyes trip over: what is kept is named by its hash, and what is shown is bounded.

use crate::programs::ask::{SOON, list, text};
use anyhow::Context;
use siaga_testkit::program::stage::Stage;
use std::path::Path;

/// A device of an old system, a name that reads backwards, one with a line break and a way out of its folder.
const NAMES: [&str; 3] = ["CON", "\u{202e}gpj.exe", "..\\a\nb"];

/// Every name in a folder and below it.
fn names_below(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        all.push(entry.file_name().to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            all.extend(names_below(&entry.path())?);
        }
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_kept_by_its_hash_whatever_its_file_was_called() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let ani = stage.medic("Ani").await?;
    let (incident, _) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let folder = stage.folder().join("camera");
    std::fs::create_dir(&folder)?;
    let longest = "x".repeat(255);
    let names: Vec<&str> = NAMES.into_iter().chain([longest.as_str()]).collect();
    for (number, name) in (1_u8..).zip(&names) {
        let picture = image::RgbImage::from_pixel(8, 8, image::Rgb([number, 7, 7]));
        picture.save_with_format(folder.join(name), image::ImageFormat::Png)?;
        let photo = folder.join(name).display().to_string();
        ani.done(&["note", &incident, "--text", "jembatan", "--photo", &photo]).await?;
    }

    let nothing = ani.run(&["note", &incident, "--text", "jembatan", "--photo", ""]).await?;
    let elsewhere = ani
        .run(&["note", &incident, "--text", "jembatan", "--photo", &folder.join("../camera").display().to_string()])
        .await?;
    ani.sync_until_quiet(SOON).await?;

    for refused in [&nothing, &elsewhere] {
        // What is wrong on the command line alone is named as it is written there.
        let argument = text(&refused.json, "/argument")?;
        assert_eq!((refused.code, argument.trim_start_matches('-')), (2, "photo"), "{}", refused.json);
        assert!(!text(&refused.json, "/remedy")?.is_empty());
    }
    let there = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    let notes: Vec<_> = list(&there, "/incident/notes").collect();
    assert_eq!(notes.len(), names.len());
    let kept: Vec<String> =
        [ani.home(), stage.center.folder()].into_iter().map(names_below).collect::<anyhow::Result<Vec<_>>>()?.concat();
    for name in &names {
        assert!(!there.to_string().contains(*name), "nobody is told what a file was called");
        assert!(!kept.iter().any(|one| one.contains(*name)), "{name:?} is the name of something that was kept");
    }
    for note in notes {
        for file in ["/attachment", "/thumbnail"] {
            let hash = text(note, file)?;
            assert!(kept.contains(&hash), "{hash} is not there under its name");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_pack_is_not_called_what_an_eye_cannot_read_or_a_screen_cannot_hold() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let longest = "x".repeat(300);
    let add = |name: String| {
        // What is kept is named by its bytes: each pack has others.
        let text = format!(r#"{{"type":"FeatureCollection","features":[],"name":{name:?}}}"#);
        let path = stage.folder().join("desa.geojson");
        let center = &stage.center;
        async move {
            std::fs::write(&path, text)?;
            center.command(&["pack", "add", &path.display().to_string(), "--name", &name]).await
        }
    };

    for name in ["", "\u{202e}gpj", &longest] {
        let refused = add(name.to_owned()).await?;
        assert_eq!((refused.code, text(&refused.json, "/argument")?.as_str()), (2, "name"), "{name:?}");
    }
    for name in ["CON", "../x"] {
        add(name.to_owned()).await?.done().with_context(|| name.to_owned())?;
    }
    budi.sync_until_quiet(SOON).await?;

    let packs = budi.done(&["packs"]).await?;
    let mut told: Vec<String> = list(&packs, "").map(|pack| text(pack, "/name")).collect::<anyhow::Result<_>>()?;
    told.sort();
    assert_eq!(told, ["../x", "CON"]);
    let kept = [names_below(budi.home())?, names_below(stage.center.folder())?].concat();
    assert!(!kept.iter().any(|name| told.contains(name)), "a pack is kept by its hash: {kept:?}");
    Ok(())
}
