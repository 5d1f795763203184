#!/usr/bin/env bash
# Runs the benchmarks, each side by side with what a user would take instead.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/lib.sh"

help() {
    cat <<'TEXT'
sudo ./bench.sh [NAME...] [--json] [OPTIONS OF THE BENCHMARK]

A table for people; with --json one line per figure. Without a NAME: all that are available.

  attach     attach and detach an endpoint                        available
  scale      the same at 5,000 endpoints, and what it costs       available
  bridge     throughput of a bridge network                       available
  memory     memory of netd, idle and with 5,000 endpoints        available
  publish    published ports: two, a thousand, ten thousand       available
  overlay    throughput of an overlay network                     with overlay networks
  dns        queries per second, CPU per query, latencies         available
  gossip     how fast a change and a death are known, cost at rest   available
  ipam       allocation from the cluster's ring                   available
  lb         new connections through a virtual IP                 with the load balancer
  scheduler  95,000 tasks on 2,300 nodes                          with the scheduler
  all        every one that is available
  --help     this text
TEXT
}

for argument in "$@"; do
    case $argument in
        -h | --help) help; exit 0 ;;
        --) break ;;
    esac
done

project=$(find "$ROOT/tests/bench" -maxdepth 1 -name '*.csproj' 2>/dev/null | head -n 1)
[ -n "$project" ] || die "tests/bench is not written yet; nothing to measure"
is_root || die "needs root: it makes network namespaces (sudo ./bench.sh)"
need_sdk
trap give_back EXIT
mkdir -p "$ARTIFACTS"
"$ROOT/build.sh" ahead --quiet # as packages bring it
if ! (cd "$ROOT" && build_alone dotnet build "$project" -c Release -v quiet -nodeReuse:false -clp:NoSummary) >"$ARTIFACTS/bench-build.log" 2>&1; then
    cat "$ARTIFACTS/bench-build.log" >&2
    die "building tests/bench failed"
fi

# What is measured commits to a real disk, and that the kernel does not take back as it does the rest. So one waits at the
# end of a pipe that the benchmark and all it starts hold open: when the last is gone, however it went, the folder goes.
place=$(mktemp -d /var/tmp/netd-bench-XXXXXX)
sweep() {
    trap '' INT TERM HUP
    cat >/dev/null
    find /sys/fs/cgroup/*/"$(basename "$place")" -depth -type d -exec rmdir {} + 2>/dev/null || true
    rm -rf --one-file-system "$place"
    give_back
}
exec 8> >(sweep)
NETD_BENCH_FOLDER=$place exec "$(project_executable "$project" release)" "$@"
