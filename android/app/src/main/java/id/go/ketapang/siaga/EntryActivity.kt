package id.go.ketapang.siaga

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import id.go.ketapang.siaga.field.SelfTest
import id.go.ketapang.siaga.rule.Floor

/** The way in: to the page where the phone's WebView can show it, to a native screen that says how to update it where not. */
class EntryActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val next = when (Floor.of(SelfTest.webView())) {
            Floor.TOO_OLD -> GateActivity::class.java
            Floor.PLAIN, Floor.FULL -> MainActivity::class.java
        }
        startActivity(Intent(this, next))
        finish()
    }
}
