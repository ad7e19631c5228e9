//! Chance that can be repeated: one seed, one sequence.
//!
//! Not for keys: anybody who knows the seed knows every draw.

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every machine.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A sequence of its own for somebody named, so that one more draw here changes nothing there.
    #[must_use]
    pub fn branch(&self, name: &str) -> Self {
        let mut hash = self.0 ^ 0xCBF2_9CE4_8422_2325;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Self(hash)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.draw().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(drawn) {
                *to = from;
            }
        }
        bytes
    }

    /// True in `percent` of 100 draws.
    pub fn happens(&mut self, percent: u8) -> bool {
        self.draw() % 100 < u64::from(percent)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        low + self.draw() % width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let mut first = Seed::new(7);
        let mut second = Seed::new(7);

        assert_eq!([first.draw(), first.draw(), first.draw()], [second.draw(), second.draw(), second.draw()]);
    }

    #[test]
    fn people_with_different_names_draw_different_numbers() {
        let world = Seed::new(7);

        assert_ne!(world.branch("Ani").draw(), world.branch("Budi").draw());
        assert_eq!(world.branch("Ani").draw(), world.branch("Ani").draw());
    }

    #[test]
    fn what_happens_never_never_happens() {
        let mut seed = Seed::new(1);

        assert!((0..1000).all(|_| !seed.happens(0)));
        assert!((0..1000).all(|_| seed.happens(100)));
        assert!((0..1000).all(|_| (3..=5).contains(&seed.between(3, 5))));
    }
}
