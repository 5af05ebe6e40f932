# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the tests of the built programs: a scratch directory, shops that end with the test, and checks that count.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(cd "${1:?usage: $0 BIN-DIRECTORY}" && pwd)
shopper=$bin/shopper
work=$(mktemp -d)
passed=0 failed=0 missing=0 children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$work"' EXIT
export NO_COLOR=1
cd "$root" || exit 1

ok() { passed=$((passed + 1)); }
not_ok() { failed=$((failed + 1)); printf 'not ok: %s\n' "$*"; }
# is NAME ACTUAL WANTED
is() { if [ "$2" = "$3" ]; then ok; else not_ok "$1: got '$2', wanted '$3'${out:+; the last walk said: $out$err}"; fi; }
# has NAME TEXT PART / hasnt
has() { if [[ $2 == *"$3"* ]]; then ok; else not_ok "$1: '$3' is not in: $2"; fi; }
hasnt() { if [[ $2 == *"$3"* ]]; then not_ok "$1: '$3' is in it"; else ok; fi; }
finish() { printf '%d passed, %d failed\n' "$passed" "$failed"; [ "$failed" = 0 ] && [ "$passed" -gt 0 ]; exit; }

# start NAME COMMAND...: a program that prints its address as its first line; sets $address
start() {
  local name=$1
  shift
  "$@" >"$work/$name.out" 2>"$work/$name.err" &
  children+=($!)
  for _ in $(seq 200); do [ -s "$work/$name.out" ] && break; sleep 0.05; done
  address=$(head -n 1 "$work/$name.out")
  [ -n "$address" ] || { cat "$work/$name.err"; echo "$name did not start"; exit 1; }
}
demo_shop() {
  start demo "$bin/shopper-demo-shop" --port 0
  export SHOP_URL=$address
}
fault() { curl -sS --fail -o /dev/null -H 'Content-Type: application/json' -d "$1" "$SHOP_URL/control/faults" || not_ok "fault $1"; }
heal() { curl -sS --fail -o /dev/null -X DELETE "$SHOP_URL/control/faults"; }

# wait_for NAME COMMAND...: until it succeeds, at most $patience tenths of a second
patience=200
wait_for() {
  local name=$1
  shift
  for _ in $(seq "$patience"); do "$@" >/dev/null 2>&1 && { ok; return 0; }; sleep 0.1; done
  not_ok "$name did not come"
  missing=$((missing + 1))
  [ "$missing" -lt 3 ] || finish # the rest would only wait, too
  return 1
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# npm_packages FOLDER: what its package-lock.json names, kept between runs; sets $npm_cache
npm_packages() {
  npm_cache=${SHOPPER_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/mystery-shopper}/$(basename "$1")
  mkdir -p "$npm_cache"
  cmp -s "$1/package-lock.json" "$npm_cache/package-lock.json" && [ -d "$npm_cache/node_modules" ] && return
  cp "$1/package.json" "$1/package-lock.json" "$npm_cache"
  (cd "$npm_cache" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2) || { echo "npm ci failed"; rm -rf "$npm_cache"; exit 1; }
}
# A daemon on the files of $work, with its own store; sets $daemon (its process) and writes $work/daemon.log
start_daemon() {
  "$shopper" daemon --config "$work/shopper.yaml" "$@" >"$work/daemon.out" 2>>"$work/daemon.log" &
  daemon=$!
  children+=("$daemon")
}
stop_daemon() { kill -TERM "$daemon" && wait "$daemon"; }
# A journey of the demo shop in $work/journeys, walked every second
watch_journey() { # NAME...
  mkdir -p "$work/journeys"
  for name in "$@"; do sed 's/^schedule:.*/schedule: {every: 1s}/' "$root/journeys/demo/$name.yaml" >"$work/journeys/$name.yaml"; done
}

# walk ARGUMENT...: sets $code, $out, $err and $report (the JSON report's path)
walk() {
  report=$work/report.json
  rm -f "$report"
  "$shopper" run "$@" --report "json:$report" >"$work/out" 2>"$work/err"
  code=$? out=$(cat "$work/out") err=$(cat "$work/err")
}
# The kind of the first failure of the first run, "-" for none.
kind() { jq -r '[.runs[0].steps[] | select(.failure and .section == "steps" and .verdict != "pass") | .failure.kind][0] // "-"' "$report"; }
ask() { jq -r "$1" "$report"; }

# Where pictures of pages are kept, beside the programs.
pictures=${SHOPPER_PICTURES:-$bin/../pictures}
# tap NAME COMMAND...: counts its lines; in the folder of npm_packages
tap() {
  local name=$1 code
  shift
  (cd "$npm_cache" && "$@") >"$work/$name.tap" 2>&1
  code=$?
  passed=$((passed + $(grep -c '^ok ' "$work/$name.tap")))
  failed=$((failed + $(grep -c '^not ok ' "$work/$name.tap")))
  grep -v '^ok ' "$work/$name.tap" | grep -v '^1\.\.'
  grep -q '^1\.\.' "$work/$name.tap" || not_ok "$name ended early ($code)"
}
