package id.go.ketapang.siaga.rule

/** How the receiver is asked for positions until the engine says something else. Whether a fix is kept, it decides. */
enum class Plan(
    /** No more often than this, milliseconds. */
    val intervalMs: Long,
    /** May be delivered together, after at most so long; 0 for at once. */
    val delayMs: Long,
) {
    /** Where a duty begins. */
    MOVING(intervalMs = 2_500, delayMs = 0),

    /** Six times as often as a fix is kept, so that a crew that drives off is followed. */
    STANDING(intervalMs = 10_000, delayMs = 60_000),
    MOVING_LOW(intervalMs = 15_000, delayMs = 0),
    STANDING_LOW(intervalMs = 60_000, delayMs = 180_000);

    companion object {
        /** The same number as the engine's: a phone that dies leaves no trail at all. */
        const val LOW_BATTERY_PERCENT = 15

        fun of(stands: Boolean, batteryPercent: Int?): Plan {
            val low = batteryPercent != null && batteryPercent <= LOW_BATTERY_PERCENT
            return when {
                stands -> if (low) STANDING_LOW else STANDING
                else -> if (low) MOVING_LOW else MOVING
            }
        }
    }
}
