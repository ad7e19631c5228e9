package id.go.ketapang.siaga.life

import id.go.ketapang.siaga.engine.Answer
import id.go.ketapang.siaga.engine.Cause
import id.go.ketapang.siaga.engine.Fixes
import id.go.ketapang.siaga.engine.TakenFix
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.util.concurrent.Callable
import java.util.concurrent.Executors

/**
 * The life of the process `:field`, on this machine's Java instead of a phone's: the library that Rust built, the functions
 * that the service calls, a center that is the real one, and kills.
 *
 * What it does not show: Android's own rules about services, receivers and key stores; those wait for a phone.
 */
class FieldLifeTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var center: Center
    private lateinit var home: File
    private lateinit var guest: Guest

    @Before
    fun begin() {
        center = Center(folder.newFolder("center"))
        home = File(folder.newFolder("phone"), "home")
        guest = Guest(home)
    }

    @After
    fun end() = center.close()

    @Test
    fun `a shift with an outage and two kills loses nothing and doubles nothing`() {
        val drive = Drive()
        val device: String
        val task: String
        Service(home).use { service ->
            assertFalse(service.open().enrolled)
            device = service.done("enrol", center.invite("Ani")).json.getString("device")
            service.done("dutyOn", center.ambulance().getString("post"), "Ani")
            service.done("startExchange")
            assertTrue(service.done("track", "looks").json.getBoolean("on_duty"))
            assertEquals(BATCH, kept(service, drive.batch()))

            task = center.orders()
            val ringing = service.awaitChange("an order rings") { now -> now.alarms.any { it.id == task } }
            assertTrue(ringing.onDuty)
            assertEquals("MED", ringing.alarms.single().category)
            service.done("accept", task)
            service.awaitChange("it rings no more") { it.alarms.isEmpty() }

            center.kill()
            service.done("networkLost")
            whileAnotherProcessWrites(task, 0 until 6) { repeat(6) { assertEquals(BATCH, kept(service, drive.batch())) } }
            // One batch is under way when the system takes the memory back.
            service.tell("recordFixes", drive.batch())
            service.kill()
        }

        center.startAgain()
        Service(home).use { service ->
            val now = service.open()
            assertTrue(now.enrolled && now.onDuty)
            assertEquals(BATCH, kept(service, drive.batch()))
            service.done("startExchange")
            service.done("networkUp")
            whileAnotherProcessWrites(task, 6 until 12) { assertEquals(BATCH, kept(service, drive.batch())) }
            service.kill()
        }

        Service(home).use { service ->
            service.open()
            guest.ask("press", task, "enroute")
            sendAll(service)
            service.done("dutyOff", "Ani", "aplusan")
            assertFalse(Answer.Done(service.done("state").json).json.getBoolean("on_duty"))
            assertEquals(0, kept(service, drive.batch()))
            sendAll(service)
        }

        val moments = guest.fixMoments()
        val written = moments.toSet()
        assertEquals("a fix is there twice", written.size, moments.size)
        drive.batches.forEachIndexed { number, batch ->
            val there = batch.count { it in written }
            when (number) {
                UNDER_WAY -> assertTrue("half a batch: $there", there == 0 || there == BATCH)
                drive.batches.lastIndex -> assertEquals("nobody was on duty any more", 0, there)
                else -> assertEquals("batch $number", BATCH, there)
            }
        }
        assertEquals(moments.size, guest.receivedFixes())
        val atCenter = center.fixMoments(device)
        assertEquals("the center has as many fixes as the phone", moments.size, atCenter.size)
        assertEquals("and none of them twice", atCenter.size, atCenter.map { it / 1_000 }.toSet().size)
        assertEquals((0 until 12).map { "catatan $it" }.toSet(), guest.notes(task).toSet())
        assertEquals(12, guest.notes(task).size)
        assertEquals(listOf("accepted", "enroute"), center.statuses(task))
        assertEquals(0, guest.saved())
        assertEquals(center.digest(device), guest.digest())
    }

    @Test
    fun `an order that is cancelled on the road rings until somebody acknowledges it`() {
        Service(home).use { service ->
            service.open()
            service.done("enrol", center.invite("Ani"))
            service.done("dutyOn", center.ambulance().getString("post"), "Ani")
            service.done("startExchange")
            val task = center.orders()
            service.awaitChange("an order rings") { now -> now.alarms.any { it.id == task } }
            service.done("accept", task)
            sendAll(service)

            center.cancels(task)
            val ringing = service.awaitChange("its cancellation rings") { it.alarms.isNotEmpty() }.alarms.single()
            assertEquals(Cause.CANCELLED to task, ringing.cause to ringing.record)
            service.done("acknowledge", ringing.record)
            service.awaitChange("it rings no more") { it.alarms.isEmpty() }
        }
    }

    @Test
    fun `a phone that lost its signing key keeps what it wrote and sends it after the next enrolment`() {
        val task: String
        Service(home).use { service ->
            service.open()
            service.done("enrol", center.invite("Ani"))
            service.done("dutyOn", center.ambulance().getString("post"), "Ani")
            task = center.orders()
            service.done("startExchange")
            service.awaitChange("an order rings") { it.alarms.isNotEmpty() }
            center.kill()
            service.done("accept", task)
        }
        File(home.parentFile, "device").deleteRecursively()

        center.startAgain()
        Service(home).use { service ->
            service.open()
            service.awaitChange("this phone is enrolled no more") { !it.enrolled }
            assertEquals("not_enrolled", (service.ask("syncOnce") as Answer.Failed).code)
            assertTrue(guest.saved() > 0)
            service.done("enrol", center.invite("Ani lagi"))
            sendAll(service)
        }

        assertEquals(listOf("accepted"), center.statuses(task))
    }

    @Test
    fun `a phone that lost the key of its store begins anew and puts nothing away for good`() {
        Service(home).use { service ->
            service.open()
            service.done("enrol", center.invite("Ani"))
            service.done("dutyOn", center.ambulance().getString("post"), "Ani")
        }
        val before = File(home, "siaga.db").readBytes()
        File(home, "store.key").delete()

        val now = Service(home).use { it.open() }

        assertFalse(now.enrolled || now.onDuty)
        val kept = home.walk().filter { it.isFile && it != File(home, "siaga.db") && it.length() >= before.size }
        assertTrue("the old database is gone", kept.any { it.readBytes().take(4_096) == before.take(4_096) })
    }

    @Test
    fun `a key store that does not answer costs a try and nothing else`() {
        val down = File(home.parentFile, "key-store-is-down")
        val drive = Drive()
        Service(home).use { service ->
            service.open()
            service.done("enrol", center.invite("Ani"))
            service.done("dutyOn", center.ambulance().getString("post"), "Ani")
        }

        down.createNewFile()
        Service(home).use { service ->
            assertEquals("storage", (service.ask("open", "siaga-check 1") as Answer.Failed).code)
            assertEquals("storage", (service.ask("open", "siaga-check 1") as Answer.Failed).code)
            down.delete()
            assertTrue(service.open().onDuty)

            down.createNewFile()
            assertEquals(BATCH, kept(service, drive.batch()))
            assertEquals("storage", (service.ask("syncOnce") as Answer.Failed).code)
            down.delete()
            sendAll(service)
        }

        assertEquals(BATCH, guest.receivedFixes())
    }

    @Test
    fun `what cannot be is answered with what is wrong and ends nothing`() {
        Service(home).use { service ->
            assertEquals("internal", (service.ask("state") as Answer.Failed).code)
            service.open()

            assertEquals("bad_input", (service.ask("enrol", "bukan tautan") as Answer.Failed).code)
            assertEquals("not_enrolled", (service.ask("recordFixes", Drive().batch()) as Answer.Failed).code)
            assertEquals("bad_input", (service.ask("recordFixes", "{") as Answer.Failed).code)
            assertEquals("bad_input", (service.ask("track", "sometimes") as Answer.Failed).code)
            assertEquals("bad_input", (service.ask("networkIs", "dear") as Answer.Failed).code)
            assertEquals("not_enrolled", (service.ask("accept", "0190a1b2") as Answer.Failed).code)

            assertFalse(service.done("state").json.getBoolean("enrolled"))
        }
    }

    private fun kept(service: Service, batch: String): Int = service.done("recordFixes", batch).json.getInt("kept")

    /** Notes by `siaga-field`, several of them at once, while the service does its own work on the same home. */
    private fun whileAnotherProcessWrites(task: String, numbers: IntRange, work: () -> Unit) {
        val writers = Executors.newFixedThreadPool(2)
        val written = numbers.map { writers.submit(Callable { guest.ask("note", task, "--text", "catatan $it") }) }
        work()
        written.forEach { it.get() }
        writers.shutdown()
    }

    /** Until nothing waits. A killed process holds the right to send for some seconds more. */
    private fun sendAll(service: Service) {
        repeat(30) {
            service.done("syncOnce")
            if (guest.saved() == 0 && guest.receivedFixes() == guest.fixMoments().size) return
        }
        error("something still waits: ${guest.ask("outbox")}")
    }

    /** A vehicle on its way, a fix every five seconds, delivered by the dozen; it began a while ago. */
    private class Drive {
        private val beganMs = System.currentTimeMillis() - 3_600_000
        private var number = 0
        val batches = mutableListOf<List<Long>>()

        fun batch(): String {
            val fixes = List(BATCH) {
                val at = beganMs + number * 5_000L
                number += 1
                TakenFix(-1.8 + number * 0.0005, 109.97, 6.0, 11.0, at, null, isMock = false)
            }
            batches += fixes.map { it.atMs }
            return Fixes.json(fixes, batteryPercent = 80)
        }
    }

    private companion object {
        const val BATCH = 12

        /** Which batch the first kill comes into: one before the order and six in the outage came before. */
        const val UNDER_WAY = 7
    }
}
