#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a visit costs us, and what it costs others who make the same one in the same run, taking turns: CPU with 50 visitors at once,
# and one of them from start to exit. The shop's log proves the visits: so many, each complete, in order, on a connection of its own,
# with the token and the cookie that it was given. Who did not make them fails the run.
#   peers.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_ROUNDS: how often each is measured (5). BENCH_PEERS: the names of those to measure instead of all that the machine has.
# BENCH_INSTALL=1: gets those that are missing from Debian (as root, or with sudo) and npm.
. "$(dirname "$0")/lib.sh"
parallel=50 rounds=${BENCH_ROUNDS:-5} starts=10 probes=1000
[ -n "$short" ] && rounds=1 starts=2 probes=50
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mystery-shopper-peers
PATH=$bin:$PATH:${BENCH_PLUGINS:-/usr/lib/nagios/plugins}:$cache/node_modules/.bin:/usr/sbin

# --- Who is measured: how (a journey is walked, one page looked at, a server asked to look at it), how many journeys (and in the short
# form), the program, the package that has it, what it is called.
names=()
declare -A how many program package title
while read -r name kind long brief file origin words; do
  if [ -n "${BENCH_PEERS:-}" ] && [[ " limit $BENCH_PEERS " != *" $name "* ]]; then continue; fi
  names+=("$name") how[$name]=$kind many[$name]=$long program[$name]=$file package[$name]=$origin title[$name]=$words
  [ -z "$short" ] || many[$name]=$brief
done <<'END'
limit      walk  5000 200 bench-limit                  -                                the limit: libcurl, statuses alone
ours       walk  5000 200 shopper                      -                                shopper run
wrk        walk  5000 200 wrk                          apt:wrk                          wrk with Lua
tsung      walk  3000 100 tsung                        apt:tsung                        Tsung
locust     walk  1500 100 locust                       apt:python3-locust               Locust, its fast client
artillery  walk  400  40  artillery                    npm:artillery@2.0.21             Artillery
newman     walk  50   5   newman                       npm:newman@6.2.2                 Newman, one after the other
check      look  -    -   check_shopper                -                                check_shopper
check_http look  -    -   check_http                   apt:monitoring-plugins-basic     check_http
check_curl look  -    -   check_curl                   apt:monitoring-plugins-standard  check_curl
daemon     probe -    -   shopper                      -                                shopper daemon, a probe
blackbox   probe -    -   prometheus-blackbox-exporter apt:prometheus-blackbox-exporter blackbox_exporter, a probe
END

install() { # NAME
  local from=${package[$1]} as_root=()
  if [[ $from == npm:* ]]; then
    npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$cache" "${from#npm:}" >&2
  else
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${from#apt:}" >&2
  fi
}
look_around() { # takes those out that the machine does not have
  local here_are=()
  for name in "${names[@]}"; do
    if [ -n "${BENCH_INSTALL:-}" ] && ! command -v "${program[$name]}" >/dev/null; then install "$name" || true; fi
    if command -v "${program[$name]}" >/dev/null; then
      here_are+=("$name")
    else
      echo "left out: ${title[$name]} (${package[$name]/:/ install }; BENCH_INSTALL=1 does it)"
    fi
  done
  names=("${here_are[@]}")
}

# --- Their command lines
command_of() { # NAME COUNT: sets $command, which makes COUNT visits to $url, $at_once at a time
  local tls=() type=tcp
  if [ "$scheme" = https ]; then tls=(-S) type=ssl; fi
  case $1 in
    limit) command=(bench-limit "$url" "$2" "$at_once" "$work/cert.pem") ;;
    ours) command=(shopper run -q --cacert "$work/cert.pem" --repeat "$2" --parallel "$at_once" "$here/reference.yaml") ;;
    wrk)
      rm -f "$work/back"
      command=(env BENCH_BACK="$work/back" wrk -t "$at_once" -c "$at_once" -d 5m -s "$here/peers/reference.lua" "$url")
      ;;
    tsung)
      sed "s,@JOURNEYS@,$2,; s,@PORT@,${url##*:},; s,@TYPE@,$type," "$here/peers/tsung.xml.in" >"$work/tsung.xml"
      command=(tsung -f "$work/tsung.xml" -l "$work/tsung" start)
      ;;
    locust) command=(locust -f "$here/peers/locustfile.py" --headless -u "$at_once" -r "$at_once" -H "$url" --only-summary) ;;
    artillery) command=(artillery run --quiet --target "$url"
      --overrides "{\"config\":{\"phases\":[{\"duration\":$((1 + $2 / 50)),\"arrivalCount\":$2}]}}" "$here/peers/artillery.yml") ;;
    newman) command=(newman run --silent --bail -n "$2" --env-var "base=$url" "$here/peers/newman.json") ;;
    check) command=(check_shopper -f "$here/cold.yaml" --cacert "$work/cert.pem") ;;
    check_http | check_curl) command=("$1" -H 127.0.0.1 -p "${url##*:}" "${tls[@]}") ;;
  esac
}
# What some of them read; and homes of their own, for what they leave behind.
export NODE_EXTRA_CA_CERTS=$work/cert.pem SSL_CERT_FILE=$work/cert.pem ARTILLERY_DISABLE_TELEMETRY=true HOME=$work

