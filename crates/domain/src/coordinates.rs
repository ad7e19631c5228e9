//! Coordinates as people type and paste them, and the guard that asks when they lie outside the regency.
//!
//! A forgotten sign or two swapped numbers put an incident hundreds of kilometres away. So there is one reader for the
//! console, the command line and the phone, and one guard: no place at 0, 0, and outside of the regency's box a person
//! says so, with the mirrored point offered where that one lies inside.

use crate::place::Position;

/// Degrees as written; not yet a point on the earth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Written {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// The text holds no coordinates that can be read in one way only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the text holds no pair of numbers")]
    NoPair,
    #[error("the text holds words that are not coordinates")]
    Words,
    #[error("minutes and seconds must be between 0 and 60, and stand behind whole degrees")]
    Minutes,
    #[error("the sign and the letter of a number contradict each other, or both numbers are of one kind")]
    Direction,
    #[error("a short link holds no coordinates")]
    ShortLink,
}

/// Reads a pair of coordinates: decimal with point or comma, degrees with minutes and seconds, with S, N, E, W or the
/// Indonesian LS, LU, BT, BB and their words, a `geo:` address, or a link of a map. Latitude comes first unless the text
/// says otherwise.
///
/// # Errors
/// [`Unreadable`]; nothing is guessed.
pub fn read(text: &str) -> Result<Written, Unreadable> {
    let text = plain(text);
    if let Some(address) = address_in(&text) {
        return of_address(address);
    }
    of_words(&text)
}

/// Signs of word processors, phones and maps as the keyboard has them.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.trim().chars() {
        match sign {
            '\u{2212}' | '\u{2010}'..='\u{2015}' | '\u{fe63}' | '\u{ff0d}' => plain.push('-'),
            '\u{2032}' | '\u{2018}' | '\u{2019}' | '\u{b4}' | '`' => plain.push('\''),
            '\u{2033}' | '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{ba}' | '\u{2da}' => plain.push('°'),
            '\u{ff10}'..='\u{ff19}' => plain.extend(char::from_digit(u32::from(sign) - 0xff10, 10)),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            sign if sign.is_whitespace() => plain.push(' '),
            sign => plain.push(sign),
        }
    }
    plain.replace("''", "\"")
}

fn address_in(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let from = ["https://", "http://", "geo:"].iter().filter_map(|start| lower.find(start)).min()?;
    text.get(from..)?.split(' ').next()
}

/// The pin of a map's link before its view: the view is where somebody looked.
fn of_address(address: &str) -> Result<Written, Unreadable> {
    let address = decoded(address);
    let lower = address.to_ascii_lowercase();
    let behind = |mark: &str| lower.find(mark).and_then(|at| lower.get(at.saturating_add(mark.len())..));
    let pair = |text: Option<&str>| text.and_then(leading_pair).filter(|found| found.lat != 0.0 || found.lon != 0.0);
    if let Some(written) = behind("!3d").and_then(leading_number).zip(behind("!4d").and_then(leading_number)) {
        return Ok(Written { lat: written.0.0, lon: written.1.0 });
    }
    if let Some(written) = behind("mlat=").and_then(leading_number).zip(behind("mlon=").and_then(leading_number)) {
        return Ok(Written { lat: written.0.0, lon: written.1.0 });
    }
    let names = [
        "?q=loc:",
        "?q=",
        "&q=",
        "query=",
        "destination=",
        "daddr=",
        "?ll=",
        "&ll=",
        "ll.",
        "sll=",
        "center=",
        "place/",
        "search/",
        "dir//",
    ];
    if let Some(written) = names.iter().find_map(|name| pair(behind(name))) {
        return Ok(written);
    }
    if let Some(written) = pair(behind("geo:")).or_else(|| pair(behind("@"))) {
        return Ok(written);
    }
    // OpenStreetMap: `#map=17/-1.83/109.96`.
    let view = behind("#map=").and_then(|view| view.split_once('/')).map(|(_, rest)| rest.replacen('/', ",", 1));
    if let Some(written) = pair(view.as_deref()) {
        return Ok(written);
    }
    let is_short = ["goo.gl", "maps.app", "bit.ly", "g.co/"].iter().any(|host| lower.contains(host));
    Err(if is_short { Unreadable::ShortLink } else { Unreadable::NoPair })
}

