#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a shopper costs, beside a program that only sends the same requests: CPU per journey and memory per waiting shopper.
#   cost.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_ROUNDS: how often each is measured (5); ours and the limit take turns.
. "$(dirname "$0")/lib.sh"
journeys=5000 parallel=50 rounds=${BENCH_ROUNDS:-5} few=200 many=2200
pace=500 paced_seconds=${BENCH_SECONDS:-10}
[ -n "$short" ] && journeys=200 rounds=1 few=20 many=220 pace=50 paced_seconds=4
need "$bin/shopper" "$bin/bench-limit" "$bin/bench-stall" python3
start_nginx

# --- Measuring
ours=("${on_client[@]}" "$bin/shopper" run -q --cacert "$work/cert.pem")
limit=("${on_client[@]}" "$bin/bench-limit")

# cpu COMMAND...: user and system seconds of a program that must succeed
cpu() {
  local TIMEFORMAT='%3U %3S'
  { time "$@" >"$work/out" 2>"$work/err"; } 2>"$work/time" || { tail -n 20 "$work/out" "$work/err" >&2; fail "failed: $*"; }
  awk '{ print $1 + $2 }' "$work/time"
}

# peak COUNT SCHEME COMMAND...: peak memory in KB once COUNT shoppers wait. The program is killed amid that: how it
# would report its failures is none of the price of waiting. STALL in COMMAND stands for the frozen shop.
peak() {
  local count=$1 tls=() shop program kb= i
  [ "$2" = https ] && tls=("$work/cert.pem" "$work/key.pem")
  shift 2
  : >"$work/stall"
  "${on_server[@]}" "$bin/bench-stall" "$count" "${tls[@]}" >"$work/stall" &
  shop=$!
  for i in $(seq 200); do [ -s "$work/stall" ] && break; sleep 0.05; done
  BENCH_URL=$(head -n 1 "$work/stall") "${@//STALL/$(head -n 1 "$work/stall")}" >"$work/out" 2>"$work/err" &
  program=$!
  for i in $(seq 600); do
    grep -q wait "$work/stall" && { sleep 0.3; break; } # the last half answers are on their way
    kill -0 "$program" 2>/dev/null || break
    sleep 0.1
  done
  if grep -q wait "$work/stall"; then kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$program/status" 2>/dev/null || true); fi
  kill -KILL "$program" 2>/dev/null || true
  kill "$shop" 2>/dev/null || true
  { wait "$program" "$shop" || true; } 2>/dev/null
  [ -n "$kb" ] || { tail -n 20 "$work/err" >&2; fail "$count shoppers never waited at once: $*"; }
  echo "$kb"
}

# --- The table
row() { # NAME UNIT OURS LIMIT
  local ratio
  ratio=$(awk -v a="$3" -v b="$4" 'BEGIN { if (a <= 0 || b <= 0) exit 1; printf "%.2f", a / b }') ||
    fail "$1: $3 and $4 are no measurements"
  printf '%-50s %10s %10s %8s\n' "$1 [$2]" "$3" "$4" "$ratio"
  figures+=("{\"what\":\"$1\",\"unit\":\"$2\",\"ours\":$3,\"limit\":$4,\"ratio\":$ratio}")
}
each() { awk -v n="$1" -v f="$2" '{ printf f, $1 * 1000 / n }'; }
inverse() { awk -v x="$1" 'BEGIN { printf "%.0f", (x > 0 ? 1000 / x : 0) }'; }

measure_cpu() { # SCHEME URL
  local a b
  : >"$work/ours"; : >"$work/limit"
  for _ in $(seq "$rounds"); do
    BENCH_URL=$2 cpu "${ours[@]}" --repeat "$journeys" --parallel "$parallel" "$here/reference.yaml" >>"$work/ours"
    cpu "${limit[@]}" "$2" "$journeys" "$parallel" "$work/cert.pem" >>"$work/limit"
  done
  a=$(median <"$work/ours" | each "$journeys" %.3f)
  b=$(median <"$work/limit" | each "$journeys" %.3f)
  row "$1: CPU per journey" ms "$a" "$b"
  row "$1: journeys per core-second" 1/s "$(inverse "$a")" "$(inverse "$b")"
}

