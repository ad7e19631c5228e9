package id.go.ketapang.siaga.rule

/** Why an answer to an alarm is not on the disk, told apart as far as a person can do something else about it. */
enum class NotKept {
    /** No room. */
    FULL,

    /** The task is no longer on this phone. */
    GONE,

    /** The home cannot be opened or read now. */
    SHUT,
    OTHER;

    companion object {
        /** [code] as a failure of the engine has it. */
        fun of(code: String): NotKept = when (code) {
            "storage_full" -> FULL
            "not_found" -> GONE
            "storage" -> SHUT
            else -> OTHER
        }
    }
}
