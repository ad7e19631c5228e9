//! The numbers people were promised, measured where people would feel them, as tables.
//!
//! `cargo bench -p siaga-tests --bench acceptance`, or `make bench`. Fails when a promise is not kept. `-- --write` puts
//! the tables into `docs/performance.md`; `-- --only wire` measures one section.

mod center;
mod promises;
mod rival;
mod scale;
mod shift;
mod table;
mod wire;

use anyhow::ensure;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` runs this too; there it only shows that it builds.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let write = arguments.iter().any(|argument| argument == "--write");
    let only = arguments.iter().skip_while(|argument| *argument != "--only").nth(1);
    let mut kept = true;
    for section in ["promises", "wire", "scale", "center", "shift", "lane0"] {
        // The promises of the shift by themselves, only where they are asked for.
        let asked = only.map_or(section != "lane0", |only| only == section);
        if !asked {
            continue;
        }
        let (text, rows) = match section {
            "promises" => (String::new(), promises::rows()?),
            "wire" => (String::new(), wire::rows()?),
            "scale" => (String::new(), scale::rows()?),
            "lane0" => (String::new(), shift::promises()?),
            "center" => (String::new(), center::rows()?),
            _ => shift::measure()?,
        };
        let text = if text.is_empty() { table::promises(&rows) } else { format!("{text}\n{}", table::promises(&rows)) };
        println!("\n{text}");
        kept &= rows.iter().all(|row| row.kept);
        if write {
            table::write(section, &text)?;
        }
    }
    ensure!(kept, "a promise is not kept");
    Ok(())
}
