package id.go.ketapang.siaga

import android.app.Activity
import android.content.Context
import android.content.ContextWrapper
import android.util.Log
import android.webkit.WebView

/**
 * The page's renderer died, as renderers on small phones do. Without an answer the whole process would die with it; drafts
 * and records are the engine's, so the page's process is begun anew and shows them: one that has run Tauri before would show
 * an empty window.
 *
 * Called by wry's client, into which `.cargo/config.toml` puts one line.
 */
object Renderer {
    @JvmStatic
    fun gone(webView: WebView): Boolean {
        val activity = activityOf(webView.context) ?: return false
        if ((activity as? MainActivity)?.isSeen == true) {
            Log.w("siaga", "the renderer of the page is gone; the page begins anew")
            activity.startActivity(RestartActivity.intent(activity))
        } else {
            // Nobody looks: whoever opens the app next begins a process that has never run Tauri.
            Log.w("siaga", "the renderer of the page is gone while nobody looked")
            activity.finish()
        }
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
