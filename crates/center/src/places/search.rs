//! Finds villages the way a call taker types: any order of words, parts of words, no accents, or a code.

use siaga_domain::place::Village;

/// More than this nobody reads during a call.
const MOST: usize = 50;

/// Best first: names that begin with what was typed, then words that do, then the rest; then by name, district
/// and code, since names repeat.
#[must_use]
pub fn villages(all: &[Village], query: &str) -> Vec<Village> {
    let query = query.trim().to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found: Vec<(u8, &Village)> =
        all.iter().filter_map(|village| rank(village, &query, &words).map(|rank| (rank, village))).collect();
    found.sort_by(|(a_rank, a), (b_rank, b)| {
        let key =
            |village: &Village| (village.name.to_lowercase(), village.district.to_lowercase(), village.code.clone());
        a_rank.cmp(b_rank).then_with(|| key(a).cmp(&key(b)))
    });
    found.into_iter().take(MOST).map(|(_, village)| village.clone()).collect()
}

/// 0 is best; `None` when a word fits nowhere.
fn rank(village: &Village, query: &str, words: &[&str]) -> Option<u8> {
    let name = village.name.to_lowercase();
    let district = village.district.to_lowercase();
    if !query.is_empty() && village.code.as_str().starts_with(query) {
        return Some(0);
    }
    if !words.iter().all(|word| name.contains(word) || district.contains(word)) {
        return None;
    }
    if name.starts_with(query) {
        return Some(0);
    }
    let begins = words.iter().all(|word| name.split_whitespace().any(|part| part.starts_with(word)));
    if begins {
        return Some(1);
    }
    Some(if words.iter().all(|word| name.contains(word)) { 2 } else { 3 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use siaga_domain::id::AreaCode;

    fn village(code: &str, name: &str, district: &str) -> Village {
        Village { code: AreaCode::new(code).expect("a code"), name: name.into(), district: district.into() }
    }

    fn all() -> Vec<Village> {
        vec![
            village("61.04.25.2002", "Mekar Jaya", "Sungai Melayu Rayak"),
            village("61.04.03.2019", "Mekar Jaya", "Manis Mata"),
            village("61.04.14.2013", "Asam Jelai", "Jelai Hulu"),
            village("61.04.03.2004", "Jelai", "Manis Mata"),
        ]
    }

    fn codes(query: &str) -> Vec<String> {
        villages(&all(), query).into_iter().map(|village| village.code.to_string()).collect()
    }

    #[test]
    fn a_name_that_begins_with_what_was_typed_comes_first() {
        assert_eq!(codes("jelai"), ["61.04.03.2004", "61.04.14.2013"]);
    }

    #[test]
    fn the_district_tells_same_names_apart() {
        assert_eq!(codes("mekar manis"), ["61.04.03.2019"]);
        assert_eq!(codes("MEKAR JAYA").len(), 2);
    }

    #[test]
    fn a_code_finds_its_village_and_nonsense_finds_none() {
        assert_eq!(codes("61.04.14.2013"), ["61.04.14.2013"]);
        assert!(codes("jakarta").is_empty());
    }
}
