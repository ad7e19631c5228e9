//! What only Kotlin can do for the engine: unseal the key of the store, sign with a key nobody can take out, and ring.
//!
//! Kotlin gives one object when it attaches, and its methods are found on that object: a thread of ours would find no
//! class of the app by its name. What they throw is written down by the kind alone and becomes an error of the port.

use jni::objects::{GlobalRef, JByteArray, JObject, JValue};
use jni::{JNIEnv, JavaVM};
use siaga_field::port::desktop::{KernelClock, KernelEntropy};
use siaga_field::port::{DevicePublicKey, KeyError, KeyStore, Ports, SignatureBytes, Signer, SignerError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use zeroize::{Zeroize as _, Zeroizing};

const NO_ARGUMENTS: &str = "()[B";
const BYTES_FOR_BYTES: &str = "([B)[B";
const TEXT: &str = "(Ljava/lang/String;)V";

static ATTACHED: OnceLock<Arc<Device>> = OnceLock::new();

/// What Kotlin gave.
pub(crate) struct Device {
    vm: JavaVM,
    object: GlobalRef,
    home: PathBuf,
    boot_count: Option<u32>,
    /// Key stores are slow: one process asks once.
    key: OnceLock<Zeroizing<[u8; 32]>>,
}

/// An upcall came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpcallError {
    #[error("the thread could not join the Java machine, or the call could not be made")]
    Call(#[source] jni::errors::Error),
    #[error("it threw an exception")]
    Threw,
    #[error("it gave something else than it promised")]
    Shape,
}

pub(crate) fn attached() -> Option<Arc<Device>> {
    ATTACHED.get().cloned()
}

/// Once in a process: another object of the same process is not taken.
pub(crate) fn attach(env: &JNIEnv<'_>, object: &JObject<'_>, home: String, boot_count: i32) -> Result<(), UpcallError> {
    let device = Device {
        vm: env.get_java_vm().map_err(UpcallError::Call)?,
        object: env.new_global_ref(object).map_err(UpcallError::Call)?,
        home: PathBuf::from(home),
        boot_count: u32::try_from(boot_count).ok().filter(|count| *count > 0),
        key: OnceLock::new(),
    };
    // The first one stays: whoever comes later is of the same phone.
    let _ = ATTACHED.set(Arc::new(device));
    Ok(())
}

impl Device {
    pub(crate) fn ports(self: &Arc<Self>, app: &str) -> Ports {
        Ports {
            clock: Arc::new(KernelClock),
            entropy: Arc::new(KernelEntropy),
            keys: Arc::clone(self) as Arc<dyn KeyStore>,
            signer: Arc::clone(self) as Arc<dyn Signer>,
            boot_id: boot_id(self.boot_count),
            boot_count: self.boot_count,
            app: app.to_owned(),
        }
    }

    /// The folder of the home, the same for every process of the app.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// How things stand, as JSON.
    pub(crate) fn on_change(&self, now: &str) -> Result<(), UpcallError> {
        self.call(|env, object| {
            let text = env.new_string(now)?;
            env.call_method(object, "onChange", TEXT, &[JValue::Object(&text)])?;
            Ok(())
        })
    }

    fn bytes(&self, method: &str, argument: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, UpcallError> {
        let given = self.call(|env, object| {
            let answer = match argument {
                None => env.call_method(object, method, NO_ARGUMENTS, &[])?,
                Some(bytes) => {
                    let bytes = env.byte_array_from_slice(bytes)?;
                    env.call_method(object, method, BYTES_FOR_BYTES, &[JValue::Object(&bytes)])?
                }
            };
            let array = answer.l()?;
            if array.is_null() {
                return Ok(None);
            }
            env.convert_byte_array(JByteArray::from(array)).map(|bytes| Some(Zeroizing::new(bytes)))
        })?;
        given.ok_or(UpcallError::Shape)
    }

    fn call<T>(
        &self,
        work: impl FnOnce(&mut JNIEnv<'_>, &JObject<'_>) -> Result<T, jni::errors::Error>,
    ) -> Result<T, UpcallError> {
        // Our threads stay attached for their life; without a frame what they were given would stay as well.
        let mut env = self.vm.attach_current_thread_as_daemon().map_err(UpcallError::Call)?;
        let done = env.with_local_frame(8, |env| work(env, self.object.as_obj()));
        match done {
            Ok(value) => Ok(value),
            Err(jni::errors::Error::JavaException) => {
                env.exception_clear().map_err(UpcallError::Call)?;
                Err(UpcallError::Threw)
            }
            Err(error) => Err(UpcallError::Call(error)),
        }
    }
}

impl KeyStore for Device {
    fn store_key(&self) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let failed = |cause: UpcallError| KeyError { step: "unseal", cause: Box::new(cause) };
        let bytes = self.bytes("storeKey", None).map_err(failed)?;
        let mut key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| failed(UpcallError::Shape))?;
        let kept = self.key.get_or_init(|| Zeroizing::new(key)).clone();
        key.zeroize();
        Ok(kept)
    }
}

impl Signer for Device {
    fn public_key(&self) -> Result<DevicePublicKey, SignerError> {
        let bytes = self.bytes("publicKey", None).map_err(unavailable)?;
        fixed(&bytes).map(DevicePublicKey)
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        let bytes = self.bytes("sign", Some(message)).map_err(unavailable)?;
        fixed(&bytes)
    }
}

fn unavailable(error: UpcallError) -> SignerError {
    SignerError::Unavailable(Box::new(error))
}

/// Nothing at all is how Kotlin says that the key is gone.
fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], SignerError> {
    match bytes {
        [] => Err(SignerError::KeyLost),
        bytes => bytes.try_into().map_err(|_| unavailable(UpcallError::Shape)),
    }
}

/// The kernel's own name of this boot; a system that hides it still counts its boots.
fn boot_id(boot_count: Option<u32>) -> String {
    match std::fs::read_to_string("/proc/sys/kernel/random/boot_id") {
        Ok(id) if !id.trim().is_empty() => id.trim().to_owned(),
        _ => format!("boot-{}", boot_count.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_signed_is_a_key_that_is_gone_and_half_a_signature_is_a_key_store_that_fails() {
        assert!(matches!(fixed::<64>(&[]), Err(SignerError::KeyLost)));
        assert!(matches!(fixed::<64>(&[1; 63]), Err(SignerError::Unavailable(_))));
        assert_eq!(fixed::<2>(&[1, 2]).expect("two bytes"), [1, 2]);
    }
}
