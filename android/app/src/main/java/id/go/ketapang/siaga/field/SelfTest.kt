package id.go.ketapang.siaga.field

import android.app.NotificationManager
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import android.webkit.WebView
import id.go.ketapang.siaga.rule.Floor
import id.go.ketapang.siaga.rule.Maker
import org.json.JSONObject

/** What a phone says of itself for a duty: the engine's `DeviceState`. Nothing in it names a person or a place. */
object SelfTest {
    fun json(context: Context): String {
        val battery = context.getSystemService(BatteryManager::class.java)
            ?.getIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY)?.takeIf { it in 0..100 }
        return JSONObject()
            .put("at_ms", System.currentTimeMillis())
            .put("location_permission", locationPermission(context))
            .put("location_on", Permissions.isLocationOn(context))
            .put("notifications", context.getSystemService(NotificationManager::class.java)?.areNotificationsEnabled() == true)
            .put("battery_exempt", isExempt(context))
            .put("full_screen", Alarm.canTakeScreen(context))
            .put("automatic_time", Settings.Global.getInt(context.contentResolver, Settings.Global.AUTO_TIME, 0) == 1)
            .put("free_bytes", context.filesDir.usableSpace)
            .put("battery_percent", battery ?: JSONObject.NULL)
            .put("webview", webView() ?: JSONObject.NULL)
            .put("android", Build.VERSION.SDK_INT)
            .put("brand", maker().code)
            .put("maker_screen", makerScreen(context) != null)
            .toString()
    }

    fun maker(): Maker = Maker.of(Build.MANUFACTURER, Build.BRAND)

    /** The maker's own screen for apps that start by themselves, where this phone has one of those that are known. */
    fun makerScreen(context: Context): Intent? = maker().screens
        .map { Intent().setComponent(ComponentName(it.packageName, it.activity)).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK) }
        .firstOrNull { context.packageManager.resolveActivity(it, 0) != null }

    /** Which package it is can be asked without waking it. */
    fun webView(): Int? = Floor.majorOf(WebView.getCurrentWebViewPackage()?.versionName)

    fun isExempt(context: Context): Boolean =
        context.getSystemService(PowerManager::class.java)?.isIgnoringBatteryOptimizations(context.packageName) == true

    private fun locationPermission(context: Context): String = when {
        Permissions.always(context) -> "always"
        Permissions.fine(context) -> "while_in_use"
        Permissions.coarse(context) -> "coarse"
        else -> "none"
    }
}
