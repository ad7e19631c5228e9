package id.go.ketapang.siaga

import android.os.Bundle
import android.webkit.WebView
import androidx.activity.OnBackPressedCallback
import androidx.activity.enableEdgeToEdge
import id.go.ketapang.siaga.field.Phone
import id.go.ketapang.siaga.field.SyncJobService

/** The page's window. Tauri and the WebView live here; when it ends, its process ends, and the service goes on. */
class MainActivity : TauriActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        enableEdgeToEdge()
        super.onCreate(savedInstanceState)
        // Asked last, after the page itself: a crew that presses Back too often must not start anew.
        onBackPressedDispatcher.addCallback(this, object : OnBackPressedCallback(true) {
            override fun handleOnBackPressed() {
                moveTaskToBack(true)
            }
        })
    }

    override fun onWebViewCreate(webView: WebView) {
        Insets.follow(webView)
        webView.addJavascriptInterface(PageBridge(this), PageBridge.NAME)
    }

    /** Permissions may have changed while somebody was in the settings; and whoever opens the app may start the service. */
    override fun onResume() {
        super.onResume()
        Phone.seen(this)
    }

    override fun onStop() {
        super.onStop()
        SyncJobService.soon(this)
    }
}
