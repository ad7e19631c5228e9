package id.go.ketapang.siaga

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.webkit.WebView
import android.widget.TextView
import id.go.ketapang.siaga.field.SelfTest
import id.go.ketapang.siaga.rule.Floor

/** *Perbarui Android System WebView*: shown instead of a white page. The service works all the same. */
class GateActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.gate)
        findViewById<View>(R.id.gate_update).setOnClickListener { openStore() }
    }

    override fun onResume() {
        super.onResume()
        if (Floor.of(SelfTest.webView()) != Floor.TOO_OLD) {
            startActivity(Intent(this, EntryActivity::class.java))
            return finish()
        }
        val found = WebView.getCurrentWebViewPackage()?.versionName ?: getString(R.string.gate_none)
        findViewById<TextView>(R.id.gate_found).text = getString(R.string.gate_found, found, Floor.PLAIN_FROM)
    }

    private fun openStore() {
        val name = WebView.getCurrentWebViewPackage()?.packageName ?: USUAL
        for (address in listOf("market://details?id=$name", "https://play.google.com/store/apps/details?id=$name")) {
            try {
                return startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(address)))
            } catch (_: ActivityNotFoundException) {
                // A phone without a store: the next address, or the words on the screen.
            }
        }
    }

    private companion object {
        const val USUAL = "com.google.android.webview"
    }
}
