package id.go.ketapang.siaga.rule

import id.go.ketapang.siaga.engine.Ringing

/** What rings, compared with what rang: every alarm is begun once and ended once, however often the home changes. */
class Bell {
    private var ringing: Map<String, Ringing> = emptyMap()

    data class Turn(val begin: List<Ringing>, val end: List<String>)

    fun turn(now: List<Ringing>): Turn {
        val next = now.associateBy { it.id }
        val turn = Turn(
            // What is told otherwise than before is told again: the village may come after the order.
            begin = next.values.filter { ringing[it.id] != it },
            end = ringing.keys.filter { it !in next },
        )
        ringing = next
        return turn
    }

    val isRinging: Boolean get() = ringing.isNotEmpty()
}
