package id.go.ketapang.siaga.field

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import id.go.ketapang.siaga.rule.Occasion

/** The phone started, or this app was updated: the duty that went on meanwhile goes on here too. */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action !in EXPECTED) return
        val app = context.applicationContext
        SyncJobService.every(app)
        val pending = goAsync()
        Phone.ask {
            try {
                Phone.open(app)?.let { Starter.look(app, it, Occasion.BEHIND) }
            } finally {
                pending.finish()
            }
        }
    }

    private companion object {
        val EXPECTED = setOf(Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED)
    }
}
