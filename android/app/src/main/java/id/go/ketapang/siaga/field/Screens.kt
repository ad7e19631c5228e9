package id.go.ketapang.siaga.field

import android.Manifest
import android.annotation.SuppressLint
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.SystemClock
import android.provider.Settings
import id.go.ketapang.siaga.rule.Question

/** Where a person grants what a duty needs: the system's question where it may be asked, its settings where not. */
enum class Screens(private val code: String) {
    LOCATION("location") {
        override fun ask(activity: Activity) = when {
            !Permissions.fine(activity) ->
                question(activity, Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION)
            !Permissions.always(activity) -> LOCATION_ALWAYS.ask(activity)
            else -> open(activity, Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
        }
    },

    /** Asked after the first one was given, and from Android 11 on only on a screen of the settings. */
    LOCATION_ALWAYS("location_always") {
        override fun ask(activity: Activity) {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
                question(activity, Manifest.permission.ACCESS_BACKGROUND_LOCATION)
            }
        }
    },
    LOCATION_ON("location_on") {
        override fun ask(activity: Activity) = open(activity, Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
    },
    NOTIFICATIONS("notifications") {
        override fun ask(activity: Activity) {
            val isAsked = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU &&
                activity.checkSelfPermission(Manifest.permission.POST_NOTIFICATIONS) != PackageManager.PERMISSION_GRANTED
            if (isAsked) {
                question(activity, Manifest.permission.POST_NOTIFICATIONS)
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

    protected fun question(activity: Activity, vararg permissions: String) {
        asked = Asked(Question(SystemClock.elapsedRealtime()), permissions.first(), this)
        activity.requestPermissions(permissions, REQUEST)
    }

    private class Asked(val question: Question, val permission: String, val screen: Screens)

    companion object {
        private const val REQUEST = 112
        private var asked: Asked? = null

        fun of(code: String): Screens? = entries.firstOrNull { it.code == code }

        /** The window is in front again. Where the system showed no question, its settings of this app are opened. */
        fun backFromQuestion(activity: Activity) {
            val asked = asked ?: return
            this.asked = null
            val isGranted = activity.checkSelfPermission(asked.permission) == PackageManager.PERMISSION_GRANTED
            val mayExplain = activity.shouldShowRequestPermissionRationale(asked.permission)
            if (asked.question.wasNotShown(isGranted, mayExplain, SystemClock.elapsedRealtime())) {
                asked.screen.open(activity, asked.screen.details(activity))
            }
        }
    }
}
