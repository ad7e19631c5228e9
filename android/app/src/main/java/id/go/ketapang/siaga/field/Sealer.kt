package id.go.ketapang.siaga.field

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import id.go.ketapang.siaga.rule.KeyGone
import id.go.ketapang.siaga.rule.Vault
import java.security.KeyStore
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * AES-256-GCM under a key of the phone's key store, without a person's authentication: the service works while the phone
 * is locked. In a secure element of its own where the phone has one.
 */
class Sealer : Vault {
    override fun hasKey(name: String): Boolean = keyStore().containsAlias(name)

    override fun makeKey(name: String) = inSecureElementIfAny { make(name, it) }

    override fun seal(name: String, plain: ByteArray): ByteArray {
        val cipher = Cipher.getInstance(AES_GCM)
        cipher.init(Cipher.ENCRYPT_MODE, key(name) ?: throw KeyGone(null))
        val sealed = cipher.doFinal(plain)
        return byteArrayOf(VERSION, cipher.iv.size.toByte()) + cipher.iv + sealed
    }

    override fun open(name: String, sealed: ByteArray): ByteArray {
        if (sealed.size < 2 || sealed[0] != VERSION || sealed.size < 2 + sealed[1]) throw KeyGone(null)
        val ivEnd = 2 + sealed[1]
        val cipher = Cipher.getInstance(AES_GCM)
        try {
            val key = key(name) ?: throw KeyGone(null)
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 2, ivEnd - 2))
            return cipher.doFinal(sealed, ivEnd, sealed.size - ivEnd)
        } catch (gone: KeyPermanentlyInvalidatedException) {
            throw KeyGone(gone)
        } catch (other: AEADBadTagException) {
            throw KeyGone(other)
        }
    }

    override fun works(): Boolean {
        // Not in the secure element, which may be busy with the key that is looked for.
        make(PROBE) {}
        try {
            return open(PROBE, seal(PROBE, byteArrayOf(1))).contentEquals(byteArrayOf(1))
        } finally {
            keyStore().deleteEntry(PROBE)
        }
    }

    /** Key stores fail now and then while a phone is starting: asked once more, and never taken for a loss. */
    private fun key(name: String): SecretKey? = try {
        keyStore().getKey(name, null) as SecretKey?
    } catch (_: UnrecoverableKeyException) {
        keyStore().getKey(name, null) as SecretKey?
    }

    private fun make(name: String, more: KeyGenParameterSpec.Builder.() -> Unit) {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(name, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .setUserAuthenticationRequired(false)
            .apply(more)
            .build()
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEY_STORE).run {
            init(spec)
            generateKey()
        }
    }

    private companion object {
        const val PROBE = "siaga.probe"
        const val AES_GCM = "AES/GCM/NoPadding"
        const val KEY_BITS = 256
        const val TAG_BITS = 128
        const val VERSION: Byte = 1
    }
}

internal const val KEY_STORE = "AndroidKeyStore"

/** Makes a key in a secure element of its own where the phone has one, and beside it where not. */
internal fun inSecureElementIfAny(make: (more: KeyGenParameterSpec.Builder.() -> Unit) -> Unit) {
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
        try {
            return make { setIsStrongBoxBacked(true) }
        } catch (_: ProviderException) {
            // Most phones here have no such element. Its own exception is younger than the oldest phones.
        }
    }
    make {}
}

internal fun keyStore(): KeyStore = KeyStore.getInstance(KEY_STORE).apply { load(null) }
