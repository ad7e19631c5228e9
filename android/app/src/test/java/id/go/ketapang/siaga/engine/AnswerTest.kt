package id.go.ketapang.siaga.engine

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class AnswerTest {
    @Test
    fun `a value and a failure are told apart`() {
        val done = Answer.of("""{"ok":{"kept":3,"next_ms":null}}""") as Answer.Done
        val failed = Answer.of("""{"failure":{"code":"storage","detail":"x","remedy":"y","argument":null}}""") as Answer.Failed

        assertEquals(3, done.json.getInt("kept"))
        assertNull(done.json.number("next_ms"))
        assertEquals("storage", failed.code)
        assertTrue(Answer.of("""{"ok":null}""") is Answer.Done)
    }

    @Test
    fun `no answer at all is a failure and never an exception`() {
        for (text in listOf(null, "", "{", "[]", "{}", "null")) {
            assertEquals(text, "internal", (Answer.of(text) as Answer.Failed).code)
        }
    }

    @Test
    fun `what rings is read with what is not known left out`() {
        val now = Now.of(
            """{"enrolled":true,"on_duty":true,"stopped_since_ms":null,"alarms":[
               {"id":"a","kind":"task","category":"BANJIR","priority":"1","village":null,"unit":null,"at_ms":5},
               {"id":"b","record":"b","kind":"sos","category":null,"village":null,"unit":"AMB-01","at_ms":5},
               {"id":"c","record":"a","kind":"cancelled","category":"BANJIR","village":"Asam Jelai","unit":null,"at_ms":5},
               {"kind":"task"},7]}""",
        )

        val flood = Ringing("a", "a", Cause.TASK, category = "BANJIR", village = null, unit = null)
        val sos = Ringing("b", "b", Cause.SOS, category = null, village = null, unit = "AMB-01")
        val cancelled = Ringing("c", "a", Cause.CANCELLED, category = "BANJIR", village = "Asam Jelai", unit = null)
        assertEquals(Now(enrolled = true, onDuty = true, stoppedSinceMs = null, alarms = listOf(flood, sos, cancelled)), now)
        assertEquals(Now(enrolled = false, onDuty = false, stoppedSinceMs = null, alarms = emptyList()), Now.of("nonsense"))
    }
}
