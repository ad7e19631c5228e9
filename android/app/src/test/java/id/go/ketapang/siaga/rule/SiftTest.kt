package id.go.ketapang.siaga.rule

import id.go.ketapang.siaga.rule.Sift.Source.FUSED
import id.go.ketapang.siaga.rule.Sift.Source.NETWORK
import id.go.ketapang.siaga.rule.Sift.Source.SATELLITE
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class SiftTest {
    @Test
    fun `what satellites say is always taken and silences the others for half a minute`() {
        val sift = Sift()
        assertTrue(sift.takes(FUSED, 12.0, 1_000))
        assertTrue(sift.takes(SATELLITE, 40.0, 2_000))

        assertFalse(sift.takes(FUSED, 5.0, 31_999))
        assertFalse(sift.takes(NETWORK, 50.0, 31_999))
        assertTrue(sift.takes(FUSED, 5.0, 32_000))
    }

    @Test
    fun `a mast is taken when nothing better was there lately and it says something`() {
        val sift = Sift()

        assertTrue(sift.takes(NETWORK, 800.0, 1_000))
        assertTrue("a mast silences nobody", sift.takes(NETWORK, 900.0, 2_000))
        assertFalse(sift.takes(NETWORK, 3_000.0, 3_000))
        assertFalse(sift.takes(NETWORK, null, 3_000))
        assertTrue(sift.takes(FUSED, 20.0, 4_000))
        assertFalse(sift.takes(NETWORK, 800.0, 5_000))
    }

    @Test
    fun `a fused position as rough as a mast's is not taken for a fine one`() {
        val sift = Sift()

        assertFalse(sift.takes(FUSED, 400.0, 1_000))
        assertFalse(sift.takes(FUSED, null, 1_000))
        assertTrue(sift.takes(NETWORK, 400.0, 1_000))
    }
}