# --- The proof
visits=$work/visits.log
await_visits() { # COUNT: nginx writes after it has answered, so some may still be to come
  local _
  for _ in $(seq 100); do [ "$(wc -l <"$visits")" -ge "$1" ] && return; sleep 0.05; done
}
# Prints how many journeys were complete; fails when there was anything else. A line of the log is connection, method, path, status,
# length of what was sent, cookie, whether the TLS session was resumed.
walked() {
  awk 'BEGIN {
      split("GET /login 200|POST /session 200|GET /api/products/42 200|POST /api/cart 201|GET /api/cart 200|POST /api/checkout 201", step, "|")
    }
    function complain(what) { if (!bad++) print "line " NR ": " what > "/dev/stderr" }
    {
      i = ++at[$1]
      did = $2 " " $3 " " $4
      if (i > 6) complain(did " on the connection of another visitor")
      else if (did != step[i]) complain(did " instead of " step[i])
      if (i == 2 && $5 < 85) complain("no token")
      if ($6 != (i > 2 ? "5f2c" : "-")) complain("cookie " $6 " at " did)
      if ($7 == "r") complain("a TLS session of another visitor")
      if (i == 6) whole++
    }
    END {
      if (length(at) > whole) complain((length(at) - whole) " journeys without an end")
      print whole + 0
      exit bad > 0
    }' "$visits"
}
looked() { awk '$2 " " $3 " " $4 == "GET / 200" { n++ } END { print n + 0 }' "$visits"; }

# --- Measuring: each function measures $name once, or sets $why and fails
visit() { # COUNT: sets $cpu (ms), $wall (ms), $peak (KB)
  local code=0 at_once=$(($1 < parallel ? $1 : parallel))
  command_of "$name" "$1"
  : >"$visits"
  BENCH_URL=$url BENCH_JOURNEYS=$1 BENCH_AT_ONCE=$at_once timeout 120 "${on_client[@]}" bench-spent "$work/spent" "${command[@]}" \
    >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" = 0 ] || { tail -n 20 "$work/out" "$work/err" >&2; why="ended with $code"; return 1; }
  read -r cpu wall peak <"$work/spent"
}
note() { echo "$2" >>"$work/$scheme.$name.$1"; } # WHAT VALUE

# The start is no part of a journey's price: that of a first one is taken off.
measure_walk() {
  local n=${many[$name]} first whole
  visit 1 || return
  await_visits 6
  [ "$(walked)" = 1 ] || { why="a single journey was not walked as it should be"; return 1; }
  first=$cpu
  note wall "$wall"; note peak "$peak"
  visit "$n" || return
  await_visits $((6 * n))
  whole=$(walked) || { why="$whole of $n journeys, but not as it should be"; return 1; }
  [ "$whole" = "$n" ] || { why="walked $whole journeys instead of $n"; return 1; }
  note cpu "$(awk -v all="$cpu" -v first="$first" -v n="$n" 'BEGIN { print (all - first) / (n - 1) }')"
}
measure_look() {
  local _
  for _ in $(seq "$starts"); do
    visit 1 || return
    await_visits 1
    [ "$(looked)" = 1 ] || { why="did not look at the page once"; return 1; }
    note cpu "$cpu"; note wall "$wall"; note peak "$peak"
  done
}
measure_probe() {
  local before good
  : >"$visits"
  before=$(cpu_ms "${prober[$name]}")
  curl -sf "${probe[$scheme.$name]}&n=[1-$probes]" >"$work/out" || { why="does not answer"; return 1; }
  cpu=$(awk -v a="$before" -v b="$(cpu_ms "${prober[$name]}")" -v n="$probes" 'BEGIN { print (b - a) / n }')
  await_visits "$probes"
  good=$(grep -c '^probe_success 1' "$work/out") || true
  [ "$good $(looked)" = "$probes $probes" ] || { why="$good of $probes probes succeeded, $(looked) looked at the page"; return 1; }
  note cpu "$cpu"
}

