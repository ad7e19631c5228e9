package id.go.ketapang.siaga.rule

import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class HeardTest {
    @Test
    fun `an alarm is heard only when it is shown, its channel sounds and the stream is not at zero`() {
        assertTrue(Heard.of(shown = true, sounds = true, volume = 1))

        assertFalse(Heard.of(shown = false, sounds = true, volume = 7))
        assertFalse(Heard.of(shown = true, sounds = false, volume = 7))
        assertFalse(Heard.of(shown = true, sounds = true, volume = 0))
    }
}
