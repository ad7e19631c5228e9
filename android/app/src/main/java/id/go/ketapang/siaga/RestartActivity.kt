package id.go.ketapang.siaga

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.os.Process

/**
 * Ends the page's process and opens the app again. In the process of the service: nobody ends the process that he stands in
 * and goes on. Without a window of its own.
 */
class RestartActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val ended = intent.getIntExtra(PROCESS, 0)
        if (ended > 0 && ended != Process.myPid()) Process.killProcess(ended)
        val again = Intent(this, EntryActivity::class.java)
        startActivity(again.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_CLEAR_TASK))
        finish()
    }

    companion object {
        private const val PROCESS = "process"

        /** Begins the process anew that makes it. */
        fun intent(context: Context): Intent = Intent(context, RestartActivity::class.java)
            .putExtra(PROCESS, Process.myPid())
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
    }
}
