package id.go.ketapang.siaga.field

import android.content.Context
import id.go.ketapang.siaga.engine.Device
import id.go.ketapang.siaga.engine.Now
import id.go.ketapang.siaga.rule.SealedKey
import java.io.File

/** What the engine asks of an Android phone. Its methods run on threads of the engine. */
class PhoneDevice(private val context: Context) : Device {
    private val sealedKey = SealedKey(File(context.noBackupFilesDir, "store.key.sealed"), Sealer())
    private val signingKey = SigningKey()

    override fun storeKey(): ByteArray = sealedKey.read()

    override fun publicKey(): ByteArray = signingKey.publicKey()

    override fun sign(message: ByteArray): ByteArray = signingKey.sign(message)

    override fun onChange(now: String) {
        Changes.told(context, Now.of(now))
    }
}
