//! What a list shows of an incident that is not on a phone: that it is there, what it is, and in which village.
//!
//! Nothing that somebody said, nobody's name, and no place finer than the village: whoever is not sent there needs none of
//! it, and a lost phone then knows none of it.

use crate::category::Category;
use crate::id::AreaCode;
use crate::record::incident::{Incident, Priority};
use crate::time::UtcMs;
use serde::{Deserialize, Serialize};

/// An incident outside a phone's scope, as its center tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Brief {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village: Option<AreaCode>,
    /// Estimated center time.
    pub opened_ms: UtcMs,
    /// A closed one is told once more, so that it leaves the list.
    pub open: bool,
}

impl Brief {
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        Self {
            category: incident.category.as_ref().map(|category| category.value),
            priority: incident.priority,
            village: incident.place.as_ref().and_then(|place| place.value.village.clone()),
            opened_ms: incident.opened.at_ms,
            open: incident.closed.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brief_holds_nothing_but_what_a_list_shows() {
        let brief = Brief {
            category: Some(Category::Flood),
            priority: Some(Priority::P1),
            village: "61.04.14.2015".parse().ok(),
            opened_ms: UtcMs(5),
            open: true,
        };

        let told = serde_json::to_value(&brief).expect("written");

        let keys: Vec<&String> = told.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["category", "priority", "village", "opened_ms", "open"]);
        assert_eq!(serde_json::from_value::<Brief>(told).expect("read"), brief);
    }
}
