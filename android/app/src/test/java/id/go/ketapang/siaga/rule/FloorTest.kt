package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Test

class FloorTest {
    private fun floor(version: String?) = Floor.of(Floor.majorOf(version))

    @Test
    fun `the first number of a version decides`() {
        assertEquals(Floor.FULL, floor("138.0.7204.179"))
        assertEquals(Floor.FULL, floor("87.0.4280.141"))
        assertEquals(Floor.PLAIN, floor("86.0.4240.198"))
        assertEquals(Floor.PLAIN, floor(" 70.0.3538.110"))
        assertEquals(Floor.TOO_OLD, floor("69.0.3497.100"))
    }

    @Test
    fun `no WebView and one without a number are too old`() {
        assertEquals(Floor.TOO_OLD, floor(null))
        assertEquals(Floor.TOO_OLD, floor(""))
        assertEquals(Floor.TOO_OLD, floor("beta 99"))
        assertEquals(Floor.TOO_OLD, floor("99999999999999999999.0"))
    }
}
