package id.go.ketapang.siaga.rule

import id.go.ketapang.siaga.engine.Ringing

/**
 * What rings, compared with what rang: every alarm is begun once and ended once, however often the home changes. What was
 * [left] ringing by a process before this one is ended when the home does not know it.
 */
class Bell(private var left: Collection<String> = emptyList()) {
    private var ringing: Map<String, Ringing> = emptyMap()

    data class Turn(val begin: List<Ringing>, val end: List<String>)

    fun turn(now: List<Ringing>): Turn {
        val next = now.associateBy { it.id }
        val turn = Turn(
            // What is told otherwise than before is told again: the village may come after the order.
            begin = next.values.filter { ringing[it.id] != it },
            end = (ringing.keys + left).filter { it !in next },
        )
        ringing = next
        left = emptyList()
        return turn
    }

    val isRinging: Boolean get() = ringing.isNotEmpty()
}
