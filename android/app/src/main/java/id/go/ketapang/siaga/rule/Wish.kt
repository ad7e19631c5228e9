package id.go.ketapang.siaga.rule

/** Why somebody looks whether the service should run. */
enum class Occasion {
    /** A person opened the app or pressed something: it may start a service. */
    SEEN,

    /** The phone started, the app was updated, or the system began anew what it had ended. */
    BEHIND,
}

/** What a phone allows. */
data class Allowed(val location: Boolean, val locationAlways: Boolean)

/** What is to become of the service that keeps the trail. */
enum class Wish {
    RUN,
    STOP,

    /** It would be refused: a notification asks the person to open the app. */
    ASK;

    companion object {
        /**
         * A location service that begins behind the person's back needs "all the time"; otherwise the system throws. One
         * that runs already goes on whatever was taken from it, and says that it cannot look.
         */
        fun of(enrolled: Boolean, onDuty: Boolean, runs: Boolean, occasion: Occasion, allowed: Allowed): Wish = when {
            !enrolled || !onDuty -> STOP
            runs -> RUN
            !allowed.location -> ASK
            occasion == Occasion.SEEN || allowed.locationAlways -> RUN
            else -> ASK
        }
    }
}
