package id.go.ketapang.siaga

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.webkit.JavascriptInterface
import id.go.ketapang.siaga.field.Alarm
import id.go.ketapang.siaga.field.Screens
import id.go.ketapang.siaga.field.SelfTest
import id.go.ketapang.siaga.rule.Floor
import id.go.ketapang.siaga.rule.Follow

/** What the page asks of the phone itself, as `siagaDevice`. No record passes here: those are the engine's. */
class PageBridge(private val activity: Activity) {
    /** `full`, or `plain` for a WebView that shows no map. */
    @JavascriptInterface
    fun floor(): String = if (Floor.of(SelfTest.webView()) == Floor.FULL) "full" else "plain"

    /** A number to dial, a place to navigate to; false when nothing on this phone can. */
    @JavascriptInterface
    fun follow(address: String): Boolean {
        val action = when (Follow.of(address) ?: return false) {
            Follow.By.DIAL -> Intent.ACTION_DIAL
            Follow.By.MAP -> Intent.ACTION_VIEW
            Follow.By.MESSAGE -> Intent.ACTION_SENDTO
        }
        return open(Intent(action, Uri.parse(address)))
    }

    /** A text for whatever app the person chooses; false when nothing on this phone takes one. */
    @JavascriptInterface
    fun share(text: String): Boolean {
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
        return open(Intent.createChooser(send, null))
    }

    /** An alarm of the service sounds: the page need not. */
    @JavascriptInterface
    fun rings(): Boolean = Alarm.rings(activity)

    /** Opens the screen where a person grants what the self-test misses; its names are those of `Screens`. */
    @JavascriptInterface
    fun settings(which: String): Boolean {
        val screen = Screens.of(which) ?: return false
        activity.runOnUiThread { screen.ask(activity) }
        return true
    }

    private fun open(intent: Intent): Boolean = try {
        activity.startActivity(intent)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    companion object {
        const val NAME = "siagaDevice"
    }
}
