package id.go.ketapang.siaga.rule

import java.io.File
import java.io.FileOutputStream
import java.io.RandomAccessFile
import java.security.SecureRandom

/** Seals and opens with a key that never leaves its key store. */
interface Vault {
    /** Whether the key that seals is there. Throws when its store does not answer. */
    fun hasKey(): Boolean

    /** Makes a new key that seals, in place of whatever was there. */
    fun makeKey()

    fun seal(plain: ByteArray): ByteArray

    /** Throws [KeyGone] when the key is gone or another one, anything else when its store does not answer. */
    fun open(sealed: ByteArray): ByteArray
}

/** What was sealed can never be opened again. */
class KeyGone(cause: Throwable?) : Exception("the key that sealed this is gone", cause)

/**
 * The key of the store, sealed, in a file that two processes share: made once. A key that cannot be opened *now* is never
 * replaced; one that can *never* be opened again is put aside with its file, so that the phone works again: its old
 * records stay where they are, encrypted, and the engine begins a new home beside them.
 */
class SealedKey(private val file: File, private val vault: Vault, private val random: SecureRandom = SecureRandom()) {
    private val lockFile = File(file.path + ".lock")

    fun read(): ByteArray = locked {
        if (!file.exists()) {
            make()
        } else {
            try {
                opened()
            } catch (gone: KeyGone) {
                putAside()
                make()
            }
        }
    }

    private fun opened(): ByteArray {
        if (!vault.hasKey()) throw KeyGone(null)
        val plain = vault.open(file.readBytes())
        if (plain.size != KEY_BYTES) throw KeyGone(null)
        return plain
    }

    private fun make(): ByteArray {
        val key = ByteArray(KEY_BYTES).also(random::nextBytes)
        vault.makeKey()
        write(vault.seal(key))
        // What is told is what can be read again: a key store that forgets at once is found out here.
        return opened()
    }

    private fun putAside() {
        val aside = generateSequence(1) { it + 1 }.map { File("${file.path}.lost-$it") }.first { !it.exists() }
        check(file.renameTo(aside)) { "the sealed key could not be put aside" }
    }

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
    }
}
