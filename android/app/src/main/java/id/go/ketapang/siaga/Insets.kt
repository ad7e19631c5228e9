package id.go.ketapang.siaga

import android.os.Build
import android.view.View
import android.view.WindowInsets
import android.webkit.WebView
import id.go.ketapang.siaga.rule.InsetsCss
import id.go.ketapang.siaga.rule.InsetsCss.Edges

/** What bars, notch and keyboard cover, as CSS variables: old WebViews do not know `env(safe-area-inset-*)`. */
object Insets {
    fun follow(webView: WebView) {
        webView.setOnApplyWindowInsetsListener { view, insets ->
            tell(webView, edgesOf(insets), view.resources.displayMetrics.density)
            insets
        }
        // The first one comes before the page is there: said again whenever it lays itself out anew.
        webView.addOnLayoutChangeListener { view: View, _, _, _, _, _, _, _, _ ->
            view.rootWindowInsets?.let { tell(webView, edgesOf(it), view.resources.displayMetrics.density) }
        }
    }

    private fun tell(webView: WebView, edges: Edges, density: Float) {
        webView.evaluateJavascript(InsetsCss.script(edges, density), null)
    }

    private fun edgesOf(insets: WindowInsets): Edges {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val covered = WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
            return insets.getInsets(covered).let { Edges(it.top, it.right, it.bottom, it.left) }
        }
        @Suppress("DEPRECATION")
        return Edges(
            insets.systemWindowInsetTop,
            insets.systemWindowInsetRight,
            insets.systemWindowInsetBottom,
            insets.systemWindowInsetLeft,
        )
    }
}
