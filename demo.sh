#!/usr/bin/env bash
# The main job, on throw-away state, in plain words; exit 0 only if every step was checked. Leaves nothing behind.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/lib.sh"
# shellcheck source=scripts/seclude.sh
. "$ROOT/scripts/seclude.sh"
# shellcheck source=scripts/leaks.sh
. "$ROOT/scripts/leaks.sh"

help() {
    cat <<'EOF'
usage: sudo ./demo.sh

Two containers in namespaces of their own on a dual-stack bridge network of netd: ping and HTTP between them, IPv4 and
IPv6 to the outside through NAT, a stranger outside who cannot get in, kill -9 of the daemon under running flows, a
restart that writes nothing, the kernel objects made, and a clean removal. It runs among processes, mounts, temporary
files and networks of its own, which the kernel takes back when it ends, also after a failure, Ctrl-C or kill -9. Takes
about 20 seconds, and the first time as long as building takes.
EOF
}

case ${1:-} in
    '') ;;
    -h | --help) help; exit 0 ;;
    *) warn "demo.sh: unknown argument '$1'"; help >&2; exit 2 ;;
esac
if [ "$SECLUSION" = outside ]; then
    is_root || die "needs root: sudo ./demo.sh (it makes network namespaces)"
    need_sdk
    mapfile -t missing < <(missing_packages iproute2 nftables iputils-ping util-linux procps busybox curl jq bind9-dnsutils libsqlite3-0)
    install_packages "${missing[@]}" || die "cannot go on without: ${missing[*]}"
    may_seclude || die "needs the right to make namespaces (CAP_SYS_ADMIN), which root does not have here. This must work: unshare --net --mount --pid --fork --mount-proc true"
fi
seclude "$@"
[ "$SECLUSION" = unplugged ] || "$ROOT/build.sh" --quiet
unplug "$@"

# --- the stage --------------------------------------------------------------------------------------------------------

HOST=host WORLD=world # nobody else's: /run is our own
PLACE=/tmp/netd-demo  # and so is /tmp
NETCTL=("$ARTIFACTS/bin/netctl" --host "$PLACE/run/netd.sock")
DAEMON=
SERVERS=()
STEP=0

# The kernel takes the stage down: nothing to do but to say how it ended.
last_words() {
    local status=$?
    [ "$status" -ne 0 ] || return 0
    exec 2>&3 # a signal may have come while a function was silent
    if [ "$status" -lt 128 ] && [ -s "$PLACE/netd.log" ]; then
        warn "the daemon's last words:"
        tail -n 15 "$PLACE/netd.log" >&2
    fi
    warn "demo.sh: ended in step $STEP; the kernel takes back what was made"
}
exec 3>&2
trap last_words EXIT
mkdir "$PLACE"

step() { STEP=$((STEP + 1)); printf '\n%2d. %s\n' "$STEP" "$*"; }
show() { sed 's/^/      /'; }
ok() { printf '    ok: %s\n' "$*"; }
fail() { warn "    FAILED: $*"; exit 1; }
check() { # what, command...
    local what=$1 output
    shift
    output=$("$@" 2>&1) || { printf '%s\n' "$output" | show >&2; fail "$what"; }
    ok "$what"
}
refuse() { # what, command...
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then fail "$what"; fi
    ok "$what"
}
in_host() { nsenter --net="/run/netns/$HOST" "$@"; }
in_world() { nsenter --net="/run/netns/$WORLD" "$@"; }
path_of() { "${NETCTL[@]}" sandbox inspect "$1" | jq -r '.path // .[0].path'; }
inside() { local name=$1; shift; "${NETCTL[@]}" sandbox exec "$name" -- "$@"; }

start_daemon() {
    # nsenter becomes netd, so the process number is the daemon's own. Without diagnostics, because the sockets that the
    # .NET runtime makes for them stay in /tmp after kill -9.
    DOTNET_EnableDiagnostics=0 nsenter --net="/run/netns/$HOST" "$ARTIFACTS/bin/netd" --config /dev/null --state-dir "$PLACE/state" --run-dir "$PLACE/run" \
        >>"$PLACE/netd.log" 2>&1 &
    DAEMON=$!
    local _
    for _ in $(seq 100); do
        if "${NETCTL[@]}" version >/dev/null 2>&1; then return; fi
        kill -0 "$DAEMON" 2>/dev/null || fail "netd ended at its start"
        sleep 0.1
    done
    fail "netd does not answer"
}

