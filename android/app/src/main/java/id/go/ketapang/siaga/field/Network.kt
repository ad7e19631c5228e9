package id.go.ketapang.siaga.field

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network as SystemNetwork
import android.net.NetworkCapabilities
import android.os.Handler
import id.go.ketapang.siaga.engine.Engine

/** Tells the engine at once what the system knows of the network: eight seconds of coverage are not to be waited out. */
class Network(context: Context, private val handler: Handler) {
    private val manager: ConnectivityManager? = context.getSystemService(ConnectivityManager::class.java)
    private var cost: String? = null

    private val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: SystemNetwork) = Phone.ask { Engine.networkUp() }

        override fun onCapabilitiesChanged(network: SystemNetwork, capabilities: NetworkCapabilities) {
            val free = capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
            val now = if (free) "free" else "metered"
            if (now != cost) {
                cost = now
                Phone.ask { Engine.networkIs(now) }
            }
        }

        // Called since Android 10: the power saver let go of this app.
        override fun onBlockedStatusChanged(network: SystemNetwork, blocked: Boolean) {
            if (!blocked) Phone.ask { Engine.networkUp() }
        }

        override fun onLost(network: SystemNetwork) {
            cost = null
            Phone.ask { Engine.networkLost() }
        }
    }

    fun begin() {
        manager?.registerDefaultNetworkCallback(callback, handler)
    }

    fun end() {
        manager?.unregisterNetworkCallback(callback)
    }
}
