package id.go.ketapang.siaga.field

import android.app.Application
import android.content.Context
import id.go.ketapang.siaga.engine.Now
import id.go.ketapang.siaga.rule.Occasion

/** Where a change of the home leads to: alarms in the process of the service, its start in the one of the page. */
object Changes {
    /** In the process of the page: the system lets a service be started while a person looks, not for every change. */
    @Volatile
    private var wasOnDuty = false

    fun told(context: Context, now: Now) {
        val app = context.applicationContext as Application
        if (Phone.isFieldProcess(app)) {
            Alarm.of(app).told(now.alarms)
            // The live service is told; one that does not live is not started from here.
            FieldService.live?.told(now)
        } else {
            // Somebody checked in on the page, which a person has before their eyes.
            if (now.onDuty && !wasOnDuty) Starter.look(app, now, Occasion.SEEN)
            wasOnDuty = now.onDuty
        }
    }
}