/// Percent signs and pluses of an address.
fn decoded(address: &str) -> String {
    let mut text = address.to_owned();
    for (coded, sign) in [
        ("%2C", ","),
        ("%2c", ","),
        ("%20", " "),
        ("%2B", "+"),
        ("%2b", "+"),
        ("%3A", ":"),
        ("%3a", ":"),
        ("%2F", "/"),
        ("%2f", "/"),
    ] {
        text = text.replace(coded, sign);
    }
    text
}

/// `-1.83,109.96` at the beginning, with a plus or a space behind the comma.
fn leading_pair(text: &str) -> Option<Written> {
    let (lat, rest) = leading_number(text)?;
    let rest = rest.trim_start_matches([' ', '+']).strip_prefix(',')?;
    let (lon, _) = leading_number(rest.trim_start_matches([' ', '+']))?;
    Some(Written { lat, lon })
}

fn leading_number(text: &str) -> Option<(f64, &str)> {
    let is_sign = |at: usize, sign: char| at == 0 && matches!(sign, '-' | '+');
    let end = text
        .char_indices()
        .find(|(at, sign)| !(sign.is_ascii_digit() || *sign == '.' || is_sign(*at, *sign)))
        .map_or(text.len(), |(at, _)| at);
    let (number, rest) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, rest))
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token {
    Number {
        value: f64,
        is_negative: bool,
        is_whole: bool,
    },
    Degree,
    Minute,
    Second,
    North,
    South,
    East,
    West,
    Latitude,
    Longitude,
    /// Ends a number.
    Break,
}

fn of_words(text: &str) -> Result<Written, Unreadable> {
    // `-1,109` reads as one number with a decimal comma, or as two: the first reading that gives a pair counts.
    let mut last = Unreadable::NoPair;
    for comma_is_decimal in [true, false] {
        if comma_is_decimal && has_decimal_point(text) {
            continue;
        }
        match tokens(text, comma_is_decimal).and_then(|tokens| pair_of(&tokens)) {
            Ok(written) => return Ok(written),
            Err(unreadable) => last = unreadable,
        }
    }
    Err(last)
}

fn has_decimal_point(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    signs
        .windows(3)
        .any(|three| matches!(three, [before, '.', after] if before.is_ascii_digit() && after.is_ascii_digit()))
}

fn tokens(text: &str, comma_is_decimal: bool) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let behind = |count: usize| rest.get(count..).unwrap_or_default();
        let is_number = sign.is_ascii_digit()
            || (matches!(sign, '-' | '+') && behind(1).trim_start().starts_with(|next: char| next.is_ascii_digit()));
        if is_number {
            let (token, left) = number(rest, comma_is_decimal)?;
            tokens.push(token);
            rest = left;
        } else if sign.is_alphabetic() {
            let end = rest.find(|next: char| !next.is_alphabetic()).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default().to_lowercase();
            tokens.extend(meaning(&word)?);
            rest = behind(end);
        } else {
            match sign {
                '°' => tokens.push(Token::Degree),
                '\'' => tokens.push(Token::Minute),
                '"' => tokens.push(Token::Second),
                ',' | ';' | '/' | '|' => tokens.push(Token::Break),
                ' ' | '(' | ')' | '[' | ']' | ':' | '=' | '.' | '-' => {}
                _ => return Err(Unreadable::Words),
            }
            rest = behind(sign.len_utf8());
        }
    }
    Ok(tokens)
}

fn number(text: &str, comma_is_decimal: bool) -> Result<(Token, &str), Unreadable> {
    let is_negative = text.starts_with('-');
    let text = text.trim_start_matches(['-', '+', ' ']);
    let mut digits = String::new();
    let mut end = 0;
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let is_point = (sign == '.' || (sign == ',' && comma_is_decimal))
            && signs.peek().is_some_and(|(_, next)| next.is_ascii_digit())
            && !digits.contains('.');
        if !sign.is_ascii_digit() && !is_point {
            break;
        }
        digits.push(if is_point { '.' } else { sign });
        end = at.saturating_add(sign.len_utf8());
    }
    let value = digits.parse().map_err(|_| Unreadable::NoPair)?;
    let is_whole = !digits.contains('.');
    Ok((Token::Number { value, is_negative, is_whole }, text.get(end..).unwrap_or_default()))
}

