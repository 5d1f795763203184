#!/usr/bin/env bash
# Runs the tests this machine can run. The last line is: N passed, N failed, N skipped.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/lib.sh"
source "$ROOT/scripts/leaks.sh"
source "$ROOT/scripts/seclude.sh"
source "$ROOT/scripts/ring-lab.sh"

LOGS=${NETD_TEST_LOGS:-$ARTIFACTS/test-logs}
BUILT=${NETD_TEST_BUILT:-no} # yes in a test of this script (scripts/stopped.sh): the run around it has built and installed
CONFIGURATION=debug
PROGRAM_SECONDS_MAX=${TEST_SECONDS_MAX:-1800}
TOOLS=(iproute2 nftables iputils-ping tcpdump bind9-dnsutils iperf3 jq curl libsqlite3-0 sqlite3 procps util-linux
    conntrack iptables netcat-openbsd socat strace busybox dnsperf)
PACKAGED=$ROOT/artifacts/ahead/netd
LAB_MACHINES=${NETLAB_QEMU:-some} # virtual machines in the ring lab: no; some: what was not run on namespaces; all
LAB_SECONDS_MAX=$((2 * PROGRAM_SECONDS_MAX)) # emulated, and the machine may be busy
LAB_TOOLS=(qemu-system-x86 cpio kmod e2fsprogs xz-utils systemd)
LAB_VAGRANT=(vagrant vagrant-libvirt) # its file is judged by Vagrant itself: skipped without it
SHELLS=(fish zsh) # completion is tried in them
BESIDE=(ufw firewalld dbus-daemon) # firewalls to live beside: their tests skip without them
MUSL=(musl-tools gcc)              # the other C library that asks for names: its test skips without it

