package id.go.ketapang.siaga.rule

/**
 * Several sources say where the phone is, and not alike: satellites, a fused source where the maker built one, masts and
 * access points. What satellites said lately is not disturbed by the others.
 */
class Sift {
    private var satelliteAtMs = Long.MIN_VALUE
    private var fineAtMs = Long.MIN_VALUE

    enum class Source { SATELLITE, FUSED, NETWORK }

    /** [atMs] is of a clock that nobody sets, and never goes back for long. */
    fun takes(source: Source, accuracyM: Double?, atMs: Long): Boolean {
        val takes = when (source) {
            Source.SATELLITE -> true
            Source.FUSED -> !isFresh(satelliteAtMs, atMs) && (accuracyM ?: ROUGH_M) < ROUGH_M
            // A mast is hundreds of metres off: better than nothing, and only then.
            Source.NETWORK -> !isFresh(fineAtMs, atMs) && (accuracyM ?: USELESS_M) < USELESS_M
        }
        if (takes && source == Source.SATELLITE) satelliteAtMs = atMs
        if (takes && source != Source.NETWORK) fineAtMs = atMs
        return takes
    }

    private fun isFresh(lastMs: Long, nowMs: Long): Boolean = lastMs != Long.MIN_VALUE && nowMs - lastMs < FRESH_MS

    private companion object {
        const val FRESH_MS = 30_000L
        const val ROUGH_M = 100.0
        const val USELESS_M = 2_000.0
    }
}
