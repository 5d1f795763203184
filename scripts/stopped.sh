#!/usr/bin/env bash
# Stops demo.sh and test.sh half-way, as users and machines do, and looks for anything that they left behind. Root; after
# everything is built.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
source "$ROOT/scripts/leaks.sh"

SECONDS_MAX=60
place=$(mktemp -d /tmp/netd-stopped.XXXXXX)
script=
trap '[ -z "$script" ] || kill -KILL "$script" 2>/dev/null || true; rm -rf "$place"' EXIT

# await WHAT CONDITION...: waits, while the script runs.
await() {
    local what=$1 deadline=$((SECONDS + SECONDS_MAX))
    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$script" 2>/dev/null; then
            cat "$place/output"
            die "it did not come to where $what"
        fi
        sleep 0.1
    done
}

daemon_runs() { pgrep -x netd >/dev/null; }

begin() { # SCRIPT ARGUMENTS...
    leak_snapshot >"$place/before"
    env --default-signal=INT "$ROOT/$1" "${@:2}" >"$place/output" 2>&1 &
    script=$!
}

# stop SIGNAL CODE WHERE: the script gets the signal and ends with this code, and all is as it was before.
stop() {
    local signal=$1 expected=$2 where="SIG$1 in $3" code=0
    kill -"$signal" "$script"
    wait "$script" 2>/dev/null || code=$?
    script=
    if [ "$code" -ne "$expected" ]; then
        cat "$place/output"
        die "$where: ended with $code, not with $expected"
    fi
    if ! leak_check "$place/before" >"$place/difference"; then
        warn "$where left behind (+) or took away (-):"
        cat "$place/difference" >&2
        exit 1
    fi
    say "$where: ended with $code, nothing left behind"
}

# stop_demo SIGNAL STEP CODE: once it says that it is at this step.
stop_demo() {
    begin demo.sh
    await "step $2 begins" grep -q "^ *$2\. " "$place/output"
    stop "$1" "$3" "step $2 of demo.sh"
}

# stop_tests SIGNAL CODE LAST_LINE: once a test has daemons at work, in a network that they have changed.
stop_tests() {
    NETD_TEST_BUILT=yes NETD_TEST_LOGS=$ARTIFACTS/test-logs/stopped begin test.sh netns -- --filter-class '*.ChurnTests'
    await "a daemon runs" daemon_runs
    sleep 1 # into the middle of what it is asked
    stop "$1" "$2" "a test of test.sh"
    [ -z "$3" ] || tail -n 1 "$place/output" | grep -qxE "$3" || die "test.sh, stopped, does not end with its summary: $(tail -n 1 "$place/output")"
}

stop_demo KILL 3 137
stop_demo KILL 9 137
stop_demo INT 6 130
stop_demo TERM 8 143
stop_tests KILL 137 ''
stop_tests INT 1 '[0-9]+ passed, 1 failed, [0-9]+ skipped'
stop_tests TERM 1 '[0-9]+ passed, 1 failed, [0-9]+ skipped'
