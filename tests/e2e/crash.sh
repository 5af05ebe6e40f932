#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed (SIGKILL) at a hundred random moments while faults come and go. In the end every outage was opened and resolved
# at each sink, under one id, and no order is left in the shop. SHOPPER_KILLS says another number; RANDOM is seeded by SHOPPER_SEED.
. "$(dirname "$0")/lib.sh"
kills=${SHOPPER_KILLS:-100} outages=10
RANDOM=${SHOPPER_SEED:-$$}
echo "seed ${SHOPPER_SEED:-$$}"

demo_shop
start receiver python3 tests/e2e/crash/receiver.py "$work/hook.jsonl"
watch_journey price-view checkout login
sed -i '/^schedule/d' "$work/journeys/login.yaml"
cp journeys/demo/accounts.csv "$work/journeys"
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
sinks:
  journal: {journal: {path: $work/journal.jsonl}}
  hook: {webhook: {url: "$address/"}}
END
store=(--store "$work/shopper.db")
is_open() { "$shopper" incidents --open "${store[@]}" | grep -q 'price-view: prices vanished'; }
is_over() { [ "$("$shopper" incidents --open "${store[@]}")" = "no incident" ]; }
orders_open() { curl -s "$SHOP_URL/control/state" | jq .orders_open; }
killed=0
kill_some() {
  for _ in $(seq $((kills / outages / 2))); do
    start_daemon
    sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null
    killed=$((killed + 1))
  done
}

for outage in $(seq $outages); do
  fault '{"fault":"prices-vanish","path":"/product/*"}'
  kill_some
  start_daemon
  wait_for "outage $outage" is_open
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null
  heal
  kill_some
  start_daemon
  wait_for "the end of outage $outage" is_over
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null
done
start_daemon
delivered() { [ "$(sqlite3 "$work/shopper.db" 'SELECT count(*) FROM outbox WHERE state = 0')" = 0 ]; }
wait_for "all is told" delivered
clean() { "$shopper" residue "${store[@]}" | grep -q 'nothing was left behind'; }
wait_for "nothing is owed" clean || "$shopper" residue "${store[@]}"
stop_daemon
is "kills" "$killed" "$((kills / outages / 2 * 2 * outages))"
is "orders left in the shop" "$(orders_open)" 0
has "orders were made" "$(curl -s "$SHOP_URL/control/state")" '"orders_placed":'

# One row for each incident: its events in order of their coming, each event once.
jq -r '"\(.incident_id) \(.id) \(.type)"' "$work/journal.jsonl" >"$work/journal.txt"
jq -r '"\(.subject) \(.id) \(.type | split(".") | last)"' "$work/hook.jsonl" >"$work/hook.txt"
wanted=$(sqlite3 "$work/shopper.db" 'SELECT id FROM incidents ORDER BY id')
is "outages are incidents, one each" "$(sqlite3 "$work/shopper.db" "SELECT count(*) FROM incidents WHERE signature = 'stage:price-view/price'")" "$outages"
for sink in journal hook; do
  is "$sink knows all of them, and no other" "$(cut -d ' ' -f 1 "$work/$sink.txt" | sort -u)" "$wanted"
  for id in $wanted; do
    events=$(awk -v id="$id" '$1 == id && !seen[$2]++ { printf "%s ", $3 }' "$work/$sink.txt")
    [[ $events == opened\ *resolved\  && $events != *resolved\ *opened* ]] && ok || not_ok "$sink on $id: $events"
  done
done
finish
