//! Terms: what a device works under, told when a session is opened, to whoever begins with the feed, and when it changed.
//!
//! An app without terms never says what it knows of them; it is told once a session and passes over them. Letters are given
//! only to whoever asks, and each time others: a phone that asks does not know how far it counted.

use crate::Center;
use crate::db::device::Device;
use crate::db::{DbError, letters};
use siaga_domain::time::UtcMs;
use siaga_domain::vocabulary;
use siaga_wire::exchange::{Terms, TermsAsk};

/// What this device works under now.
pub(super) fn of(device: &Device) -> Terms {
    let kinds: Vec<String> = vocabulary::newer_kinds().into_iter().map(str::to_owned).collect();
    let role = device.role.code().to_owned();
    let stamp = Terms::stamp_of(&device.unit, &role, &kinds);
    Terms { stamp, unit: device.unit.clone(), role, kinds, letters: None }
}

/// Whether a device that says what it knows of its terms knows other ones.
pub(super) fn are_outdated(device: &Device, known: u16) -> bool {
    known != of(device).stamp
}

impl Center {
    /// The terms an answer tells; `None` where the device has them.
    pub(super) fn terms(
        &self,
        device: &Device,
        ask: Option<TermsAsk>,
        opens: bool,
        now: UtcMs,
    ) -> Result<Option<Terms>, DbError> {
        let wants_letters = ask.is_some_and(|ask| ask.wants_letters);
        let outdated = match ask {
            Some(ask) => are_outdated(device, ask.known),
            None => {
                device.contact.is_some_and(|known| known.terms_known != 0 && are_outdated(device, known.terms_known))
            }
        };
        if !(opens || outdated || wants_letters) {
            return Ok(None);
        }
        let mut terms = of(device);
        if wants_letters {
            let given = self.db().write(|tx| letters::give(tx, &device.id, now))?;
            terms.letters = given.map(|letters| letters.as_str().to_owned());
        }
        Ok(Some(terms))
    }
}
