package id.go.ketapang.siaga.engine

/**
 * What the engine asks of the phone. Rust finds these methods by name on the object it was given, on threads of its own;
 * the rules for R8 keep them.
 */
interface Device {
    /** The 32 bytes under which the store is encrypted. Throws when they cannot be had now: nothing is replaced then. */
    fun storeKey(): ByteArray

    /** The device's public key, SEC 1, compressed, 33 bytes; made where there is none. */
    fun publicKey(): ByteArray

    /** ES256 over the message, r and s, 64 bytes; empty when the key is gone. */
    fun sign(message: ByteArray): ByteArray

    /** The home changed: [Now] reads it. Called whenever it says something else than before. */
    fun onChange(now: String)
}
