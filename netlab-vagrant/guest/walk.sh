# shellcheck shell=bash
# Words for packet walks, after those of lib.sh: the kernel tells which rules a marked packet meets.

WALK=/run/lab-walk
BRIDGE_NF=/proc/sys/net/bridge/bridge-nf-call-iptables

# walk_begin SANDBOX BRIDGE-NF < TABLE: from now on the packets are followed that the lab's table marks, in the sandbox or, if
# that is '', on the host, with bridge-nf-call on (1) or off (0); without br_netfilter it is off.
walk_begin() {
    local table
    table=$(cat)
    if [ -e "$BRIDGE_NF" ]; then
        bridge_nf "$2"
    elif [ "$2" = 1 ]; then
        echo 'there is no br_netfilter' >&2
        return 1
    fi
    rm -rf "$WALK"
    mkdir -p "$WALK"
    if [ -n "$1" ]; then path_of "$1"; else echo /proc/self/ns/net; fi >"$WALK/path"
    walk_in nft list ruleset >"$WALK/before"
    walk_in nft -f - <<<"$table"
    # shellcheck disable=SC2016 # its own words
    walk_in setsid bash -c 'echo $$ >"$1/pid"; exec nft monitor trace' bash "$WALK" >"$WALK/trace" 2>&1 </dev/null &
    eventually walk_told 4 >/dev/null
}

# walk_end: what was seen since walk_begin, in three parts.
walk_end() {
    local part
    eventually walk_told 5 >/dev/null
    walk_in nft list ruleset >"$WALK/after"
    walk_stop
    for part in before trace after; do
        printf '=== %s\n' "$part"
        cat "$WALK/$part"
    done
}

# walk_stop: nobody is followed any more; also after a walk that broke off.
walk_stop() {
    if [ -e "$WALK/pid" ]; then
        kill "$(cat "$WALK/pid")" 2>/dev/null || true
        rm "$WALK/pid"
        walk_in nft delete table inet lab_walk 2>/dev/null || true
    fi
}

walk_in() { nsenter --net="$(cat "$WALK/path")" -- "$@"; }

# A datagram that the lab's table marks and drops: once it is told of, so is what came before it, and what comes after it will be.
walk_told() {
    walk_in bash -c "echo >/dev/udp/127.0.0.1/$1" 2>/dev/null || true
    grep -q "udp dport $1 " "$WALK/trace"
}

bridge_nf() { printf '%s\n' "$1" | tee "$BRIDGE_NF" >"${BRIDGE_NF/iptables/ip6tables}"; }

# datagram FROM ADDRESS PORT, connection FROM ADDRESS PORT: sends one, from a sandbox or from the host.
datagram() { from "$1" bash -c "echo >/dev/udp/$2/$3"; }
connection() { from "$1" timeout "$((LAB_PATIENCE / 2))" bash -c "exec 3<>/dev/tcp/$2/$3"; }
hardware() { from "$1" ip -j link show dev "$2" | jq -r '.[0].address'; } # hardware FROM INTERFACE: its address
from() { if [ "$1" = host ]; then "${@:2}"; else inside "$@"; fi; }
