# shellcheck shell=bash
# Words of the lab's scripts on a host. Sourced before each; LAB_PATIENCE is how many seconds this kind of host may need for
# what takes no time.

: "${LAB_PATIENCE:=20}" "${LAB_INIT:=plain}"
# Who has not answered for so many seconds will not.
LAB_SILENCE=$((LAB_PATIENCE < 100 ? 2 : 4))

# eventually COMMAND...: true as soon as the command is; fails with its last words.
eventually() {
    local deadline=$((SECONDS + LAB_PATIENCE)) output
    until output=$("$@" 2>&1); do
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf 'not within %s s: %s\n%s\n' "$LAB_PATIENCE" "$*" "$output" >&2
            return 1
        fi
        sleep 0.1
    done
    printf '%s\n' "$output"
}

# never COMMAND...: fails if the command does not.
never() {
    local output
    if output=$("$@" 2>&1); then
        printf 'must not be: %s\n%s\n' "$*" "$output" >&2
        return 1
    fi
}

# at_once COMMAND...: all of them, each a line of words; fails if one does. For those that wait in vain.
at_once() {
    local command process processes=() code=0
    for command in "$@"; do
        (eval "$command") &
        processes+=("$!")
    done
    for process in "${processes[@]}"; do wait "$process" || code=1; done
    return "$code"
}

# same WANTED FOUND WHAT
same() {
    [ "$1" = "$2" ] || { printf '%s: %s, not %s\n' "$3" "$2" "$1" >&2; return 1; }
}

# has PATTERN: whether what comes in has it. Reads all of it, so that nobody before it is killed for writing on.
has() { grep -E "$1" >/dev/null; }

# api METHOD PATH [JSON]: asks netd over its socket. Where each of its instructions is emulated, netctl takes seconds to start:
# scenarios use it for what they are about, and these words do the rest.
api() {
    curl -sS --fail-with-body --max-time $((LAB_PATIENCE + 60)) --unix-socket /run/netd/netd.sock -X "$1" \
        ${3:+-H 'Content-Type: application/json' -d "$3"} "http://netd/v1/$2"
}
answers() { api GET version; }

path_of() { api GET "sandboxes/$1" | jq -r .path; }
inside() { local path; path=$(path_of "$1") || return; nsenter --net="$path" -- "${@:2}"; }
never_inside() { local path; path=$(path_of "$1"); never nsenter --net="$path" -- "${@:2}"; } # a sandbox that is not there is no proof

# A container: a namespace of netd's on a network. container NETWORK NAME [ARGUMENTS OF CONNECT...]
container() {
    api POST sandboxes "{\"name\":\"$2\"}" >/dev/null
    netctl connect "$1" "$2" "${@:3}" >/dev/null
}

pings() { ping -q -n -c 1 -W 2 "$1"; }
reaches() { eventually inside "$1" ping -q -n -c 1 -W 2 "$2" >/dev/null; }
misses() { never_inside "$1" ping -q -n -c 2 -i 0.3 -W "$LAB_SILENCE" "$2"; }

# wire WORDS...: what this host sends to the others is lost or late, in the words of netem(8). wire clear: no more.
wire() {
    if [ "$1" = clear ]; then
        tc qdisc del dev "$LAN" root 2>/dev/null || true
    else
        tc qdisc replace dev "$LAN" root netem "$@"
    fi
}

# answers_who FOLDER: an HTTP server of this folder answers with the address it sees.
answers_who() {
    mkdir -p "$1/cgi-bin"
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%%s\\n" "$REMOTE_ADDR"\n' >"$1/cgi-bin/who"
    chmod +x "$1/cgi-bin/who"
}

# serve SANDBOX PORT: such a server there; serve_here PORT: on the host itself. $served is its process.
serve() {
    local path
    path=$(path_of "$1")
    answers_who /tmp/lab-www
    setsid nsenter --net="$path" busybox httpd -f -p "[::]:$2" -h /tmp/lab-www >/dev/null 2>&1 </dev/null &
    served=$!
}
serve_here() {
    answers_who /tmp/lab-here
    setsid busybox httpd -f -p "[::]:$1" -h /tmp/lab-here >/dev/null 2>&1 </dev/null &
    served=$!
}

# who URL: the address that the server of this URL sees, as the server writes it, without the prefix of mapped addresses.
who() {
    local seen
    seen=$(curl -gsf --max-time 5 "$1/cgi-bin/who") || return # also in a shell without pipefail
    sed 's/^\[*::ffff://; s/[][]//g' <<<"$seen"
}

# sees SANDBOX URL: what `who` says there.
sees() {
    local path
    path=$(path_of "$1") || return
    nsenter --net="$path" -- bash -c '. /lab/guest/lib.sh; who "$1"' bash "$2"
}

# The names of what was made: networks, without those that are always there, and sandboxes.
networks() { api GET networks | jq -r '.[].name' | grep -vxE 'host|none' | sort || true; }
sandboxes() { api GET sandboxes | jq -r '.[].name' | sort; }

# clean: nothing is asked for any more, and nothing of it is there.
clean() {
    local name
    for name in $(sandboxes); do api DELETE "sandboxes/$name?force=true" >/dev/null; done
    for name in $(networks); do api DELETE "networks/$name?force=true" >/dev/null; done
    eventually bare >/dev/null
}
bare() { ! ip -o link | grep -E ': (br-[0-9a-f]{12}|veth[0-9a-f]{7})'; }

# --- the daemon as a service: by systemd, or by the command line of its unit ------------------------------------------

UNIT=/lib/systemd/system/netd.service

service_pid() {
    if [ "$LAB_INIT" = systemd ]; then systemctl show -p MainPID --value netd.service; else cat /run/lab-netd.pid; fi
}

service_start() {
    if [ "$LAB_INIT" = systemd ]; then
        systemctl start netd.service
    else
        local command
        command=$(sed -n 's/^ExecStart=//p' "$UNIT")
        (
            while IFS= read -r line; do export "${line?}"; done < <(sed -n 's/^Environment=//p' "$UNIT")
            # shellcheck disable=SC2086 # the unit's words
            setsid bash -c 'echo $$ >/run/lab-netd.pid; exec "$@"' netd $command >>/var/log/netd.log 2>&1 </dev/null &
        )
    fi
    eventually answers >/dev/null
}

service_stop() {
    if [ "$LAB_INIT" = systemd ]; then
        systemctl stop netd.service netd.socket
    elif [ -e /run/lab-netd.pid ]; then
        kill "$(cat /run/lab-netd.pid)" 2>/dev/null || true
        eventually service_is_gone
    fi
}

service_is_gone() { ! kill -0 "$(cat /run/lab-netd.pid)" 2>/dev/null; }

service_restart() {
    if [ "$LAB_INIT" = systemd ]; then
        systemctl restart netd.service
        eventually answers >/dev/null
    else
        service_stop
        service_start
    fi
}

# At boot without systemd: what an init does for an enabled unit.
service_boot() {
    if [ -e "$UNIT" ] && [ -x /usr/sbin/netd ]; then service_start; fi
}

service_log() {
    if [ "$LAB_INIT" = systemd ]; then journalctl -b --no-pager -u netd.service | tail -n 200; else tail -n 200 /var/log/netd.log; fi
}

# install PACKAGE-FILE...: as a user would, without asking anything; without systemd, what postinst leaves to an init.
install_packages() {
    DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io -i "$@"
    sync # what dpkg has left in memory is there after a pulled plug, too
    if [ "$LAB_INIT" != systemd ]; then service_restart; else eventually answers >/dev/null; fi
}
