// As much of androidx.activity as the window of the page names. The real one comes from Google's repository by Gradle.
package androidx.activity

import android.app.Activity

open class ComponentActivity : Activity() {
    val onBackPressedDispatcher: OnBackPressedDispatcher = OnBackPressedDispatcher()
}

class OnBackPressedDispatcher {
    @Suppress("UNUSED_PARAMETER")
    fun addCallback(owner: ComponentActivity, callback: OnBackPressedCallback) {}
}

@Suppress("UNUSED_PARAMETER")
abstract class OnBackPressedCallback(enabled: Boolean) {
    abstract fun handleOnBackPressed()
}

fun ComponentActivity.enableEdgeToEdge() {}
