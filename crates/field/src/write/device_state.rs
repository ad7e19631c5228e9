//! What the platform says of the phone, kept so that the page of another process can show it.

use crate::engine::{DEVICE_STATE, Field};
use crate::failure::Failure;
use crate::request::DeviceState;

impl Field {
    /// Writes nothing when nothing but the moment changed within a minute, so that guests are not woken for it.
    ///
    /// # Errors
    /// What saving may give.
    pub fn set_device_state(&self, state: &DeviceState) -> Result<(), Failure> {
        const FRESH_MS: i64 = 60_000;
        let store = self.store();
        let known: Option<DeviceState> = store.setting(DEVICE_STATE)?.and_then(|text| serde_json::from_str(&text).ok());
        let is_known = known.is_some_and(|known| {
            known.at_ms.is_fresh_at(state.at_ms, FRESH_MS) && DeviceState { at_ms: state.at_ms, ..known } == *state
        });
        if is_known {
            return Ok(());
        }
        let text = serde_json::to_string(state).map_err(|_| Failure::internal("write down the state of the phone"))?;
        Ok(store.set_setting(DEVICE_STATE, &text)?)
    }
}
