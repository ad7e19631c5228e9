//! How long the center may hold a request: as long as the network lets a silent connection live.
//!
//! Nobody says when a carrier's address translation forgets a connection; it is learned by losing one. A hold
//! that was lost shrinks the next at once; three that lasted let it grow by a quarter, never again to what failed
//! in this session unless many have lasted since.

/// Shorter holds would cost more than they save.
pub(super) const LEAST_MS: u32 = 5_000;
/// Holds that must have lasted before one dares to be longer.
const PATIENCE: u32 = 3;
/// Holds that must have lasted before a length that failed is tried again.
const FORGIVENESS: u32 = 20;

/// The hold the network has lately borne.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hold {
    most_ms: u32,
    now_ms: u32,
    /// The shortest that was lost and not forgiven.
    failed_ms: Option<u32>,
    lasted: u32,
    lasted_since_failure: u32,
}

impl Hold {
    pub(super) const fn new(most_ms: u32) -> Self {
        Self { most_ms, now_ms: most_ms, failed_ms: None, lasted: 0, lasted_since_failure: 0 }
    }

    pub(super) const fn ms(&self) -> u32 {
        self.now_ms
    }

    /// The connection was silent for the whole hold and still carried the answer.
    pub(super) fn lasted(&mut self) {
        self.lasted += 1;
        self.lasted_since_failure += 1;
        if self.lasted_since_failure >= FORGIVENESS {
            self.failed_ms = None;
        }
        if self.lasted < PATIENCE {
            return;
        }
        self.lasted = 0;
        // A tenth under what failed: the same length would fail the same way.
        let ceiling = self.failed_ms.map_or(self.most_ms, |failed| failed - failed / 10);
        let grown = self.now_ms.saturating_add(self.now_ms / 4).min(ceiling).min(self.most_ms);
        self.now_ms = grown.max(self.now_ms);
    }

    /// The answer never came: something on the way forgot the connection.
    pub(super) fn lost(&mut self) {
        self.failed_ms = Some(self.failed_ms.map_or(self.now_ms, |failed| failed.min(self.now_ms)));
        self.now_ms = (self.now_ms / 2).max(LEAST_MS);
        self.lasted = 0;
        self.lasted_since_failure = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network that forgets a connection which was silent for `forgets_ms`.
    fn after(rounds: u32, forgets_ms: u32) -> (Hold, u32) {
        let mut hold = Hold::new(50_000);
        let mut lost = 0;
        for _ in 0..rounds {
            if hold.ms() >= forgets_ms {
                hold.lost();
                lost += 1;
            } else {
                hold.lasted();
            }
        }
        (hold, lost)
    }

    #[test]
    fn a_network_that_forgets_after_half_a_minute_is_learned_with_few_losses() {
        let (hold, lost) = after(60, 30_000);

        assert!((15_000..30_000).contains(&hold.ms()), "{}", hold.ms());
        assert!(lost <= 5, "{lost} of 60 lost");
    }

    #[test]
    fn a_network_that_forgets_nothing_keeps_the_whole_hold() {
        assert_eq!(after(40, u32::MAX), (Hold { lasted: 1, lasted_since_failure: 40, ..Hold::new(50_000) }, 0));
    }

    #[test]
    fn after_one_bad_valley_the_hold_grows_back() {
        let mut hold = Hold::new(50_000);
        (0..4).for_each(|_| hold.lost());
        assert_eq!(hold.ms(), LEAST_MS);

        (0..80).for_each(|_| hold.lasted());

        assert_eq!(hold.ms(), 50_000);
    }
}
