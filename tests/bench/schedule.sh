#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether shoppers start when they should: a thousand journeys in the real daemon, with its store, its judge and its HTTP face.
#   schedule.sh BIN-DIRECTORY [--short] [--json FILE]
# First the reference journey every two seconds, for BENCH_SECONDS (60); then a page with one check every second, a thousand starts per
# second, for BENCH_DRIFT_SECONDS (600), to see whether starts drift. Lateness is what stands in the store: a run's start less its slot (lateness.py).
. "$(dirname "$0")/lib.sh"
seconds=${BENCH_SECONDS:-60} drift_seconds=${BENCH_DRIFT_SECONDS:-600} journeys=1000
[ -n "$short" ] && seconds=4 drift_seconds=4 journeys=100
need "$bin/shopper" python3 curl
start_nginx
export BENCH_URL=http://127.0.0.1:$port

# plan NAME EVERY FILE: so many journeys like FILE
plan() {
  local i
  mkdir -p "$work/$1"
  for i in $(seq -w "$journeys"); do
    sed -e "s/^journey: .*/journey: shopper-$i\nschedule: {every: $2}/" -e "/^deadline:/d" "$3" >"$work/$1/$i.yaml"
  done
  cat >"$work/$1.yaml" <<END
journeys: $work/$1
store: $work/$1.db
concurrent: 2000
http: {listen: "127.0.0.1:0"}
END
}

# watch NAME SECONDS: the daemon on that plan; sets $cpu (percent of a core) and $memory (MB)
watch() {
  local daemon before after i
  "$bin/shopper" daemon --config "$work/$1.yaml" 2>"$work/$1.log" &
  daemon=$!
  children+=("$daemon")
  for i in $(seq 300); do grep -qs watching "$work/$1.log" && break; sleep 0.1; done
  grep -q watching "$work/$1.log" || { cat "$work/$1.log" >&2; fail "the daemon does not start"; }
  sleep 2
  before=$(cpu_ms "$daemon")
  sleep "$2"
  after=$(cpu_ms "$daemon")
  cpu=$(awk -v a="$after" -v b="$before" -v s="$2" 'BEGIN { printf "%.0f", (a - b) / s / 10 }')
  memory=$(memory_kb "$daemon" VmHWM | awk '{ printf "%.0f", $1 / 1024 }')
  kill -TERM "$daemon"
  wait "$daemon" || { tail -n 5 "$work/$1.log" >&2; fail "the daemon did not end well"; }
}

# measure TITLE NAME EVERY SECONDS P99-TARGET MAX-TARGET
measure() {
  local line rate bad missed p50 p99 most drift
  watch "$2" "$4"
  line=$(python3 "$here/lateness.py" "$work/$2.db" "${3%s}") || fail "no lateness"
  read -r rate bad missed p50 p99 most drift <<<"$line"
  figure "$1: starts" 1/s "$rate"
  figure "$1: runs that did not pass" n "$bad" 0
  figure "$1: missed slots" n "$missed" 0
  figure "$1: lateness p50" ms "$p50"
  figure "$1: lateness p99" ms "$p99" "$5"
  figure "$1: lateness max" ms "$most" "$6"
  figure "$1: drift of p50" ms "$drift" "none"
  figure "$1: CPU of the daemon" "% of a core" "$cpu"
  figure "$1: memory of the daemon" MB "$memory"
}

heading "$journeys journeys, for $seconds and $drift_seconds s"
plan reference 2s "$here/reference.yaml"
measure "reference journey, every 2 s" reference 2s "$seconds" "" ""
plan page 1s "$here/cold.yaml"
measure "one page, every second" page 1s "$drift_seconds" "at most 5" "at most 20"
remember