help() {
    cat <<'TEXT'
[sudo] ./test.sh [--fast] [RING...] [-- ARGUMENTS OF THE TEST PROGRAMS]

Builds everything, runs the rings and ends with the line: N passed, N failed, N skipped. Exit code 0 if none failed.

  ring     what it proves                                            where                needs
  format   the code is formatted as .editorconfig says               dotnet format        nothing
  tidy     style as tests: arrows, sizes, leftovers, documents       tests/tidy           nothing
  unit     pure functions, bytes, goldens, histories                 tests/*.Tests        nothing
  history  of these, the reconciler against the fake kernel          tests/Kernel.Tests   nothing
  sim      gossip and IPAM under loss, partition, restart            tests/simulation     a seed: SIM_SEED=...
  fuzz     decoders give a value or one kind of error, and end       tests/fuzz           a seed: FUZZ_SEED=...
  netns    the real kernel, in throw-away network namespaces         tests/netns*         root
           the whole daemon from outside, with packets               tests/system         root
           the whole daemon: sudden death, restart, plan, cost       tests/durability     root
           demo.sh and test.sh stopped half-way by three signals     scripts/stopped.sh   root
  upgrade  the previous version's state, there and back, in use      tests/upgrade        root, git history
  lab      packages on several hosts of namespaces, and, as far as   netlab-vagrant       root; Debian's kernel for machines
           these cannot, on virtual machines; NETLAB_QEMU=all: all
           scenarios there, too; =no: none

  --fast   format tidy unit sim, all short; no root
  --help   this text

Without a ring: all of them (history is in unit). What cannot run here is skipped and says what it needs.
Tools that are missing are installed from Debian (as root; otherwise the command is shown).
Logs: artifacts/test-logs. As root, everything runs among processes, mounts and temporary files of its own, and without
the machine's network: however it ends, even by kill -9, the kernel takes all of it back, and what others do on the same
machine is not seen. After netns, this place is compared with what it was before; a link, namespace, table, mount, rule,
process or file left behind is a failure.
For one test: ./test.sh unit -- --filter-method '*Name_of_the_test'
TEXT
}

passed=0 failed=0 skipped=0 finished=no running=
failures=() reasons=()

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); failures+=("$1"); }
skip() { skipped=$((skipped + 1)); reasons+=("$1"); say "skipped $1"; }

# --- one test program -------------------------------------------------------------------------------------------------

# run_project PROJECT [ARGUMENTS...]: runs a test program, adds what its summary says.
run_project() {
    local project=$1 name executable log status=0 line count
    shift
    name=$(project_name "$project")
    executable=$(project_executable "$project" "$CONFIGURATION")
    log=$LOGS/$name${NETD_TEST_FIREWALL:+-$NETD_TEST_FIREWALL}${NETD_TEST_HOST:+-$NETD_TEST_HOST}.log
    say "== $name${NETD_TEST_FIREWALL:+, $NETD_TEST_FIREWALL}${NETD_TEST_HOST:+, host $NETD_TEST_HOST}"
    if [ ! -x "$executable" ]; then
        fail "$name: was not built; is it in Networking.sln?"
        return
    fi
    # In the background, so that a signal to this script is not kept until the program ends.
    cd "$ROOT"
    env --default-signal=INT,QUIT timeout --kill-after=30 "$PROGRAM_SECONDS_MAX" "$executable" --no-ansi --no-progress "$@" >"$log" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
    count_summary "$log"
    case $status in
        0) ;;
        8) [ ${#arguments[@]} -gt 0 ] || [ "$yellows" -gt 0 ] || skip "$name: has no test yet" ;; # Microsoft.Testing.Platform: zero tests ran
        124 | 137) fail "$name: not done after $PROGRAM_SECONDS_MAX s, killed" ;;
        *) [ "$reds" -gt 0 ] || fail "$name: ended with code $status and no failed test; see ${log#"$ROOT/"}" ;;
    esac
    if [ "$reds" -gt 0 ] || { [ "$status" -ne 0 ] && [ "$status" -ne 8 ]; }; then
        cat "$log"
    else
        grep '^WARNING: ' "$log" | sed 's/^WARNING: \[[^]]*\] /   note: /' || true
        say "   $greens passed, $reds failed, $yellows skipped"
    fi
    while IFS= read -r line; do
        failures+=("$line")
    done < <(sed -n 's/^failed \(.*\) ([0-9a-z. ]*)$/\1/p' "$log")
    while IFS= read -r line; do
        reasons+=("$line")
    done < <(skip_reasons "$log")
}

# Reads the summary at the end of a log into total, reds, greens, yellows, and adds them up.
count_summary() {
    read -r total reds greens yellows < <(awk '
        /^Test run summary/ { on = 1 }
        on && /^ *total:/ { t = $2 } on && /^ *failed:/ { f = $2 } on && /^ *succeeded:/ { p = $2 } on && /^ *skipped:/ { s = $2 }
        END { print t + 0, f + 0, p + 0, s + 0 }' "$1")
    passed=$((passed + greens)) failed=$((failed + reds)) skipped=$((skipped + yellows))
}

# Prints, for each skipped test of a log, its class and the reason: tests of one class skip for one reason.
skip_reasons() {
    awk '
        skipped != "" { print skipped ": " ($0 ~ /^  / ? substr($0, 3) : "no reason given"); skipped = "" }
        /^skipped / { skipped = $2; sub(/\(.*/, "", skipped); sub(/\.[^.]*$/, "", skipped) }
        END { if (skipped != "") print skipped ": no reason given" }' "$1"
}

# run_folder RING FOLDER...: every project of these folders; a ring nobody wrote yet is skipped.
run_folder() {
    local ring=$1 project found=no
    shift
    for project in "$@"; do
        if [ -e "$project" ]; then
            found=yes
            run_project "$project" ${arguments[@]+"${arguments[@]}"}
        fi
    done
    [ "$found" = yes ] || skip "$ring: not written yet"
}

# --- the rings --------------------------------------------------------------------------------------------------------

ring_format() {
    # The build itself fails on style (IDE0055 and the analyzers are errors), so whitespace is what is left to look at.
    say "== format"
    if (cd "$ROOT" && timeout --kill-after=10 600 dotnet format whitespace Networking.sln --verify-no-changes --no-restore -v quiet) >"$LOGS/format.log" 2>&1; then
        pass
    else
        head -n 40 "$LOGS/format.log"
        fail "format: run dotnet format Networking.sln"
    fi
}

