package id.go.ketapang.siaga.rule

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.io.IOException
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

class SealedKeyTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val file: File get() = File(folder.root, "store.key.sealed")

    /** A key store in memory, with the cipher that a phone's has. */
    private class MemoryVault : Vault {
        private val keys = mutableMapOf<String, SecretKey>()
        var isDown = false

        /** Answers that nothing is there, and works no better: what some phones do while they start. */
        var isBlind = false

        fun forget() = keys.clear()

        override fun hasKey(name: String): Boolean = if (isDown) throw IOException("no answer") else name in keys && !isBlind

        override fun makeKey(name: String) {
            check(name !in keys) { "a key was written over" }
            keys[name] = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
        }

        override fun seal(name: String, plain: ByteArray): ByteArray {
            val cipher = Cipher.getInstance("AES/GCM/NoPadding")
            cipher.init(Cipher.ENCRYPT_MODE, keys[name])
            return cipher.iv + cipher.doFinal(plain)
        }

        override fun open(name: String, sealed: ByteArray): ByteArray {
            if (isDown) throw IOException("no answer")
            if (sealed.size < 12) throw KeyGone(null)
            val cipher = Cipher.getInstance("AES/GCM/NoPadding")
            cipher.init(Cipher.DECRYPT_MODE, keys[name], GCMParameterSpec(128, sealed, 0, 12))
            return try {
                cipher.doFinal(sealed, 12, sealed.size - 12)
            } catch (other: AEADBadTagException) {
                throw KeyGone(other)
            }
        }

        override fun works(): Boolean = !isBlind
    }

    private fun aside(): List<String> = folder.root.list().orEmpty().filter { "lost" in it }

    @Test
    fun `a key is made once and read again`() {
        val vault = MemoryVault()

        val first = SealedKey(file, vault).read()

        assertEquals(32, first.size)
        assertArrayEquals(first, SealedKey(file, vault).read())
        assertFalse("the key lies open in its file", file.readBytes().toList().windowed(32).any { it == first.toList() })
    }

    @Test
    fun `a key store that does not answer costs nothing`() {
        val vault = MemoryVault()
        val key = SealedKey(file, vault).read()
        val sealed = file.readBytes()

        vault.isDown = true
        assertThrows(IOException::class.java) { SealedKey(file, vault).read() }
        vault.isDown = false

        assertArrayEquals(sealed, file.readBytes())
        assertArrayEquals(key, SealedKey(file, vault).read())
        assertTrue(aside().isEmpty())
    }

    @Test
    fun `a key store that finds nothing and makes nothing is not believed`() {
        val vault = MemoryVault()
        val key = SealedKey(file, vault).read()

        vault.isBlind = true
        assertThrows(IOException::class.java) { SealedKey(file, vault).read() }
        vault.isBlind = false

        assertArrayEquals(key, SealedKey(file, vault).read())
        assertTrue(aside().isEmpty())
    }

    @Test
    fun `a key that is gone is replaced and its file put aside each time`() {
        val vault = MemoryVault()
        val first = SealedKey(file, vault).read()

        vault.forget()
        val second = SealedKey(file, vault).read()
        file.writeBytes(byteArrayOf(1, 2, 3))
        val third = SealedKey(file, vault).read()

        assertEquals(3, setOf(first.toList(), second.toList(), third.toList()).size)
        assertEquals(setOf("store.key.sealed.lost-1", "store.key.sealed.lost-2"), aside().toSet())
        assertArrayEquals(third, SealedKey(file, vault).read())
    }

    @Test
    fun `of many that ask at once all get the same key`() {
        val vault = MemoryVault()
        val threads = Executors.newFixedThreadPool(8)

        val keys = threads.invokeAll(List(16) { Callable { SealedKey(file, vault).read().toList() } }).map { it.get() }

        threads.shutdown()
        assertEquals(1, keys.toSet().size)
    }

    @Test
    fun `a file that was half written is not taken for a key`() {
        val vault = MemoryVault()
        val key = SealedKey(file, vault).read()
        File(folder.root, "store.key.sealed.part").writeBytes(byteArrayOf(9))

        assertArrayEquals(key, SealedKey(file, vault).read())
    }
}
