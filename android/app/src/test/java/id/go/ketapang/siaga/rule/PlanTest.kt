package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class PlanTest {
    @Test
    fun `a phone that stands or has little left is asked less`() {
        assertEquals(Plan.MOVING, Plan.of(stands = false, batteryPercent = 80))
        assertEquals(Plan.MOVING, Plan.of(stands = false, batteryPercent = null))
        assertEquals(Plan.STANDING, Plan.of(stands = true, batteryPercent = 16))
        assertEquals(Plan.MOVING_LOW, Plan.of(stands = false, batteryPercent = 15))
        assertEquals(Plan.STANDING_LOW, Plan.of(stands = true, batteryPercent = 3))
    }

    @Test
    fun `a moving phone is never made to wait for its positions`() {
        assertTrue(Plan.entries.filter { it.name.startsWith("MOVING") }.all { it.delayMs == 0L })
        assertTrue("a gap is five minutes", Plan.entries.all { it.intervalMs + it.delayMs < 300_000 })
    }
}
