package id.go.ketapang.siaga.rule

/**
 * What the screen of one alarm shows, from what the home says and what became of the answer given on it. It leaves as
 * answered only when the answer is on the disk; what somebody else ended is told for a moment; an answer that was not kept
 * stays on the screen until the person has seen it.
 */
class AlarmScreen(private val id: String) {
    enum class Page {
        /** What and where, and both answers. */
        ORDER,

        /** Why not; nothing is answered yet. */
        REASONS,

        /** The answer is on its way to the disk. */
        KEEPING,

        /** It rings no more, and not by an answer given here. */
        OVER,

        /** The answer is on the disk. */
        ANSWERED,
    }

    data class Shows(val page: Page, val notKept: NotKept? = null) {
        /** After so many milliseconds the screen leaves by itself; `null` for not at all. */
        fun leavesAfterMs(isSeen: Boolean): Long? = when {
            page == Page.ANSWERED -> 0
            page != Page.OVER || notKept != null -> null
            isSeen -> TOLD_MS
            else -> 0
        }
    }

    private var rings = true
    private var choosing = false
    private var keeping = false
    private var answered = false
    private var notKept: NotKept? = null

    val shows: Shows
        get() = Shows(
            when {
                answered -> Page.ANSWERED
                // The home may say that it is over before the answer comes back that ended it.
                keeping -> Page.KEEPING
                !rings -> Page.OVER
                choosing -> Page.REASONS
                else -> Page.ORDER
            },
            notKept,
        )

    /** What rings now, by id. */
    fun home(ringing: Collection<String>) {
        rings = id in ringing
    }

    fun askWhy() {
        choosing = true
    }

    /** True when there was something to go back from; else the screen itself is left, and the alarm goes on. */
    fun back(): Boolean = (shows.page == Page.REASONS).also { choosing = false }

    /** Whether an answer may be given now: one at a time, and none to what is over. */
    fun give(): Boolean {
        if (shows.page != Page.ORDER && shows.page != Page.REASONS) return false
        keeping = true
        notKept = null
        return true
    }

    /** What became of it; `null` when it is on the disk. */
    fun given(why: NotKept?) {
        keeping = false
        choosing = false
        notKept = why
        answered = why == null
    }

    companion object {
        /** Time to read one sentence. */
        const val TOLD_MS = 5_000L
    }
}
