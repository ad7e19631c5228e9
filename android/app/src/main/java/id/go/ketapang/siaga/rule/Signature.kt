package id.go.ketapang.siaga.rule

import java.math.BigInteger
import java.security.interfaces.ECPublicKey

/** From what Java's key stores give to what the center takes. */
object Signature {
    const val NUMBER_BYTES = 32

    /**
     * Java signs as DER, `SEQUENCE { INTEGER r, INTEGER s }`; COSE wants r and s, 32 bytes each. `null` for what is no such
     * signature of this curve.
     */
    fun rawOf(der: ByteArray): ByteArray? {
        val body = DerReader(der).sequence() ?: return null
        val r = body.number() ?: return null
        val s = body.number() ?: return null
        if (!body.isAtEnd) return null
        return fixed(r)?.plus(fixed(s) ?: return null)
    }

    /** A point of the curve, compressed: a sign and x. `null` where x is longer than the curve has. */
    fun compressed(key: ECPublicKey): ByteArray? {
        val sign: Byte = if (key.w.affineY.testBit(0)) 3 else 2
        return fixed(key.w.affineX)?.let { byteArrayOf(sign) + it }
    }

    private fun fixed(number: BigInteger): ByteArray? {
        if (number.signum() < 0 || number.bitLength() > NUMBER_BYTES * 8) return null
        val bytes = number.toByteArray()
        // A leading zero keeps it positive.
        val digits = if (bytes.size > NUMBER_BYTES) bytes.copyOfRange(bytes.size - NUMBER_BYTES, bytes.size) else bytes
        return ByteArray(NUMBER_BYTES - digits.size) + digits
    }

    private class DerReader(private val bytes: ByteArray, private var at: Int = 0, private val end: Int = bytes.size) {
        val isAtEnd: Boolean get() = at == end

        fun sequence(): DerReader? = content(0x30)?.takeIf { isAtEnd }

        fun number(): BigInteger? = content(0x02)?.let { found ->
            if (found.isAtEnd) null else BigInteger(bytes.copyOfRange(found.at, found.end))
        }

        /** Lengths of such a signature fit one byte, or two of which the first is 0x81. */
        private fun content(tag: Int): DerReader? {
            if (at + 2 > end || (bytes[at].toInt() and 0xff) != tag) return null
            var from = at + 2
            var length = bytes[at + 1].toInt() and 0xff
            if (length == 0x81) {
                if (from >= end) return null
                length = bytes[from].toInt() and 0xff
                from += 1
            } else if (length >= 0x80) {
                return null
            }
            if (from + length > end) return null
            at = from + length
            return DerReader(bytes, from, from + length)
        }
    }
}
