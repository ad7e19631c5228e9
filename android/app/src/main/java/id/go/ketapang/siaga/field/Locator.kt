package id.go.ketapang.siaga.field

import android.annotation.SuppressLint
import android.content.Context
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.location.LocationRequest
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.SystemClock
import id.go.ketapang.siaga.engine.TakenFix
import id.go.ketapang.siaga.rule.Plan
import id.go.ketapang.siaga.rule.Sift

/** Positions from the phone's own receivers; no Google Play services. Everything happens on one thread. */
class Locator(
    private val context: Context,
    private val handler: Handler,
    private val found: (List<TakenFix>) -> Unit,
) {
    private val manager: LocationManager? = context.getSystemService(LocationManager::class.java)
    private val sift = Sift()
    private var plan: Plan? = null
    private val listeners = mutableMapOf<String, LocationListener>()

    fun canLook(): Boolean = manager != null && Permissions.fine(context) && Permissions.isLocationOn(context)

    fun begin(plan: Plan) {
        this.plan = plan
        ask(plan)
    }

    fun goOn(plan: Plan) {
        if (plan != this.plan) begin(plan)
    }

    /** A source that was not there before is asked as well. */
    fun again() {
        val plan = plan ?: return
        if (sources().any { it !in listeners }) ask(plan)
    }

    fun end() {
        plan = null
        listeners.values.forEach { manager?.removeUpdates(it) }
        listeners.clear()
    }

    private fun sources(): List<String> = manager?.allProviders.orEmpty().filter { it in KNOWN }

    @SuppressLint("MissingPermission") // asked of the system right here, and a refusal is caught
    private fun ask(plan: Plan) {
        val manager = manager ?: return
        for (source in sources()) {
            val listener = listeners.getOrPut(source) { Listener() }
            try {
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                    val request = LocationRequest.Builder(plan.intervalMs)
                        .setMinUpdateIntervalMillis(plan.intervalMs / 2)
                        .setMaxUpdateDelayMillis(plan.delayMs)
                        .setQuality(LocationRequest.QUALITY_HIGH_ACCURACY)
                        .build()
                    manager.requestLocationUpdates(source, request, { handler.post(it) }, listener)
                } else {
                    manager.requestLocationUpdates(source, plan.intervalMs, 0f, listener, handler.looper)
                }
            } catch (_: SecurityException) {
                // Taken away meanwhile: the next beat says that nobody can look.
                listeners.remove(source)
            } catch (_: IllegalArgumentException) {
                // A source that is listed and not there.
                listeners.remove(source)
            }
        }
    }

    private fun onLocations(locations: List<Location>) {
        val fixes = locations.filter(::isTaken).map(::fixOf)
        if (fixes.isNotEmpty()) found(fixes)
    }

    private fun isTaken(location: Location): Boolean {
        val source = when (location.provider) {
            LocationManager.GPS_PROVIDER -> Sift.Source.SATELLITE
            LocationManager.NETWORK_PROVIDER -> Sift.Source.NETWORK
            else -> Sift.Source.FUSED
        }
        val accuracy = if (location.hasAccuracy()) location.accuracy.toDouble() else null
        return sift.takes(source, accuracy, location.elapsedRealtimeNanos / NANOS_PER_MS)
    }

    private fun fixOf(location: Location): TakenFix {
        val agoMs = (SystemClock.elapsedRealtimeNanos() - location.elapsedRealtimeNanos) / NANOS_PER_MS
        return TakenFix(
            lat = location.latitude,
            lon = location.longitude,
            accuracyM = if (location.hasAccuracy()) location.accuracy.toDouble() else null,
            speedMps = if (location.hasSpeed()) location.speed.toDouble() else null,
            atMs = System.currentTimeMillis() - agoMs.coerceAtLeast(0),
            satelliteMs = location.time.takeIf { location.provider == LocationManager.GPS_PROVIDER && it > 0 },
            isMock = isMock(location),
        )
    }

    @Suppress("DEPRECATION")
    private fun isMock(location: Location): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) location.isMock else location.isFromMockProvider

    private inner class Listener : LocationListener {
        override fun onLocationChanged(location: Location) = onLocations(listOf(location))

        override fun onLocationChanged(locations: List<Location>) = onLocations(locations)

        // Android before 11 calls these and has no empty ones of its own.
        override fun onProviderEnabled(provider: String) {}

        override fun onProviderDisabled(provider: String) {}

        @Deprecated("not called since Android 10")
        override fun onStatusChanged(provider: String?, status: Int, extras: Bundle?) {}
    }

    private companion object {
        const val NANOS_PER_MS = 1_000_000L

        /** The constant for the fused one is younger than the source itself. */
        const val FUSED = "fused"
        val KNOWN = setOf(LocationManager.GPS_PROVIDER, FUSED, LocationManager.NETWORK_PROVIDER)
    }
}
