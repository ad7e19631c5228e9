//! What Kotlin's `Engine` calls, name for name: a test compares this table with its `external fun`s and with the
//! symbols of the library.
//!
//! Every function answers with text (`answer`); none lets a panic or an exception of ours out into Java.

use crate::answer::{self, Answer};
use crate::{device, log, service};
use jni::JNIEnv;
use jni::objects::{JObject, JString};
use jni::sys::{jint, jstring};
use siaga_field::Failure;
use std::panic::{AssertUnwindSafe, catch_unwind};

macro_rules! face {
    ($($symbol:ident ($($argument:ident: $type:ident),*) = $work:expr;)+) => {
        $(
            #[allow(unsafe_code, reason = "Java finds a function by its symbol")]
            #[allow(unreachable_pub, reason = "and only from outside")]
            #[allow(non_snake_case, reason = "and names it after its class")]
            #[unsafe(no_mangle)]
            pub extern "system" fn $symbol<'local>(
                mut env: JNIEnv<'local>,
                _engine: JObject<'local>,
                $($argument: face!(@type $type)),*
            ) -> jstring {
                say(&mut env, |env| {
                    $(let $argument = face!(@read env, $argument, $type);)*
                    let work: fn(&mut JNIEnv<'local>, $(face!(@read_type $type)),*) -> Answer = $work;
                    work(env, $($argument),*)
                })
            }
        )+
    };
    (@type String) => { JString<'local> };
    (@type Int) => { jint };
    (@type Device) => { JObject<'local> };
    (@read_type String) => { String };
    (@read_type Int) => { jint };
    (@read_type Device) => { JObject<'local> };
    (@read $env:ident, $argument:ident, String) => { text($env, &$argument, stringify!($argument))? };
    (@read $env:ident, $argument:ident, Int) => { $argument };
    (@read $env:ident, $argument:ident, Device) => { $argument };
}

face! {
    Java_id_go_ketapang_siaga_engine_Engine_attach(device: Device, home: String, bootCount: Int) =
        |env, object, home, boot_count| {
        log::begin();
        device::attach(env, &object, home, boot_count).map_err(|_| Failure::internal("take the device"))?;
        answer::said(())
    };
    Java_id_go_ketapang_siaga_engine_Engine_open(app: String) = |_, app| service::open(&app);
    Java_id_go_ketapang_siaga_engine_Engine_close() = |_| service::close();
    Java_id_go_ketapang_siaga_engine_Engine_enrol(link: String) = |_, link| service::enrol(link);
    Java_id_go_ketapang_siaga_engine_Engine_state() = |_| service::state();
    Java_id_go_ketapang_siaga_engine_Engine_dutyOn(post: String, person: String) =
        |_, post, person| service::duty_on(post, person);
    Java_id_go_ketapang_siaga_engine_Engine_dutyOff(person: String, reason: String) =
        |_, person, reason| service::duty_off(person, reason);
    Java_id_go_ketapang_siaga_engine_Engine_recordFixes(fixes: String) = |_, fixes| service::record_fixes(&fixes);
    Java_id_go_ketapang_siaga_engine_Engine_track(receiver: String) = |_, receiver| service::track(receiver);
    Java_id_go_ketapang_siaga_engine_Engine_setDeviceState(state: String) = |_, state| service::set_device_state(&state);
    Java_id_go_ketapang_siaga_engine_Engine_startExchange() = |_| service::start_exchange();
    Java_id_go_ketapang_siaga_engine_Engine_stopExchange() = |_| service::stop_exchange();
    Java_id_go_ketapang_siaga_engine_Engine_syncOnce() = |_| service::sync_once();
    Java_id_go_ketapang_siaga_engine_Engine_networkUp() = |_| service::network_up();
    Java_id_go_ketapang_siaga_engine_Engine_networkLost() = |_| service::network_lost();
    Java_id_go_ketapang_siaga_engine_Engine_networkIs(cost: String) = |_, cost| service::network_is(cost);
    Java_id_go_ketapang_siaga_engine_Engine_alarms() = |_| service::alarms();
    Java_id_go_ketapang_siaga_engine_Engine_markSeen(id: String) = |_, id| service::mark_seen(id);
    Java_id_go_ketapang_siaga_engine_Engine_acknowledge(id: String) = |_, id| service::acknowledge(id);
    Java_id_go_ketapang_siaga_engine_Engine_accept(id: String) = |_, id| service::accept(id);
    Java_id_go_ketapang_siaga_engine_Engine_decline(id: String, reason: String) =
        |_, id, reason| service::decline(id, reason);
}

fn say<'local>(env: &mut JNIEnv<'local>, work: impl FnOnce(&mut JNIEnv<'local>) -> Answer) -> jstring {
    let answer = catch_unwind(AssertUnwindSafe(|| work(env))).unwrap_or_else(|_| {
        tracing::error!("a call of the engine ended in a panic");
        Err(Failure::internal("end the call"))
    });
    // Without memory for an answer Java has an exception pending, and sees that.
    env.new_string(answer::text(answer)).map_or(std::ptr::null_mut(), JString::into_raw)
}

fn text(env: &mut JNIEnv<'_>, given: &JString<'_>, argument: &str) -> Result<String, Failure> {
    let missing = || Failure::input(argument, "this argument is missing", "give a text");
    if given.is_null() {
        return Err(missing());
    }
    env.get_string(given).map(Into::into).map_err(|_| missing())
}
