package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class MakerTest {
    @Test
    fun `a house and its brands have one power saver`() {
        assertEquals(Maker.XIAOMI, Maker.of("Xiaomi", "Redmi"))
        assertEquals(Maker.XIAOMI, Maker.of("Xiaomi", "POCO"))
        assertEquals(Maker.OPPO, Maker.of("realme", "realme"))
        assertEquals(Maker.OPPO, Maker.of("OPPO", null))
        assertEquals(Maker.TRANSSION, Maker.of("INFINIX MOBILITY LIMITED", "Infinix"))
        assertEquals(Maker.SAMSUNG, Maker.of("samsung", "samsung"))
    }

    @Test
    fun `a phone nobody knows has no screen of its maker`() {
        assertEquals(Maker.OTHER, Maker.of("Advan", "ADVAN"))
        assertEquals(Maker.OTHER, Maker.of(null, null))
        assertTrue(Maker.OTHER.screens.isEmpty())
        assertTrue(Maker.entries.filter { it != Maker.OTHER }.all { it.screens.isNotEmpty() })
    }
}
