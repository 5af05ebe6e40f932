#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many instructions one reference journey takes, against the recorded figure: a test, unlike the benchmarks, since instructions can be
# counted exactly where times cannot. callgrind counts two runs, one with twice as many journeys; the difference is what journeys cost.
#   instructions.sh BIN-DIRECTORY BUILD-TYPE [--record]
# Fails when it grew by more than a tenth, three times in a row: hashes are seeded anew in each process, and seldom two pages collide.
# --record: writes what it counted into instructions.txt.
type=${2:?usage: instructions.sh BIN-DIRECTORY BUILD-TYPE [--record]} record=${3:-}
set -- "${1:?usage: instructions.sh BIN-DIRECTORY BUILD-TYPE [--record]}"
. "$(dirname "$0")/lib.sh"
recorded=$here/instructions.txt journeys=40
need "$bin/shopper" valgrind
known=$(awk -v type="$type" '$1 == type { print $2 }' "$recorded")
[ -n "$known" ] || [ -n "$record" ] || { echo "instructions.sh: nothing is recorded for a $type build"; exit 77; }
start_nginx
export BENCH_URL=http://127.0.0.1:$port

count() { # JOURNEYS: one at a time, so that no chance orders them
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bin/shopper" run -q --repeat "$1" --parallel 1 "$here/reference.yaml" \
    >"$work/out" 2>"$work/err" || { tail -n 20 "$work/out" "$work/err" >&2; fail "the journeys failed"; }
  awk '/Collected/ { print $NF }' "$work/err"
}
measure() { # sets $now
  local once twice
  once=$(count $journeys) twice=$(count $((2 * journeys)))
  now=$(((twice - once) / journeys))
  [ "$now" -gt 0 ] || fail "callgrind counted nothing: $once and $twice"
}
if [ -n "$record" ]; then
  for _ in 1 2 3 4 5; do measure; echo "$now"; done >"$work/counts"
  now=$(median <"$work/counts")
  awk -v type="$type" -v now="$now" '$1 == type { $2 = now; seen = 1 } { print } END { if (!seen) print type, now }' "$recorded" >"$work/new"
  cp "$work/new" "$recorded"
  echo "recorded: $now instructions per journey, $type"
  exit
fi
for _ in 1 2 3; do
  measure
  awk -v now="$now" -v known="$known" 'BEGIN {
    printf "%d instructions per journey, recorded are %d: %+.1f%%\n", now, known, (now / known - 1) * 100
    exit now > 1.1 * known }' && exit
done
echo "more than a tenth too many. To see where: valgrind --tool=callgrind and callgrind_annotate on $bin/shopper."
echo "If it is worth it, record anew: tests/bench/instructions.sh $bin $type --record"
exit 1
