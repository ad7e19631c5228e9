package id.go.ketapang.siaga.rule

import org.junit.Assert.assertEquals
import org.junit.Test

class NotKeptTest {
    @Test
    fun `what a person can do something else about is told apart, and everything else is told too`() {
        val told = listOf("storage_full", "not_found", "storage", "internal", "not_enrolled", "", "a code of tomorrow")
            .map(NotKept::of)

        val other = NotKept.OTHER
        assertEquals(listOf(NotKept.FULL, NotKept.GONE, NotKept.SHUT, other, other, other, other), told)
    }
}
