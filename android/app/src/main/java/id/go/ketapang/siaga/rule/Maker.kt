package id.go.ketapang.siaga.rule

/** A maker whose power saver ends apps, and the screens where a person tells it not to; the first one that is there. */
enum class Maker(private val names: List<String>, val screens: List<Screen>) {
    XIAOMI(
        listOf("xiaomi", "redmi", "poco"),
        listOf(
            Screen("com.miui.securitycenter", "com.miui.permcenter.autostart.AutoStartManagementActivity"),
            Screen("com.miui.securitycenter", "com.miui.powercenter.PowerSettings"),
        ),
    ),
    OPPO(
        listOf("oppo", "realme", "oneplus"),
        listOf(
            Screen("com.coloros.safecenter", "com.coloros.safecenter.permission.startup.StartupAppListActivity"),
            Screen("com.coloros.safecenter", "com.coloros.safecenter.startupapp.StartupAppListActivity"),
            Screen("com.oppo.safe", "com.oppo.safe.permission.startup.StartupAppListActivity"),
            Screen("com.oneplus.security", "com.oneplus.security.chainlaunch.view.ChainLaunchAppListActivity"),
        ),
    ),
    VIVO(
        listOf("vivo", "iqoo"),
        listOf(
            Screen("com.vivo.permissionmanager", "com.vivo.permissionmanager.activity.BgStartUpManagerActivity"),
            Screen("com.iqoo.secure", "com.iqoo.secure.ui.phoneoptimize.AddWhiteListActivity"),
            Screen("com.iqoo.secure", "com.iqoo.secure.ui.phoneoptimize.BgStartUpManager"),
        ),
    ),
    SAMSUNG(
        listOf("samsung"),
        listOf(
            Screen("com.samsung.android.lool", "com.samsung.android.sm.battery.ui.BatteryActivity"),
            Screen("com.samsung.android.lool", "com.samsung.android.sm.ui.battery.BatteryActivity"),
        ),
    ),
    HUAWEI(
        listOf("huawei", "honor"),
        listOf(
            Screen("com.huawei.systemmanager", "com.huawei.systemmanager.startupmgr.ui.StartupNormalAppListActivity"),
            Screen("com.huawei.systemmanager", "com.huawei.systemmanager.optimize.process.ProtectActivity"),
        ),
    ),
    TRANSSION(
        listOf("infinix", "tecno", "itel"),
        listOf(Screen("com.transsion.phonemaster", "com.cyin.himgr.autostart.AutoStartActivity")),
    ),
    OTHER(emptyList(), emptyList());

    data class Screen(val packageName: String, val activity: String)

    val code: String get() = name.lowercase()

    companion object {
        /** Sub-brands name themselves in one of the two and their house in the other. */
        fun of(manufacturer: String?, brand: String?): Maker {
            val said = listOfNotNull(brand, manufacturer).map { it.trim().lowercase() }
            return said.firstNotNullOfOrNull { name -> entries.firstOrNull { name in it.names } } ?: OTHER
        }
    }
}
