#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether the times that shoppers report are the shop's: a server that knows how long it took (delay.c) against the phases in the
# daemon's reports; alone, and while other shoppers in the same process have pages of 100 KB parsed and checked.
#   honesty.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_SECONDS: how long each is measured (30). BENCH_LOAD: pages per second beside, one and the same for all shoppers, whose reading
# they share (500). BENCH_NEW: pages per second of which no two are alike, each parsed anew (60, which is about half a core).
# Error: what the shopper says less what the server did; above 0, the shop is blamed for time that was ours.
. "$(dirname "$0")/lib.sh"
seconds=${BENCH_SECONDS:-30} load=${BENCH_LOAD:-500} new=${BENCH_NEW:-60} shoppers=30
[ -n "$short" ] && seconds=4 load=50 new=20 shoppers=10
need "$bin/shopper" "$bin/bench-delay" python3

# Each optional step fails: a whole report is kept of every run that was not perfect, and the judge stays calm.
plan() { # NAME LOAD PATH
  local i ms
  mkdir -p "$work/$1"
  for ms in 10 100 1000; do
    for i in $(seq "$shoppers"); do
      cat >"$work/$1/$ms-$i.yaml" <<END
journey: measured-$ms-$i
schedule: {every: 2s}
base: $address
steps:
  - name: wait
    optional: true
    get: /delay/$ms?run=\${run.id}
    check: [{status: 299}]
END
    done
  done
  for i in $(seq "$2"); do
    cat >"$work/$1/load-$i.yaml" <<END
journey: load-$i
schedule: {every: 1s}
base: $address
steps:
  - name: look
    get: $3
    check:
      - {status: 200}
      - {css: li.product, count: {at_least: 500}}
      - price: {css: .price, currency: EUR, more_than: 0}
END
  done
  printf 'journeys: %s\nstore: %s\nconcurrent: 5000\n' "$work/$1" "$work/$1.db" >"$work/$1.yaml"
}

watch() { # NAME: sets $cpu
  local daemon before
  "${on_client[@]}" "$bin/shopper" daemon --config "$work/$1.yaml" 2>"$work/$1.log" &
  daemon=$!
  children+=("$daemon")
  for _ in $(seq 300); do grep -qs watching "$work/$1.log" && break; sleep 0.1; done
  sleep 1
  before=$(cpu_ms "$daemon")
  sleep "$seconds"
  kill -0 "$daemon" 2>/dev/null || { cat "$work/$1.log" >&2; wait "$daemon" || fail "the daemon ended by itself ($?)"; }
  cpu=$(awk -v a="$(cpu_ms "$daemon")" -v b="$before" -v s="$seconds" 'BEGIN { printf "%.0f", (a - b) / s / 10 }')
  kill -TERM "$daemon"
  wait "$daemon" || { tail -n 5 "$work/$1.log" >&2; fail "the daemon did not end well"; }
}

# errors NAME: lines "PHASE COUNT MEAN P50 P99 MAX-OF-ABSOLUTE", then "load RATE BAD"
errors() {
  python3 - "$work/$1.db" "$work/bench-delay.out" <<'END'
import json, sqlite3, sys
took = {}
for line in list(open(sys.argv[2]))[1:]:
    run, ms, us = line.split()
    took[run] = int(us)
db = sqlite3.connect(sys.argv[1])
phases = {"first_byte": [], "total": []}
begin, end = db.execute("SELECT min(started_us) + 2000000, max(started_us) - 1000000 FROM runs").fetchone()
for run, report in db.execute("SELECT id, report FROM runs WHERE report <> '' AND started_us > ?", (begin,)):
    if run not in took: continue
    step = json.loads(report)["runs"][0]["steps"][0]
    if not step["status"]: continue # no answer came to be compared
    timings = step["timings_ms"]
    for phase, errors in phases.items(): errors.append(timings[phase] - took[run] / 1000)
for phase, errors in phases.items():
    if not errors: sys.exit("no delayed answer was reported")
    size = sorted(abs(error) for error in errors)
    errors.sort()
    print(phase, len(errors), "%.3f %.3f %.3f %.3f" %
          (sum(errors) / len(errors), errors[len(errors) // 2], size[int(len(size) * 0.99)], size[-1]))
count, bad = db.execute("SELECT count(*), sum(verdict <> 0) FROM runs JOIN names ON names.id = journey "
                        "WHERE name GLOB 'load-*' AND started_us BETWEEN ? AND ?", (begin, end)).fetchone()  # none that the end cut
print("load %.0f %d" % (count / (end - begin) * 1e6, bad or 0))
END
}

measure() { # TITLE NAME LOAD PATH
  local phase count mean p50 p99 most
  start_server "$bin/bench-delay"
  plan "$2" "$3" "$4"
  watch "$2"
  kill -TERM "$server"
  wait "$server" || true
  errors "$2" >"$work/errors" || fail "nothing to compare"
  while read -r phase count mean p50 p99 most; do
    if [ "$phase" = load ]; then
      [ "$3" = 0 ] || figure "$1: pages checked beside" 1/s "$count"
      [ "$3" = 0 ] || figure "$1: of them not good" n "$mean" 0
      continue
    fi
    [ "$phase" = total ] || figure "$1: answers compared" n "$count"
    figure "$1: $phase, mean error" ms "$mean" "none"
    figure "$1: $phase, error p50" ms "$p50"
    figure "$1: $phase, size of error p99" ms "$p99" "at most 1"
    figure "$1: $phase, size of error max" ms "$most"
  done <"$work/errors"
  figure "$1: CPU of the daemon" "% of a core" "$cpu"
}

heading "delays of 10, 100 and 1000 ms, for $seconds s each"
measure "alone" alone 0 ""
measure "beside one page" same "$load" /page
measure "beside new pages" new "$new" /page/new
remember
