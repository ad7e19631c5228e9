package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class FollowTest {
    @Test
    fun `numbers are dialled and places shown`() {
        assertEquals(Follow.By.DIAL, Follow.of("tel:112"))
        assertEquals(Follow.By.DIAL, Follow.of("TEL:+62 534-123"))
        assertEquals(Follow.By.MAP, Follow.of("geo:-1.81,109.95?q=-1.81,109.95"))
        assertEquals(Follow.By.MESSAGE, Follow.of("smsto:112"))
    }

    @Test
    fun `nothing else leaves the page`() {
        val others = listOf("tel:*#06#", "tel:", "javascript:alert(1)", "intent://x#Intent;end", "file:///data", "https://x", "geo:", "")
        for (address in others) assertNull(address, Follow.of(address))
    }
}
