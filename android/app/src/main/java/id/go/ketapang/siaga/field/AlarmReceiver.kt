package id.go.ketapang.siaga.field

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent

/** *Terima* on the notification. Kept, the notification goes; not kept, it stays, and another one says so. */
class AlarmReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.getStringExtra(ID) ?: return
        if (intent.action != ACCEPT) return
        val app = context.applicationContext
        val pending = goAsync()
        AlarmAnswer.accept(app, id) { why ->
            try {
                Notices.answer(app, why)
            } finally {
                pending.finish()
            }
        }
    }

    companion object {
        private const val ACCEPT = "id.go.ketapang.siaga.ACCEPT"
        private const val ID = "id"

        fun accept(context: Context, id: String): Intent =
            Intent(context, AlarmReceiver::class.java).setAction(ACCEPT).putExtra(ID, id)
    }
}
