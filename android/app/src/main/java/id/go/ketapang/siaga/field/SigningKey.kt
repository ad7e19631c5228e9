package id.go.ketapang.siaga.field

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import id.go.ketapang.siaga.rule.Signature
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

/** The device's P-256 key: it signs what this phone sends, and cannot be taken out. */
class SigningKey {
    /** Made where there is none. A key that is another than the one of the enrolment is the engine's affair. */
    fun publicKey(): ByteArray = synchronized(SigningKey) {
        if (isGone()) inSecureElementIfAny(::make)
        val key = keyStore().getCertificate(ALIAS)?.publicKey as? ECPublicKey
        key?.let(Signature::compressed) ?: error("the key store gave another kind of key than was asked of it")
    }

    fun sign(message: ByteArray): ByteArray {
        val signature = java.security.Signature.getInstance("SHA256withECDSA")
        try {
            val key = keyStore().getKey(ALIAS, null) as? PrivateKey
                ?: return if (isGone()) GONE else error("the key store does not give its key now")
            signature.initSign(key)
        } catch (_: KeyPermanentlyInvalidatedException) {
            return GONE
        }
        signature.update(message)
        return Signature.rawOf(signature.sign()) ?: error("the key store signed in another form than it should")
    }

    /** Some key stores say that nothing is there when they do not answer: believed only while they work otherwise. */
    private fun isGone(): Boolean {
        if (keyStore().containsAlias(ALIAS)) return false
        check(Sealer().works()) { "the key store does not work now" }
        return !keyStore().containsAlias(ALIAS)
    }

    private fun make(more: KeyGenParameterSpec.Builder.() -> Unit) {
        val spec = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            .setUserAuthenticationRequired(false)
            .apply(more)
            .build()
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEY_STORE).run {
            initialize(spec)
            generateKeyPair()
        }
    }

    private companion object {
        const val ALIAS = "siaga.device"
        val GONE = ByteArray(0)
    }
}
