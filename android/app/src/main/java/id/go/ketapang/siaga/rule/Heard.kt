package id.go.ketapang.siaga.rule

/** Whether an alarm of the service is heard, as far as the process of the page can see. In doubt it is not: the page sounds. */
object Heard {
    /** [shown] on the channel of alarms, which [sounds] as the person set it; [volume] of the stream of the alarm clock. */
    fun of(shown: Boolean, sounds: Boolean, volume: Int): Boolean = shown && sounds && volume > 0
}