/// The words people write beside coordinates. Any other word makes the text something else, such as an address.
fn meaning(word: &str) -> Result<Vec<Token>, Unreadable> {
    Ok(match word {
        "s" | "ls" | "selatan" | "south" => vec![Token::South],
        "n" | "u" | "lu" | "utara" | "north" => vec![Token::North],
        "e" | "t" | "bt" | "timur" | "east" => vec![Token::East],
        "w" | "b" | "bb" | "barat" | "west" => vec![Token::West],
        "lat" | "latitude" | "lintang" => vec![Token::Latitude],
        "lon" | "long" | "lng" | "longitude" | "bujur" => vec![Token::Longitude],
        "d" | "deg" | "der" | "derajat" | "degrees" => vec![Token::Degree],
        "m" | "min" | "mnt" | "menit" | "minutes" => vec![Token::Minute],
        "dtk" | "detik" | "sec" | "seconds" => vec![Token::Second],
        "dan" | "and" => vec![Token::Break],
        "koordinat" | "koord" | "coordinates" | "titik" | "posisi" | "lokasi" | "gps" | "wgs" | "di" => Vec::new(),
        _ => return Err(Unreadable::Words),
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Axis {
    Lat,
    Lon,
}

/// One number with its minutes, its letter and its word.
#[derive(Default)]
struct Angle {
    parts: Vec<(f64, bool)>,
    is_negative: bool,
    direction: Option<Token>,
    axis: Option<Axis>,
    /// A letter or a separator followed: the next number begins another angle.
    is_over: bool,
}

fn pair_of(tokens: &[Token]) -> Result<Written, Unreadable> {
    let mut angles: Vec<Angle> = Vec::new();
    // A letter or a word that stands before its number.
    let (mut direction, mut axis) = (None, None);
    let count = tokens.iter().filter(|token| matches!(token, Token::Number { .. })).count();
    let has_marks = tokens.iter().any(|token| matches!(token, Token::Degree | Token::Minute | Token::Second));
    // Without any mark, four or six numbers are degrees with minutes.
    let each = if has_marks { 0 } else { count / 2 };
    if !has_marks && !matches!(count, 2 | 4 | 6) {
        return Err(Unreadable::NoPair);
    }
    // Letters and words stand before their numbers, or behind them: as the first one does.
    let leads = !matches!(tokens.first(), Some(Token::Number { .. }));
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Number { value, is_negative, is_whole } => {
                let is_degree = has_marks && tokens.get(at.saturating_add(1)) == Some(&Token::Degree);
                let begins = match angles.last() {
                    None => true,
                    Some(angle) => {
                        angle.is_over || is_degree || *is_negative || (each > 0 && angle.parts.len() >= each)
                    }
                };
                if begins {
                    angles.push(Angle {
                        is_negative: *is_negative,
                        direction: direction.take(),
                        axis: axis.take(),
                        ..Angle::default()
                    });
                }
                if let Some(angle) = angles.last_mut() {
                    angle.parts.push((*value, *is_whole));
                }
            }
            Token::North | Token::South | Token::East | Token::West => match angles.last_mut() {
                Some(angle) if !leads && angle.direction.is_none() => {
                    angle.direction = Some(*token);
                    angle.is_over = true;
                }
                _ => {
                    direction = Some(*token);
                    if let Some(angle) = angles.last_mut() {
                        angle.is_over = true;
                    }
                }
            },
            Token::Latitude | Token::Longitude => {
                let named = if *token == Token::Latitude { Axis::Lat } else { Axis::Lon };
                match angles.last_mut() {
                    Some(angle) if !leads && angle.axis.is_none() => {
                        angle.axis = Some(named);
                        angle.is_over = true;
                    }
                    _ => {
                        axis = Some(named);
                        if let Some(angle) = angles.last_mut() {
                            angle.is_over = true;
                        }
                    }
                }
            }
            Token::Break => {
                if let Some(angle) = angles.last_mut() {
                    angle.is_over = true;
                }
            }
            Token::Degree | Token::Minute | Token::Second => {}
        }
    }
    let [first, second] = angles.as_slice() else { return Err(Unreadable::NoPair) };
    let (first, second) = (degrees(first)?, degrees(second)?);
    match (first.1, second.1) {
        (None | Some(Axis::Lat), None | Some(Axis::Lon)) => Ok(Written { lat: first.0, lon: second.0 }),
        (None | Some(Axis::Lon), None | Some(Axis::Lat)) => Ok(Written { lat: second.0, lon: first.0 }),
        _ => Err(Unreadable::Direction),
    }
}

fn degrees(angle: &Angle) -> Result<(f64, Option<Axis>), Unreadable> {
    let mut value = 0.0;
    let mut of = 1.0;
    for (at, (part, _)) in angle.parts.iter().enumerate() {
        let is_last = at.saturating_add(1) == angle.parts.len();
        let is_fraction = angle.parts.get(at).is_some_and(|(_, is_whole)| !is_whole);
        if at > 2 || (at > 0 && *part >= 60.0) || (is_fraction && !is_last) {
            return Err(Unreadable::Minutes);
        }
        value += part / of;
        of *= 60.0;
    }
    let (axis, is_south_or_west) = match angle.direction {
        Some(Token::South) => (Some(Axis::Lat), Some(true)),
        Some(Token::North) => (Some(Axis::Lat), Some(false)),
        Some(Token::West) => (Some(Axis::Lon), Some(true)),
        Some(Token::East) => (Some(Axis::Lon), Some(false)),
        _ => (angle.axis, None),
    };
    // `-1.83 LS` says south twice; `-1.83 LU` says both.
    if is_south_or_west == Some(false) && angle.is_negative {
        return Err(Unreadable::Direction);
    }
    Ok((if is_south_or_west.unwrap_or(angle.is_negative) { -value } else { value }, axis))
}

/// The box around a regency, degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Region {
    south: f64,
    west: f64,
    north: f64,
    east: f64,
}

