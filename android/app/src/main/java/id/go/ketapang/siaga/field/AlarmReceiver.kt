package id.go.ketapang.siaga.field

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.rule.NotKept

/** *Terima* and *Tidak bisa* on the notification. Kept, the notification goes; not kept, it stays, and another one says so. */
class AlarmReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.getStringExtra(ID) ?: return
        val app = context.applicationContext
        val pending = goAsync()
        val told: (NotKept?) -> Unit = { why ->
            try {
                Notices.answer(app, why)
            } finally {
                pending.finish()
            }
        }
        when (intent.action) {
            ACCEPT -> AlarmAnswer.accept(app, id, told)
            DECLINE -> AlarmAnswer.decline(app, id, app.getString(R.string.alarm_decline_reason), told)
            else -> pending.finish()
        }
    }

    companion object {
        const val ACCEPT = "id.go.ketapang.siaga.ACCEPT"
        const val DECLINE = "id.go.ketapang.siaga.DECLINE"
        private const val ID = "id"

        fun intent(context: Context, action: String, id: String): Intent =
            Intent(context, AlarmReceiver::class.java).setAction(action).putExtra(ID, id)
    }
}
