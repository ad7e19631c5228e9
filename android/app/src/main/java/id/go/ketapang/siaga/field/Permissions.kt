package id.go.ketapang.siaga.field

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.location.LocationManager
import android.os.Build
import id.go.ketapang.siaga.rule.Allowed

/** What the person and the phone allow this app. */
object Permissions {
    fun allowed(context: Context): Allowed = Allowed(location = fine(context), locationAlways = always(context))

    fun fine(context: Context): Boolean = has(context, Manifest.permission.ACCESS_FINE_LOCATION)

    fun coarse(context: Context): Boolean = has(context, Manifest.permission.ACCESS_COARSE_LOCATION)

    /** Before Android 10 there was one permission, for all the time. */
    fun always(context: Context): Boolean = fine(context) &&
        (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || has(context, Manifest.permission.ACCESS_BACKGROUND_LOCATION))

    fun isLocationOn(context: Context): Boolean {
        val manager = context.getSystemService(LocationManager::class.java) ?: return false
        return if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            manager.isLocationEnabled
        } else {
            manager.isProviderEnabled(LocationManager.GPS_PROVIDER) || manager.isProviderEnabled(LocationManager.NETWORK_PROVIDER)
        }
    }

    private fun has(context: Context, permission: String): Boolean =
        context.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED
}
