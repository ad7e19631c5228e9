package id.go.ketapang.siaga.field

import android.content.Context
import android.content.Intent
import android.util.Log
import id.go.ketapang.siaga.engine.Now
import id.go.ketapang.siaga.rule.Occasion
import id.go.ketapang.siaga.rule.Wish

/** Starts the service where it should run and may; where it may not, asks the person. */
object Starter {
    fun look(context: Context, now: Now, occasion: Occasion) {
        val runs = FieldService.live != null
        when (Wish.of(now.enrolled, now.onDuty, runs, occasion, Permissions.allowed(context))) {
            Wish.RUN -> if (!runs) start(context)
            Wish.ASK -> Notices.askToResume(context)
            Wish.STOP -> {}
        }
    }

    private fun start(context: Context) {
        try {
            context.startForegroundService(Intent(context, FieldService::class.java))
        } catch (refused: IllegalStateException) {
            // From Android 12 on a system that thinks better of it says so here.
            Log.w("siaga", "the service was not let start: ${refused.javaClass.simpleName}")
            Notices.askToResume(context)
        }
    }
}
