#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ten thousand shoppers in one process, all waiting amid an answer of a frozen shop: what each costs in memory, beside the limit program,
# and whether each is told in time that it waits in vain.
#   waiting.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_SHOPPERS: how many (10000). BENCH_PATIENCE: seconds until they give up; all must have come by then (60).
# How late: for a timeout, total less the timeout; for a freeze, total less the phases and less `stall`, so that what a shopper waited for its
# own turn before it sent counts in.
. "$(dirname "$0")/lib.sh"
shoppers=${BENCH_SHOPPERS:-10000} patience=${BENCH_PATIENCE:-60} few=200
[ -n "$short" ] && shoppers=300 patience=4 few=50
need "$bin/shopper" "$bin/bench-limit" "$bin/bench-stall" python3 openssl
[ "$(ulimit -n)" -gt $((shoppers + 100)) ] || fail "each of $shoppers shoppers needs a descriptor, and only $(ulimit -n) are allowed"
write_site # for its certificate

# freeze COUNT SCHEME: a shop that freezes; sets $address, $shop
freeze() {
  local tls=()
  [ "$2" = https ] && tls=("$work/cert.pem" "$work/key.pem")
  start_server "$bin/bench-stall" "$1" "${tls[@]}"
  shop=$server
}
# await_all PROCESS: until all wait; sets $kb, the peak of its memory
await_all() {
  local i
  for i in $(seq 1200); do
    grep -q wait "$work/bench-stall.out" && break
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  grep -q wait "$work/bench-stall.out" || { tail -n 5 "$work/err" >&2; fail "they never waited all at once: more BENCH_PATIENCE?"; }
  sleep 0.3 # the last half answers are on their way
  kb=$(memory_kb "$1" VmHWM)
}
end_shop() { kill "$shop" && wait "$shop" || true; }

journey() { # TIMEOUT STALL
  printf 'journey: waiting\nbase: %s\ndeadline: 600s\ndefaults: {timeout: %ss, stall: %ss}\nsteps:\n  - name: wait\n    get: /login\n' \
    "$address" "$1" "$2" >"$work/waiting.yaml"
}
# ours COUNT SCHEME TIMEOUT STALL: sets $kb and writes $work/report.json
ours() {
  local program
  freeze "$1" "$2"
  journey "$3" "$4"
  "${on_client[@]}" "$bin/shopper" run -q --cacert "$work/cert.pem" --repeat "$1" --report "json:$work/report.json" "$work/waiting.yaml" \
    >"$work/out" 2>"$work/err" &
  program=$!
  await_all "$program"
  wait "$program" && fail "they did not fail"
  end_shop
}
# limit COUNT SCHEME: sets $kb
limit() {
  local program
  freeze "$1" "$2"
  "${on_client[@]}" "$bin/bench-limit" "$address" "$1" "$1" "$work/cert.pem" >"$work/out" 2>"$work/err" &
  program=$!
  await_all "$program"
  kill -KILL "$program"
  { wait "$program" || true; } 2>/dev/null
  end_shop
}

# told KIND SECONDS: lines "NAME VALUE"
told() {
  python3 - "$work/report.json" "$1" "$2" <<'END'
import json, sys
kind, limit_ms = sys.argv[2], float(sys.argv[3]) * 1000
late, others = [], 0
for run in json.load(open(sys.argv[1]))["runs"]:
    step = run["steps"][0]
    if (step["failure"] or {}).get("kind") != kind:
        others += 1
        continue
    timings = step["timings_ms"]
    came = sum(timings[phase] for phase in ("dns", "connect", "tls", "first_byte", "transfer")) if kind == "freeze" else 0
    late.append(timings["total"] - came - limit_ms)
late.sort()
if not late: sys.exit("nobody was told")
print(len(late), others, "%.2f %.2f %.2f %.2f" % (late[0], late[len(late) // 2], late[int(len(late) * 0.99)], late[-1]))
END
}
tell() { # TITLE KIND SECONDS
  local line count others least p50 p99 most
  line=$(told "$2" "$3") || fail "$1: no figures"
  read -r count others least p50 p99 most <<<"$line"
  figure "$1: told so" n "$count" "$shoppers"
  figure "$1: told something else" n "$others" 0
  figure "$1: earliest" ms "$least" "not below 0"
  figure "$1: lateness p50" ms "$p50"
  figure "$1: lateness p99" ms "$p99"
  figure "$1: lateness max" ms "$most"
}
per_shopper() { awk -v a="$1" -v b="$2" -v n=$((shoppers - few)) 'BEGIN { printf "%.1f", (a - b) / n }'; }

heading "$shoppers shoppers who wait"
for scheme in http https; do
  ours $few $scheme 2 600
  few_kb=$kb
  ours "$shoppers" $scheme "$patience" 600
  ours_kb=$kb
  mine=$(per_shopper "$kb" "$few_kb")
  tell "$scheme, timeout after $patience s" timeout "$patience"
  limit $few $scheme
  few_kb=$kb
  limit "$shoppers" $scheme
  theirs=$(per_shopper "$kb" "$few_kb")
  figure "$scheme: memory of the process" MB "$((ours_kb / 1024))"
  figure "$scheme: memory per further shopper" KB "$mine"
  figure "$scheme: the same of the limit program" KB "$theirs"
  figure "$scheme: ours / limit" "" "$(awk -v a="$mine" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')" "at most 1.3"
done
ours "$shoppers" http 600 "$patience"
tell "http, freeze for $patience s" freeze "$patience"
remember
