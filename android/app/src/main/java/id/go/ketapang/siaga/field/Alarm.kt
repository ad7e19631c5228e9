package id.go.ketapang.siaga.field

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.media.AudioAttributes
import android.media.AudioManager
import android.media.Ringtone
import android.media.RingtoneManager
import android.os.Build
import android.provider.Settings
import android.service.notification.StatusBarNotification
import android.util.Log
import id.go.ketapang.siaga.R
import id.go.ketapang.siaga.engine.Cause
import id.go.ketapang.siaga.engine.Ringing
import id.go.ketapang.siaga.rule.Bell
import id.go.ketapang.siaga.rule.Heard

/**
 * An order, a cancelled one, or a responder in danger, until a human acts: the whole screen where the phone allows it, a notification that
 * does not end its sound where it does not, and the bare sound where notifications are off. All on the stream of the alarm
 * clock, which a silenced phone still plays.
 */
class Alarm private constructor(private val context: Context) {
    private val manager: NotificationManager? = context.getSystemService(NotificationManager::class.java)

    /** What a process that was ended left ringing is ended by this one, if the home says so. */
    private val bell = Bell(shownBy(manager).mapNotNull { it.tag })
    private val followers = LinkedHashSet<(List<Ringing>) -> Unit>()
    private var last: List<Ringing>? = null
    private var bare: Ringtone? = null

    /** What rings now. Called for every change, on one thread at a time. */
    @Synchronized
    fun told(alarms: List<Ringing>) {
        val turn = bell.turn(alarms)
        for (id in turn.end) manager?.cancel(id, TAG)
        if (turn.begin.isNotEmpty()) channel()
        for (alarm in turn.begin) manager?.notify(alarm.id, TAG, notification(alarm))
        if (bell.isRinging && isMuted()) ring() else quiet()
        // An answer that was not kept is of no account once the alarm was answered.
        if (turn.end.isNotEmpty() && !bell.isRinging) Notices.answer(context, null)
        last = alarms
        followers.forEach { it(alarms) }
    }

    /** Tells [follower] what rings, now where that is known, and whenever it is something else. */
    @Synchronized
    fun follow(follower: (List<Ringing>) -> Unit) {
        followers += follower
        last?.let(follower)
    }

    @Synchronized
    fun unfollow(follower: (List<Ringing>) -> Unit) {
        followers -= follower
    }

    private fun notification(alarm: Ringing): Notification {
        val screen = PendingIntent.getActivity(context, code(alarm.id), AlarmActivity.intent(context, alarm), FLAGS)
        val builder = Notification.Builder(context, CHANNEL)
            .setSmallIcon(R.drawable.ic_notice)
            .setContentTitle(AlarmText.title(context, alarm))
            .setContentText(AlarmText.place(context, alarm))
            .setContentIntent(screen)
            .setCategory(Notification.CATEGORY_ALARM)
            .setVisibility(Notification.VISIBILITY_PUBLIC)
            .setOngoing(true)
            .setAutoCancel(false)
        if (canTakeScreen(context)) builder.setFullScreenIntent(screen, true)
        if (alarm.cause == Cause.TASK) {
            val accept = PendingIntent.getBroadcast(context, code(alarm.id), AlarmReceiver.accept(context, alarm.record), FLAGS)
            builder.addAction(action(accept, R.string.alarm_accept))
            // Nothing is answered by this touch: it opens the list of reasons.
            val why = PendingIntent.getActivity(context, code(alarm.id), AlarmActivity.askWhy(context, alarm), FLAGS)
            builder.addAction(action(why, R.string.alarm_decline))
        }
        return builder.build().apply {
            // The sound begins again until the notification is gone.
            flags = flags or Notification.FLAG_INSISTENT
        }
    }

    private fun action(pending: PendingIntent, title: Int): Notification.Action =
        Notification.Action.Builder(null, context.getString(title), pending).build()

    private fun channel() {
        val channel = NotificationChannel(CHANNEL, context.getString(R.string.channel_alarm), NotificationManager.IMPORTANCE_HIGH)
        channel.setSound(Settings.System.DEFAULT_ALARM_ALERT_URI, AS_ALARM)
        channel.enableVibration(true)
        channel.vibrationPattern = longArrayOf(0, 600, 300, 600, 300, 600)
        channel.lockscreenVisibility = Notification.VISIBILITY_PUBLIC
        // Heeded only where the person gave this app that right.
        channel.setBypassDnd(true)
        manager?.createNotificationChannel(channel)
    }

    /** Nothing would be heard: notifications are off, or the person turned this channel down. */
    private fun isMuted(): Boolean {
        val manager = manager ?: return true
        val channel = manager.getNotificationChannel(CHANNEL)
        return !manager.areNotificationsEnabled() ||
            channel == null || channel.importance < NotificationManager.IMPORTANCE_DEFAULT
    }

    private fun ring() {
        if (bare != null) return
        val sound = RingtoneManager.getRingtone(context, Settings.System.DEFAULT_ALARM_ALERT_URI) ?: return
        sound.audioAttributes = AS_ALARM
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) sound.isLooping = true
        try {
            sound.play()
            bare = sound
        } catch (error: RuntimeException) {
            Log.e("siaga", "the alarm has no sound: ${error.javaClass.simpleName}")
        }
    }

    private fun quiet() {
        bare?.stop()
        bare = null
    }

    companion object {
        private const val TAG = 0
        private const val CHANNEL = "alarm"
        private const val FLAGS = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
        private val AS_ALARM: AudioAttributes = AudioAttributes.Builder()
            .setUsage(AudioAttributes.USAGE_ALARM)
            .setContentType(AudioAttributes.CONTENT_TYPE_SONIFICATION)
            .build()

        private var only: Alarm? = null

        @Synchronized
        fun of(context: Context): Alarm = only ?: Alarm(context.applicationContext).also { only = it }

        /** From Android 14 on a store may have taken it from an app that is no alarm clock. */
        fun canTakeScreen(context: Context): Boolean = Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE ||
            context.getSystemService(NotificationManager::class.java)?.canUseFullScreenIntent() == true

        /** Whether an alarm of this app is heard now, asked from any of its processes. */
        fun rings(context: Context): Boolean {
            val manager = context.getSystemService(NotificationManager::class.java)
            val channel = manager?.getNotificationChannel(CHANNEL)
            return Heard.of(
                shown = shownBy(manager).isNotEmpty(),
                sounds = channel?.sound != null && channel.importance >= NotificationManager.IMPORTANCE_DEFAULT,
                volume = context.getSystemService(AudioManager::class.java)?.getStreamVolume(AudioManager.STREAM_ALARM) ?: 0,
            )
        }

        /** None where the system does not say: an alarm begins all the same. */
        private fun shownBy(manager: NotificationManager?): List<StatusBarNotification> = try {
            manager?.activeNotifications.orEmpty().filter { it.notification.channelId == CHANNEL }
        } catch (error: RuntimeException) {
            Log.w("siaga", "which alarms are shown was not told: ${error.javaClass.simpleName}")
            emptyList()
        }

        private fun code(id: String): Int = id.hashCode()
    }
}
