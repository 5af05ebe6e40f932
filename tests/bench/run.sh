#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a shopper costs, beside a program that only sends the same requests: CPU per journey and memory per waiting shopper.
#   run.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_ROUNDS: how often each is measured (5); ours and the limit take turns.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${1:?usage: run.sh BIN-DIRECTORY [--short] [--json FILE]}" && pwd)
shift
journeys=5000 parallel=50 rounds=${BENCH_ROUNDS:-5} few=200 many=2200 json=
while [ $# -gt 0 ]; do
  case $1 in
    --short) journeys=200 rounds=1 few=20 many=220 ;;
    --json) json=${2:?--json needs a file}; shift ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
fail() { echo "run.sh: $*" >&2; exit 1; }
for program in shopper bench-limit bench-stall; do [ -x "$bin/$program" ] || fail "there is no $bin/$program"; done
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || fail "nginx is missing"
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
children=()
end() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

# The measured program has a core of its own, where there are two.
on_client=() on_server=()
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
  on_client=(taskset -c 0) on_server=(taskset -c 1)
fi

# --- The shop: nginx with static answers, 4 KB of HTML and 2 KB of JSON.
mkdir -p "$work/site" && chmod 755 "$work" # nginx's worker is another user
{ printf '<!doctype html><html><head><title>Log in</title></head><body><form id="login" method="post" action="/session">'
  printf '<input type="hidden" name="csrf_token" value="d3b07384d113edec49eaa6238ad5ff00"><input name="email"><input name="password" type="password"></form><ul>'
  for i in $(seq 55); do printf '<li class="product"><a href="/product/%d">Product number %d</a></li>\n' "$i" "$i"; done
  printf '</ul></body></html>'; } >"$work/site/login.html"
{ printf '{"id":42,"sku":"MUG-42","price":12.50,"currency":"EUR","images":['
  for i in $(seq 55); do printf '{"url":"/images/%d.jpg","w":800},' "$i"; done
  printf '{"url":"/images/0.jpg","w":800}],"stock":7}'; } >"$work/site/product.json"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

write_nginx_conf() { # PORT
  cat >"$work/nginx.conf" <<END
worker_processes 1; pid $work/nginx.pid; error_log stderr crit; daemon off; worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off; keepalive_requests 1000; default_type application/json;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server {
    listen 127.0.0.1:$1 backlog=4096; listen 127.0.0.1:$(($1 + 1)) ssl backlog=4096;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3;
    root $work/site;
    location = /login { types {} default_type text/html; try_files /login.html =404; }
    location = /session { add_header Set-Cookie "session=5f2c; Path=/; HttpOnly"; return 200 '{"ok":true}'; }
    location = /api/products/42 { try_files /product.json =404; }
    location = /api/cart {
      if (\$request_method = POST) { return 201 '{"line_id":1}'; }
      return 200 '{"items":[{"sku":"MUG-42","quantity":1}],"total":12.50}';
    }
    location = /api/checkout { return 201 '{"id":"order-1"}'; }
  }
}
END
}

# Whether nginx has its ports shows in its pid file; a port that is taken ends it, and another is tried.
start_nginx() {
  local try wait
  for try in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    write_nginx_conf "$port"
    "${on_server[@]}" "$nginx" -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
    local child=$!
    for wait in $(seq 100); do
      if [ -s "$work/nginx.pid" ]; then children+=("$child"); return; fi
      kill -0 "$child" 2>/dev/null || break
      sleep 0.05
    done
    kill "$child" 2>/dev/null || true
  done
  cat "$work/nginx.err" >&2
  fail "nginx does not start"
}
start_nginx

# --- Measuring
ours=("${on_client[@]}" "$bin/shopper" run -q --cacert "$work/cert.pem")
limit=("${on_client[@]}" "$bin/bench-limit")
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

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
report=()
row() { # NAME UNIT OURS LIMIT
  local ratio
  ratio=$(awk -v a="$3" -v b="$4" 'BEGIN { if (a <= 0 || b <= 0) exit 1; printf "%.2f", a / b }') ||
    fail "$1: $3 and $4 are no measurements"
  printf '%-50s %10s %10s %8s\n' "$1 [$2]" "$3" "$4" "$ratio"
  report+=("{\"what\":\"$1\",\"unit\":\"$2\",\"ours\":$3,\"limit\":$4,\"ratio\":$ratio}")
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
measure_memory http
measure_memory https
if [ -n "$json" ]; then
  (IFS=,; printf '{"date":"%s","journeys":%d,"rounds":%d,"rows":[%s]}\n' "$(date -u +%FT%TZ)" "$journeys" "$rounds" "${report[*]}") >"$json"
fi
