# shellcheck shell=bash
# The ring lab of test.sh: scenarios on several hosts, faults that they must find, and a lab that is killed. Sourced by test.sh,
# never started.

# The lab: namespaces always; virtual machines where their kernel could be fetched. Each once more with a fault built into
# netd, which the scenario that is about it must find.
ring_lab() {
    has_kernel lab || return 0
    if [ -s "$LOGS/lab.refused" ]; then
        skip "lab: $(cat "$LOGS/lab.refused")"
        return
    fi
    local left=()
    leak_snapshot >"$LOGS/leaks"
    run_lab netns
    find_fault netns isolation-rule-missing bridge-basic
    if [ "$LAB_MACHINES" = no ]; then
        skip "lab: qemu: needs NETLAB_QEMU=some or all"
    elif [ -s "$LOGS/machines.refused" ]; then
        skip "lab: qemu: $(cat "$LOGS/machines.refused")"
    else
        [ "$LAB_MACHINES" = all ] || mapfile -t left < <(jq -r '.[] | select(.outcome == "not run") | .id' "$ARTIFACTS/netlab/results/netns/results.json")
        run_lab qemu ${left[@]+"${left[@]}"}
        find_fault qemu vlan-tag-off-by-one macvlan-trunk-two-vlans
    fi
    validate_vagrant
    kill_lab
    kill_kept_lab
    no_leaks lab
}

# Killed while its hosts stand; whether something is left is looked at afterwards, with all else.
kill_lab() {
    local lab log=$LOGS/lab-killed.log
    say "== lab, killed half-way"
    NETLAB_FETCHED=yes "$ROOT/netlab-vagrant/netlab" run none-network >"$log" 2>&1 &
    lab=$!
    until grep -q '^started' "$log"; do
        if ! kill -0 "$lab" 2>/dev/null; then
            cat "$log"
            fail "lab: ended before it could be killed"
            return
        fi
        sleep 0.1
    done
    kill -KILL "$lab"
    wait "$lab" 2>/dev/null || true
}

# Kept, and its keeper killed while it stands: `down` says so, again and again, and takes what is left. Stopped while it comes up:
# nothing of it stays.
kill_kept_lab() {
    local keeper status log=$LOGS/lab-kept.log netlab=$ROOT/netlab-vagrant/netlab
    say "== lab, kept, its keeper killed"
    export NETLAB_FETCHED=yes
    : >"$log"
    if ! timeout 120 "$netlab" up >>"$log" 2>&1; then
        cat "$log"
        fail "lab: netlab up"
    else
        read -r keeper _ <"$ARTIFACTS/netlab/up/process"
        kill -KILL "$keeper"
        for _ in first second; do timeout 60 "$netlab" down >>"$log" 2>&1 || fail "lab: netlab down after a kill; ${log#"$ROOT/"}"; done
        pass
    fi
    # Its own signal: the shell has the background ignore SIGINT.
    setsid env --default-signal=INT "$netlab" up >>"$log" 2>&1 &
    until [ -s "$ARTIFACTS/netlab/up/process" ]; do
        kill -0 $! 2>/dev/null || break
        sleep 0.05
    done
    keeper=$(cut -d' ' -f1 "$ARTIFACTS/netlab/up/process" 2>/dev/null || true)
    kill -INT $!
    status=0
    wait $! || status=$?
    if [ "$status" = 130 ] && [ -n "$keeper" ] && ! kill -0 "$keeper" 2>/dev/null && [ ! -e "$ARTIFACTS/netlab/up" ]; then
        pass
    else
        cat "$log"
        fail "lab: netlab up, stopped before it was up: code $status, keeper ${keeper:-none}"
    fi
    unset NETLAB_FETCHED
}

lab() { # LOG ARGUMENTS...
    local log=$1
    shift
    NETLAB_FETCHED=yes timeout --kill-after=30 "$LAB_SECONDS_MAX" "$ROOT/netlab-vagrant/netlab" run "$@" >"$log" 2>&1
}

# run_lab PROVIDER [SCENARIO...]
run_lab() {
    local provider=$1 log=$LOGS/lab-$1.log status=0 results=$ARTIFACTS/netlab/results/$1/results.json
    say "== lab, $provider"
    shift
    lab "$log" --provider "$provider" "$@" || status=$?
    if ! grep -qE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ not run$' "$log"; then
        tail -n 30 "$log"
        fail "lab: $provider: ended with code $status and without results; ${log#"$ROOT/"}"
        return
    fi
    sed -n '/^scenario /,$p' "$log" | sed 's/^/   /'
    passed=$((passed + $(jq '[.[] | select(.outcome == "passed")] | length' "$results")))
    while IFS= read -r line; do fail "lab: $line"; done \
        < <(jq -r '.[] | select(.outcome == "failed") | "\(.provider): \(.id): \(.reason | split("\n")[0]); artifacts/netlab/results/\(.provider)/\(.id)"' "$results")
    while IFS= read -r line; do skip "lab: $line"; done \
        < <(jq -r '.[] | select(.outcome == "not run") | "\(.provider): \(.id): \(.reason)"' "$results")
}

# find_fault PROVIDER FAULT SCENARIO: with the fault, this scenario fails, by what it checks.
find_fault() {
    local provider=$1 fault=$2 scenario=$3 log=$LOGS/lab-$1-$2.log kept=$ARTIFACTS/netlab/results/$1 outcome
    say "== lab, $provider, with the fault $fault"
    rm -rf "$kept.kept"
    [ ! -e "$kept" ] || mv "$kept" "$kept.kept" # the results of the run before are the ones to keep
    lab "$log" --provider "$provider" --plant "$fault" "$scenario" || true
    outcome=$(jq -r --arg id "$scenario" '.[] | select(.id == $id) | .outcome' "$kept/results.json" 2>/dev/null || true)
    evidence "$kept/$scenario" || outcome="$outcome, without evidence"
    rm -rf "$kept"
    [ ! -e "$kept.kept" ] || mv "$kept.kept" "$kept"
    if [ "$outcome" = failed ] && grep -q 'must not be\|not within\|, not ' "$log"; then
        say "   found: $scenario failed"
        pass
    elif [ "${outcome%,*}" = 'not run' ]; then
        skip "lab: $provider: $scenario cannot be run, so nothing finds $fault"
    else
        tail -n 30 "$log"
        fail "lab: $provider: $scenario does not find the fault $fault (${outcome:-no result}); ${log#"$ROOT/"}"
    fi
}

# What a failed scenario leaves to look at: packets of both hosts, and what netd said of its own state.
evidence() { # FOLDER
    local host
    for host in h1 h2; do
        [ -s "$1/$host.pcap" ] && grep -qF '=== netctl diff' "$1/$host.txt" || return 1
    done
}

validate_vagrant() {
    if ! has vagrant; then
        skip "lab: vagrant validate: needs vagrant"
        return
    fi
    say "== lab, vagrant validate"
    if (cd "$ROOT/netlab-vagrant" && VAGRANT_CHECKPOINT_DISABLE=1 VAGRANT_HOME=$ARTIFACTS/vagrant VAGRANT_DOTFILE_PATH=$ARTIFACTS/vagrant/machines vagrant validate) >"$LOGS/vagrant.log" 2>&1; then
        pass
    else
        cat "$LOGS/vagrant.log"
        fail "lab: netlab-vagrant/Vagrantfile is not valid"
    fi
}
