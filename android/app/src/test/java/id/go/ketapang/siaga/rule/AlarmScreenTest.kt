package id.go.ketapang.siaga.rule

import id.go.ketapang.siaga.rule.AlarmScreen.Page
import id.go.ketapang.siaga.rule.AlarmScreen.Shows
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class AlarmScreenTest {
    private val screen = AlarmScreen("a")

    @Test
    fun `an order stays while it rings whatever else begins or ends`() {
        for (ringing in listOf(listOf("a"), listOf("b", "a"), listOf("a"))) {
            screen.home(ringing)

            assertEquals(Shows(Page.ORDER), screen.shows)
            assertNull(screen.shows.leavesAfterMs(isSeen = true))
        }
    }

    @Test
    fun `asking why answers nothing, and back returns to the order`() {
        screen.askWhy()
        assertEquals(Shows(Page.REASONS), screen.shows)

        assertTrue(screen.back())
        assertEquals(Shows(Page.ORDER), screen.shows)
        assertFalse("from the order back leaves the screen", screen.back())
    }

    @Test
    fun `what somebody else ended is told for a moment and leaves, at once where nobody looks`() {
        screen.home(listOf("b"))

        assertEquals(Shows(Page.OVER), screen.shows)
        assertEquals(AlarmScreen.TOLD_MS, screen.shows.leavesAfterMs(isSeen = true))
        assertEquals(0L, screen.shows.leavesAfterMs(isSeen = false))
    }

    @Test
    fun `an order withdrawn while a reason is being chosen can no longer be answered`() {
        screen.askWhy()
        screen.home(emptyList())

        assertEquals(Page.OVER, screen.shows.page)
        assertFalse(screen.give())
        assertEquals(Page.OVER, screen.shows.page)
    }

    @Test
    fun `an order that rings again is an order again`() {
        screen.home(emptyList())
        screen.home(listOf("a"))

        assertEquals(Shows(Page.ORDER), screen.shows)
    }

    @Test
    fun `an answer leaves only when it is on the disk, however early the home says that it is over`() {
        assertTrue(screen.give())
        screen.home(emptyList())
        assertEquals(Shows(Page.KEEPING), screen.shows)
        assertNull(screen.shows.leavesAfterMs(isSeen = true))

        screen.given(null)

        assertEquals(Shows(Page.ANSWERED), screen.shows)
        assertEquals(0L, screen.shows.leavesAfterMs(isSeen = true))
    }

    @Test
    fun `two touches are one answer`() {
        assertTrue(screen.give())
        assertFalse(screen.give())

        screen.given(null)
        assertFalse(screen.give())
    }

    @Test
    fun `an answer that was not kept stays before the person with the order, and may be given again`() {
        screen.askWhy()
        screen.give()
        screen.given(NotKept.FULL)

        assertEquals(Shows(Page.ORDER, NotKept.FULL), screen.shows)
        assertNull(screen.shows.leavesAfterMs(isSeen = true))

        assertTrue(screen.give())
        assertEquals(Shows(Page.KEEPING), screen.shows)
        screen.given(null)
        assertEquals(Shows(Page.ANSWERED), screen.shows)
    }

    @Test
    fun `an answer that was not kept is not hidden by what somebody else answered`() {
        screen.give()
        screen.home(emptyList())
        screen.given(NotKept.GONE)

        assertEquals(Shows(Page.OVER, NotKept.GONE), screen.shows)
        assertNull(screen.shows.leavesAfterMs(isSeen = true))
        assertNull(screen.shows.leavesAfterMs(isSeen = false))
    }
}
