package id.go.ketapang.siaga.field

import android.app.Activity
import android.app.KeyguardManager
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.ScrollView
import android.widget.TextView
import android.window.OnBackInvokedDispatcher
import id.go.ketapang.siaga.EntryActivity
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Cause
import id.go.ketapang.siaga.engine.Ringing
import id.go.ketapang.siaga.rule.AlarmScreen
import id.go.ketapang.siaga.rule.AlarmScreen.Page
import id.go.ketapang.siaga.rule.NotKept

/**
 * An alarm on the whole screen, over a locked one too. Native and of the service's process: it is there at once, and on a
 * phone whose WebView is dead. What it shows when, [AlarmScreen] decides.
 */
class AlarmActivity : Activity() {
    private val main = Handler(Looper.getMainLooper())
    private val leave = Runnable { finish() }
    private val follower: (List<Ringing>) -> Unit = { alarms -> main.post { told(alarms) } }
    private var id = ""
    private var record = ""
    private var cause = Cause.TASK
    private var isSeen = false
    private var screen = AlarmScreen("")
    private var drawn: Drawn? = null

    private data class Drawn(val id: String, val cause: Cause, val isSeen: Boolean, val shows: AlarmScreen.Shows)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        showOverLock()
        setContentView(R.layout.alarm)
        followBack()
        view<View>(R.id.alarm_decline).setOnClickListener {
            screen.askWhy()
            draw()
        }
        view<View>(R.id.alarm_cancel).setOnClickListener { back() }
        view<View>(R.id.alarm_other).setOnClickListener { openApp() }
        for ((button, reason) in REASONS) {
            view<Button>(button).setText(reason)
            view<View>(button).setOnClickListener { decline(getString(reason)) }
        }
        view<View>(R.id.alarm_accept).setOnClickListener { accept() }
        begin(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        begin(intent)
    }

    override fun onStart() {
        super.onStart()
        isSeen = true
        draw()
    }

    override fun onStop() {
        isSeen = false
        super.onStop()
    }

    override fun onDestroy() {
        main.removeCallbacks(leave)
        Alarm.of(this).unfollow(follower)
        super.onDestroy()
    }

    private fun begin(intent: Intent) {
        val next = intent.getStringExtra(ID) ?: return finish()
        // The same order told anew, for its village came later: who is choosing a reason goes on choosing.
        if (next != id) screen = AlarmScreen(next)
        id = next
        record = intent.getStringExtra(RECORD) ?: next
        cause = Cause.of(intent.getStringExtra(CAUSE))
        if (cause == Cause.TASK && intent.getBooleanExtra(ASKS_WHY, false)) screen.askWhy()
        view<TextView>(R.id.alarm_title).text = intent.getStringExtra(TITLE)
        view<TextView>(R.id.alarm_place).text = intent.getStringExtra(PLACE)
        draw()
        Alarm.of(this).follow(follower)
        // Either opens the home, and one that was opened tells all who follow: in a new process nobody was told yet.
        val app = applicationContext
        if (cause == Cause.TASK) AlarmAnswer.seen(app, record) else Phone.ask { Phone.open(app) }
    }

    private fun told(alarms: List<Ringing>) {
        screen.home(alarms.map { it.id })
        draw()
    }

    private fun accept() {
        // An SOS is answered where there is room for words, and what is over by nobody.
        if (cause == Cause.SOS || screen.shows.page == Page.OVER) return openApp()
        give(::openApp) { told ->
            if (cause == Cause.CANCELLED) AlarmAnswer.acknowledge(this, record, told)
            else AlarmAnswer.accept(this, record, told)
        }
    }

    private fun decline(reason: String) = give(::draw) { told -> AlarmAnswer.decline(this, record, reason, told) }

    private fun give(kept: () -> Unit, write: (told: (NotKept?) -> Unit) -> Unit) {
        if (!screen.give()) return
        val asked = screen
        draw()
        write { why -> main.post { given(asked, why, kept) } }
    }

