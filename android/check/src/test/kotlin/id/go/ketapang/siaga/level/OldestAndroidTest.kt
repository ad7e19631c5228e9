package id.go.ketapang.siaga.level

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.FieldVisitor
import org.objectweb.asm.Handle
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import java.io.File
import java.util.zip.ZipFile

/**
 * The app runs from Android 8.0 on and is compiled against a much newer framework: whatever it names that 8.0 does not have is
 * listed in `newer.txt` with where it is guarded. A call that nobody guarded crashes an old phone and nothing else.
 *
 * It compares names. That a guard is right is for the reader of the list.
 */
class OldestAndroidTest {
    private val oldest = ZipFile(File("target/oldest/android-all.jar"))
    private val members = mutableMapOf<String, Set<String>?>()

    @Test
    fun `what Android 8 does not have is listed with its guard`() {
        val newer = File("target/classes").walk().filter { it.extension == "class" }.filterNot { "stub" in it.path }
            .flatMap { named(it.readBytes()) }
            .filter { (owner, member) -> isPhones(owner) && !has(owner, member) }
            .map { (owner, member) -> "${owner.replace('/', '.').replace('$', '.')}.${member.substringBefore('(')}" }
            .toSortedSet()

        val listed = File("newer.txt").readLines().filterNot { it.isBlank() || it.startsWith("#") }
        assertTrue("every line gives a guard", listed.all { ": " in it })
        assertEquals(listed.map { it.substringBefore(": ") }.toSortedSet().joinToString("\n"), newer.joinToString("\n"))
        assertTrue("the old framework was not read", has("android/app/Service", "startForeground(ILandroid/app/Notification;)V"))
    }

    /** Of the framework, or ours, which inherits from it. Kotlin's library and androidx come with the app. */
    private fun isPhones(owner: String) = listOf("android/", "java/", "javax/", "org/json/", OURS).any(owner::startsWith)

    /** What a class calls and reads: owner, and name with its descriptor; a name alone for a type. */
    private fun named(bytes: ByteArray): List<Pair<String, String>> {
        val found = mutableListOf<Pair<String, String>>()
        val methods = object : MethodVisitor(Opcodes.ASM9) {
            override fun visitMethodInsn(opcode: Int, owner: String, name: String, descriptor: String, isInterface: Boolean) {
                found += owner to name + descriptor
            }

            override fun visitFieldInsn(opcode: Int, owner: String, name: String, descriptor: String) {
                found += owner to "$name:$descriptor"
            }

            override fun visitTypeInsn(opcode: Int, type: String) {
                if (!type.startsWith("[")) found += type to ""
            }

            override fun visitTryCatchBlock(
                start: org.objectweb.asm.Label?, end: org.objectweb.asm.Label?, handler: org.objectweb.asm.Label?, type: String?,
            ) {
                if (type != null) found += type to ""
            }

            override fun visitInvokeDynamicInsn(name: String, descriptor: String, bootstrap: Handle, vararg arguments: Any) {
                arguments.filterIsInstance<Handle>().forEach { found += it.owner to it.name + it.desc }
            }
        }
        val classes = object : ClassVisitor(Opcodes.ASM9) {
            override fun visit(
                version: Int, access: Int, name: String, signature: String?, superName: String?, interfaces: Array<String>?,
            ) {
                listOfNotNull(superName).plus(interfaces.orEmpty()).forEach { found += it to "" }
            }

            override fun visitMethod(
                access: Int, name: String, descriptor: String, signature: String?, exceptions: Array<String>?,
            ): MethodVisitor = methods

            override fun visitField(
                access: Int, name: String, descriptor: String, signature: String?, value: Any?,
            ): FieldVisitor? = null
        }
        ClassReader(bytes).accept(classes, ClassReader.SKIP_DEBUG or ClassReader.SKIP_FRAMES)
        return found
    }

    /** Looks through what a class inherits, as the machine does. */
    private fun has(owner: String, member: String): Boolean {
        val own = membersOf(owner) ?: return isJavas(owner, member)
        return member.isEmpty() || member in own || parents(owner).any { has(it, member) }
    }

    /** Java's own classes are not in that jar. This machine's are newer than Android's: what Kotlin names of them is little. */
    private fun isJavas(owner: String, member: String): Boolean {
        if (!owner.startsWith("java/") && !owner.startsWith("javax/")) return !isPhones(owner)
        val found = Class.forName(owner.replace('/', '.'))
        val name = member.substringBefore('(').substringBefore(':')
        val inherited = generateSequence(found) { it.superclass }
        return member.isEmpty() || name == "<init>" || found.methods.any { it.name == name } ||
            inherited.any { one -> one.declaredMethods.any { it.name == name } || one.declaredFields.any { it.name == name } }
    }

    private val parentsOf = mutableMapOf<String, List<String>>()

    private fun parents(owner: String): List<String> = parentsOf[owner].orEmpty()

    private fun membersOf(owner: String): Set<String>? = members.getOrPut(owner) {
        val bytes = when (val entry = oldest.getEntry("$owner.class")) {
            null -> File("target/classes/$owner.class").takeIf { owner.startsWith(OURS) && it.isFile }?.readBytes()
            else -> oldest.getInputStream(entry).use { it.readBytes() }
        } ?: return@getOrPut null
        val found = mutableSetOf<String>()
        ClassReader(bytes).accept(
            object : ClassVisitor(Opcodes.ASM9) {
                override fun visit(
                    version: Int, access: Int, name: String, signature: String?, superName: String?, interfaces: Array<String>?,
                ) {
                    parentsOf[owner] = listOfNotNull(superName).plus(interfaces.orEmpty())
                }

                override fun visitMethod(
                    access: Int, name: String, descriptor: String, signature: String?, exceptions: Array<String>?,
                ): MethodVisitor? {
                    found += name + descriptor
                    return null
                }

                override fun visitField(
                    access: Int, name: String, descriptor: String, signature: String?, value: Any?,
                ): FieldVisitor? {
                    found += "$name:$descriptor"
                    return null
                }
            },
            ClassReader.SKIP_CODE or ClassReader.SKIP_DEBUG,
        )
        found
    }

    private companion object {
        const val OURS = "id/go/ketapang/siaga/"
    }
}
