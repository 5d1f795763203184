#!/usr/bin/env bash
# Builds netd and netctl of the previous version, from git, for the upgrade ring; once for each commit. What came of it is
# in artifacts/upgrade/previous: "built COMMIT", or "needs ..." where this checkout cannot.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

PLACE=$ARTIFACTS/upgrade
PROJECTS=(netd netctl)
NEEDS="needs the git history of the previous version"

# Whoever owns the checkout: root reads it under sudo.
history() { git -c safe.directory="$ROOT" -C "$ROOT" "$@"; }

# The newest commit before this one whose subject is the one wanted: its id may have changed on its way here.
find_commit() {
    history log --format='%H %s' HEAD 2>/dev/null | awk -v subject="$1" '
        found == "" && substr($0, index($0, " ") + 1) == subject { found = $1 }
        END { print found }'
}

build_in() {
    local project
    for project in "${PROJECTS[@]}"; do
        (cd "$1" && dotnet build "$project" -v quiet -nodeReuse:false -clp:NoSummary) || return 1
    done
}

answer() {
    printf '%s\n' "$*" >"$PLACE/previous"
    say "previous version: $*"
    exit 0
}

mkdir -p "$PLACE"
subject=$(cat "$ROOT/tests/upgrade/previous")
has git || answer "$NEEDS: there is no git"
history rev-parse HEAD >/dev/null 2>&1 || answer "$NEEDS: this is no clone"
commit=$(find_commit "$subject")
[ -n "$commit" ] || answer "$NEEDS: no commit '$subject' (git fetch --unshallow)"

folder=$PLACE/$commit
if [ ! -e "$folder/built" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    history archive "$commit" | tar -x -C "$folder"
    if ! build_in "$folder" >"$PLACE/build.log" 2>&1; then
        tail -n 20 "$PLACE/build.log" >&2
        rm -f "$PLACE/previous"
        die "cannot build the previous version, $commit; artifacts/upgrade/build.log"
    fi
    : >"$folder/built"
fi
answer "built $commit"
