package id.go.ketapang.siaga.field

import android.app.ActivityManager
import android.app.Application
import android.content.Context
import android.os.Build
import android.os.Process
import android.provider.Settings
import android.util.Log
import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Engine
import id.go.ketapang.siaga.engine.Now
import id.go.ketapang.siaga.rule.Occasion
import java.io.File
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/**
 * The engine as this process has it: its library, the device behind it, and the one thread on which the service asks it.
 *
 * Nothing here is called on the main thread but [ask] and [send], which never wait, and [attach].
 */
object Phone {
    private const val LIBRARY = "siaga_app"
    private const val TAG = "siaga"

    /** One thread: what is asked of the engine is done in the order it was asked. */
    private val worker: ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "siaga-field") }

    /** Another for what waits for the network: no fix waits behind it. */
    private val sender: ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "siaga-send") }
    private var attached = false
    private var opened = false

    /** Runs [work] later, on the engine's thread. What it throws is written down and ends nothing. */
    fun ask(work: () -> Unit) = worker.execute { guarded(work) }

    /** As [ask], for what may wait for the center. */
    fun send(work: () -> Unit) = sender.execute { guarded(work) }

    private fun guarded(work: () -> Unit) {
        try {
            work()
        } catch (error: Exception) {
            Log.e(TAG, "a piece of work failed: ${error.javaClass.simpleName}")
        }
    }

    /** Loads the library and hands the device to it. Cheap; opens nothing. */
    @Synchronized
    fun attach(context: Context) {
        if (attached) return
        System.loadLibrary(LIBRARY)
        val app = context.applicationContext
        val bootCount = Settings.Global.getInt(app.contentResolver, Settings.Global.BOOT_COUNT, 0)
        Engine.attach(PhoneDevice(app), File(app.filesDir, "home").path, bootCount)
        attached = true
    }

    /** Opens the home in this process where it is not open yet; `null` when it cannot be had now. Waits for the disk. */
    @Synchronized
    fun open(context: Context): Now? {
        attach(context)
        val answer = if (opened) Answer.of(Engine.state()) else Answer.of(Engine.open(appName(context)))
        return when (answer) {
            is Answer.Done -> Now.of(answer.json).also { opened = true }
            is Answer.Failed -> {
                Log.e(TAG, "the home did not open: ${answer.code}, ${answer.detail}")
                null
            }
        }
    }

    /**
     * A person has the app before their eyes: the phone as it is goes into the home, and the service starts where it
     * should run. The page's own engine shares the home with this one.
     */
    fun seen(context: Context) {
        val app = context.applicationContext
        ask {
            val now = open(app) ?: return@ask
            Engine.setDeviceState(SelfTest.json(app))
            // From the first opening on, whether or not anybody was on duty since.
            SyncJobService.every(app)
            Starter.look(app, now, Occasion.SEEN)
        }
    }

    fun isFieldProcess(app: Application): Boolean = processName(app)?.endsWith(":field") == true

    private fun processName(app: Application): String? {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) return Application.getProcessName()
        val manager = app.getSystemService(ActivityManager::class.java) ?: return null
        return manager.runningAppProcesses?.firstOrNull { it.pid == Process.myPid() }?.processName
    }

    private fun appName(context: Context): String {
        val found = context.packageManager.getPackageInfo(context.packageName, 0)
        return "siaga-app ${found.versionName}"
    }
}
