package id.go.ketapang.siaga.rule

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import java.math.BigInteger
import java.security.KeyPairGenerator
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

class SignatureTest {
    private fun der(r: ByteArray, s: ByteArray): ByteArray {
        val numbers = byteArrayOf(2, r.size.toByte()) + r + byteArrayOf(2, s.size.toByte()) + s
        return byteArrayOf(0x30, numbers.size.toByte()) + numbers
    }

    @Test
    fun `short numbers are filled up and a sign byte is dropped`() {
        val high = byteArrayOf(0) + ByteArray(32) { 0x81.toByte() }

        val raw = Signature.rawOf(der(byteArrayOf(7), high))

        assertArrayEquals(ByteArray(31) + byteArrayOf(7) + ByteArray(32) { 0x81.toByte() }, raw)
    }

    @Test
    fun `what is no signature of this curve is none`() {
        val good = der(byteArrayOf(7), byteArrayOf(9))

        assertNull(Signature.rawOf(ByteArray(0)))
        assertNull(Signature.rawOf(good.copyOf(good.size - 1)))
        assertNull(Signature.rawOf(good + 0))
        assertNull(Signature.rawOf(der(ByteArray(33) { 0x7f }, byteArrayOf(9))))
        assertNull(Signature.rawOf(der(byteArrayOf(-1), byteArrayOf(9))))
        assertNull(Signature.rawOf(byteArrayOf(0x30, 0x80.toByte(), 2, 1, 7, 2, 1, 9)))
    }

    @Test
    fun `a thousand signatures of Java verify again from their raw form`() {
        val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val signer = java.security.Signature.getInstance("SHA256withECDSA")
        val verifier = java.security.Signature.getInstance("SHA256withECDSAinP1363Format")
        repeat(1_000) { number ->
            val message = "message $number".toByteArray()
            signer.initSign(pair.private)
            signer.update(message)

            val raw = Signature.rawOf(signer.sign())

            verifier.initVerify(pair.public)
            verifier.update(message)
            assertEquals(64, raw?.size)
            assertEquals("signature $number", true, verifier.verify(raw))
        }
    }

    @Test
    fun `a point is its sign and its x`() {
        val pairs = List(20) {
            KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        }
        for (key in pairs.map { it.public as ECPublicKey }) {
            val point = Signature.compressed(key) ?: error("no point")

            assertEquals(33, point.size)
            assertEquals(if (key.w.affineY.testBit(0)) 3 else 2, point[0].toInt())
            assertEquals(key.w.affineX, BigInteger(1, point.copyOfRange(1, 33)))
        }
    }
}
