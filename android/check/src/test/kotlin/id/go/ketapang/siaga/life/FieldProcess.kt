package id.go.ketapang.siaga.life

import id.go.ketapang.siaga.engine.Device
import id.go.ketapang.siaga.engine.Engine
import id.go.ketapang.siaga.rule.SealedKey
import id.go.ketapang.siaga.rule.Signature
import id.go.ketapang.siaga.rule.Vault
import org.json.JSONArray
import org.json.JSONObject
import java.io.File
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.X509EncodedKeySpec

/**
 * The process `:field` on a desk: the same library, the same `external fun`s, and instead of a phone a folder that holds its
 * keys. It does what it is told line by line on standard input, and can be killed like any process.
 */
object FieldProcess {
    private val out = System.out

    @JvmStatic
    fun main(arguments: Array<String>) {
        val (library, home, bootCount) = arguments
        System.load(library)
        Engine.attach(Desk(File(home), ::changed), home, bootCount.toInt())
        say("ready", "")
        generateSequence(::readLine).forEach { line ->
            val asked = JSONObject(line)
            say("answer", call(asked.getString("call"), asked.getJSONArray("with")))
        }
        Engine.close()
    }

    private fun call(name: String, with: JSONArray): String = when (name) {
        "open" -> Engine.open(with.getString(0))
        "enrol" -> Engine.enrol(with.getString(0))
        "state" -> Engine.state()
        "dutyOn" -> Engine.dutyOn(with.getString(0), with.getString(1))
        "dutyOff" -> Engine.dutyOff(with.getString(0), with.getString(1))
        "recordFixes" -> Engine.recordFixes(with.getString(0))
        "track" -> Engine.track(with.getString(0))
        "setDeviceState" -> Engine.setDeviceState(with.getString(0))
        "startExchange" -> Engine.startExchange()
        "stopExchange" -> Engine.stopExchange()
        "syncOnce" -> Engine.syncOnce()
        "networkUp" -> Engine.networkUp()
        "networkLost" -> Engine.networkLost()
        "networkIs" -> Engine.networkIs(with.getString(0))
        "alarms" -> Engine.alarms()
        "markSeen" -> Engine.markSeen(with.getString(0))
        "acknowledge" -> Engine.acknowledge(with.getString(0))
        "accept" -> Engine.accept(with.getString(0))
        "decline" -> Engine.decline(with.getString(0), with.getString(1))
        else -> error("the engine has no $name")
    }

    private fun changed(now: String) = say("change", now)

    @Synchronized
    private fun say(what: String, text: String) {
        out.println(JSONObject().put(what, text).toString())
        out.flush()
    }
}

/**
 * Keys of a desk. The store's key lies as `siaga-field` keeps it, so that a second process of another kind shares the home;
 * the device's key is Java's own, so that its signatures take the way they take on a phone.
 */
private class Desk(private val home: File, private val changed: (String) -> Unit) : Device {
    private val key = SealedKey(File(home, "store.key"), NoVault)

    override fun storeKey(): ByteArray {
        answers()
        return key.read()
    }

    override fun publicKey(): ByteArray =
        Signature.compressed(pair().public as ECPublicKey) ?: error("not a key of this curve")

    override fun sign(message: ByteArray): ByteArray {
        answers()
        if (!File(home.parentFile, "device").exists()) return ByteArray(0)
        val signature = java.security.Signature.getInstance("SHA256withECDSA")
        signature.initSign(pair().private)
        signature.update(message)
        return Signature.rawOf(signature.sign()) ?: error("not a signature of this curve")
    }

    override fun onChange(now: String) = changed(now)

    /** A key store that is down throws, as Android's does; a test says when. */
    private fun answers() = check(!File(home.parentFile, "key-store-is-down").exists()) { "the key store does not answer" }

    @Synchronized
    private fun pair(): KeyPair {
        val folder = File(home.parentFile, "device")
        val (secret, public) = listOf("secret", "public").map { File(folder, it) }
        if (!folder.exists()) {
            val made = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
            folder.mkdirs()
            secret.writeBytes(made.private.encoded)
            public.writeBytes(made.public.encoded)
        }
        val factory = KeyFactory.getInstance("EC")
        return KeyPair(
            factory.generatePublic(X509EncodedKeySpec(public.readBytes())),
            factory.generatePrivate(PKCS8EncodedKeySpec(secret.readBytes())),
        )
    }

    /** Keeps what it is given as it is: a desk has no key store. */
    private object NoVault : Vault {
        override fun hasKey(name: String) = true

        override fun makeKey(name: String) = Unit

        override fun seal(name: String, plain: ByteArray) = plain

        override fun open(name: String, sealed: ByteArray) = sealed

        override fun works() = true
    }
}
