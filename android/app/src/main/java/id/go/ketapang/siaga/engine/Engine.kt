package id.go.ketapang.siaga.engine

/**
 * The responder's engine, written in Rust: every function here is one of `android/engine/src/face.rs`, name for name.
 *
 * Each answers with `{"ok": …}` or `{"failure": …}`; [Answer] reads it. All of them may wait for a disk, some for a
 * network: none is called on the main thread. In one process one home is open.
 */
object Engine {
    /** Gives the engine what only Kotlin can do, and the folder of the home. Once in a process, before anything else. */
    external fun attach(device: Device, home: String, bootCount: Int): String

    external fun open(app: String): String

    external fun close(): String

    external fun enrol(link: String): String

    /** `{enrolled, on_duty, stopped_since_ms}` */
    external fun state(): String

    external fun dutyOn(post: String, person: String): String

    /** An empty reason is none. */
    external fun dutyOff(person: String, reason: String): String

    /** Takes what [Fixes] wrote; `{kept, refused, next_ms}`. */
    external fun recordFixes(fixes: String): String

    /** `looks` or `off`; `{on_duty, stopped_since_ms}`. */
    external fun track(receiver: String): String

    external fun setDeviceState(state: String): String

    external fun startExchange(): String

    external fun stopExchange(): String

    /** Waits until nothing waits on either side, or eight minutes are over. */
    external fun syncOnce(): String

    external fun networkUp(): String

    external fun networkLost(): String

    /** `free`, `metered` or `unknown`. */
    external fun networkIs(cost: String): String

    external fun alarms(): String

    external fun markSeen(id: String): String

    /** Somebody saw that this order was cancelled. */
    external fun acknowledge(id: String): String

    external fun accept(id: String): String

    external fun decline(id: String, reason: String): String
}
