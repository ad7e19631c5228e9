package id.go.ketapang.siaga.life

import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Now
import org.json.JSONArray
import org.json.JSONObject
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A [FieldProcess], seen from the test that starts and kills it. */
class Service(private val home: File, bootCount: Int = 7) : AutoCloseable {
    private val answers = LinkedBlockingQueue<Answer>()
    private val changes = LinkedBlockingQueue<Now>()
    private val process: Process

    init {
        home.mkdirs()
        val java = File(System.getProperty("java.home"), "bin/java").path
        val library = Programs.file("libsiaga_android.so").path
        val log = File(home.parentFile, "service.log")
        process = ProcessBuilder(
            java, "-Xmx96m", "-cp", classPath(), FieldProcess::class.java.name, library, home.path, "$bootCount",
        ).redirectError(ProcessBuilder.Redirect.appendTo(log)).start()
        val ready = LinkedBlockingQueue<Unit>()
        thread(isDaemon = true) {
            process.inputStream.bufferedReader().forEachLine { line ->
                val said = JSONObject(line)
                when {
                    said.has("answer") -> answers.add(Answer.of(said.getString("answer")))
                    said.has("change") -> changes.add(Now.of(said.getString("change")))
                    else -> ready.add(Unit)
                }
            }
        }
        checkNotNull(ready.poll(SOON_S, TimeUnit.SECONDS)) { "the service did not come up; see ${log.readText()}" }
    }

    /** Asks and waits. Only one asks at a time. */
    fun ask(call: String, vararg with: String): Answer {
        tell(call, *with)
        return answers.poll(LONG_S, TimeUnit.SECONDS) ?: error("$call was not answered")
    }

    fun done(call: String, vararg with: String): Answer.Done = when (val answer = ask(call, *with)) {
        is Answer.Done -> answer
        is Answer.Failed -> error("$call failed: ${answer.code}, ${answer.detail}")
    }

    /** Asks and does not wait: for a call that a kill comes before the answer of. */
    fun tell(call: String, vararg with: String) {
        val line = JSONObject().put("call", call).put("with", JSONArray(with.toList())).toString()
        process.outputStream.run {
            write("$line\n".toByteArray())
            flush()
        }
    }

    fun open(): Now = Now.of(done("open", "siaga-check 1").json)

    /** Waits for an upcall that says so, and gives it. */
    fun awaitChange(what: String, isSo: (Now) -> Boolean): Now {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_S)
        while (true) {
            val left = deadline - System.nanoTime()
            val now = changes.poll(left.coerceAtLeast(0), TimeUnit.NANOSECONDS) ?: error("nobody was told that $what")
            if (isSo(now)) return now
        }
    }

    /** SIGKILL. */
    fun kill() {
        process.destroyForcibly()
        check(process.waitFor(SOON_S, TimeUnit.SECONDS)) { "a process survived its kill" }
    }

    /** Ends as a process does that its system lets end. */
    override fun close() {
        process.outputStream.close()
        if (!process.waitFor(SOON_S, TimeUnit.SECONDS)) kill()
    }

    private fun classPath(): String =
        System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")

    private companion object {
        const val SOON_S = 60L
        const val LONG_S = 120L
    }
}
