package id.go.ketapang.siaga.engine

import org.json.JSONArray
import org.json.JSONObject

/** One position as a receiver delivered it, in the phone's own time. */
data class TakenFix(
    val lat: Double,
    val lon: Double,
    val accuracyM: Double?,
    val speedMps: Double?,
    /** Device UTC of the moment it was taken, whatever the satellites say. */
    val atMs: Long,
    /** The satellites' UTC, where they said it. */
    val satelliteMs: Long?,
    val isMock: Boolean,
)

/** Writes what [Engine.recordFixes] takes. */
object Fixes {
    fun json(fixes: List<TakenFix>, batteryPercent: Int?): String {
        val list = JSONArray()
        for (fix in fixes.filter(::isPlace)) {
            val position = JSONObject().put("lat", fix.lat).put("lon", fix.lon)
            fix.accuracyM?.takeIf { it.isFinite() && it >= 0 }?.let { position.put("accuracy_m", it) }
            val one = JSONObject().put("position", position).put("at_ms", fix.atMs)
            fix.speedMps?.takeIf { it.isFinite() && it >= 0 }?.let { one.put("speed_mps", it) }
            fix.satelliteMs?.let { one.put("satellite_ms", it) }
            batteryPercent?.takeIf { it in 0..100 }?.let { one.put("battery_percent", it) }
            if (fix.isMock) one.put("mock", true)
            list.put(one)
        }
        return JSONObject().put("fixes", list).toString()
    }

    /** JSON has no word for what is no number, and one such fix must not cost the others. */
    private fun isPlace(fix: TakenFix): Boolean = fix.lat.isFinite() && fix.lon.isFinite() &&
        fix.lat in -90.0..90.0 && fix.lon in -180.0..180.0
}
