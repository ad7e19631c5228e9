package id.go.ketapang.siaga.field

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import id.go.ketapang.siaga.EntryActivity
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.rule.NotKept

/** The quiet notifications: that the service runs, that it should and cannot, that the store is shut, that an answer was not kept. */
object Notices {
    const val SERVICE = 1
    private const val RESUME = 2
    private const val SHUT = 3
    private const val NOT_KEPT = 4

    private const val CHANNEL_SERVICE = "field"
    private const val CHANNEL_NOTICE = "notice"

    fun ofService(context: Context, looks: Boolean): Notification {
        channel(context, CHANNEL_SERVICE, R.string.channel_field, NotificationManager.IMPORTANCE_LOW)
        val text = if (looks) R.string.field_tracking else R.string.field_not_tracking
        return Notification.Builder(context, CHANNEL_SERVICE)
            .setSmallIcon(R.drawable.ic_notice)
            .setContentTitle(context.getString(R.string.field_on_duty))
            .setContentText(context.getString(text))
            .setContentIntent(openApp(context))
            .setCategory(Notification.CATEGORY_SERVICE)
            .setVisibility(Notification.VISIBILITY_PUBLIC)
            .setOngoing(true)
            .setOnlyAlertOnce(true)
            .build()
    }

    fun fieldService(context: Context, looks: Boolean) {
        manager(context)?.notify(SERVICE, ofService(context, looks))
    }

    /** Somebody is on duty and nobody looks where they are: a touch opens the app, and that starts the service. */
    fun askToResume(context: Context) = notice(context, RESUME, R.string.resume_title, R.string.resume_text)

    fun withdrawResume(context: Context) {
        manager(context)?.cancel(RESUME)
        manager(context)?.cancel(SHUT)
    }

    fun storeIsShut(context: Context) = notice(context, SHUT, R.string.shut_title, R.string.shut_text)

    /** What became of an answer to an alarm; `null` for one that was kept. */
    fun answer(context: Context, why: NotKept?) {
        // Withdrawn first, so that the same failure is told again.
        manager(context)?.cancel(NOT_KEPT)
        if (why != null) notice(context, NOT_KEPT, R.string.not_kept_title, AlarmText.remedy(why))
    }

    private fun notice(context: Context, id: Int, title: Int, text: Int) {
        channel(context, CHANNEL_NOTICE, R.string.channel_notice, NotificationManager.IMPORTANCE_HIGH)
        val notification = Notification.Builder(context, CHANNEL_NOTICE)
            .setSmallIcon(R.drawable.ic_notice)
            .setContentTitle(context.getString(title))
            .setContentText(context.getString(text))
            .setStyle(Notification.BigTextStyle().bigText(context.getString(text)))
            .setContentIntent(openApp(context))
            .setVisibility(Notification.VISIBILITY_PUBLIC)
            .setOnlyAlertOnce(true)
            .setAutoCancel(true)
            .build()
        manager(context)?.notify(id, notification)
    }

    fun openApp(context: Context): PendingIntent {
        val intent = Intent(context, EntryActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        return PendingIntent.getActivity(context, 0, intent, PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT)
    }

    private fun channel(context: Context, id: String, name: Int, importance: Int) {
        // Made again, an existing channel only takes the new name: the language may have changed.
        manager(context)?.createNotificationChannel(NotificationChannel(id, context.getString(name), importance))
    }

    private fun manager(context: Context): NotificationManager? = context.getSystemService(NotificationManager::class.java)
}