    private fun given(asked: AlarmScreen, why: NotKept?, kept: () -> Unit) {
        asked.given(why)
        val isLookedAt = asked === screen && isSeen
        if (why == null || !isLookedAt) Notices.answer(applicationContext, why)
        if (asked !== screen || isDestroyed) return
        if (why == null) kept() else draw()
    }

    private fun draw() {
        val shows = screen.shows
        val next = Drawn(id, cause, isSeen, shows)
        // The home changes often: nobody's scrolling, reading or waiting begins anew for that.
        if (next == drawn) return
        drawn = next
        val isOrder = shows.page == Page.ORDER
        val isOver = shows.page == Page.OVER
        show(R.id.alarm_new, cause == Cause.TASK && (isOrder || shows.page == Page.KEEPING))
        show(R.id.alarm_order, shows.page != Page.REASONS)
        show(R.id.alarm_reasons, shows.page == Page.REASONS)
        show(R.id.alarm_cancel, shows.page == Page.REASONS)
        show(R.id.alarm_decline, isOrder && cause == Cause.TASK)
        show(R.id.alarm_accept, isOrder || isOver)
        val answer = when {
            cause == Cause.SOS || isOver -> R.string.alarm_open
            cause == Cause.CANCELLED -> R.string.alarm_acknowledge
            else -> R.string.alarm_accept
        }
        view<Button>(R.id.alarm_accept).setText(answer)
        val said = AlarmText.said(this, shows, cause)
        view<TextView>(R.id.alarm_said).text = said
        show(R.id.alarm_said, said != null)
        view<ScrollView>(R.id.alarm_body).scrollTo(0, 0)
        main.removeCallbacks(leave)
        shows.leavesAfterMs(isSeen)?.let { main.postDelayed(leave, it) }
    }

    private fun show(id: Int, isShown: Boolean) {
        view<View>(id).visibility = if (isShown) View.VISIBLE else View.GONE
    }

    private fun <T : View> view(id: Int): T = findViewById(id)

    private fun back() {
        if (screen.back()) draw() else finish()
    }

    /** From Android 16 on the dispatcher is asked, before that the method below. */
    private fun followBack() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            onBackInvokedDispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT) { back() }
        }
    }

    @Suppress("OVERRIDE_DEPRECATION")
    override fun onBackPressed() = back()

    /** A locked phone asks for its code first; the answer is on the disk either way. */
    private fun openApp() {
        getSystemService(KeyguardManager::class.java)?.requestDismissKeyguard(this, null)
        startActivity(Intent(this, EntryActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        finish()
    }

    private fun showOverLock() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O_MR1) {
            setShowWhenLocked(true)
            setTurnScreenOn(true)
        } else {
            @Suppress("DEPRECATION")
            window.addFlags(
                WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED or WindowManager.LayoutParams.FLAG_TURN_SCREEN_ON,
            )
        }
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }

    companion object {
        private const val ID = "id"
        private const val RECORD = "record"
        private const val CAUSE = "cause"
        private const val TITLE = "title"
        private const val PLACE = "place"
        private const val ASKS_WHY = "asks_why"
        private const val WHY = "id.go.ketapang.siaga.WHY"

        /** The page's reasons, word for word: a test compares them. */
        private val REASONS = listOf(
            R.id.alarm_reason_busy to R.string.decline_busy,
            R.id.alarm_reason_vehicle to R.string.decline_vehicle,
            R.id.alarm_reason_crew to R.string.decline_crew,
            R.id.alarm_reason_road to R.string.decline_road,
            R.id.alarm_reason_equipment to R.string.decline_equipment,
        )

        fun intent(context: Context, alarm: Ringing): Intent = Intent(context, AlarmActivity::class.java)
            .putExtra(ID, alarm.id)
            .putExtra(RECORD, alarm.record)
            .putExtra(CAUSE, alarm.cause.code)
            .putExtra(TITLE, AlarmText.title(context, alarm))
            .putExtra(PLACE, AlarmText.place(context, alarm))
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_NO_USER_ACTION)

        /** The same, at the list of reasons; an action of its own, so that the system tells the two apart. */
        fun askWhy(context: Context, alarm: Ringing): Intent = intent(context, alarm).setAction(WHY).putExtra(ASKS_WHY, true)
    }
}
