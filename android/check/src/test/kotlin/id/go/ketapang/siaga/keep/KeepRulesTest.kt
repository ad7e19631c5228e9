package id.go.ketapang.siaga.keep

import id.go.ketapang.siaga.engine.Device
import id.go.ketapang.siaga.engine.Engine
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.objectweb.asm.AnnotationVisitor
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import proguard.Configuration
import proguard.ConfigurationParser
import proguard.ProGuard
import java.io.File
import java.lang.reflect.Modifier
import java.net.JarURLConnection
import java.util.jar.JarFile

/**
 * The app shrunk and renamed by the project's own rules and those a build makes of the manifest: what Rust, the page and the
 * system find by name is still there by its name.
 *
 * ProGuard reads the same rules as R8 and is not R8; the optimizations of a release are not made here.
 */
class KeepRulesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private class Shrunk(val name: String, val interfaces: List<String>, val methods: Set<String>, val bridged: Set<String>)

    @Test
    fun `what is found by its name keeps it`() {
        val shrunk = shrink("../app/proguard-rules.pro", MANIFEST)

        assertEquals(natives(), shrunk.getValue(ENGINE).methods.intersect(natives()))
        val upcalls = Device::class.java.methods.map { it.name }.toSet()
        val devices = shrunk.values.filter { DEVICE in it.interfaces }
        assertTrue("nobody is a device any more", devices.isNotEmpty())
        devices.forEach { assertEquals(it.name, upcalls, it.methods.intersect(upcalls)) }
        val bridge = shrunk.values.single { it.bridged.isNotEmpty() }
        assertEquals(bridgedIn(File("target/classes/$BRIDGE.class").readBytes()), bridge.bridged)
        for (component in listOf("SiagaApp", "EntryActivity", "MainActivity", "field/FieldService", "field/BootReceiver")) {
            assertTrue(component, "$OURS/$component" in shrunk)
        }
    }

    @Test
    fun `what nobody finds by its name loses it, and without the project's rules everything does`() {
        assertFalse("nothing was renamed", "$OURS/rule/Sift" in shrink("../app/proguard-rules.pro", MANIFEST))

        val without = shrink(MANIFEST)

        assertTrue(without[ENGINE]?.methods.orEmpty().intersect(natives()).isEmpty())
        assertTrue(without.values.none { DEVICE in it.interfaces })
        assertTrue(without.values.none { it.bridged.isNotEmpty() })
    }

    private fun natives(): Set<String> =
        Engine::class.java.declaredMethods.filter { Modifier.isNative(it.modifiers) }.map { it.name }.toSet()

    private fun shrink(vararg rules: String): Map<String, Shrunk> {
        val out = folder.newFile("${rules.size}-${System.nanoTime()}.jar").apply { delete() }
        val arguments = mutableListOf("-injars", "target/classes", "-outjars", out.path)
        for (library in listOf("android/app/Activity", "kotlin/KotlinVersion")) arguments += listOf("-libraryjars", jarOf(library))
        rules.forEach { arguments += listOf("-include", it) }
        // Called by what wry generates, which its own rules keep; the stub here calls nothing.
        arguments += listOf("-keepclassmembers", "class $OURS/MainActivity".replace('/', '.') + " { void onWebViewCreate(...); }")
        arguments += listOf("-dontoptimize", "-dontnote", "-dontwarn")
        val configuration = Configuration()
        ConfigurationParser(arguments.toTypedArray(), System.getProperties()).use { it.parse(configuration) }
        ProGuard(configuration).execute()
        return JarFile(out).use { jar ->
            jar.entries().asSequence().filter { it.name.endsWith(".class") }
                .map { entry -> read(jar.getInputStream(entry).use { it.readBytes() }) }
                .associateBy { it.name }
        }
    }

    /** Asked for as a file: this Java may be too old to load the framework's classes. */
    private fun jarOf(type: String): String {
        val url = checkNotNull(javaClass.classLoader.getResource("$type.class")) { "$type is nowhere" }
        return File((url.openConnection() as JarURLConnection).jarFileURL.toURI()).path
    }

    private fun read(bytes: ByteArray): Shrunk {
        val reader = ClassReader(bytes)
        val methods = mutableSetOf<String>()
        reader.accept(
            object : ClassVisitor(Opcodes.ASM9) {
                override fun visitMethod(
                    access: Int, name: String, descriptor: String, signature: String?, exceptions: Array<String>?,
                ): MethodVisitor? {
                    methods += name
                    return null
                }
            },
            ClassReader.SKIP_CODE,
        )
        return Shrunk(reader.className, reader.interfaces.toList(), methods, bridgedIn(bytes))
    }

    private fun bridgedIn(bytes: ByteArray): Set<String> {
        val found = mutableSetOf<String>()
        ClassReader(bytes).accept(
            object : ClassVisitor(Opcodes.ASM9) {
                override fun visitMethod(
                    access: Int, method: String, descriptor: String, signature: String?, exceptions: Array<String>?,
                ): MethodVisitor = object : MethodVisitor(Opcodes.ASM9) {
                    override fun visitAnnotation(type: String, visible: Boolean): AnnotationVisitor? {
                        if (type == "Landroid/webkit/JavascriptInterface;") found += method
                        return null
                    }
                }
            },
            ClassReader.SKIP_DEBUG,
        )
        return found
    }

    private companion object {
        const val OURS = "id/go/ketapang/siaga"
        const val ENGINE = "$OURS/engine/Engine"
        const val DEVICE = "$OURS/engine/Device"
        const val BRIDGE = "$OURS/PageBridge"

        /** Made by aapt2 of the manifest and the layouts, as a build makes it. */
        const val MANIFEST = "target/manifest.pro"
    }
}
