package id.go.ketapang.siaga.field

import android.annotation.SuppressLint
import android.content.Context
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Cause
import id.go.ketapang.siaga.engine.Ringing
import id.go.ketapang.siaga.rule.AlarmScreen
import id.go.ketapang.siaga.rule.AlarmScreen.Page
import id.go.ketapang.siaga.rule.NotKept

/** What an alarm says: no more than what may be read over somebody's shoulder. */
object AlarmText {
    fun title(context: Context, alarm: Ringing): String = when (alarm.cause) {
        Cause.SOS -> context.getString(R.string.alarm_sos)
        Cause.CANCELLED -> listOfNotNull(context.getString(R.string.alarm_cancelled), category(context, alarm.category))
            .joinToString(": ")
        Cause.TASK -> category(context, alarm.category) ?: context.getString(R.string.alarm_task)
    }

    fun place(context: Context, alarm: Ringing): String = when {
        alarm.cause == Cause.SOS && alarm.unit != null -> context.getString(R.string.alarm_unit, alarm.unit)
        alarm.village != null -> alarm.village
        else -> context.getString(R.string.alarm_place_unknown)
    }

    /** What the screen says above the order; `null` for nothing. */
    fun said(context: Context, shows: AlarmScreen.Shows, cause: Cause): String? {
        val over = when (cause) {
            Cause.SOS -> R.string.alarm_over_sos
            Cause.CANCELLED -> R.string.alarm_over_cancelled
            Cause.TASK -> R.string.alarm_over
        }.let(context::getString)
        val why = shows.notKept
        return when {
            shows.page == Page.KEEPING -> context.getString(R.string.alarm_keeping)
            shows.page == Page.OVER && why == null -> over
            shows.page == Page.OVER -> over + "\n" + context.getString(R.string.not_kept_over)
            why != null -> context.getString(R.string.not_kept_title) + "\n" + context.getString(remedy(why))
            else -> null
        }
    }

    /** What to do about an answer that is not on the disk. */
    fun remedy(why: NotKept): Int = when (why) {
        NotKept.FULL -> R.string.not_kept_full
        NotKept.GONE -> R.string.not_kept_gone
        NotKept.SHUT -> R.string.not_kept_shut
        NotKept.OTHER -> R.string.not_kept_other
    }

    /** `LAKA-LUKA` is `category_laka_luka`; a test holds every category against both languages, R8 keeps the names. */
    @SuppressLint("DiscouragedApi")
    private fun category(context: Context, code: String?): String? {
        val name = "category_" + (code ?: return null).lowercase().replace('-', '_')
        val id = context.resources.getIdentifier(name, "string", context.packageName)
        return if (id == 0) null else context.getString(id)
    }
}
