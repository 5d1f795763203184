# shellcheck shell=bash
# What a test must leave as it found it, as sorted lines. Sourced, never started.

# Prints everything on this machine that a netd, or a test of it, could leave behind: in a place of our own (seclude.sh)
# every process, listening socket and temporary file, elsewhere those that are called netd.
leak_snapshot() {
    {
        set +e # in this pipe only: what is not installed, or not there, has nothing to list
        ip -o link show 2>/dev/null | awk -F': ' '{ sub(/@.*/, "", $2); print "link " $2 }'
        ip netns list 2>/dev/null | awk '{ print "netns " $1 }'
        nft list tables 2>/dev/null | awk '{ print "nft " $0 }'
        awk '{ print "mount " $5 }' /proc/self/mountinfo
        ip rule show 2>/dev/null | awk '{ print "rule inet " $0 }'
        ip -6 rule show 2>/dev/null | awk '{ print "rule inet6 " $0 }'
        for family in inet inet6; do
            # What a router announces runs out; that is no difference.
            ip -o -f "$family" route show table all 2>/dev/null | sed "s/ expires [^ ]*//; s/ *$//; s/^/route $family /"
        done
        for path in net/ipv4/ip_forward net/ipv4/conf/{all,default}/forwarding net/ipv6/conf/{all,default}/forwarding; do
            [ -r "/proc/sys/$path" ] && printf 'sysctl %s = %s\n' "$path" "$(cat "/proc/sys/$path")"
        done
        awk '$NF ~ /^@netd/ { print "socket " $NF }' /proc/net/unix
        if [ "${NETD_SECLUDED:-no}" = yes ]; then
            ss -Hlntuw 2>/dev/null | awk '{ print "listens " $1 " " $5 }'
            # All but those that make this list: this shell, its children, those above it, and sort beside it.
            us=$BASHPID
            ps -e -o pid=,ppid=,comm= | awk -v us="$us" '
                { parent[$1] = $2; name[$1] = $3 }
                END {
                    for (p = us; p in parent; p = parent[p]) above[p] = 1
                    for (p in parent) if (!(p in above) && parent[p] != us && name[p] != "sort") print "process " name[p] " " p
                }'
            # The mount command's own, and the lock that the programs of iptables-legacy never take away.
            find /run -mindepth 1 \( -path /run/mount -o -path /run/xtables.lock \) -prune -o -printf 'path %p\n'
            find /tmp /var/tmp -mindepth 1 -maxdepth 1 -printf 'path %p\n'
        else
            ss -Hlntuwp 2>/dev/null | awk '/"netd"/ { print "listens " $1 " " $5 }'
            pgrep -x netd 2>/dev/null | awk '{ print "process netd " $1 }'
            find /run -maxdepth 1 -name 'netd*' -printf 'path %p\n' 2>/dev/null
            find /run/netd -mindepth 1 -printf 'path %p\n' 2>/dev/null
            find /tmp /var/tmp -maxdepth 1 -name 'netd-*' -printf 'path %p\n' 2>/dev/null
        fi
    } | LC_ALL=C sort
}

# leak_check BEFORE_FILE: fails, and prints what differs, unless the machine is as it was. The kernel deletes devices
# in the background, so it gets a few seconds to become so.
leak_check() {
    local before=$1 after=$1.after deadline=$((SECONDS + 10))
    while leak_snapshot >"$after" && ! cmp -s "$before" "$after"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            diff --label before --label after -U0 "$before" "$after" | grep -E '^[-+][^-+]' || true
            return 1
        fi
        sleep 0.2
    done
}
