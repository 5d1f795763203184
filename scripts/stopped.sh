#!/usr/bin/env bash
# Stops demo.sh half-way, as users and machines do, and looks for anything that it left behind. Root; after build.sh.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
source "$ROOT/scripts/leaks.sh"

SECONDS_MAX=60
place=$(mktemp -d /tmp/netd-stopped.XXXXXX)
demo=
trap '[ -z "$demo" ] || kill -KILL "$demo" 2>/dev/null || true; rm -rf "$place"' EXIT

# stop SIGNAL STEP CODE: the demo gets the signal once it says that it is at this step, and ends with this code.
stop() {
    local signal=$1 step=$2 expected=$3 code=0 deadline=$((SECONDS + SECONDS_MAX))
    leak_snapshot >"$place/before"
    env --default-signal=INT "$ROOT/demo.sh" >"$place/output" 2>&1 &
    demo=$!
    until grep -q "^ *$step\. " "$place/output"; do
        if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$demo" 2>/dev/null; then
            cat "$place/output"
            die "demo.sh did not come to step $step"
        fi
        sleep 0.1
    done
    kill -"$signal" "$demo"
    wait "$demo" 2>/dev/null || code=$?
    demo=
    if [ "$code" -ne "$expected" ]; then
        cat "$place/output"
        die "SIG$signal in step $step: ended with $code, not with $expected"
    fi
    if ! leak_check "$place/before" >"$place/difference"; then
        warn "SIG$signal in step $step left behind (+) or took away (-):"
        cat "$place/difference" >&2
        exit 1
    fi
    say "SIG$signal in step $step: ended with $code, nothing left behind"
}

stop KILL 3 137
stop KILL 9 137
stop INT 6 130
stop TERM 8 143
