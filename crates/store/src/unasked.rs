//! What may come without being asked for: what a person chose, and what the platform says of the link.
//!
//! Previews always may. Photographs and map packs can cost a responder a day's data, so they come by themselves only
//! where that is known to cost nothing, unless the person says otherwise.

use crate::Store;
use crate::failure::StoreError;

/// When whole photographs and map packs come by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unasked {
    /// Over a link that is known to cost nothing.
    Free,
    Always,
    Never,
}

/// What the platform says of the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkCost {
    Unknown,
    /// Bytes cost nothing: WiFi, a cable.
    Free,
    /// Bytes are paid for.
    Metered,
}

const UNASKED: &str = "fetch_unasked";
const LINK_COST: &str = "link_cost";

impl Store {
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_unasked(&self, unasked: Unasked) -> Result<(), StoreError> {
        let value = match unasked {
            Unasked::Free => "free",
            Unasked::Always => "always",
            Unasked::Never => "never",
        };
        self.set_setting(UNASKED, value)
    }

    /// Holds until the platform says something else, or the device starts again.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_link_cost(&self, cost: LinkCost) -> Result<(), StoreError> {
        let value = match cost {
            LinkCost::Unknown => String::new(),
            LinkCost::Free => self.free_in_this_boot(),
            LinkCost::Metered => "metered".to_owned(),
        };
        if self.setting(LINK_COST)?.unwrap_or_default() == value {
            return Ok(());
        }
        self.set_setting(LINK_COST, &value)
    }

    /// Whether whole photographs and map packs may come now although nobody asked for them.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn fetches_unasked(&self) -> Result<bool, StoreError> {
        Ok(match self.setting(UNASKED)?.as_deref() {
            Some("always") => true,
            Some("never") => false,
            _ => self.setting(LINK_COST)?.is_some_and(|said| said == self.free_in_this_boot()),
        })
    }

    fn free_in_this_boot(&self) -> String {
        format!("free in boot {}", self.boot)
    }
}
