package id.go.ketapang.siaga.field

import android.app.Activity
import android.app.KeyguardManager
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.TextView
import id.go.ketapang.siaga.EntryActivity
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Ringing

/**
 * A new order on the whole screen, over a locked one too. Native and of the service's process: it is there at once, and on a
 * phone whose WebView is dead.
 */
class AlarmActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        showOverLock()
        setContentView(R.layout.alarm)
        show(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        show(intent)
    }

    private fun show(intent: Intent) {
        val id = intent.getStringExtra(ID) ?: return finish()
        val isSos = intent.getBooleanExtra(IS_SOS, false)
        findViewById<TextView>(R.id.alarm_title).text = intent.getStringExtra(TITLE)
        findViewById<TextView>(R.id.alarm_place).text = intent.getStringExtra(PLACE)
        val decline = findViewById<TextView>(R.id.alarm_decline)
        val accept = findViewById<TextView>(R.id.alarm_accept)
        decline.visibility = if (isSos) View.GONE else View.VISIBLE
        accept.setText(if (isSos) R.string.alarm_open else R.string.alarm_accept)
        if (!isSos) sendBroadcast(AlarmReceiver.intent(this, AlarmReceiver.SEEN, id))
        accept.setOnClickListener {
            if (!isSos) sendBroadcast(AlarmReceiver.intent(this, AlarmReceiver.ACCEPT, id))
            openApp()
        }
        decline.setOnClickListener {
            sendBroadcast(AlarmReceiver.intent(this, AlarmReceiver.DECLINE, id))
            finish()
        }
    }

    /** A locked phone asks for its code first; the answer is on the disk either way. */
    private fun openApp() {
        getSystemService(KeyguardManager::class.java)?.requestDismissKeyguard(this, null)
        startActivity(Intent(this, EntryActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        finish()
    }

    private fun showOverLock() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O_MR1) {
            setShowWhenLocked(true)
            setTurnScreenOn(true)
        } else {
            @Suppress("DEPRECATION")
            window.addFlags(
                WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED or WindowManager.LayoutParams.FLAG_TURN_SCREEN_ON,
            )
        }
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }

    companion object {
        private const val ID = "id"
        private const val IS_SOS = "sos"
        private const val TITLE = "title"
        private const val PLACE = "place"

        fun intent(context: Context, alarm: Ringing): Intent = Intent(context, AlarmActivity::class.java)
            .putExtra(ID, alarm.id)
            .putExtra(IS_SOS, alarm.isSos)
            .putExtra(TITLE, AlarmText.title(context, alarm))
            .putExtra(PLACE, AlarmText.place(context, alarm))
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_NO_USER_ACTION)
    }
}
