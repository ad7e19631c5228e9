package id.go.ketapang.siaga.engine

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Test

class FixesTest {
    private val fix = TakenFix(-1.83, 109.97, 6.0, 11.0, 1_000, 900, isMock = false)

    private fun written(fixes: List<TakenFix>, battery: Int? = 80): List<JSONObject> =
        JSONObject(Fixes.json(fixes, battery)).getJSONArray("fixes").map { it as JSONObject }

    @Test
    fun `a fix is written as the engine reads it`() {
        val one = written(listOf(fix)).single()

        assertEquals(-1.83, one.getJSONObject("position").getDouble("lat"), 0.0)
        assertEquals(6.0, one.getJSONObject("position").getDouble("accuracy_m"), 0.0)
        assertEquals(listOf(1_000L, 900L), listOf(one.getLong("at_ms"), one.getLong("satellite_ms")))
        assertEquals(80, one.getInt("battery_percent"))
        assertFalse(one.has("mock"))
    }

    @Test
    fun `what a receiver did not say is left out and a made up fix is marked`() {
        val bare = written(listOf(fix.copy(accuracyM = Double.NaN, speedMps = null, satelliteMs = null, isMock = true)), null).single()

        assertEquals(setOf("position", "at_ms", "mock"), bare.keySet())
        assertEquals(setOf("lat", "lon"), bare.getJSONObject("position").keySet())
    }

    @Test
    fun `a fix that is no place costs the others nothing`() {
        val fixes = listOf(fix, fix.copy(lat = Double.NaN), fix.copy(lon = 181.0), fix.copy(atMs = 2_000))

        assertEquals(listOf(1_000L, 2_000L), written(fixes).map { it.getLong("at_ms") })
    }
}
