package id.go.ketapang.siaga

import android.os.Bundle
import android.webkit.WebView
import androidx.activity.OnBackPressedCallback
import androidx.activity.enableEdgeToEdge
import id.go.ketapang.siaga.field.Phone
import id.go.ketapang.siaga.field.Screens
import id.go.ketapang.siaga.field.SyncJobService

/** The page's window. Tauri and the WebView live here; when it ends, its process ends, and the service goes on. */
class MainActivity : TauriActivity() {
    /** A person has it before their eyes. */
    var isSeen = false
        private set

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
        Screens.backFromQuestion(this)
        Phone.seen(this)
    }

    override fun onStart() {
        super.onStart()
        isSeen = true
    }

    override fun onStop() {
        super.onStop()
        isSeen = false
        SyncJobService.soon(this)
    }
}
