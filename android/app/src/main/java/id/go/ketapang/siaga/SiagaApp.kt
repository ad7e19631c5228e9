package id.go.ketapang.siaga

import android.app.Application
import id.go.ketapang.siaga.field.Phone

/** Begins in both processes: nothing here touches a class of the WebView, which belongs to the main one. */
class SiagaApp : Application() {
    override fun onCreate() {
        super.onCreate()
        // The shell asks for this phone's ports as soon as its first page is there.
        Phone.attach(this)
    }
}
