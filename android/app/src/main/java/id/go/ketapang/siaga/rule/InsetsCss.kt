package id.go.ketapang.siaga.rule

import java.util.Locale

/** Writes what covers the page into CSS variables, `--inset-top` and so on, in CSS pixels. */
object InsetsCss {
    /** Physical pixels. */
    data class Edges(val top: Int, val right: Int, val bottom: Int, val left: Int)

    fun script(edges: Edges, density: Float): String {
        val set = listOf("top" to edges.top, "right" to edges.right, "bottom" to edges.bottom, "left" to edges.left)
            .joinToString("") { (side, pixels) -> "s.setProperty('--inset-$side','${css(pixels, density)}px');" }
        return "(function(){var s=document.documentElement.style;$set})()"
    }

    /** A point in every language: CSS knows no comma. */
    private fun css(pixels: Int, density: Float): String =
        String.format(Locale.ROOT, "%.2f", pixels.coerceAtLeast(0) / density.coerceAtLeast(0.5f))
}