impl Region {
    /// The box around these points, wider by `margin` degrees on each side. `None` without a point.
    #[must_use]
    pub fn around(points: impl IntoIterator<Item = Position>, margin: f64) -> Option<Self> {
        let mut points = points.into_iter().filter(|point| !point.is_nowhere());
        let first = points.next()?;
        let of =
            |point: &Position| Self { south: point.lat(), west: point.lon(), north: point.lat(), east: point.lon() };
        let tight = points.fold(of(&first), |region, point| region.and(&of(&point)));
        Some(Self {
            south: tight.south - margin,
            west: tight.west - margin,
            north: tight.north + margin,
            east: tight.east + margin,
        })
    }

    /// The box around both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            south: self.south.min(other.south),
            west: self.west.min(other.west),
            north: self.north.max(other.north),
            east: self.east.max(other.east),
        }
    }

    #[must_use]
    pub fn holds(&self, point: &Position) -> bool {
        (self.south..=self.north).contains(&point.lat()) && (self.west..=self.east).contains(&point.lon())
    }
}

crate::coded! {
    /// What is wrong with a point somebody gave.
    PointTrouble {
        /// The text cannot be read as coordinates.
        Unreadable = "unreadable",
        /// A short link of a map: its coordinates are not in it.
        ShortLink = "short_link",
        /// Not on the earth.
        NotOnEarth = "not_on_earth",
        /// 0, 0 is what a receiver or a form without a position gives.
        Nowhere = "nowhere",
        /// Outside the regency: asked once.
        Outside = "outside",
    }
}

/// A point as somebody gave it, judged.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct JudgedPoint {
    /// `None` when it is no point on the earth.
    pub position: Option<Position>,
    pub trouble: Option<PointTrouble>,
    /// With a sign or the order changed it lies in the regency: offered in its place.
    pub instead: Option<Position>,
}

