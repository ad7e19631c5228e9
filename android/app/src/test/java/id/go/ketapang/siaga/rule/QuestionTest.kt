package id.go.ketapang.siaga.rule

import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class QuestionTest {
    private val question = Question(askedMs = 10_000)

    @Test
    fun `a question that nobody saw leads to the settings`() {
        assertTrue(question.wasNotShown(isGranted = false, mayExplain = false, nowMs = 10_200))
    }

    @Test
    fun `one that was answered, either way, does not`() {
        assertFalse(question.wasNotShown(isGranted = true, mayExplain = false, nowMs = 10_200))
        assertFalse("refused once", question.wasNotShown(isGranted = false, mayExplain = true, nowMs = 10_900))
        assertFalse("put away after a look", question.wasNotShown(isGranted = false, mayExplain = false, nowMs = 13_000))
    }
}
