//! What forms offer: posts, units, facilities, and the names on the roster of this phone's post.

use crate::engine::Field;
use crate::failure::Failure;
use crate::read::duty::own_post;
use crate::view::Choices;
use std::collections::BTreeSet;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn choices(&self) -> Result<Choices, Failure> {
        let look = self.look()?;
        let directory = look.directory()?;
        let own = own_post(&look, &directory);
        let mut people = BTreeSet::new();
        for shift in look.shifts()?.into_iter().filter(|shift| own.as_ref() == Some(&shift.post)) {
            people.extend(shift.planned.into_iter().map(|planned| planned.name));
            people.extend(shift.presence.into_iter().map(|presence| presence.name));
        }
        Ok(Choices {
            posts: directory.posts,
            units: directory.units,
            facilities: directory.facilities,
            people: people.into_iter().collect(),
        })
    }
}
