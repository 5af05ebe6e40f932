#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A store with a long past: how long a report and the pages of the daemon take on ten million runs, and whether a disk that stalls for two
# seconds makes a shopper late.
#   history.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_RUNS: how many (10000000; some 4 GB below $TMPDIR). BENCH_JOURNEYS: of so many journeys, two personas each (100).
. "$(dirname "$0")/lib.sh"
runs=${BENCH_RUNS:-10000000} journeys=${BENCH_JOURNEYS:-100} rounds=9 seconds=30
[ -n "$short" ] && runs=20000 journeys=5 rounds=2 seconds=8
disk=$bin/bench-slow-disk.so
need "$bin/shopper" "$disk" python3 curl
start_nginx
export BENCH_URL=http://127.0.0.1:$port

plan() { # NAME COUNT SCHEDULE [PERSONAS]
  local i
  mkdir -p "$work/$1"
  for i in $(seq "$2"); do
    sed "s/^journey: .*/journey: $1-$(printf %03d "$i")\nschedule: {every: $3}${4:+\npersonas: $4}/" "$here/cold.yaml" >"$work/$1/$i.yaml"
  done
  printf 'journeys: %s\nstore: %s\nconcurrent: 2000\nhttp: {listen: "127.0.0.1:0"}\n' "$work/$1" "$work/$1.db" >"$work/$1.yaml"
}
begin_daemon() { # NAME: sets $daemon and $page
  : >"$work/$1.log"
  "$bin/shopper" daemon --config "$work/$1.yaml" 2>"$work/$1.log" &
  daemon=$!
  children+=("$daemon")
  for _ in $(seq 600); do grep -q watching "$work/$1.log" && break; sleep 0.1; done
  page=$(sed -n 's|.*status page: *\(.*\)/$|\1|p' "$work/$1.log")
  [ -n "$page" ] || { cat "$work/$1.log" >&2; fail "the daemon does not start"; }
}
end_daemon() { kill -TERM "$daemon" && wait "$daemon" || fail "the daemon did not end well"; }

# --- Reading
report_ms() { # ARGUMENT...
  local TIMEFORMAT=%3R
  { time "$bin/shopper" report "$@" --store "$work/past.db" >"$work/out"; } 2>"$work/time" || fail "no report"
  awk '{ printf "%.1f\n", $1 * 1000 }' "$work/time"
}
get_ms() { curl -sS --fail -o /dev/null -w '%{time_total}\n' "$page$1" | awk '{ printf "%.1f\n", $1 * 1000 }'; }
get_anew_ms() { sleep 1.1; get_ms "$@"; } # a page is kept for a second
timed() { # TITLE COMMAND...: the median of some times
  local title=$1 i
  shift
  : >"$work/times"
  for i in $(seq "$rounds"); do "$@" >>"$work/times" || fail "failed: $*"; done
  figure "$title" ms "$(median <"$work/times")" "under 100"
}

plan past "$journeys" 10m "[desktop, iphone]"
begin_daemon past
end_daemon
begun=$SECONDS
python3 "$here/fill.py" "$work/past.db" "$runs" "$journeys" 14 || fail "the store cannot be filled"
heading "$runs runs of $journeys journeys, filled in $((SECONDS - begun)) s"
figure "size of the store" MB "$(du -m "$work/past.db" | cut -f1)"
timed "report --window 30d" report_ms --window 30d
timed "report --window 30d --journey" report_ms --window 30d --journey past-001
begun=$(date +%s%N)
begin_daemon past
figure "the daemon's start" ms "$((($(date +%s%N) - begun) / 1000000))"
rounds=1 timed "GET / for the first time" get_ms /
timed "GET /, written anew" get_anew_ms /
timed "GET /, kept" get_ms /
timed "GET /journeys/NAME" get_ms /journeys/past-001
timed "GET /metrics" get_ms /metrics
figure "memory of the daemon" MB "$(memory_kb "$daemon" VmHWM | awk '{ printf "%.0f", $1 / 1024 }')"
end_daemon
rm -f "$work"/past.db*

# --- A disk that stalls. One journey fails, so that what must be durable is written all the time.
plan stalled 100 1s
sed 's/status: 200/status: 418/; s/^journey: .*/journey: failing\nschedule: {every: 1s}/' "$here/cold.yaml" >"$work/stalled/failing.yaml"
export LD_PRELOAD=$disk SLOW_DISK=$work/slow
begin_daemon stalled
unset LD_PRELOAD
sleep 3
: >"$work/slow"
sleep "$seconds"
stalls=$(wc -l <"$work/slow")
rm "$work/slow"
sleep 2
end_daemon
line=$(python3 "$here/lateness.py" "$work/stalled.db" 1) || fail "no lateness"
read -r rate bad missed p50 p99 most _ <<<"$line"
figure "slow disk: stalls of 2 s in $seconds s" n "$stalls" "at least 1"
figure "slow disk: starts" 1/s "$rate"
figure "slow disk: missed slots" n "$missed" 0
figure "slow disk: lateness p50" ms "$p50"
figure "slow disk: lateness p99" ms "$p99" "at most 5"
figure "slow disk: lateness max" ms "$most" "at most 20"
remember