# --- Servers that look when they are asked to: sets $prober (a process) and $probe (an address) of each
declare -A prober probe
start_daemon() {
  local face
  for scheme in http https; do
    sed "s/^journey: .*/journey: $scheme/; s,^base: .*,base: ${shop[$scheme]}," "$here/cold.yaml" >"$work/$scheme.yaml"
  done
  printf '%s\n' "journeys: [$work/http.yaml, $work/https.yaml]" "store: $work/shopper.db" "cacert: $work/cert.pem" \
    'http: {listen: "127.0.0.1:0"}' >"$work/shopper.yaml"
  "${on_client[@]}" shopper daemon --config "$work/shopper.yaml" 2>"$work/daemon.log" &
  prober[daemon]=$!
  children+=($!)
  for _ in $(seq 100); do grep -q 'status page' "$work/daemon.log" && break; sleep 0.1; done
  face=$(sed -n 's/.*status page: //p' "$work/daemon.log")
  [ -n "$face" ] || { cat "$work/daemon.log" >&2; fail "the daemon does not start"; }
  for scheme in http https; do probe[$scheme.daemon]="${face}probe?journey=$scheme"; done
}
start_blackbox() {
  local at
  printf '%s\n' 'modules:' '  page:' '    prober: http' \
    "    http: {preferred_ip_protocol: ip4, tls_config: {ca_file: $work/cert.pem}}" >"$work/blackbox.yml"
  for _ in 1 2 3 4 5; do
    at=127.0.0.1:$((30000 + RANDOM % 2000))
    "${on_client[@]}" prometheus-blackbox-exporter --config.file="$work/blackbox.yml" --web.listen-address="$at" 2>"$work/blackbox.log" &
    prober[blackbox]=$!
    curl -sf --retry 50 --retry-connrefused --retry-delay 1 --retry-max-time 20 -o "$work/out" "http://$at/-/healthy" &&
      kill -0 "${prober[blackbox]}" 2>/dev/null && break
  done
  kill -0 "${prober[blackbox]}" 2>/dev/null || { cat "$work/blackbox.log" >&2; fail "blackbox_exporter does not start"; }
  children+=("${prober[blackbox]}")
  for scheme in http https; do probe[$scheme.blackbox]="http://$at/probe?module=page&target=${shop[$scheme]}/"; done
}
# Tsung's Erlang would leave one behind that the whole machine shares.
start_epmd() {
  export ERL_EPMD_PORT=$((32000 + RANDOM % 700)) ERL_EPMD_ADDRESS=127.0.0.1
  epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
  children+=($!)
}

# --- The table
middle() { [ ! -s "$work/$scheme.$1.$2" ] || median <"$work/$scheme.$1.$2" | awk -v d="${3:-1}" -v f="$4" '{ printf f, $1 / d }'; } # NAME WHAT BY FORMAT
row() {
  local cpu wall peak rate='' ratio=''
  cpu=$(middle "$name" cpu 1 %.3f) wall=$(middle "$name" wall 1 %.1f) peak=$(middle "$name" peak 1024 %.1f)
  if [ "${how[$name]}" = walk ]; then
    rate=$(awk -v x="$cpu" 'BEGIN { printf "%.0f", 1000 / x }')
    ratio=$(awk -v a="$cpu" -v b="$(middle limit cpu 1 %.6f)" 'BEGIN { printf "%.2f", a / b }')
  fi
  printf '%-46s %10s %10s %10s %10s %8s\n' "$scheme: ${title[$name]}" "$cpu" "$rate" "$ratio" "$wall" "$peak"
  figures+=("{\"what\":\"$scheme: ${title[$name]}\",\"unit\":\"CPU ms\",\"value\":$cpu,\"per_core_second\":${rate:-null},\"ratio\":${ratio:-null},\"wall_ms\":${wall:-null},\"peak_mb\":${peak:-null}}")
}

look_around
need bench-limit bench-spent shopper check_shopper wrk curl
declare -A shop failed=()
shop_options="access_log $visits visits; ssl_session_tickets off; ssl_session_cache off;"
start_nginx
shop=([http]=http://127.0.0.1:$port [https]=https://127.0.0.1:$((port + 1)))
for name in "${names[@]}"; do
  case $name in
    daemon | blackbox) "start_$name" ;;
    tsung) start_epmd ;;
  esac
done
for _ in $(seq "$rounds"); do
  for scheme in http https; do
    url=${shop[$scheme]}
    for name in "${names[@]}"; do
      [ -z "${failed[$scheme.$name]:-}" ] || continue
      "measure_${how[$name]}" || failed[$scheme.$name]=$why
    done
  done
done
printf '%-46s %10s %10s %10s %10s %8s\n' "a journey's CPU; one from start to exit" "CPU ms" "1/core-s" "/ limit" "one: ms" "MB"
for scheme in http https; do
  for name in "${names[@]}"; do
    if [ -n "${failed[$scheme.$name]:-}" ]; then
      printf '%-46s %s\n' "$scheme: ${title[$name]}" "FAILED: ${failed[$scheme.$name]}"
    else
      row
    fi
  done
done
remember
[ ${#failed[@]} = 0 ] || fail "not everybody made the visits"
