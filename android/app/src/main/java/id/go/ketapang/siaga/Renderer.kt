package id.go.ketapang.siaga

import android.app.Activity
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.util.Log
import android.webkit.WebView

/**
 * The page's renderer died, as renderers on small phones do. Without an answer the whole process would die with it; drafts
 * and records are the engine's, so the window is opened anew and shows them.
 *
 * Called by wry's client, into which `.cargo/config.toml` puts one line.
 */
object Renderer {
    @JvmStatic
    fun gone(webView: WebView): Boolean {
        Log.w("siaga", "the renderer of the page is gone; the window is opened anew")
        val activity = activityOf(webView.context) ?: return false
        val again = Intent(activity, EntryActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        activity.startActivity(again)
        // Its end ends the process of the page: the one that begins has never run Tauri.
        activity.finish()
        return true
    }

    private fun activityOf(context: Context): Activity? {
        var at: Context? = context
        while (at is ContextWrapper) {
            if (at is Activity) return at
            at = at.baseContext
        }
        return null
    }
}
