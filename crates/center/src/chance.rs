//! Where keys, ids and tokens come from: the one place where the system is asked for randomness by a running center.

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoChance;

/// The center's source of randomness.
pub trait Chance: Send + Sync {
    /// Fills with randomness fit for keys.
    ///
    /// # Errors
    /// [`NoChance`]; then nothing may be made of the bytes.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoChance>;
}

/// The system's.
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoChance> {
        getrandom::fill(bytes).map_err(|_| NoChance)
    }
}

/// Draws as many bytes as are asked for.
///
/// # Errors
/// [`NoChance`].
pub fn draw<const N: usize>(chance: &dyn Chance) -> Result<[u8; N], NoChance> {
    let mut bytes = [0; N];
    chance.fill(&mut bytes)?;
    Ok(bytes)
}
