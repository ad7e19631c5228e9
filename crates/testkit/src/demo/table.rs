//! The table at the end: what each phone made, and what it cost to carry it.

use crate::link::Traffic;
use std::time::Duration;

/// One phone.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub who: String,
    /// Commands that wrote something.
    pub made: u64,
    pub exchanges: u64,
    /// Everything on the wire after enrolment, TLS and HTTP included.
    pub traffic: Traffic,
    /// From the first coverage to the receipt of the last thing written without it.
    pub until_received: Duration,
    pub agrees: bool,
}

/// The rows under a head, columns aligned.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    let head = ["phone", "who", "written", "exchanges", "bytes up", "bytes down", "coverage to last receipt", "agrees"];
    let mut lines: Vec<[String; 8]> = vec![head.map(str::to_owned)];
    for row in rows {
        lines.push([
            row.name.clone(),
            row.who.clone(),
            row.made.to_string(),
            row.exchanges.to_string(),
            row.traffic.up_bytes.to_string(),
            row.traffic.down_bytes.to_string(),
            format!("{:.1} s", row.until_received.as_secs_f64()),
            if row.agrees { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        for (at, (cell, width)) in line.iter().zip(&widths).enumerate() {
            // Words to the left, numbers to the right.
            let padded = if at < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text.push_str(if at == 0 { "  " } else { "   " });
            text.push_str(&padded);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_one_another() {
        let row = Row {
            name: "Ani".into(),
            who: "AMB-01".into(),
            made: 12,
            exchanges: 3,
            traffic: Traffic { up_bytes: 5_000, down_bytes: 90 },
            until_received: Duration::from_millis(2_340),
            agrees: true,
        };

        let text = render(&[row]);

        let lengths: Vec<usize> = text.lines().map(str::len).collect();
        assert_eq!(lengths.first(), lengths.last());
        assert!(text.contains("2.3 s"), "{text}");
    }
}
