# shellcheck shell=bash
# Functions that the scripts at the root share. Sourced, never started; the caller has set -euo pipefail.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # a small Debian has no libicu, and nothing here needs one

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ARTIFACTS=$ROOT/artifacts

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "$(basename "$0"): $*"; exit 1; }
is_root() { [ "$(id -u)" -eq 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- the .NET SDK -----------------------------------------------------------------------------------------------------

# The version that global.json asks for.
sdk_wanted() { sed -n 's/.*"sdk"[^}]*"version" *: *"\([^"]*\)".*/\1/p' "$ROOT/global.json"; }

# Ends the script unless `dotnet` of the right version answers here.
need_sdk() {
    local wanted home
    wanted=$(sdk_wanted)
    # sudo forgets PATH and HOME, so the caller's own folder is looked at too.
    for home in "${HOME:-}" "$(getent passwd "${SUDO_USER:-}" | cut -d: -f6)"; do
        if ! has dotnet && [ -n "$home" ] && [ -x "$home/.dotnet/dotnet" ]; then
            export DOTNET_ROOT=$home/.dotnet PATH=$home/.dotnet:$PATH
        fi
    done
    if has dotnet && (cd "$ROOT" && dotnet --version) >/dev/null 2>&1; then
        return
    fi
    warn "The .NET SDK $wanted (or a later patch of it) is not here, and this repository builds with no other (global.json)."
    has dotnet && warn "Found: $(dotnet --list-sdks 2>/dev/null | tr '\n' ';')"
    warn "Get it, for this user and without root:"
    warn "    curl -fsSLO https://dot.net/v1/dotnet-install.sh"
    warn "    bash dotnet-install.sh --version $wanted --install-dir \"\$HOME/.dotnet\""
    warn "or as a package where your distribution has it: apt-get install dotnet-sdk-10.0. Then start this again."
    exit 1
}

# Where the dotnet in use lives: the folder of its real executable.
dotnet_root() { dirname "$(readlink -f "$(command -v dotnet)")"; }

# What root built under sudo belongs to who called sudo, or that user's next build fails.
give_back() {
    if is_root && [ -n "${SUDO_UID:-}" ] && [ -d "$ARTIFACTS" ]; then
        chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$ARTIFACTS"
    fi
}

# build_alone COMMAND...: one build at a time in this checkout. What a build that was killed has left may look newer than
# its sources and be half of itself, so it is no base for the next.
build_alone() {
    local mark=$ARTIFACTS/.building
    mkdir -p "$ARTIFACTS"
    (
        status=0
        flock 9
        if [ -s "$mark" ]; then
            say "the last build was stopped half-way: building from the start"
            rm -rf "$ARTIFACTS/obj" "$ARTIFACTS/bin" "$ARTIFACTS/publish" "$ARTIFACTS/ahead"
        fi
        printf 'at it\n' >"$mark"
        ("$@") 9>&- || status=$?
        [ "$status" -ge 128 ] || : >"$mark"
        exit "$status"
    ) 9>>"$mark"
}

# --- programs ---------------------------------------------------------------------------------------------------------

# publish_program PROJECT FOLDER LOG FLAGS...: returns 1 with the errors said. From the repository, so that its global.json decides.
publish_program() {
    local project=$1 folder=$2 log=$3
    shift 3
    if ! (cd "$ROOT" && dotnet publish "$project" -c Release -o "$folder" "$@" -nodeReuse:false -v quiet -clp:NoSummary) >>"$log" 2>&1; then
        grep -E 'error|warning' "$log" | sort -u >&2 || cat "$log" >&2
        return 1
    fi
}

AHEAD_TOOLS=(clang zlib1g-dev) # what the compiler links with
AHEAD=-p:CompileAhead=true     # one file, for this machine's processor, that needs no runtime

# need_ahead: ends the script unless programs can be compiled ahead of time here.
need_ahead() {
    local missing
    mapfile -t missing < <(missing_packages "${AHEAD_TOOLS[@]}")
    install_packages ${missing[@]+"${missing[@]}"} || die "compiling ahead of time needs: ${missing[*]}"
}

# --- packages of Debian -----------------------------------------------------------------------------------------------

# Prints the Debian packages, of those named, whose command or library is not here.
missing_packages() {
    local package
    for package in "$@"; do
        case $package in
            iproute2) has ip ;;
            nftables) has nft ;;
            iputils-ping) has ping ;;
            bind9-dnsutils) has dig ;;
            libsqlite3-0) has_library libsqlite3.so.0 ;;
            procps) has pgrep && has ps ;;
            util-linux) has nsenter && has unshare && has setpriv ;;
            netcat-openbsd) has nc ;;
            qemu-system-x86) has qemu-system-x86_64 ;;
            e2fsprogs) has mkfs.ext4 ;;
            xz-utils) has xz ;;
            kmod) has modprobe && has depmod ;;
            musl-tools) has musl-gcc ;;
            zlib1g-dev) [ -e /usr/include/zlib.h ] ;;
            systemd) [ -x /lib/systemd/systemd ] ;;
            qemu-utils) has qemu-img ;;
            vagrant-libvirt) [ -n "$(find /usr/share/rubygems-integration /usr/share/vagrant-plugins -maxdepth 3 -name 'vagrant-libvirt*' 2>/dev/null | head -n 1)" ] ;;
            libvirt-clients) has virsh ;;
            libvirt-daemon) has libvirtd ;;
            dnsmasq-base) has dnsmasq ;;
            openssh-client) has ssh && has ssh-keygen ;;
            *) has "$package" ;;
        esac || printf '%s\n' "$package"
    done
}

has_library() {
    local folder
    # Debian's ldconfig is in sbin, which a user's PATH may lack.
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -qF "$1" && return
    for folder in /lib /usr/lib /lib/*-linux-gnu /usr/lib/*-linux-gnu; do
        [ -e "$folder/$1" ] && return
    done
    return 1
}

# Installs packages from Debian and says so. Returns 1, with the reason said, if they cannot be installed.
install_packages() {
    [ $# -gt 0 ] || return 0
    if ! has apt-get; then
        warn "missing: $*. This is not Debian; install what your distribution calls them."
        return 1
    fi
    if ! is_root; then
        warn "missing: $*. As root: apt-get update && apt-get install --no-install-recommends $*"
        return 1
    fi
    local status=0
    say "installing from Debian: $*"
    mkdir -p "$ARTIFACTS"
    # What has begun is finished, whoever stops us: half an installation would be left to others.
    (
        trap '' INT TERM HUP
        apt_install "$@"
    ) >"$ARTIFACTS/apt.log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        warn "apt-get failed; the end of artifacts/apt.log:"
        tail -n 5 "$ARTIFACTS/apt.log" >&2
        return 1
    fi
}

# A daemon that comes with a package must not start: the policy file forbids it while we install, and goes afterwards if
# it was ours.
apt_install() {
    local policy=/usr/sbin/policy-rc.d mark='# netd: while packages are installed' status=0
    if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
        printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
        chmod +x "$policy"
    fi
    { apt-get -q -o DPkg::Lock::Timeout=300 update \
        && DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"; } \
        || status=$?
    if grep -qxF "$mark" "$policy"; then
        rm -f "$policy"
    fi
    return "$status"
}

# --- projects ---------------------------------------------------------------------------------------------------------

# The name of a project, from the path of its file.
project_name() { basename "$1" .csproj; }

# Where a test or benchmark project's executable stands after a build.
project_executable() { printf '%s/bin/%s/%s/%s\n' "$ARTIFACTS" "$(project_name "$1")" "$2" "$(project_name "$1")"; }