# A server that answers with the address it sees, and has something long to download.
serve() { # path of the namespace
    mkdir -p "$PLACE/www/cgi-bin"
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%%s" "$REMOTE_ADDR"\n' >"$PLACE/www/cgi-bin/who"
    chmod +x "$PLACE/www/cgi-bin/who"
    printf 'hello from inside\n' >"$PLACE/www/index.html"
    [ -e "$PLACE/www/long" ] || head -c 4000000 /dev/zero >"$PLACE/www/long"
    nsenter --net="$1" busybox httpd -f -p "[::]:80" -h "$PLACE/www" &
    SERVERS+=("$!")
}
answers() { # url, runner...
    local url=$1 _
    shift
    for _ in $(seq 50); do
        if "$@" curl -gsf --max-time 2 "$url" 2>/dev/null; then return; fi
        sleep 0.1
    done
    return 1
}

objects() {
    in_host ip -o link show | grep -cE ' (br-|veth)' || true
}

say "netd, the main job: everything happens in namespaces that the kernel takes back at the end."

step "A host with an uplink, and a world outside it (two namespaces and a cable)."
ip netns add "$HOST"
ip netns add "$WORLD"
ip -n "$HOST" link set lo up
ip -n "$WORLD" link set lo up
ip -n "$HOST" link add uplink type veth peer name uplink netns "$WORLD"
ip -n "$HOST" addr add 198.51.100.2/24 dev uplink
ip -n "$HOST" addr add 2001:db8:51::2/64 dev uplink nodad
ip -n "$WORLD" addr add 198.51.100.1/24 dev uplink
ip -n "$WORLD" addr add 2001:db8:51::1/64 dev uplink nodad
ip -n "$HOST" link set uplink up
ip -n "$WORLD" link set uplink up
ip -n "$HOST" route add default via 198.51.100.1
ip -n "$HOST" route add default via 2001:db8:51::1
ip -n "$WORLD" route add 10.88.0.0/24 via 198.51.100.2
ip -n "$WORLD" route add fd88::/64 via 2001:db8:51::2
before_links=$(objects)
before_forwarding=$(in_host cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding | tr '\n' ' ')
ok "forwarding is off on the host: $before_forwarding"

step "Start netd there, with its state in $PLACE."
leak_snapshot >"$PLACE/before"
start_daemon
"${NETCTL[@]}" version | show

step "One command makes a network. First what it would do, then for real."
"${NETCTL[@]}" create --dry-run --subnet 10.88.0.0/24 --subnet fd88::/64 shop | show
check "the dry run changed nothing" test "$(objects)" = "$before_links"
"${NETCTL[@]}" create --subnet 10.88.0.0/24 --subnet fd88::/64 shop >/dev/null
"${NETCTL[@]}" ls | show

step "Two containers (namespaces kept by netd), connected to it."
for name in web client; do
    "${NETCTL[@]}" sandbox create "$name" >/dev/null
    "${NETCTL[@]}" connect shop "$name" >/dev/null
done
"${NETCTL[@]}" sandbox ls | show
address() { "${NETCTL[@]}" inspect shop | jq -r --arg s "$1" ".endpoints[] | select(.sandbox == \$s) | .$2" | cut -d/ -f1; }
web4=$(address web ipv4) web6=$(address web ipv6)
ok "web has $web4 and $web6"

step "They talk to each other: real packets, a real HTTP server."
serve "$(path_of web)"
check "client pings web over IPv4" inside client ping -c 2 -i 0.2 -W 2 "$web4"
check "client pings web over IPv6" inside client ping -c 2 -i 0.2 -W 2 "$web6"
check "HTTP over IPv4: $(answers "http://$web4/" inside client || true)" answers "http://$web4/" inside client
check "HTTP over IPv6" answers "http://[$web6]/" inside client

step "They know each other by name: a resolver at 127.0.0.11 in each, asked by the C library and by dig."
asked() { inside "$1" dig @127.0.0.11 +short +tries=1 "${@:2}"; }
check "getent: web is $web6" grep -q "$web6" <(inside client getent hosts web)
check "HTTP by name" answers "http://web/" inside client
check "dig: web.shop is $web4" test "$(asked client web.shop A)" = "$web4"
check "and $web4 is web.shop" test "$(asked client -x "$web4")" = "web.shop."
"${NETCTL[@]}" dns query web --sandbox client | show

step "They reach the world outside through NAT, and the world does not reach them."
serve "/run/netns/$WORLD"
seen=$(answers http://198.51.100.1/cgi-bin/who inside client) || fail "HTTP to the world over IPv4"
case $seen in *198.51.100.2*) ok "over IPv4 the world sees the host's address: $seen" ;; *) fail "the world sees $seen, not the host" ;; esac
seen=$(answers 'http://[2001:db8:51::1]/cgi-bin/who' inside client) || fail "HTTP to the world over IPv6"
case $seen in *2001:db8:51::2*) ok "over IPv6 too: $seen" ;; *) fail "the world sees $seen, not the host" ;; esac
refuse "the world cannot open a connection to web, although it has a route" in_world curl -sf --max-time 1 "http://$web4/"
refuse "nor over IPv6" in_world curl -gsf --max-time 1 "http://[$web6]/"