ring_tidy() { run_folder tidy "$ROOT"/tests/tidy/*.csproj; }

ring_unit() {
    local project
    for project in "$ROOT"/tests/*.Tests/*.csproj; do
        case $project in
            */Store.Tests/* | */Netd.Tests/*)
                if ! has_library libsqlite3.so.0; then
                    skip "$(project_name "$project"): needs libsqlite3-0"
                    continue
                fi ;;
        esac
        run_project "$project" ${arguments[@]+"${arguments[@]}"}
    done
}

ring_history() { run_folder history "$ROOT"/tests/Kernel.Tests/*.csproj; }
ring_sim() { run_folder sim "$ROOT"/tests/simulation/*.csproj; }
ring_fuzz() { run_folder fuzz "$ROOT"/tests/fuzz/*.csproj; }

ring_netns() {
    has_kernel netns || return 0
    leak_snapshot >"$LOGS/leaks"
    if [ ${#arguments[@]} -eq 0 ] && [ -x "$PACKAGED" ]; then
        export NETD_PACKAGED=$PACKAGED # its memory is judged
    fi
    run_folder netns "$ROOT"/tests/netns*/*.csproj "$ROOT"/tests/system/*.csproj "$ROOT"/tests/durability/*.csproj
    if [ ${#arguments[@]} -eq 0 ]; then
        run_iptables
        run_dirty
        stop_scripts
    fi
    no_leaks netns
}

# The bridge's behaviour, sudden death and restarts once more, with the host's firewall in iptables, by the programs of either kind.
# tests/tidy holds that each class of system/ is in one of these lists, or in IPTABLES_LEFT.
IPTABLES_PART=(BesideDockerTests ConnectivityTests DriftTests FirewallRepairTests ForwardingTests IsolationTests LoopbackTests PurgeTests WorldTests)
IPTABLES_WHOLE=("${IPTABLES_PART[@]}" AccessMatrixTests AdoptionTests BridgeOptionTests ChurnTests FirewallToolTests ForeignFirewallTests
    GatewayTests MacvlanTests PortServiceTests PredefinedTests PublishTests SctpTests UpdatePortTests UpdateTests)
# They choose the firewall themselves (the first two), or ask it nothing: API, command line, addresses, names, start.
IPTABLES_LEFT=(FirewallChoiceTests IptablesTests AddressTests AnnouncementTests EndpointRefusalTests EndpointTests FullDiskTests HangUpTests HttpTests
    MacvlanParentTests MacvlanVlanTests NetctlTests NetworkRefusalTests OwnerTests PortLimitTests ResolverOptionTests ResolverRestartTests
    ResolverTests SmallMtuTests SocketActivationTests StartTests StormTests)

# The bridge's behaviour on the host that it usually meets: Docker's rules with a policy that drops, bridged packets filtered, strict
# reverse paths, forwarding on. AccessMatrixTests go through ufw and firewalld besides, and through each of these alone.
DIRTY=(BridgeOptionTests ConnectivityTests DriftTests FirewallRepairTests GatewayTests IsolationTests LoopbackTests PortServiceTests PublishTests
    UpdatePortTests UpdateTests WorldTests)
run_dirty() { NETD_TEST_HOST=dirty run_project "$ROOT/tests/system/Networking.Daemon.Tests.csproj" --filter-class "${DIRTY[@]/#/*.}"; }

run_iptables() {
    local system=$ROOT/tests/system/Networking.Daemon.Tests.csproj durability=$ROOT/tests/durability/Networking.Durability.Tests.csproj
    local part=("${IPTABLES_PART[@]/#/*.}") whole=("${IPTABLES_WHOLE[@]/#/*.}")
    NETD_TEST_FIREWALL=iptables-nft run_project "$system" --filter-class "${whole[@]}"
    NETD_TEST_FIREWALL=iptables-legacy run_project "$system" --filter-class "${part[@]}"
    NETD_TEST_FIREWALL=iptables-nft run_project "$durability" --filter-class '*.KillTests' '*.RestartTests'
    NETD_TEST_FIREWALL=iptables-legacy run_project "$durability" --filter-class '*.RestartTests'
}

ring_upgrade() {
    has_kernel upgrade || return 0
    leak_snapshot >"$LOGS/leaks"
    run_folder upgrade "$ROOT"/tests/upgrade/*.csproj
    no_leaks upgrade
}

# has_kernel RING: skips the ring unless it may do to the kernel here what it needs to.
has_kernel() {
    if ! is_root; then
        skip "$1: needs root (sudo ./test.sh)"
    elif [ "$(missing_packages "${TOOLS[@]}")" != "" ]; then
        skip "$1: needs $(missing_packages "${TOOLS[@]}" | tr '\n' ' ')"
    elif [ "$SECLUSION" = outside ]; then
        skip "$1: needs the right to make namespaces (CAP_SYS_ADMIN); root does not have it here: unshare --net --mount --pid --fork --mount-proc true"
    else
        return 0
    fi
    return 1
}

# no_leaks RING: this place is as it was when artifacts/test-logs/leaks was written.
no_leaks() {
    if leak_check "$LOGS/leaks" >"$LOGS/leaks.diff"; then
        pass
    else
        say "left behind (+) or lost (-) by the $1 ring:"
        cat "$LOGS/leaks.diff"
        fail "$1: the machine is not as it was before: $(wc -l <"$LOGS/leaks.diff") differences, artifacts/test-logs/leaks.diff"
    fi
}

stop_scripts() {
    say "== demo.sh and test.sh stopped half-way"
    if bash "$ROOT/scripts/stopped.sh" >"$LOGS/stopped.log" 2>&1; then
        sed 's/^/   /' "$LOGS/stopped.log"
        pass
    else
        cat "$LOGS/stopped.log"
        fail "netns: demo.sh or test.sh, stopped half-way, did not end as it should; ${LOGS#"$ROOT/"}/stopped.log"
    fi
}

# --- from here on, in order -------------------------------------------------------------------------------------------

build() {
    say "== build"
    cd "$ROOT"
    if ! build_alone dotnet build Networking.sln -v quiet -nodeReuse:false -clp:NoSummary >"$LOGS/build.log" 2>&1; then
        grep -E ': (error|warning) ' "$LOGS/build.log" | sort -u | head -n 60 || cat "$LOGS/build.log"
        fail "build: dotnet build Networking.sln"
        finish
    fi
    # Some tests start the programs as a user would.
    if asked netns && is_root && ! "$ROOT/build.sh" --quiet; then
        fail "build: build.sh"
        finish
    fi
}

# The program as packages bring it: what memory users have is judged by it, where all is run.
build_packaged() {
    if asked netns && is_root && [ ${#arguments[@]} -eq 0 ] && ! "$ROOT/build.sh" ahead --quiet; then
        rm -f "$PACKAGED"
        fail "build: build.sh ahead"
        finish
    fi
}

# The tests may not fetch packages, so it is built while the machine's network is still there.
build_previous() {
    if asked upgrade && is_root && ! bash "$ROOT/scripts/previous.sh"; then
        fail "build: scripts/previous.sh"
        finish
    fi
}

# Packages, the lab's program and the machines' kernel: all that needs the network.
build_lab() {
    : >"$LOGS/lab.refused"
    : >"$LOGS/machines.refused"
    if ! asked lab || ! is_root || { [ "$LAB_MACHINES" != no ] && fetch_lab qemu; }; then
        return
    fi
    [ "$LAB_MACHINES" = no ] || refused qemu >"$LOGS/machines.refused"
    fetch_lab netns || refused netns >"$LOGS/lab.refused"
}

fetch_lab() { "$ROOT/netlab-vagrant/netlab" fetch --provider "$1" --plant isolation-rule-missing; }
refused() { printf 'needs what netlab-vagrant/netlab fetch --provider %s could not get\n' "$1"; }

asked() { case " ${rings[*]} " in *" $1 "*) ;; *) return 1 ;; esac; }

# Missing tools: installed as root, else the command is shown and the rings that need them say so.
provide_tools() {
    local missing needed=(libsqlite3-0)
    if { asked netns || asked upgrade || asked lab; } && is_root; then
        needed=("${TOOLS[@]}")
    fi
    if asked lab && is_root && [ "$LAB_MACHINES" != no ]; then
        needed+=("${LAB_TOOLS[@]}")
    fi
    if asked unit && is_root; then
        needed+=("${SHELLS[@]}")
    fi
    mapfile -t missing < <(missing_packages "${needed[@]}")
    install_packages ${missing[@]+"${missing[@]}"} || true

    if asked lab && is_root; then
        mapfile -t missing < <(missing_packages "${LAB_VAGRANT[@]}")
        install_packages ${missing[@]+"${missing[@]}"} || true
    fi

    # An init would start a firewall that is installed, on a machine that did not ask for one.
    if asked netns && is_root && [ ! -d /run/systemd/system ]; then
        mapfile -t missing < <(missing_packages "${BESIDE[@]}")
        install_packages ${missing[@]+"${missing[@]}"} || true
    fi
    if asked netns && is_root; then
        mapfile -t missing < <(missing_packages "${MUSL[@]}")
        install_packages ${missing[@]+"${missing[@]}"} || true
    fi
}

# However this script ends, its last line is the summary.
stopped() {
    local status=$? reason="for the reason above"
    exec 1>&3 # a signal may have come while a function wrote to a log
    [ "$SECLUSION" != outside ] || [ ! -e "$LOGS/ended" ] || return "$status" # the inside has said all
    [ "$status" -lt 128 ] || reason="by SIG$(kill -l "$status")"
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    [ "$finished" = yes ] || { fail "test.sh: stopped before the end, $reason"; finish; }
}

finish() {
    finished=yes
    give_back
    if [ ${#reasons[@]} -gt 0 ]; then
        printf '\nskipped:\n'
        printf '  %s\n' "${reasons[@]}" | sort | uniq -c | sort -rn | sed 's/^ *1   /  /'
    fi
    if [ ${#failures[@]} -gt 0 ]; then
        printf '\nfailed:\n'
        printf '  %s\n' "${failures[@]}"
    fi
    say "$passed passed, $failed failed, $skipped skipped"
    : >"$LOGS/ended"
    [ "$failed" -eq 0 ] || exit 1
    exit 0
}

given=("$@") rings=() arguments=() fast=no
while [ $# -gt 0 ]; do
    case $1 in
        --fast) fast=yes ;;
        -h | --help) help; exit 0 ;;
        format | tidy | unit | history | sim | fuzz | netns | upgrade | lab) rings+=("$1") ;;
        --) shift; arguments=("$@"); break ;;
        *) warn "test.sh: unknown argument '$1'"; help >&2; exit 2 ;;
    esac
    shift
done
if [ "$fast" = yes ]; then
    export NETD_TEST_FAST=1 # simulation and fuzz sweep fewer seeds
fi
case $LAB_MACHINES in some | all | no) ;; *) warn "test.sh: NETLAB_QEMU is some, all or no, not '$LAB_MACHINES'"; exit 2 ;; esac
if [ ${#rings[@]} -eq 0 ]; then
    if [ "$fast" = yes ]; then rings=(format tidy unit sim); else rings=(format tidy unit sim fuzz netns upgrade lab); fi
fi

mkdir -p "$LOGS"
exec 3>&1
trap stopped EXIT
if [ "$SECLUSION" = outside ]; then
    rm -f "$LOGS/ended"
    need_sdk
    [ "$BUILT" = yes ] || provide_tools
fi
if [ "$SECLUSION" != outside ] || { is_root && may_seclude; }; then
    seclude ${given[@]+"${given[@]}"}
fi
[ "$SECLUSION" = unplugged ] || [ "$BUILT" = yes ] || { build; build_packaged; build_previous; build_lab; }
[ "$SECLUSION" = outside ] || unplug ${given[@]+"${given[@]}"}
for ring in "${rings[@]}"; do
    "ring_$ring"
done
finish
