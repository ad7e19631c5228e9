package id.go.ketapang.siaga.field

import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.BatteryManager
import android.os.Build
import android.os.Handler
import android.os.IBinder
import android.os.Looper
import android.util.Log
import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Engine
import id.go.ketapang.siaga.engine.Fixes
import id.go.ketapang.siaga.engine.Now
import id.go.ketapang.siaga.engine.TakenFix
import id.go.ketapang.siaga.rule.Plan

/**
 * Keeps the trail, the exchange and the alarms going while somebody is on duty, in a process without a window: swiping the
 * app away, a dead renderer or the end of an Activity do not touch it.
 *
 * It holds nothing that a kill could lose: a fix is on the disk in the call that brought it. When it begins it looks at the
 * home, and ends itself when nobody is on duty.
 */
class FieldService : Service() {
    private val main = Handler(Looper.getMainLooper())
    private lateinit var locator: Locator
    private lateinit var network: Network
    private var begun = false
    private val beat = Runnable { onBeat() }

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onCreate() {
        super.onCreate()
        live = this
        locator = Locator(this, main, ::onFixes)
        network = Network(this, main)
    }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        // Within five seconds, whatever comes after: the system ends a process that breaks this promise.
        if (!comeForward()) {
            Phone.ask { Phone.open(this)?.let { Engine.track(OFF) } }
            Notices.askToResume(this)
            stopSelf()
            return START_NOT_STICKY
        }
        Phone.ask {
            val now = Phone.open(this)
            // A running service goes on when one look at the home came to nothing.
            main.post { if (now != null) told(now) else if (!begun) storeIsShut() }
        }
        // Ended for memory, it is begun anew by the system; from behind, where that is allowed.
        return START_STICKY
    }

    /** The home changed, or was looked at. On any thread. */
    fun told(now: Now) {
        main.post {
            if (live !== this) return@post
            if (!now.enrolled || !now.onDuty) end() else begin()
        }
    }

    private fun begin() {
        if (begun) return
        begun = true
        Notices.withdrawResume(this)
        network.begin()
        locator.begin(Plan.of(stands = false, batteryPercent = battery()))
        Phone.ask { Engine.startExchange() }
        SyncJobService.every(this)
        main.post(beat)
    }

    private fun end() {
        rest()
        Phone.ask { Engine.stopExchange() }
        stopForeground(STOP_FOREGROUND_REMOVE)
        stopSelf()
        // What the last press wrote goes out although nobody is here any more.
        SyncJobService.soon(this)
    }

    /** A store that cannot be opened now is tried again by the next job; a service without one is of no use. */
    private fun storeIsShut() {
        Notices.storeIsShut(this)
        stopForeground(STOP_FOREGROUND_REMOVE)
        stopSelf()
        SyncJobService.every(this)
    }

    private fun onFixes(fixes: List<TakenFix>) {
        val battery = battery()
        Phone.ask {
            val answer = Answer.of(Engine.recordFixes(Fixes.json(fixes, battery)))
            val taken = answer.done ?: return@ask Log.w("siaga", "fixes were not kept").let {}
            val plan = Plan.of(taken.json.optBoolean("stands"), battery)
            main.post { if (begun) locator.goOn(plan) }
        }
    }

    /** The service is there and looks, or cannot; the phone as it is now goes into the home beside it. */
    private fun onBeat() {
        if (!begun) return
        val looks = locator.canLook()
        Phone.ask {
            Engine.track(if (looks) LOOKS else OFF)
            Engine.setDeviceState(SelfTest.json(this))
        }
        Notices.fieldService(this, looks)
        // Location that was switched on again, or a permission given meanwhile.
        if (looks) locator.again()
        main.removeCallbacks(beat)
        main.postDelayed(beat, BEAT_MS)
    }

    /** False when the system refuses: no permission (Android 14), or not from behind (Android 12). */
    private fun comeForward(): Boolean = try {
        val notification = Notices.ofService(this, Permissions.fine(this) && Permissions.isLocationOn(this))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            startForeground(Notices.SERVICE, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION)
        } else {
            startForeground(Notices.SERVICE, notification)
        }
        true
    } catch (refused: SecurityException) {
        refused(refused)
    } catch (refused: IllegalStateException) {
        refused(refused)
    }

    private fun refused(error: Exception): Boolean {
        Log.w("siaga", "the service may not come forward: ${error.javaClass.simpleName}")
        return false
    }

    private fun battery(): Int? = getSystemService(BatteryManager::class.java)
        ?.getIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY)?.takeIf { it in 0..100 }

    /** Nobody looks any more; whoever checks in again begins anew. */
    private fun rest() {
        main.removeCallbacks(beat)
        if (!begun) return
        begun = false
        locator.end()
        network.end()
    }

    override fun onDestroy() {
        live = null
        rest()
        super.onDestroy()
    }

    companion object {
        /** The service of this process, while it lives: called, never started from behind. */
        @Volatile
        var live: FieldService? = null
            private set

        private const val BEAT_MS = 60_000L
        private const val LOOKS = "looks"
        private const val OFF = "off"
    }
}