step "A second network is a wall: its containers do not see the first."
"${NETCTL[@]}" create --subnet 10.89.0.0/24 other >/dev/null
"${NETCTL[@]}" sandbox create stranger >/dev/null
"${NETCTL[@]}" connect other stranger >/dev/null
check "stranger is not told where web is" test -z "$(asked stranger web.shop A)"
refuse "stranger cannot ping web" inside stranger ping -c 1 -W 1 "$web4"

step "Publish port 80 of web: first for this host alone, then for the world, without connecting it again."
"${NETCTL[@]}" update shop web -p 8080:80 --expose loopback >/dev/null
check "the host reaches it at 127.0.0.1: $(answers http://127.0.0.1:8080/ in_host || true)" answers http://127.0.0.1:8080/ in_host
check "and at ::1, by netd's forwarder" answers 'http://[::1]:8080/' in_host
refuse "the world does not" in_world curl -sf --max-time 1 http://198.51.100.2:8080/
"${NETCTL[@]}" update shop web --unpublish 8080/tcp -p 8080:80 --expose world >/dev/null
"${NETCTL[@]}" ports | show
seen=$(answers http://198.51.100.2:8080/cgi-bin/who in_world) || fail "HTTP from the world over IPv4"
case $seen in *198.51.100.1*) ok "now it does, and web sees who asks: $seen" ;; *) fail "web sees $seen, not the world" ;; esac
check "over IPv6 too" answers 'http://[2001:db8:51::2]:8080/' in_world
refuse "web's own address stays closed" in_world curl -sf --max-time 1 "http://$web4/"

step "kill -9 of netd under running flows: 10 ms pings, and a download that is in the middle."
nsenter --net="$(path_of client)" ping -q -i 0.01 -c 400 "$web4" >"$PLACE/ping" 2>&1 &
pinger=$!
nsenter --net="$(path_of client)" curl -sf --limit-rate 1M --max-time 30 -o "$PLACE/download" "http://$web4/long" &
loader=$!
sleep 1
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null || true
refuse "the daemon is dead: nobody answers" "${NETCTL[@]}" version
DAEMON=
sleep 0.5
start_daemon
ok "netd is back"
wait "$pinger" || fail "pings were lost: $(grep received "$PLACE/ping")"
grep -q ' 0% packet loss' "$PLACE/ping" || fail "$(grep received "$PLACE/ping")"
ok "$(grep received "$PLACE/ping")"
wait "$loader" || fail "the download broke"
check "the download is whole" test "$(stat -c %s "$PLACE/download")" = 4000000
check "nothing differs from what was asked (netctl diff)" "${NETCTL[@]}" diff --exit-code

step "A stranger deletes a firewall rule set and an interface; netd puts both back and says who and what."
in_host nft flush ruleset
in_host ip link del "$("${NETCTL[@]}" inspect shop | jq -r '.endpoints[] | select(.sandbox == "client") | .hostInterface')"
mended() { "${NETCTL[@]}" diff --exit-code && inside client ping -c 1 -W 1 "$web4"; }
for _ in $(seq 30); do if mended >/dev/null 2>&1; then break; fi; sleep 0.1; done
check "client reaches web again" mended
refuse "and the wall stands again" inside stranger ping -c 1 -W 1 "$web4"
"${NETCTL[@]}" events --since 0 --follow=false 2>/dev/null | grep drift | grep -E 'changed by|table|chain|link' | cut -c1-110 | show || true

step "What stands in the kernel, by the kernel's own tools."
in_host ip -br link | show
for chain in forward postrouting; do in_host nft list chain inet netd "$chain" | grep '^.*[^{}[:space:]]' | show; done

step "Everything is taken back."
refuse "a network that is in use is not removed just so" "${NETCTL[@]}" rm shop
"${NETCTL[@]}" rm shop 2>&1 | show || true
"${NETCTL[@]}" rm --force shop >/dev/null
"${NETCTL[@]}" rm --force other >/dev/null
for name in web client stranger; do "${NETCTL[@]}" sandbox rm "$name" >/dev/null; done
gone() { [ "$(objects)" = "$before_links" ] && [ -z "$(in_host nft list tables)" ]; }
for _ in $(seq 50); do if gone; then break; fi; sleep 0.1; done
check "no link and no firewall table is left" gone
restored() { [ "$(in_host cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding | tr '\n' ' ')" = "$before_forwarding" ]; }
for _ in $(seq 30); do if restored; then break; fi; sleep 0.1; done
check "forwarding is off again, as it was found" restored
kill "$DAEMON"
wait "$DAEMON" || fail "netd did not stop cleanly"
DAEMON=
ok "netd stopped cleanly"
kill "${SERVERS[@]}"
wait "${SERVERS[@]}" 2>/dev/null || true
check "no process, mount, namespace or file of it is left around the host either" leak_check "$PLACE/before"
printf '\nAll %d steps were checked.\n' "$STEP"