# As the daemon spends it: so many shoppers set out in each second, are judged and written down. The limit keeps the same pace.
daemon_cpu() { # SCHEME URL: milliseconds per journey
  local daemon before spent runs
  rm -f "$work/$1.db"*
  BENCH_URL=$2 "${on_client[@]}" "$bin/shopper" daemon --config "$work/$1.yaml" 2>"$work/$1.log" &
  daemon=$!
  children+=("$daemon")
  for _ in $(seq 300); do grep -qs watching "$work/$1.log" && break; sleep 0.1; done
  sleep 3
  before=$(cpu_ms "$daemon")
  sleep "$paced_seconds"
  spent=$(awk -v a="$(cpu_ms "$daemon")" -v b="$before" -v s="$paced_seconds" 'BEGIN { print (a - b) / s }')
  kill -TERM "$daemon"
  wait "$daemon" || { tail -n 5 "$work/$1.log" >&2; fail "the daemon did not end well"; }
  runs=$(python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
first, last = db.execute("SELECT min(started_us), max(started_us) FROM runs").fetchone()
counted, bad = db.execute("SELECT count(*), sum(verdict <> 0) FROM runs WHERE started_us BETWEEN ? AND ?", (first + 3000000, last - 1000000)).fetchone()
assert not bad, "%d runs did not pass" % bad
print(counted / (last - first - 4000000) * 1e6)' "$work/$1.db") || fail "the daemon's runs are not what they should be"
  awk -v a="$spent" -v r="$runs" 'BEGIN { print a / r }'
}

measure_daemon() { # SCHEME URL
  local name
  mkdir -p "$work/$1"
  for name in $(seq -w "$pace"); do
    sed "s,^journey: .*,journey: shopper-$name\nschedule: {every: 1s}," "$here/reference.yaml" >"$work/$1/$name.yaml"
  done
  printf 'journeys: %s\nstore: %s\nconcurrent: 1000\ncacert: %s\n' "$work/$1" "$work/$1.db" "$work/cert.pem" >"$work/$1.yaml"
  : >"$work/ours"; : >"$work/limit"
  for _ in $(seq "$rounds"); do
    daemon_cpu "$1" "$2" >>"$work/ours"
    cpu "${limit[@]}" "$2" $((pace * paced_seconds)) 1000 "$work/cert.pem" "$pace" | each $((pace * paced_seconds)) '%.4f\n' >>"$work/limit"
  done
  row "$1: CPU per journey in the daemon, $pace/s" ms "$(median <"$work/ours" | each 1000 %.3f)" "$(median <"$work/limit" | each 1000 %.3f)"
}

measure_memory() { # SCHEME
  local a b more=$((many - few)) turns=$((rounds < 3 ? rounds : 3)) first
  : >"$work/ours"; : >"$work/limit"
  for _ in $(seq "$turns"); do
    first=$(peak $few "$1" "${ours[@]}" --repeat $few "$here/stalled.yaml")
    a=$(peak $many "$1" "${ours[@]}" --repeat $many "$here/stalled.yaml")
    awk -v a="$a" -v b="$first" -v n=$more 'BEGIN { print (a - b) / n }' >>"$work/ours"
    first=$(peak $few "$1" "${limit[@]}" STALL $few $few "$work/cert.pem")
    b=$(peak $many "$1" "${limit[@]}" STALL $many $many "$work/cert.pem")
    awk -v a="$b" -v b="$first" -v n=$more 'BEGIN { print (a - b) / n }' >>"$work/limit"
  done
  a=$(median <"$work/ours" | each 1000 %.1f)
  b=$(median <"$work/limit" | each 1000 %.1f)
  row "$1: memory per further waiting shopper" KB "$a" "$b"
}

printf '%-50s %10s %10s %8s\n' "" ours limit ours/limit
measure_cpu http "http://127.0.0.1:$port"
measure_cpu https "https://127.0.0.1:$((port + 1))"
measure_daemon http "http://127.0.0.1:$port"
measure_daemon https "https://127.0.0.1:$((port + 1))"
measure_memory http
measure_memory https
remember
