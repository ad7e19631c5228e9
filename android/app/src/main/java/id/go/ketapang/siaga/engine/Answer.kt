package id.go.ketapang.siaga.engine

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** What the engine answered: a value, or why there is none. */
sealed class Answer {
    class Done(private val value: Any?) : Answer() {
        val json: JSONObject get() = value as? JSONObject ?: JSONObject()
        val list: JSONArray get() = value as? JSONArray ?: JSONArray()
    }

    /** [code] is for the program, [detail] for the log; neither holds anything a person typed. */
    class Failed(val code: String, val detail: String) : Answer()

    val done: Done? get() = this as? Done

    companion object {
        /** Never throws: an answer that is none is a failure of the engine. */
        fun of(text: String?): Answer {
            val said = try {
                JSONObject(text ?: "")
            } catch (_: JSONException) {
                return Failed("internal", "the engine gave no answer")
            }
            val failure = said.optJSONObject("failure")
            return when {
                failure != null -> Failed(failure.optString("code", "internal"), failure.optString("detail"))
                said.has("ok") -> Done(said.opt("ok"))
                else -> Failed("internal", "the engine gave half an answer")
            }
        }
    }
}

/** Why something rings. */
enum class Cause(val code: String) {
    /** An order that nobody answered. */
    TASK("task"),

    /** A responder in danger. */
    SOS("sos"),

    /** An order was cancelled. */
    CANCELLED("cancelled");

    companion object {
        /** A code of neither rings like an order. */
        fun of(code: String?): Cause = entries.firstOrNull { it.code == code } ?: TASK
    }
}

/** An alarm, by its [id]; [record] is answered. It holds no more than a locked screen may show. */
data class Ringing(
    val id: String,
    val record: String,
    val cause: Cause,
    val category: String?,
    val village: String?,
    val unit: String?,
)

/** What a service goes by. */
data class Now(val enrolled: Boolean, val onDuty: Boolean, val stoppedSinceMs: Long?, val alarms: List<Ringing>) {
    companion object {
        fun of(json: JSONObject): Now = Now(
            enrolled = json.optBoolean("enrolled"),
            onDuty = json.optBoolean("on_duty"),
            stoppedSinceMs = json.number("stopped_since_ms"),
            alarms = alarmsOf(json.optJSONArray("alarms")),
        )

        /** Text that is no JSON is taken for a home of which nothing is known. */
        fun of(text: String): Now = try {
            of(JSONObject(text))
        } catch (_: JSONException) {
            of(JSONObject())
        }

        private fun alarmsOf(list: JSONArray?): List<Ringing> =
            (0 until (list?.length() ?: 0)).mapNotNull { list?.optJSONObject(it) }.mapNotNull { alarm ->
                val id = alarm.text("id") ?: return@mapNotNull null
                Ringing(
                    id = id,
                    record = alarm.text("record") ?: id,
                    cause = Cause.of(alarm.text("kind")),
                    category = alarm.text("category"),
                    village = alarm.text("village"),
                    unit = alarm.text("unit"),
                )
            }
    }
}

/** `null` where JSON says so, or nothing: `optString` would make the word "null" of it. */
fun JSONObject.text(key: String): String? = if (isNull(key)) null else optString(key).ifEmpty { null }

fun JSONObject.number(key: String): Long? = if (isNull(key)) null else optLong(key)
