#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a check costs from start to exit: check_shopper beside check_http and check_curl of Debian's monitoring-plugins, taking turns.
#   cold.sh BIN-DIRECTORY [--short] [--json FILE]
# BENCH_ROUNDS: how often each is started (200).
. "$(dirname "$0")/lib.sh"
rounds=${BENCH_ROUNDS:-200}
[ -n "$short" ] && rounds=20
plugins=${BENCH_PLUGINS:-/usr/lib/nagios/plugins}
need "$bin/shopper" "$bin/check_shopper" "$plugins/check_http" "$plugins/check_curl"
start_nginx
export BENCH_URL=http://127.0.0.1:$port

# The memory of a daemon that has walked the same journey.
sed '/^journey:/a schedule: {every: 1s}' "$here/cold.yaml" | sed 's/^journey: .*/journey: remembered/' >"$work/remembered.yaml"
store=$work/shopper.db
"$bin/shopper" daemon --store "$store" "$work/remembered.yaml" 2>"$work/daemon.err" &
children+=($!)
state=("$bin/check_shopper" --state remembered --store "$store")
for _ in $(seq 100); do "${state[@]}" >/dev/null && break; sleep 0.1; done
"${state[@]}" >"$work/out" || { cat "$work/out" "$work/daemon.err" >&2; fail "the daemon remembers nothing"; }
kill -STOP "${children[-1]}" # it must not compete for the processor

sed 's/{status: 200}/&, {css: h1}/' "$here/cold.yaml" >"$work/page.yaml"
python3 - "$rounds" "$port" "$plugins" "$store" "$bin/check_shopper" "$here/cold.yaml" "$work/page.yaml" <<'END' | tee "$work/table"
import os, statistics, sys, time
rounds, port, plugins, store, ours, journey, page = int(sys.argv[1]), *sys.argv[2:]
where = ["-H", "127.0.0.1", "-p", port]
programs = {
    "check_http": [plugins + "/check_http", *where],
    "check_curl": [plugins + "/check_curl", *where],
    "check_shopper --state": [ours, "--state", "remembered", "--store", store, "--stale", "1d"],
    "check_shopper -f": [ours, "-f", journey],
    "the same, page parsed": [ours, "-f", page],
}
quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
def once(command):
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status: sys.exit(f"failed: {command}")
    return used.ru_utime + used.ru_stime, wall
seen = {name: [] for name in programs}
for _ in range(rounds + 3):
    for name, command in programs.items(): seen[name].append(once(command))
middle = {name: [statistics.median(column) for column in zip(*runs[3:])] for name, runs in seen.items()}
print(f"{'':24}{'CPU ms':>9}{'wall ms':>9}{'CPU / peer':>12}{'wall / peer':>13}   peer")
for name, (cpu, wall) in middle.items():
    peer = {"check_shopper --state": "check_http", "check_shopper -f": "check_curl", "the same, page parsed": "check_curl"}.get(name)
    ratio = f"{cpu / middle[peer][0]:12.2f}{wall / middle[peer][1]:13.2f}   {peer}" if peer else ""
    print(f"{name:24}{cpu * 1000:9.2f}{wall * 1000:9.2f}{ratio}")
END
while read -r name cpu wall; do figures+=("{\"what\":\"$name\",\"unit\":\"CPU and wall ms\",\"value\":[$cpu,$wall]}"); done < \
  <(awk 'NR > 1 { print substr($0, 1, 24) "\t" $0 }' "$work/table" | awk -F'\t' '{ n = $1; gsub(/ +$/, "", n); gsub(/ /, "_", n); split(substr($2, 25), v, " "); print n, v[1], v[2] }')
remember
