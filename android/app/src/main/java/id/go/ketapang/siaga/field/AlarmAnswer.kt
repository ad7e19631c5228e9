package id.go.ketapang.siaga.field

import android.content.Context
import android.util.Log
import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Engine
import id.go.ketapang.siaga.rule.NotKept

/** Writes what a person answered to an alarm, and tells whether it is on the disk. It is sent when there is a network. */
object AlarmAnswer {
    /** [told] is called on the engine's thread, whatever happens; `null` for an answer that was kept. */
    fun accept(context: Context, id: String, told: (NotKept?) -> Unit) = write(context, told) { Engine.accept(id) }

    fun decline(context: Context, id: String, reason: String, told: (NotKept?) -> Unit) =
        write(context, told) { Engine.decline(id, reason) }

    fun acknowledge(context: Context, id: String, told: (NotKept?) -> Unit) =
        write(context, told) { Engine.acknowledge(id) }

    /** No answer: that it was not kept takes nothing from anybody. */
    fun seen(context: Context, id: String) = write(context, {}) { Engine.markSeen(id) }

    private fun write(context: Context, told: (NotKept?) -> Unit, answer: () -> String) {
        val app = context.applicationContext
        Phone.ask {
            // What rings goes on ringing until the home says otherwise: nothing is taken for done here.
            val why = try {
                if (Phone.open(app) == null) NotKept.SHUT else failureOf(answer())
            } catch (error: Exception) {
                Log.e("siaga", "the answer to an alarm failed: ${error.javaClass.simpleName}")
                NotKept.OTHER
            }
            if (why == null) SyncJobService.soon(app)
            told(why)
        }
    }

    private fun failureOf(said: String): NotKept? {
        val failed = Answer.of(said) as? Answer.Failed ?: return null
        Log.e("siaga", "the answer to an alarm was not kept: ${failed.code}")
        return NotKept.of(failed.code)
    }
}
