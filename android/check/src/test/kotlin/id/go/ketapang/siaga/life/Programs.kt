package id.go.ketapang.siaga.life

import org.json.JSONObject
import org.json.JSONTokener
import java.io.File
import java.net.HttpURLConnection
import java.net.ServerSocket
import java.net.URL
import java.sql.DriverManager
import java.util.concurrent.TimeUnit

/** The programs and the library, as Cargo built them for this machine. */
object Programs {
    private val folder: File by lazy {
        val named = System.getProperty("siaga.programs").orEmpty()
        check(named.isNotEmpty() && !named.startsWith("\${")) { "say where the programs stand: -Dsiaga.programs=target/debug" }
        File(named)
    }

    /** The center reads its tables of places from where the project stands. */
    val house: File by lazy {
        generateSequence(File("").absoluteFile) { it.parentFile }.first { File(it, "Cargo.lock").isFile }
    }

    fun file(name: String): File =
        File(folder, name).absoluteFile.also { check(it.isFile) { "$it is not built" } }

    /** Runs a program to its end and reads the JSON it printed. */
    fun run(name: String, vararg arguments: String): Any? {
        val process = ProcessBuilder(listOf(file(name).path) + arguments)
            .directory(house)
            .redirectError(ProcessBuilder.Redirect.PIPE)
            .start()
        process.outputStream.close()
        val said = process.inputStream.bufferedReader().readText()
        val complaint = process.errorStream.bufferedReader().readText()
        check(process.waitFor() == 0) { "$name ${arguments.joinToString(" ")} failed: $said $complaint" }
        return if (said.isBlank()) null else JSONTokener(said).nextValue()
    }
}

/** A real center on this machine, with the places and people of the demonstration. */
class Center(private val folder: File) : AutoCloseable {
    private val console = "127.0.0.1:${freePort()}"
    private val field = "127.0.0.1:${freePort()}"
    private val token: String
    private var process: Process

    init {
        folder.mkdirs()
        command("seed", "--regency", "61.04", "--demo")
        token = (command("token", "--name", "check") as JSONObject).getString("token")
        process = serve()
    }

    fun command(vararg arguments: String): Any? =
        Programs.run("siaga-center", *arguments, "--json", "--data", folder.path)

    /** A one-time link for somebody of the first ambulance. */
    fun invite(name: String): String {
        val made = command(
            "invite", "--unit", ambulance().getString("code"), "--role", "medic", "--name", name,
            "--unattended", "--field-url", "https://$field",
        )
        return (made as JSONObject).getString("link")
    }

    fun ambulance(): JSONObject = (get("/api/units") as org.json.JSONArray)
        .map { (it as JSONObject).getJSONObject("unit") }
        .first { it.getString("kind") == "ambulance" }

    fun cancels(task: String) {
        post("/api/assignments/$task/cancel", JSONObject().put("reason", "api sudah padam"))
    }

    /** A call, and the first ambulance ordered to it; the id of the assignment. */
    fun orders(): String {
        val call = JSONObject().put("category", "MED").put("priority", "1")
            .put("narrative", "sesak napas").put("village", "61.04.14.2015")
        val incident = idOf(post("/api/incidents", call))
        val order = JSONObject().put("incident", incident).put("unit", ambulance().getString("code")).put("text", "")
            .put("also", "latihan")
        return idOf(post("/api/assignments", order))
    }

    fun statuses(assignment: String): List<String> = (get("/api/records/$assignment") as JSONObject)
        .getJSONObject("record").getJSONArray("events").map { (it as JSONObject).getString("status") }

    fun digest(device: String): String = (get("/api/devices/$device/digest") as JSONObject).getString("digest")

    /** The moments of all fixes of a device, as it measured them. */
    fun fixMoments(device: String): List<Long> = rows("SELECT device_ms FROM fix WHERE hex(device) = ? ORDER BY number", device)

    private fun rows(sql: String, device: String): List<Long> {
        val database = File(folder, "center.db")
        return DriverManager.getConnection("jdbc:sqlite:${database.path}").use { db ->
            db.prepareStatement(sql).use { statement ->
                statement.setString(1, device.replace("-", "").uppercase())
                statement.executeQuery().use { found ->
                    generateSequence { if (found.next()) found.getLong(1) else null }.toList()
                }
            }
        }
    }

    fun kill() {
        process.destroyForcibly()
        process.waitFor()
    }

    fun startAgain() {
        process = serve()
    }

    override fun close() = kill()

    private fun serve(): Process {
        val started = ProcessBuilder(
            Programs.file("siaga-center").path, "serve", "--data", folder.path, "--listen", console, "--field-listen", field,
        ).directory(Programs.house).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(File(folder, "serve.log"))).start()
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60)
        while (runCatching { get("/health") }.isFailure) {
            check(started.isAlive && System.nanoTime() < deadline) {
                "the center did not answer: ${File(folder, "serve.log").readText()}"
            }
            // Until somebody listens there is nothing to wait on.
            started.waitFor(50, TimeUnit.MILLISECONDS)
        }
        return started
    }

    private fun get(path: String): Any? = http("GET", path, null)

    private fun post(path: String, body: JSONObject): JSONObject = http("POST", path, body) as JSONObject

    private fun http(method: String, path: String, body: JSONObject?): Any? {
        val connection = URL("http://$console$path").openConnection() as HttpURLConnection
        connection.requestMethod = method
        connection.setRequestProperty("Authorization", "Bearer $token")
        if (body != null) {
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write(body.toString().toByteArray()) }
        }
        val status = connection.responseCode
        val said = (if (status < 400) connection.inputStream else connection.errorStream)?.bufferedReader()?.readText()
        check(status in 200..299) { "$method $path was answered $status: $said" }
        return if (said.isNullOrBlank()) null else JSONTokener(said).nextValue()
    }

    /** Of a view, or of the record in it. */
    private fun idOf(made: JSONObject): String = made.optString("id").ifEmpty {
        listOf("brief", "summary", "incident", "assignment").firstNotNullOf { made.optJSONObject(it) }.getString("id")
    }

    private companion object {
        fun freePort(): Int = ServerSocket(0).use { it.localPort }
    }
}

/** The other process of the phone: `siaga-field` over the same home. */
class Guest(private val home: File) {
    fun ask(vararg arguments: String): Any? = Programs.run("siaga-field", "--home", home.path, *arguments, "--json")

    fun trail(): JSONObject = ask("trail") as JSONObject

    fun fixMoments(): List<Long> = trail().getJSONArray("fixes").map { (it as JSONObject).getLong("at_ms") }

    fun receivedFixes(): Int = trail().getJSONArray("fixes").count { (it as JSONObject).getBoolean("received") }

    fun saved(): Int = (ask("outbox") as JSONObject).getJSONObject("sync").let { it.getInt("saved") + it.getInt("sent") }

    fun notes(task: String): List<String> = (ask("task", task) as JSONObject).getJSONObject("incident").getJSONArray("notes")
        .map { (it as JSONObject).getString("text") }

    fun digest(): String = (ask("digest") as JSONObject).getString("digest")
}
