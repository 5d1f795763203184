# shellcheck shell=bash
# A place for a script that the kernel takes back as a whole, however the script ends. Sourced after lib.sh, never started.
#
#   outside ── packages ─► seclude ─ waits, passes signals on ─────────────────► exit code
#                             └► first process inside ── build ─► unplug ── everything else
#                                processes, mounts and               a network and a
#                                temporary files of its own          /run of its own
#
# If the outside dies, even by SIGKILL, the death signals that setpriv and unshare ask for take the first process inside
# along; with it the kernel ends every other process there, and with these every mount, namespace, link, rule and
# temporary file. The build stands between the two steps because it may have to fetch packages.

SECLUSION=${NETD_SECLUSION:-outside} # outside, secluded, unplugged
unset NETD_SECLUSION                 # a script that is started inside begins anew, with a place of its own
SECLUDED_STOPPING=no
SECLUDED_SCRIPT=$(readlink -f "$0")

# True if this machine lets us.
may_seclude() { unshare --net --mount --pid --fork --mount-proc true 2>/dev/null; }

# seclude ARGUMENTS OF THE SCRIPT...: starts the script again inside, waits for it and ends; inside it returns at once.
seclude() {
    if [ "$SECLUSION" != outside ]; then
        # The first process of a process namespace gets no signal that it does not ask for.
        trap 'exit 130' INT
        trap 'exit 143' TERM
        trap 'exit 129' HUP
        if [ "$SECLUSION" = secluded ]; then
            cover /tmp 1777
            cover /var/tmp 1777
            export TMPDIR=/tmp NETD_SECLUDED=yes
            export DOTNET_EnableDiagnostics=0 # a killed program would leave the runtime's pipes in /tmp
        fi
        return
    fi
    local inside status
    mkdir -p "$ARTIFACTS"
    set -m # the inside is a process group of its own: a signal comes once, from us
    # If we died before the death signal was asked for, PPID is not ours. What carries the inside stays until it ends.
    NETD_SECLUSION=secluded setpriv --pdeathsig KILL \
        bash -c 'trap "" INT TERM HUP; [ "$PPID" = "$0" ] && exec "$@"' "$$" \
        unshare --mount --pid --fork --kill-child --mount-proc \
        env --default-signal=INT,TERM,HUP bash "$SECLUDED_SCRIPT" "$@" </dev/null &
    inside=$!
    set +m
    for signal in INT TERM HUP; do
        # shellcheck disable=SC2064 # expanded now
        trap "stop_inside $signal $inside" "$signal"
    done
    while true; do
        status=0
        wait "$inside" || status=$?
        kill -0 "$inside" 2>/dev/null || break # else a signal ended the waiting, not the inside
    done
    give_back
    exit "$status"
}

# The first signal asks; the second does not.
stop_inside() {
    if [ "$SECLUDED_STOPPING" = yes ]; then
        kill -KILL "$2" 2>/dev/null || true
    else
        SECLUDED_STOPPING=yes
        kill -"$1" -- "-$2" 2>/dev/null || true
    fi
}

# unplug ARGUMENTS OF THE SCRIPT...: starts the script again without the machine's network; after that it returns at once.
unplug() {
    if [ "$SECLUSION" = unplugged ]; then
        ip link set lo up
        ip netns add first # makes /run/netns a mount of itself, which stays
        ip netns del first
        return
    fi
    cover /run 0755
    NETD_SECLUSION=unplugged exec unshare --net bash "$SECLUDED_SCRIPT" "$@"
}

# Lays an empty folder in memory over one that everybody writes to. What the script needs from below stays in sight.
cover() {
    local folder place keep below
    folder=$(readlink -f "$1")
    place=$(mktemp -d "$ARTIFACTS/.cover.XXXXXX") # others may be doing the same
    mount -n -t tmpfs -o "mode=$2" tmpfs "$place"
    for keep in "${HOME:-/}" "$(dotnet_root)" "${NUGET_PACKAGES:-/}" "$ROOT"; do
        keep=$(readlink -f "$keep") || continue
        case $keep in
            "$folder"/*)
                mkdir -p "$place${keep#"$folder"}"
                mount -n --bind "$keep" "$place${keep#"$folder"}" ;;
        esac
    done
    # Mounts of others would stay underneath, and go when the others let them go. What the place itself stands on stays.
    while read -r below; do
        umount -n -l "$(printf '%b' "$below")" 2>/dev/null || true
    done < <(awk -v below="$folder/" -v place="$place" '
        index($5, below) == 1 && index($5, place) != 1 && index(place, $5 "/") != 1 { print $5 }' /proc/self/mountinfo | tac)
    mount -n --move "$place" "$folder"
    rmdir "$place"
    cd "$ROOT" # where we stood may be out of sight
}
