#!/usr/bin/env bash
# Installs what is missing on Debian 12 or Ubuntu, and says nothing when nothing is.
#
#   scripts/setup.sh run     build and start the center and a responder
#   scripts/setup.sh test    the same, and every test: a browser, WebKit and Xvfb, a JDK with Maven, aapt2
#   scripts/setup.sh app     the same as run, and the app's window
#
# It needs Rust and Node 20.19 or newer, which it does not install, and the right to install packages (root or sudo).
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}

base=(build-essential pkg-config libssl-dev curl git ca-certificates)
shell=(libwebkit2gtk-4.1-dev libgtk-3-dev)
browser=(chromium)
display=(webkit2gtk-driver xvfb xauth dbus dbus-x11)
# The Android app at a desk: its Kotlin by Maven on a JDK, its resources by aapt2 against Debian's framework, symbols by nm, and
# what looks into an APK.
android=(default-jdk-headless maven aapt android-framework-res binutils zip unzip)

case $purpose in
run) packages=("${base[@]}") ;;
app) packages=("${base[@]}" "${shell[@]}") ;;
test) packages=("${base[@]}" "${shell[@]}" "${browser[@]}" "${display[@]}" "${android[@]}") ;;
*)
    echo "usage: scripts/setup.sh run|test|app" >&2
    exit 2
    ;;
esac

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Ubuntu's package of that name only calls a snap, which no container can start.
has_browser() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -n "$name" ] && command -v "$name" >/dev/null && return 0
    done
    return 1
}

missing=()
for package in "${packages[@]}"; do
    if [ "$package" = chromium ] && has_browser; then continue; fi
    if [ "$package" = default-jdk-headless ] && command -v javac >/dev/null; then continue; fi
    is_installed "$package" || missing+=("$package")
done

if [ "${#missing[@]}" -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "this system has no apt-get; install by hand: ${missing[*]}" >&2
        exit 2
    fi
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        command -v sudo >/dev/null || {
            echo "not root, and no sudo; install by hand: ${missing[*]}" >&2
            exit 2
        }
    fi
    echo "installing: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v cargo >/dev/null || {
    echo "Rust is missing: this project needs cargo 1.95 or newer" >&2
    exit 2
}

node -e '
const [major, minor] = process.versions.node.split(".").map(Number);
process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
' 2>/dev/null || {
    echo "Node 20.19 or newer is needed; here is $(node --version 2>/dev/null || echo none)" >&2
    exit 2
}

# What the pages are built with, exactly as locked; again only when the lock says something else.
stamp=ui/node_modules/.siaga-lock
if ! cmp -s ui/package-lock.json "$stamp" 2>/dev/null; then
    echo "installing what the pages are built with"
    npm ci --prefix ui --no-audit --no-fund --loglevel=error
    cp ui/package-lock.json "$stamp"
fi
