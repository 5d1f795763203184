#!/usr/bin/env bash
# Builds the Debian package netd with dpkg-deb alone.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../scripts/lib.sh"

help() {
    cat <<'TEXT'
packaging/build-deb.sh [--version V] [--output FOLDER] [--fast]

Builds the package netd in artifacts/deb: daemon and command line, compiled ahead of time (they need no .NET), systemd units, files for
NetworkManager, networkd and udev, completion, man pages.

  --version V   version of the package (default: that of Directory.Build.props)
  --output F    where the package is left
  --fast        hardly compressed: for trying out
  --help        this text

Install with: apt install ./netd_*.deb
TEXT
}

version=$(sed -n 's/.*<Version>\(.*\)<.*/\1/p' "$ROOT/Directory.Build.props")
output=$ARTIFACTS/deb compression=(-Zxz)
while [ $# -gt 0 ]; do
    case $1 in
        --version) version=${2:?"--version needs a value"}; shift ;;
        --output) output=$(realpath -m "${2:?"--output needs a value"}"); shift ;;
        --fast) compression=(-Zgzip -z1) ;;
        -h | --help) help; exit 0 ;;
        *) warn "build-deb.sh: unknown argument '$1'"; help >&2; exit 2 ;;
    esac
    shift
done

# One time for everything that is packed: the same sources give the same package.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c safe.directory="$ROOT" -C "$ROOT" log -1 --format=%ct 2>/dev/null || echo 0)}
MAINTAINER=${DEBFULLNAME:-The netd authors}" <${DEBEMAIL:-netd@netd.invalid}>"
ARCHITECTURE=$(dpkg --print-architecture)

# --- parts ------------------------------------------------------------------------------------------------------------

put() { # MODE SOURCE TARGET
    install -D -m "$1" "$2" "$tree/$3"
}

# document PACKAGE SHORT-LICENCE-FILE: copyright and changelog, as Debian wants them.
document() {
    local folder=$tree/usr/share/doc/$1
    mkdir -p "$folder"
    cp "$2" "$folder/copyright"
    printf '%s (%s) unstable; urgency=medium\n\n  * CHANGELOG.md of the sources has the changes.\n\n -- %s  %s\n' \
        "$1" "$3" "$MAINTAINER" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$folder/changelog.gz"
    chmod 644 "$folder"/*
}

# pack PACKAGE VERSION < control fields
pack() {
    local package=$1 packed=$2
    mkdir -p "$tree/DEBIAN" "$output"
    {
        printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' "$package" "$packed" "$ARCHITECTURE" "$MAINTAINER"
        printf 'Installed-Size: %s\nSection: net\nPriority: optional\n' "$(du -sk --exclude=DEBIAN "$tree" | cut -f1)"
        cat
    } >"$tree/DEBIAN/control"
    (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$tree" -type d -exec chmod 755 {} +
    dpkg-deb --root-owner-group "${compression[@]}" --build "$tree" "$output/${package}_${packed}_$ARCHITECTURE.deb" >/dev/null
    say "${output#"$ROOT/"}/${package}_${packed}_$ARCHITECTURE.deb"
    rm -rf "$tree"
}

put_overrides() {
    local package=$1 tag
    shift
    mkdir -p "$tree/usr/share/lintian/overrides"
    for tag in "$@"; do printf '%s: %s\n' "$package" "$tag"; done >"$tree/usr/share/lintian/overrides/$package"
    chmod 644 "$tree/usr/share/lintian/overrides/$package"
}

# --- netd -------------------------------------------------------------------------------------------------------------

pack_netd() {
    local program file
    "$ROOT/build.sh" ahead --quiet
    tree=$(mktemp -d "$ARTIFACTS/.deb.XXXXXX")
    mkdir -p "$tree/usr/lib/netd" "$tree/usr/sbin" "$tree/usr/bin"
    for program in netd netctl; do
        put 755 "$(readlink -f "$ARTIFACTS/ahead/$program")" "usr/lib/netd/$program"
    done
    ln -s ../lib/netd/netd "$tree/usr/sbin/netd"
    ln -s ../lib/netd/netctl "$tree/usr/bin/netctl"
    put 644 "$ROOT/packaging/netd.service" lib/systemd/system/netd.service
    put 644 "$ROOT/packaging/netd.socket" lib/systemd/system/netd.socket
    put 644 "$ROOT/packaging/networkd/10-netd.link" lib/systemd/network/10-netd.link
    put 644 "$ROOT/packaging/networkd/10-netd-unmanaged.network" lib/systemd/network/10-netd-unmanaged.network
    put 644 "$ROOT/packaging/udev/80-netd.rules" lib/udev/rules.d/80-netd.rules
    put 644 "$ROOT/packaging/NetworkManager/90-netd.conf" usr/lib/NetworkManager/conf.d/90-netd.conf
    put 644 "$ROOT/packaging/netd.json" etc/netd/netd.json
    complete bash usr/share/bash-completion/completions/netctl
    complete zsh usr/share/zsh/vendor-completions/_netctl
    complete fish usr/share/fish/vendor_completions.d/netctl.fish
    for file in netd.8 netctl.1; do
        mkdir -p "$tree/usr/share/man/man${file##*.}"
        gzip -9nc "$ROOT/packaging/man/$file" >"$tree/usr/share/man/man${file##*.}/$file.gz"
        chmod 644 "$tree/usr/share/man/man${file##*.}/$file.gz"
    done
    document netd "$ROOT/packaging/debian/copyright" "$version"
    # The programs have what they use of .NET in them, and its licences want to go along.
    put 644 "$(dotnet_root)/LICENSE.txt" usr/share/doc/netd/LICENSE.dotnet
    put 644 "$(dotnet_root)/ThirdPartyNotices.txt" usr/share/doc/netd/ThirdPartyNotices.dotnet
    # What the compiler of .NET links without; and this package was never uploaded.
    put_overrides netd 'initial-upload-closes-no-bugs' 'hardening-no-fortify-functions'
    mkdir -p "$tree/DEBIAN"
    printf '/etc/netd/netd.json\n' >"$tree/DEBIAN/conffiles"
    for file in postinst prerm postrm; do
        install -m 755 "$ROOT/packaging/debian/$file" "$tree/DEBIAN/$file"
    done
    pack netd "$version" <<'TEXT'
Depends: libc6 (>= 2.34), libsqlite3-0, adduser
Suggests: docker.io
Description: network daemon for Linux containers, and its command line
 Gives any container, of Docker, of another runtime, or a bare network
 namespace, an interface on a network: a bridge, the LAN by macvlan, the
 host's own. It shows every change before it is made, keeps the kernel as
 asked after a crash, a flushed firewall or a reboot, and says of everything
 that is not as asked why.
 .
 Removing the package takes its networks out of the kernel; purging it takes
 its state off the disk as well.
TEXT
}

complete() { # SHELL TARGET
    mkdir -p "$(dirname "$tree/$2")"
    "$ARTIFACTS/ahead/netctl" completion "$1" >"$tree/$2"
    chmod 644 "$tree/$2"
}

has dpkg-deb || die "needs dpkg-deb (package dpkg)"
need_sdk
mkdir -p "$ARTIFACTS"
trap 'rm -rf "${tree:-}"; give_back' EXIT
pack_netd
