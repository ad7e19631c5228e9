package id.go.ketapang.siaga.rule

/** Which addresses of the page leave the app: nothing else than these is handed to the system. */
object Follow {
    enum class By { DIAL, MAP, MESSAGE }

    fun of(address: String): By? {
        val scheme = address.substringBefore(':', "").lowercase()
        val rest = address.substringAfter(':', "")
        return when {
            // A number is dialled by a thumb, and a code that resets a phone is not dialled at all.
            scheme == "tel" && rest.isNotEmpty() && rest.all { it.isDigit() || it in "+-. ()" } -> By.DIAL
            scheme == "geo" && rest.isNotEmpty() -> By.MAP
            scheme == "smsto" && rest.isNotEmpty() -> By.MESSAGE
            else -> null
        }
    }
}
