# SPDX-License-Identifier: MIT
# packages.sh - sourced by quickstart and test: installs Debian packages that are
# missing, as root or through sudo; elsewhere it leaves that to you.
need_packages() {
    if ! command -v apt-get >/dev/null || dpkg -s "$@" >/dev/null 2>&1; then
        return 0
    fi
    local sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}