impl JudgedPoint {
    const fn troubled(trouble: PointTrouble) -> Self {
        Self { position: None, trouble: Some(trouble), instead: None }
    }
}

/// Judges two numbers. Without a region nothing lies outside.
#[must_use]
pub fn judge(lat: f64, lon: f64, region: Option<&Region>) -> JudgedPoint {
    let inside = |point: &Position| region.is_some_and(|region| region.holds(point));
    let mirrored = [(-lat, lon), (lon, lat), (-lon, lat), (lat, -lon), (-lat, -lon), (lon, -lat), (-lon, -lat)];
    let instead = || mirrored.iter().filter_map(|(lat, lon)| Position::new(*lat, *lon, None).ok()).find(inside);
    let Ok(position) = Position::new(lat, lon, None) else {
        return JudgedPoint { instead: instead(), ..JudgedPoint::troubled(PointTrouble::NotOnEarth) };
    };
    if position.is_nowhere() {
        return JudgedPoint::troubled(PointTrouble::Nowhere);
    }
    if region.is_none_or(|region| region.holds(&position)) {
        return JudgedPoint { position: Some(position), trouble: None, instead: None };
    }
    JudgedPoint { position: Some(position), trouble: Some(PointTrouble::Outside), instead: instead() }
}

/// Reads and judges a text.
#[must_use]
pub fn judge_text(text: &str, region: Option<&Region>) -> JudgedPoint {
    match read(text) {
        Ok(written) => judge(written.lat, written.lon, region),
        Err(Unreadable::ShortLink) => JudgedPoint::troubled(PointTrouble::ShortLink),
        Err(_) => JudgedPoint::troubled(PointTrouble::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon, None).expect("a point")
    }

    #[test]
    fn one_point_is_read_however_it_is_written() {
        let written = [
            "-1.83, 109.96",
            "-1.83,109.96",
            "-1.83 109.96",
            "-1,83 109,96",
            "-1,83, 109,96",
            "-1,83,109,96",
            "-1,83; 109,96",
            "(-1.83, 109.96)",
            "\u{2212}1.83, 109.96",
            "- 1.83, 109.96",
            "+109.96 BT, 1.83 LS",
            "1.83 S, 109.96 E",
            "1.83S 109.96E",
            "1,83 LS 109,96 BT",
            "1.83 LS, 109.96 BT",
            "1.83° LS, 109.96° BT",
            "LS 1.83 BT 109.96",
            "S 1.83 E 109.96",
            "S1.83 T109.96",
            "-1.83 LS, 109.96 BT",
            "109.96 BT 1.83 LS",
            "109.96 bujur timur, 1.83 lintang selatan",
            "1.83 lintang selatan 109.96 bujur timur",
            "1,83 Lintang Selatan dan 109,96 Bujur Timur",
            "lat -1.83 long 109.96",
            "long: 109.96 lat: -1.83",
            "109.96 bujur, -1.83 lintang",
            "-1.83 lintang, 109.96 bujur",
            "Koordinat: -1.83, 109.96",
            "1°49'48\"S 109°57'36\"E",
            "1° 49' 48\" LS, 109° 57' 36\" BT",
            "1\u{ba}49\u{2019}48\u{201d}S, 109\u{ba}57\u{2019}36\u{201d}E",
            "S 1°49'48\" E 109°57'36\"",
            "1°49.8'S 109°57.6'E",
            "1°49,8' LS 109°57,6' BT",
            "-1°49'48\" 109°57'36\"",
            "1 49 48 S 109 57 36 E",
            "1 49.8 S, 109 57.6 E",
            "1 derajat 49 menit 48 detik LS 109 derajat 57 menit 36 detik BT",
            "geo:-1.83,109.96",
            "geo:-1.83,109.96?z=17",
            "geo:0,0?q=-1.83,109.96(Jembatan)",
            "https://www.google.com/maps?q=-1.83,109.96",
            "https://www.google.com/maps/search/?api=1&query=-1.83%2C109.96",
            "https://www.google.com/maps/search/-1.83,+109.96?entry=tts",
            "https://www.google.com/maps/@-1.83,109.96,17z",
            "https://www.google.com/maps/place/Jembatan/@-1.9,110.1,15z/data=!3m1!8m2!3d-1.83!4d109.96",
            "https://maps.google.com/maps?daddr=-1.83,109.96",
            "Lokasi saya: https://maps.google.com/?q=-1.83,109.96 tolong",
            "https://www.openstreetmap.org/?mlat=-1.83&mlon=109.96#map=15/-1.9/110.1",
            "https://www.openstreetmap.org/#map=17/-1.83/109.96",
            "https://waze.com/ul?ll=-1.83%2C109.96&navigate=yes",
            "https://maps.apple.com/?ll=-1.83,109.96",
        ];
        for text in written {
            let found = read(text).unwrap_or_else(|cause| panic!("{text}: {cause}"));
            assert!((found.lat + 1.83).abs() < 1e-9 && (found.lon - 109.96).abs() < 1e-9, "{text}: {found:?}");
        }
    }

    #[test]
    fn west_is_west_and_north_is_north() {
        assert_eq!(read("1.83 LU, 109.96 BB"), Ok(Written { lat: 1.83, lon: -109.96 }));
        assert_eq!(read("1.83 U 109.96 B"), Ok(Written { lat: 1.83, lon: -109.96 }));
        assert_eq!(read("1.83 N 109.96 W"), Ok(Written { lat: 1.83, lon: -109.96 }));
        assert_eq!(read("-2,110"), Ok(Written { lat: -2.0, lon: 110.0 }), "two whole numbers");
    }

    #[test]
    fn what_can_be_read_in_no_way_or_in_two_is_not_guessed() {
        for text in
            ["", "-1.83", "jalan pelang km 7", "RT 03 RW 02", "1.83 109.96 7", "0812-3456-7890", "12/10/2022", "S E"]
        {
            assert!(read(text).is_err(), "{text}: {:?}", read(text));
        }
        assert_eq!(read("-1.83 LU 109.96 BT"), Err(Unreadable::Direction));
        assert_eq!(read("1.83 LS 109.96 LS"), Err(Unreadable::Direction));
        assert_eq!(read("1°61'0\"S 109°57'36\"E"), Err(Unreadable::Minutes));
        assert_eq!(read("1.5°30'S 109°57'E"), Err(Unreadable::Minutes));
        assert_eq!(read("https://maps.app.goo.gl/AbCdEf"), Err(Unreadable::ShortLink));
    }

    #[test]
    fn a_point_outside_the_regency_is_asked_about_and_its_mirror_image_inside_is_offered() {
        let region = Region::around([point(-3.0, 109.8), point(-0.4, 111.3)], 0.25);
        let judged = |lat, lon| {
            let judged = judge(lat, lon, region.as_ref());
            (judged.trouble, judged.instead)
        };
        let town = Some(point(-1.83, 109.96));

        assert_eq!(judged(-1.83, 109.96), (None, None));
        assert_eq!(judged(1.83, 109.96), (Some(PointTrouble::Outside), town));
        assert_eq!(judged(-1.83, -109.96), (Some(PointTrouble::Outside), town));
        assert_eq!(judged(1.83, -109.96), (Some(PointTrouble::Outside), town));
        assert_eq!(judged(109.96, -1.83), (Some(PointTrouble::NotOnEarth), town));
        assert_eq!(judged(109.96, 1.83), (Some(PointTrouble::NotOnEarth), town));
        assert_eq!(judged(-6.2, 106.8), (Some(PointTrouble::Outside), None), "Jakarta");
        assert_eq!(judged(0.0, 0.0), (Some(PointTrouble::Nowhere), None));
        assert_eq!(judged(-0.000_01, 0.000_01), (Some(PointTrouble::Nowhere), None));
        assert_eq!(judged(f64::NAN, 109.96), (Some(PointTrouble::NotOnEarth), None));
        assert_eq!(judge(0.0, 0.0, None).trouble, Some(PointTrouble::Nowhere));
        assert_eq!(judge(-6.2, 106.8, None).trouble, None);
    }
}
