package id.go.ketapang.siaga.rule

/**
 * A question for a permission. A person who refused for good is asked no more: the system answers at once, shows nothing, and
 * whoever pressed the button wonders. Then the settings of this app are the only way.
 */
class Question(private val askedMs: Long) {
    /** [mayExplain]: the system would let the app say why and ask again, which it does after a first refusal. */
    fun wasNotShown(isGranted: Boolean, mayExplain: Boolean, nowMs: Long): Boolean =
        !isGranted && !mayExplain && nowMs - askedMs < NOBODY_READS_FASTER_MS

    private companion object {
        const val NOBODY_READS_FASTER_MS = 1_000L
    }
}
