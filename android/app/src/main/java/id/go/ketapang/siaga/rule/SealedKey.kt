package id.go.ketapang.siaga.rule

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.io.RandomAccessFile
import java.security.SecureRandom

/** Seals and opens with keys that never leave their key store; each has a name. */
interface Vault {
    /** Whether that key is there. Some key stores say no when they do not answer. */
    fun hasKey(name: String): Boolean

    /** Makes a new key. */
    fun makeKey(name: String)

    fun seal(name: String, plain: ByteArray): ByteArray

    /** Throws [KeyGone] when the key is gone or another one, anything else when its store does not answer. */
    fun open(name: String, sealed: ByteArray): ByteArray

    /** Whether the store makes a key now, and opens with it what it sealed. Throws or says no where it does not. */
    fun works(): Boolean
}

/** What was sealed can never be opened again. */
class KeyGone(cause: Throwable?) : Exception("the key that sealed this is gone", cause)

/**
 * The key of the store, sealed, in a file that two processes share: made once. A key that cannot be opened *now* is never
 * replaced; one that can *never* be opened again is put aside with its file, so that the phone works again: its old
 * records stay where they are, encrypted, and the engine begins a new home beside them.
 *
 * A key counts as gone only while its store works otherwise, and the next one has a name of its own: nothing is written over
 * a key that a phone merely did not find.
 */
class SealedKey(private val file: File, private val vault: Vault, private val random: SecureRandom = SecureRandom()) {
    private val lockFile = File(file.path + ".lock")

    fun read(): ByteArray = locked { if (file.exists()) openedOrReplaced() else make() }

    private fun openedOrReplaced(): ByteArray {
        try {
            return opened()
        } catch (gone: KeyGone) {
            if (!vault.works()) throw IOException("the key store does not work now", gone)
        }
        try {
            return opened()
        } catch (_: KeyGone) {
            putAside()
            return make()
        }
    }

    private fun opened(): ByteArray {
        if (!vault.hasKey(name())) throw KeyGone(null)
        val plain = vault.open(name(), file.readBytes())
        if (plain.size != KEY_BYTES) throw KeyGone(null)
        return plain
    }

    private fun make(): ByteArray {
        val key = ByteArray(KEY_BYTES).also(random::nextBytes)
        vault.makeKey(name())
        write(vault.seal(name(), key))
        // What is told is what can be read again: a key store that forgets at once is found out here.
        return opened()
    }

    /** The first one has no number, each later one that of the files put aside before it. */
    private fun name(): String = when (val before = asides().takeWhile { it.exists() }.count()) {
        0 -> NAME
        else -> "$NAME.$before"
    }

    private fun putAside() {
        check(file.renameTo(asides().first { !it.exists() })) { "the sealed key could not be put aside" }
    }

    private fun asides(): Sequence<File> = generateSequence(1) { it + 1 }.map { File("${file.path}.lost-$it") }

    private fun write(bytes: ByteArray) {
        val part = File(file.path + ".part")
        FileOutputStream(part).use { out ->
            out.write(bytes)
            out.fd.sync()
        }
        check(part.renameTo(file)) { "the sealed key could not be kept" }
    }

    private fun <T> locked(work: () -> T): T = synchronized(Companion) {
        lockFile.parentFile?.mkdirs()
        RandomAccessFile(lockFile, "rw").use { held -> held.channel.lock().use { work() } }
    }

    companion object {
        const val KEY_BYTES = 32
        private const val NAME = "siaga.store"
    }
}
