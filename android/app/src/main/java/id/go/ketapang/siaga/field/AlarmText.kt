package id.go.ketapang.siaga.field

import android.annotation.SuppressLint
import android.content.Context
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Ringing

/** What an alarm says: no more than what may be read over somebody's shoulder. */
object AlarmText {
    fun title(context: Context, alarm: Ringing): String = when {
        alarm.isSos -> context.getString(R.string.alarm_sos)
        else -> category(context, alarm.category) ?: context.getString(R.string.alarm_task)
    }

    fun place(context: Context, alarm: Ringing): String = when {
        alarm.isSos && alarm.unit != null -> context.getString(R.string.alarm_unit, alarm.unit)
        alarm.village != null -> alarm.village
        else -> context.getString(R.string.alarm_place_unknown)
    }

    /** `LAKA-LUKA` is `category_laka_luka`; a test holds every category against both languages, R8 keeps the names. */
    @SuppressLint("DiscouragedApi")
    private fun category(context: Context, code: String?): String? {
        val name = "category_" + (code ?: return null).lowercase().replace('-', '_')
        val id = context.resources.getIdentifier(name, "string", context.packageName)
        return if (id == 0) null else context.getString(id)
    }
}
