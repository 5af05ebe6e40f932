#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a shopper costs, beside a program that only sends the same requests: CPU per journey and memory per waiting shopper.
#   run.sh BIN-DIRECTORY [--short] [--json FILE]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${1:?usage: run.sh BIN-DIRECTORY [--short] [--json FILE]}" && pwd)
shift
journeys=4000 rounds=${BENCH_ROUNDS:-5} waiting=2000 json=
while [ $# -gt 0 ]; do
  case $1 in
    --short) journeys=200 rounds=1 waiting=200 ;;
    --json) json=$2; shift ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
work=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -Hn)"

# --- The shop: nginx with static answers.
port=$((20000 + RANDOM % 20000))
mkdir -p "$work/site" && chmod 755 "$work" # nginx's worker is another user
{ printf '<!doctype html><html><head><title>Log in</title></head><body><form id="login" method="post" action="/session">'
  printf '<input type="hidden" name="csrf_token" value="d3b07384d113edec49eaa6238ad5ff00"><input name="email"><input name="password" type="password"></form><ul>'
  for i in $(seq 55); do printf '<li class="product"><a href="/product/%d">Product number %d</a></li>\n' "$i" "$i"; done
  printf '</ul></body></html>'; } >"$work/site/login.html"
{ printf '{"id":42,"sku":"MUG-42","price":12.50,"currency":"EUR","images":['
  for i in $(seq 40); do printf '{"url":"/images/%d.jpg","w":800},' "$i"; done
  printf '{"url":"/images/0.jpg","w":800}],"stock":7}'; } >"$work/site/product.json"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
cat >"$work/nginx.conf" <<END
worker_processes 1; pid $work/nginx.pid; error_log stderr crit; daemon off; worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off; keepalive_requests 1000; default_type application/json;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server {
    listen 127.0.0.1:$port backlog=4096; listen 127.0.0.1:$((port + 1)) ssl backlog=4096;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3;
    root $work/site;
    location = /login { types {} default_type text/html; try_files /login.html =404; }
    location = /session { add_header Set-Cookie "session=5f2c; Path=/; HttpOnly"; return 200 '{"ok":true}'; }
    location = /api/products/42 { try_files /product.json =404; }
    location = /api/cart { return 201 '{"line_id":1}'; }
    location = /api/cart/view { return 200 '{"items":[{"sku":"MUG-42","quantity":1}],"total":12.50}'; }
    location = /api/checkout { return 201 '{"id":"order-1"}'; }
  }
}
END
nginx=$(command -v nginx || echo /usr/sbin/nginx)
"$nginx" -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
children+=($!)
for _ in $(seq 50); do curl -s -o /dev/null "http://127.0.0.1:$port/login" && break; sleep 0.1; done

# --- Measuring: the kernel's own accounting of a finished program.
# cpu COMMAND...: user + system seconds
cpu() { /usr/bin/time -o "$work/time" -f "%U %S" "$@" >"$work/out" 2>"$work/err" || { tail -n 20 "$work/out" "$work/err" >&2; exit 1; }; awk 'END { print $1 + $2 }' "$work/time"; }
# memory COMMAND...: peak, in KB; the program may fail, its shop is frozen
memory() { /usr/bin/time -o "$work/time" -f '%M' "$@" >/dev/null 2>&1 || true; tail -n 1 "$work/time"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ours() { BENCH_URL=$1 cpu taskset -c 0 "$bin/shopper" run "$here/reference.yaml" -q --repeat "$2" --parallel 50 --cacert "$work/cert.pem"; }
limit() { cpu taskset -c 0 "$bin/bench-limit" "$1" "$2" 50 "$work/cert.pem"; }

report=()
row() { # NAME UNIT OURS LIMIT
  local ratio
  ratio=$(awk -v a="$3" -v b="$4" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')
  printf '%-34s %10s %10s %8s\n' "$1 [$2]" "$3" "$4" "$ratio"
  report+=("{\"what\":\"$1\",\"unit\":\"$2\",\"ours\":$3,\"limit\":$4,\"ratio\":$ratio}")
}
printf '%-34s %10s %10s %8s\n' "" ours limit ratio
for scheme in http https; do
  url=http://127.0.0.1:$port
  [ $scheme = https ] && url=https://127.0.0.1:$((port + 1))
  : >"$work/ours"; : >"$work/limit"
  for _ in $(seq "$rounds"); do
    ours "$url" "$journeys" >>"$work/ours"
    limit "$url" "$journeys" >>"$work/limit"
  done
  a=$(median <"$work/ours" | awk -v n="$journeys" '{ printf "%.3f", $1 * 1000 / n }')
  b=$(median <"$work/limit" | awk -v n="$journeys" '{ printf "%.3f", $1 * 1000 / n }')
  row "$scheme: CPU per journey" ms "$a" "$b"
done

"$bin/bench-stall" >"$work/stall" &
children+=($!)
for _ in $(seq 50); do [ -s "$work/stall" ] && break; sleep 0.1; done
stalled=$(cat "$work/stall")
few=50 many=$((few + waiting))
a=$(($(BENCH_URL=$stalled memory "$bin/shopper" run "$here/stalled.yaml" -q --repeat $many) - $(BENCH_URL=$stalled memory "$bin/shopper" run "$here/stalled.yaml" -q --repeat $few)))
b=$(($(memory timeout 8 "$bin/bench-limit" "$stalled" $many $many) - $(memory timeout 8 "$bin/bench-limit" "$stalled" $few $few)))
row "http: memory per waiting shopper" KB "$(awk -v x=$a -v n=$waiting 'BEGIN { printf "%.1f", x / n }')" "$(awk -v x=$b -v n=$waiting 'BEGIN { printf "%.1f", x / n }')"
if [ -n "$json" ]; then
  (IFS=,; printf '{"date":"%s","rows":[%s]}\n' "$(date -u +%FT%TZ)" "${report[*]}") >"$json"
fi
