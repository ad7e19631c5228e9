#!/usr/bin/env bash
# On a running emulator or a phone on a cable: installs the app, opens it, and looks whether both of its processes live and
# nothing crashed. A smoke test, no more; the rest is the checklist of docs/android.md.
#
#   scripts/android-smoke.sh APK
#
# SIAGA_SMOKE_WAIT_S: seconds that each process is given to begin, 60 without it.
set -euo pipefail

apk=${1:?say which APK}
package=id.go.ketapang.siaga
wait_s=${SIAGA_SMOKE_WAIT_S:-60}
pause_s=$((wait_s < 2 ? wait_s : 2))

adb wait-for-device
adb install -r -g "$apk"
adb logcat -c
adb shell am start -W -n "$package/.EntryActivity"

alive() { adb shell pidof "$1" >/dev/null; }

becomes_alive() {
    for _ in $(seq "$wait_s"); do
        alive "$1" && return 0
        sleep 1
    done
    alive "$1"
}

becomes_alive "$package" || { echo "the process of the page is not there" >&2; exit 1; }

# The service's process begins with a job, whether or not somebody is on duty: one is left when the app is opened, another
# when it is put away.
adb shell input keyevent KEYCODE_HOME
sleep "$pause_s"
adb shell cmd jobscheduler run -f "$package" 2 || adb shell cmd jobscheduler run -f "$package" 1 || true
becomes_alive "$package:field" || { echo "the process of the service is not there" >&2; exit 1; }

# The page's process dies; the service's must not. Only an emulator lets anybody kill it.
adb root >/dev/null 2>&1 || true
adb wait-for-device
if [ "$(adb shell id -u | tr -d '\r')" = 0 ]; then
    adb shell kill -9 "$(adb shell pidof "$package" | tr -d '\r')"
    sleep "$pause_s"
    alive "$package:field" || { echo "the service died with the page" >&2; exit 1; }
else
    echo "no root here: the page was not killed"
fi

log=$(adb logcat -d)
if grep -E "FATAL EXCEPTION|UnsatisfiedLinkError|E siaga" <<<"$log"; then
    echo "something crashed, or the home did not open" >&2
    exit 1
fi
echo "both processes lived"
