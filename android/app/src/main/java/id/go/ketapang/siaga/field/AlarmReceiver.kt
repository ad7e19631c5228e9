package id.go.ketapang.siaga.field

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.util.Log
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Engine

/** *Terima* and *Tidak bisa* from the lock screen: written to the disk, and sent when there is a network. */
class AlarmReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.getStringExtra(ID) ?: return
        val action = intent.action
        val app = context.applicationContext
        val pending = goAsync()
        Phone.ask {
            try {
                if (Phone.open(app) == null) return@ask Notices.storeIsShut(app)
                val answer = when (action) {
                    ACCEPT -> Engine.accept(id)
                    DECLINE -> Engine.decline(id, app.getString(R.string.alarm_decline_reason))
                    SEEN -> Engine.markSeen(id)
                    else -> return@ask
                }
                val failed = Answer.of(answer) as? Answer.Failed
                // What rings goes on ringing until the home says otherwise: nothing is taken for done here.
                if (failed != null) Log.e("siaga", "the answer to an alarm was not kept: ${failed.code}")
                SyncJobService.soon(app)
            } finally {
                pending.finish()
            }
        }
    }

    companion object {
        const val ACCEPT = "id.go.ketapang.siaga.ACCEPT"
        const val DECLINE = "id.go.ketapang.siaga.DECLINE"
        const val SEEN = "id.go.ketapang.siaga.SEEN"
        private const val ID = "id"

        fun intent(context: Context, action: String, id: String): Intent =
            Intent(context, AlarmReceiver::class.java).setAction(action).putExtra(ID, id)
    }
}
