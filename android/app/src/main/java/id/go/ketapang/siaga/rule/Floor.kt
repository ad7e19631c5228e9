package id.go.ketapang.siaga.rule

/** What the phone's WebView is good for. */
enum class Floor {
    /** Everything. */
    FULL,

    /** Lists and forms, no map. */
    PLAIN,

    /** Not even that: a native screen says how to update it. */
    TOO_OLD;

    companion object {
        const val FULL_FROM = 87
        const val PLAIN_FROM = 70

        /** `null` when there is no WebView, or its version is no number. */
        fun of(major: Int?): Floor = when {
            major == null || major < PLAIN_FROM -> TOO_OLD
            major < FULL_FROM -> PLAIN
            else -> FULL
        }

        /** The first number of `108.0.5359.128`. */
        fun majorOf(version: String?): Int? = version?.trim()?.takeWhile(Char::isDigit)?.toIntOrNull()
    }
}
