package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Test

class WishTest {
    private fun wish(
        enrolled: Boolean = true,
        onDuty: Boolean = true,
        runs: Boolean = false,
        occasion: Occasion = Occasion.BEHIND,
        allowed: Allowed = Allowed(location = true, locationAlways = true),
    ) = Wish.of(enrolled, onDuty, runs, occasion, allowed)

    private val whileInUse = Allowed(location = true, locationAlways = false)
    private val nothing = Allowed(location = false, locationAlways = false)

    @Test
    fun `off duty nothing runs`() {
        assertEquals(Wish.STOP, wish(onDuty = false))
        assertEquals(Wish.STOP, wish(onDuty = false, runs = true, occasion = Occasion.SEEN))
        assertEquals(Wish.STOP, wish(enrolled = false))
    }

    @Test
    fun `from behind a service begins only with the permission for all the time`() {
        assertEquals(Wish.RUN, wish())
        assertEquals(Wish.ASK, wish(allowed = whileInUse))
        assertEquals(Wish.RUN, wish(allowed = whileInUse, occasion = Occasion.SEEN))
    }

    @Test
    fun `without any permission the person is asked and a service that runs goes on`() {
        assertEquals(Wish.ASK, wish(allowed = nothing, occasion = Occasion.SEEN))
        assertEquals(Wish.RUN, wish(allowed = nothing, runs = true))
    }
}
