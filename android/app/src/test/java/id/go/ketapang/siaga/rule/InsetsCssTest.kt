package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.util.Locale

class InsetsCssTest {
    @Test
    fun `pixels of the screen become pixels of the page in every language`() {
        val before = Locale.getDefault()
        Locale.setDefault(Locale.forLanguageTag("id-ID"))

        val script = InsetsCss.script(InsetsCss.Edges(top = 63, right = 0, bottom = 132, left = -4), 2.625f)

        Locale.setDefault(before)
        assertTrue(script, "'--inset-top','24.00px'" in script && "'--inset-bottom','50.29px'" in script)
        assertTrue(script, "'--inset-left','0.00px'" in script)
        assertEquals(4, Regex("setProperty").findAll(script).count())
    }
}
