#!/usr/bin/env bash
# Publishes the executables: artifacts/bin/netd, artifacts/bin/netctl and, once it exists, artifacts/bin/netd-cni; or the same compiled
# ahead of time in artifacts/ahead/.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/lib.sh"

CONFIGURATION=release
STAMP=$ARTIFACTS/publish/.fingerprint

help() {
    cat <<'TEXT'
build.sh [ahead] [--force] [--quiet]

Builds netd and netctl and leaves them, ready to run, in artifacts/bin/. They need the .NET runtime that the SDK brings.
Nothing is done when nothing changed since the last time.

  ahead     compile ahead of time instead, into artifacts/ahead/: a file each, which needs no .NET, starts several times sooner and
            holds half the memory. Packages and benchmarks have these. Takes a minute or two, needs clang and zlib1g-dev
  --force   publish although nothing changed
  --quiet   say nothing unless it fails
  --help    this text

CI=true restores in locked mode: packages.lock.json decides, a difference is an error.
TEXT
}

# Everything that an executable is made from, as one line: paths, sizes, times. A file gone changes it as well.
fingerprint() {
    cd "$ROOT"
    {
        dotnet --version
        dotnet_root
        find . \( -name artifacts -o -name .git -o -name tests -o -name docs \) -prune -o -type f \
            \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.json' -o -name '*.proto' \
            -o -name '.editorconfig' -o -name 'BannedSymbols.txt' -o -name 'build.sh' \) -printf '%p %s %T@\n' | LC_ALL=C sort
    } | sha256sum
}

# The projects that become executables, with the name each gets.
executables() {
    local room
    for room in netd netctl cni; do
        for project in "$ROOT/$room"/*.csproj; do
            [ -e "$project" ] && printf '%s\n' "$project"
        done
    done
    return 0
}

assembly_name() {
    local name
    name=$(sed -n 's/.*<AssemblyName>\([^<]*\)<.*/\1/p' "$1")
    printf '%s\n' "${name:-$(project_name "$1")}"
}

# An apphost finds the runtime by itself where it was installed in the usual place; elsewhere it must be told.
install_launcher() {
    local name=$1 apphost=$2 launcher=$ARTIFACTS/bin/$1 runtime
    runtime=$(dotnet_root)
    mkdir -p "$ARTIFACTS/bin"
    rm -f "$launcher"
    case $runtime in
        /usr/share/dotnet | /usr/lib/dotnet | "$(cat /etc/dotnet/install_location 2>/dev/null || echo none)")
            ln -s "$(realpath --relative-to="$ARTIFACTS/bin" "$apphost")" "$launcher" ;;
        *)
            printf '#!/bin/sh\nexport DOTNET_ROOT="${DOTNET_ROOT:-%s}"\nexec "%s" "$@"\n' "$runtime" "$apphost" >"$launcher"
            chmod +x "$launcher" ;;
    esac
    [ -x "$launcher" ] || die "$name was published but $launcher cannot be run"
}

publish() {
    local project name output log=$ARTIFACTS/build.log
    : >"$log"
    while read -r project; do
        name=$(assembly_name "$project")
        output=$ARTIFACTS/publish/$(project_name "$project")/$CONFIGURATION
        publish_program "$project" "$output" "$log" --self-contained false || die "building $name failed; all of it is in artifacts/build.log"
        install_launcher "$name" "$output/$name"
        [ "$quiet" = yes ] || say "artifacts/bin/$name"
    done < <(executables)
}

publish_ahead() {
    local project name output log=$ARTIFACTS/build-ahead.log
    : >"$log"
    while read -r project; do
        name=$(assembly_name "$project")
        output=$ARTIFACTS/ahead/publish/$(project_name "$project")
        publish_program "$project" "$output" "$log" "$AHEAD" || die "compiling $name failed; all of it is in artifacts/build-ahead.log"
        ln -sf "$(realpath --relative-to="$ARTIFACTS/ahead" "$output/$name")" "$ARTIFACTS/ahead/$name"
        [ "$quiet" = yes ] || say "artifacts/ahead/$name"
    done < <(executables)
}

force=no quiet=no ahead=no
for argument in "$@"; do
    case $argument in
        ahead) ahead=yes ;;
        --force) force=yes ;;
        --quiet) quiet=yes ;;
        -h | --help) help; exit 0 ;;
        *) warn "build.sh: unknown argument '$argument'"; help >&2; exit 2 ;;
    esac
done

need_sdk
trap give_back EXIT
place=bin work=publish
if [ "$ahead" = yes ]; then
    need_ahead
    place=ahead work=publish_ahead STAMP=$ARTIFACTS/ahead/.fingerprint
fi
mkdir -p "$ARTIFACTS/$place" "$(dirname "$STAMP")"
now=$(fingerprint)
if [ "$force" = no ] && [ -x "$ARTIFACTS/$place/netd" ] && [ -x "$ARTIFACTS/$place/netctl" ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$now" ]; then
    [ "$quiet" = yes ] || say "artifacts/$place/netd, artifacts/$place/netctl: up to date"
    exit 0
fi
rm -f "$STAMP"
build_alone "$work"
# The print from before: what was edited meanwhile is built next time.
printf '%s\n' "$now" >"$STAMP"
