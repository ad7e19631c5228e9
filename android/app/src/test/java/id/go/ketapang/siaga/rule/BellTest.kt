package id.go.ketapang.siaga.rule

import id.go.ketapang.siaga.engine.Cause
import id.go.ketapang.siaga.engine.Ringing
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class BellTest {
    private val flood = Ringing("a", "a", Cause.TASK, category = "BANJIR", village = null, unit = null)
    private val sos = Ringing("b", "b", Cause.SOS, category = null, village = null, unit = "BPBD-03")

    @Test
    fun `an alarm begins once and ends once however often the home changes`() {
        val bell = Bell()

        assertEquals(Bell.Turn(listOf(flood), emptyList()), bell.turn(listOf(flood)))
        assertEquals(Bell.Turn(emptyList(), emptyList()), bell.turn(listOf(flood)))
        assertEquals(Bell.Turn(listOf(sos), emptyList()), bell.turn(listOf(sos, flood)))
        assertEquals(Bell.Turn(emptyList(), listOf("a")), bell.turn(listOf(sos)))
        assertTrue(bell.isRinging)
        assertEquals(Bell.Turn(emptyList(), listOf("b")), bell.turn(emptyList()))
        assertFalse(bell.isRinging)
    }

    @Test
    fun `an order whose village comes later is told again`() {
        val bell = Bell()
        bell.turn(listOf(flood))

        assertEquals(listOf("Asam Jelai"), bell.turn(listOf(flood.copy(village = "Asam Jelai"))).begin.map { it.village })
    }

    @Test
    fun `what a process that was ended left ringing is ended once when the home does not know it`() {
        val bell = Bell(left = listOf("a", "gone"))

        assertEquals(Bell.Turn(listOf(flood), listOf("gone")), bell.turn(listOf(flood)))
        assertEquals(Bell.Turn(emptyList(), listOf("a")), bell.turn(emptyList()))
        assertEquals(Bell.Turn(emptyList(), emptyList()), bell.turn(emptyList()))
    }
}
