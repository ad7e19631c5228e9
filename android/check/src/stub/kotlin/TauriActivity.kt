// As much of what wry and the Tauri CLI generate as the window of the page overrides: a test compares this with their own text.
package id.go.ketapang.siaga

import android.webkit.WebView
import androidx.activity.ComponentActivity

@Suppress("UNUSED_PARAMETER")
abstract class TauriActivity : ComponentActivity() {
    open val handleBackNavigation: Boolean = false

    open fun onWebViewCreate(webView: WebView) {}
}
