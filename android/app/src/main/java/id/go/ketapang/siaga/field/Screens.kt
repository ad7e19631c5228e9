package id.go.ketapang.siaga.field

import android.Manifest
import android.annotation.SuppressLint
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.Settings

/** Where a person grants what a duty needs: the system's question where it may be asked, its settings where not. */
enum class Screens(private val code: String) {
    LOCATION("location") {
        override fun ask(activity: Activity) = when {
            !Permissions.fine(activity) -> activity.requestPermissions(
                arrayOf(Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION),
                REQUEST,
            )
            !Permissions.always(activity) -> LOCATION_ALWAYS.ask(activity)
            else -> open(activity, Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
        }
    },

    /** Asked after the first one was given, and from Android 11 on only on a screen of the settings. */
    LOCATION_ALWAYS("location_always") {
        override fun ask(activity: Activity) {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
                activity.requestPermissions(arrayOf(Manifest.permission.ACCESS_BACKGROUND_LOCATION), REQUEST)
            }
        }
    },
    LOCATION_ON("location_on") {
        override fun ask(activity: Activity) = open(activity, Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
    },
    NOTIFICATIONS("notifications") {
        override fun ask(activity: Activity) {
            val asked = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU &&
                activity.shouldShowRequestPermissionRationale(Manifest.permission.POST_NOTIFICATIONS)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU && !asked && activity.hasWindowFocus()) {
                activity.requestPermissions(arrayOf(Manifest.permission.POST_NOTIFICATIONS), REQUEST)
            } else {
                open(
                    activity,
                    Intent(Settings.ACTION_APP_NOTIFICATION_SETTINGS)
                        .putExtra(Settings.EXTRA_APP_PACKAGE, activity.packageName),
                )
            }
        }
    },
    BATTERY("battery") {
        // A dispatcher's orders must come through: one of the uses for which this question is permitted.
        @SuppressLint("BatteryLife")
        override fun ask(activity: Activity) = open(
            activity,
            Intent(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, Uri.parse("package:${activity.packageName}")),
        )
    },
    FULL_SCREEN("full_screen") {
        override fun ask(activity: Activity) {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
                val which = Uri.parse("package:${activity.packageName}")
                open(activity, Intent(Settings.ACTION_MANAGE_APP_USE_FULL_SCREEN_INTENT, which))
            }
        }
    },
    CLOCK("clock") {
        override fun ask(activity: Activity) = open(activity, Intent(Settings.ACTION_DATE_SETTINGS))
    },
    SPACE("space") {
        override fun ask(activity: Activity) = open(activity, Intent(Settings.ACTION_INTERNAL_STORAGE_SETTINGS))
    },
    MAKER("maker") {
        override fun ask(activity: Activity) = open(activity, SelfTest.makerScreen(activity) ?: details(activity))
    };

    abstract fun ask(activity: Activity)

    /** A phone without that screen shows what it has of this app. */
    protected fun open(activity: Activity, intent: Intent) {
        try {
            activity.startActivity(intent)
        } catch (_: ActivityNotFoundException) {
            activity.startActivity(details(activity))
        } catch (_: SecurityException) {
            // Some makers guard their own screen.
            activity.startActivity(details(activity))
        }
    }

    protected fun details(activity: Activity): Intent =
        Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.parse("package:${activity.packageName}"))

    companion object {
        private const val REQUEST = 112

        fun of(code: String): Screens? = entries.firstOrNull { it.code == code }
    }
}
