# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the benchmarks share: their arguments, a scratch directory, children that end with them, the static shop, the table.
# Source it with the script's arguments: BIN-DIRECTORY [--short] [--json FILE]; sets $bin, $short, $json, $work, $here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench=$(basename "$0" .sh)
fail() { echo "$bench.sh: $*" >&2; exit 1; }
bin=$(cd "${1:?usage: $bench.sh BIN-DIRECTORY [--short] [--json FILE]}" && pwd)
shift
short= json=
while [ $# -gt 0 ]; do
  case $1 in
    --short) short=1 ;;
    --json) json=${2:?--json needs a file}; shift ;;
    *) echo "$bench.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
need() { local program; for program; do [ -x "$program" ] || command -v "$program" >/dev/null || fail "there is no $program"; done; }
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
chmod 755 "$work" # nginx's worker is another user
children=()
end() {
  local child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null && kill -CONT "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

# The measured program has a core of its own, where there are two.
on_client=() on_server=()
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
  on_client=(taskset -c 0) on_server=(taskset -c 1)
fi

# --- The shop: nginx with static answers, 4 KB of HTML and 2 KB of JSON. $shop_options are further directives of its server; a log
# in the format 'visits' has what proves that visits were made: on which connection, what, with which answer, and what was sent along.
shop_options=
write_site() {
  mkdir -p "$work/site"
  { printf '<!doctype html><html><head><title>Log in</title></head><body><form id="login" method="post" action="/session">'
    printf '<input type="hidden" name="csrf_token" value="d3b07384d113edec49eaa6238ad5ff00"><input name="email"><input name="password" type="password"></form><ul>'
    for i in $(seq 55); do printf '<li class="product"><a href="/product/%d">Product number %d</a></li>\n' "$i" "$i"; done
    printf '</ul></body></html>'; } >"$work/site/login.html"
  { printf '{"id":42,"sku":"MUG-42","price":12.50,"currency":"EUR","images":['
    for i in $(seq 55); do printf '{"url":"/images/%d.jpg","w":800},' "$i"; done
    printf '{"url":"/images/0.jpg","w":800}],"stock":7}'; } >"$work/site/product.json"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
}

write_nginx_conf() { # PORT
  cat >"$work/nginx.conf" <<END
worker_processes 1; pid $work/nginx.pid; error_log stderr crit; daemon off; worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off; keepalive_requests 1000; default_type application/json;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  log_format visits '\$connection \$request_method \$request_uri \$status \$content_length \$cookie_session \$ssl_session_reused';
  server {
    $shop_options
    listen 127.0.0.1:$1 backlog=4096; listen 127.0.0.1:$(($1 + 1)) ssl backlog=4096;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3;
    root $work/site;
    location = / { default_type text/html; return 200 "<h1>shop</h1>"; }
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

# Whether nginx has its ports shows in its pid file; a port that is taken ends it, and another is tried. Sets $port (http) and
# port + 1 (https).
start_nginx() {
  local try wait child nginx
  nginx=$(command -v nginx || echo /usr/sbin/nginx)
  [ -x "$nginx" ] || fail "nginx is missing"
  write_site
  for try in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    write_nginx_conf "$port"
    "${on_server[@]}" "$nginx" -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
    child=$!
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

# start_server PROGRAM ARGUMENT...: one that prints its address as its first line; sets $address and $server (its process)
start_server() {
  local name
  name=$(basename "$1")
  : >"$work/$name.out" # an earlier one said something, too
  "${on_server[@]}" "$@" >"$work/$name.out" 2>"$work/$name.err" &
  server=$!
  children+=("$server")
  for _ in $(seq 200); do [ -s "$work/$name.out" ] && break; sleep 0.05; done
  address=$(head -n 1 "$work/$name.out")
  [ -n "$address" ] || { cat "$work/$name.err" >&2; fail "$name does not start"; }
}

# --- The processes that are measured
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz }' "/proc/$1/stat"; } # PROCESS
memory_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }                            # PROCESS VmRSS|VmHWM
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# --- The table
figures=()
heading() { printf '%-62s %12s   %s\n' "$1" measured target; }
# figure NAME UNIT VALUE [TARGET]
figure() {
  [[ $3 =~ ^-?[0-9.]+(e[-+]?[0-9]+)?$ ]] || fail "$1: '$3' is no measurement"
  printf '%-62s %12s   %s\n' "$1 [$2]" "$3" "${4:-}"
  figures+=("{\"what\":\"$1\",\"unit\":\"$2\",\"value\":$3,\"target\":\"${4:-}\"}")
}
# A line of history: when, what, on which revision.
remember() {
  [ -n "$json" ] || return 0
  local IFS=, revision
  revision=$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)
  printf '{"bench":"%s","date":"%s","revision":"%s","short":%s,"rows":[%s]}\n' "$bench" "$(date -u +%FT%TZ)" "$revision" \
    "$([ -n "$short" ] && echo true || echo false)" "${figures[*]}" >>"$json"
}
