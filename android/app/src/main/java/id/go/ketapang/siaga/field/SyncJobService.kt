package id.go.ketapang.siaga.field

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Engine
import id.go.ketapang.siaga.rule.Occasion

/**
 * Sends what waits and takes what is new when the system gives a moment with a network, on duty or not; and looks whether
 * the service should be running and was ended.
 */
class SyncJobService : JobService() {
    override fun onStartJob(params: JobParameters): Boolean {
        Phone.send {
            val now = Phone.open(this)
            if (now != null) Starter.look(this, now, Occasion.BEHIND)
            val done = if (now?.enrolled == true) Answer.of(Engine.syncOnce()) else null
            // A home that is shut, or a center that was not reached: the system tries again, later each time.
            val again = params.jobId == SOON && (now == null || done is Answer.Failed)
            jobFinished(params, again)
        }
        return true
    }

    /** The network went away: whatever is under way is safe to end, and goes on with the next job. */
    override fun onStopJob(params: JobParameters): Boolean = params.jobId == SOON

    companion object {
        private const val EVERY = 1
        private const val SOON = 2
        private const val QUARTER_HOUR_MS = 15 * 60_000L
        private const val FIVE_MINUTES_MS = 5 * 60_000L
        private const val BACKOFF_MS = 30_000L

        /** As often as the system allows. Stays over a restart of the phone. */
        fun every(context: Context) {
            val scheduler = context.getSystemService(JobScheduler::class.java) ?: return
            if (scheduler.getPendingJob(EVERY) != null) return
            scheduler.schedule(
                job(context, EVERY).setPeriodic(QUARTER_HOUR_MS, FIVE_MINUTES_MS).setPersisted(true).build(),
            )
        }

        /** As soon as there is a network. */
        fun soon(context: Context) {
            val job = job(context, SOON).setBackoffCriteria(BACKOFF_MS, JobInfo.BACKOFF_POLICY_EXPONENTIAL).setPersisted(true)
            context.getSystemService(JobScheduler::class.java)?.schedule(job.build())
        }

        private fun job(context: Context, id: Int) =
            JobInfo.Builder(id, ComponentName(context, SyncJobService::class.java))
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
    }
}
