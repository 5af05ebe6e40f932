#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed (SIGKILL) at a hundred random moments of lives of up to four seconds, while somebody else breaks the shop and mends it:
# prices vanish, answers get lost, orders cannot be cancelled. In the end every outage was opened and resolved at each sink, under one
# id, and no order is left in the shop. SHOPPER_KILLS says another number; RANDOM is seeded by SHOPPER_SEED.
. "$(dirname "$0")/lib.sh"
kills=${SHOPPER_KILLS:-100} seed=${SHOPPER_SEED:-$$}
echo "seed $seed"

demo_shop
start receiver python3 tests/e2e/crash/receiver.py "$work/hook.jsonl"
hook=$address
start pager python3 tests/e2e/crash/receiver.py "$work/pager.jsonl"
cat >"$work/alertmanager.yaml" <<END
route: {receiver: pager, group_by: [incident], group_wait: 0s, group_interval: 1s}
receivers: [{name: pager, webhook_configs: [{url: "$address/"}]}]
END
alert_port=$(free_port)
prometheus-alertmanager --config.file="$work/alertmanager.yaml" --storage.path="$work/alerts" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:$alert_port" >"$work/alertmanager.out" 2>&1 &
children+=($!)
wait_for Alertmanager curl -sf "http://127.0.0.1:$alert_port/-/ready"
watch_journey price-view checkout login
sed -i '/^schedule/d' "$work/journeys/login.yaml"
cp journeys/demo/accounts.csv "$work/journeys"
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
sinks:
  journal: {journal: {path: $work/journal.jsonl}}
  hook: {webhook: {url: "$hook/"}}
  alerts: {alertmanager: {url: "http://127.0.0.1:$alert_port"}}
END
store=(--store "$work/shopper.db")
state() { curl -s "$SHOP_URL/control/state" | jq "$1"; }
query() { sqlite3 "$work/shopper.db" "$1"; }

# --- Somebody who knows nothing of the daemon's lives: an outage lasts until it is noticed and a while longer, and so does the time after it
open_outages() { "$shopper" incidents --open "${store[@]}" 2>/dev/null | grep -Ec 'vanished|checkout|host'; }
until_outages() { while [[ $(open_outages) != $1 ]]; do sleep 0.2; done; }
outages=(
  '{"fault":"prices-vanish","path":"/product/*"}'
  '{"fault":"lost-reply","stage":"checkout"}'
  '{"fault":"prices-vanish","path":"/product/*"}'
  '{"fault":"error-500","path":"/api/orders/*"}'
)
break_and_mend() {
  local number=0
  RANDOM=$((seed + 1))
  until [ -e "$work/enough" ]; do
    fault "${outages[number % ${#outages[@]}]}"
    until_outages '[1-9]*'
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    heal
    until_outages 0
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    echo "${outages[number % ${#outages[@]}]}" >>"$work/outages"
    number=$((number + 1))
  done
}
break_and_mend &
somebody=$!
children+=("$somebody")

# --- Lives
RANDOM=$seed
for _ in $(seq "$kills"); do
  start_daemon
  sleep "$((RANDOM % 4)).$((RANDOM % 10))$((RANDOM % 10))"
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null
done
touch "$work/enough"
survived=$(wc -l <"$work/outages")
start_daemon
wait "$somebody"
delivered() { [ "$(query 'SELECT count(*) FROM outbox WHERE state = 0')" = 0 ]; }
wait_for "no incident is open" sh -c "[ \"\$('$shopper' incidents --open ${store[*]})\" = 'no incident' ]" || "$shopper" incidents --open "${store[@]}"
wait_for "all is told" delivered
clean() { "$shopper" residue "${store[@]}" | grep -q 'nothing was left behind'; }
wait_for "nothing is owed" clean || "$shopper" residue "${store[@]}"
alerts() { curl -sfG "http://127.0.0.1:$alert_port/api/v2/alerts" | jq length; }
no_alert() { [ "$(alerts)" = 0 ]; }
wait_for "no alert is left" no_alert
# Alertmanager forgets an alert that is over before it has told so.
ends_are_told() { jq -r '.alerts[] | "\(.status) \(.labels.incident)"' "$work/pager.jsonl" | sort -u | awk '{ n[$1]++ } END { exit n["firing"] != n["resolved"] }'; }
wait_for "each alert's end is told" ends_are_told
stop_daemon
echo "$survived outages were noticed and over amid kills: $(sort "$work/outages" | uniq -c | tr -s ' \n' ' ')"
is "outages amid kills" "$((survived * 25 >= kills))" 1
is "orders were made" "$(($(state .orders_placed) > 0))" 1
is "orders left in the shop" "$(state .orders_open)" 0
is "price outages are incidents, one each" "$(query "SELECT count(*) FROM incidents WHERE signature = 'stage:price-view/price'")" "$(grep -c prices-vanish "$work/outages")"

# --- One row for each incident: its events in order of their coming, each event once
jq -r '"\(.incident_id) \(.id) \(.type)"' "$work/journal.jsonl" >"$work/journal.txt"
jq -r '"\(.subject) \(.id) \(.type | split(".") | last)"' "$work/hook.jsonl" >"$work/hook.txt"
for sink in journal hook; do
  wanted=$(query "SELECT id FROM incidents WHERE signature <> 'sink:$sink' ORDER BY id")
  is "$sink knows all of them, and no other" "$(cut -d ' ' -f 1 "$work/$sink.txt" | sort -u)" "$wanted"
  for id in $wanted; do
    events=$(awk -v id="$id" '$1 == id && !seen[$2]++ { printf "%s ", $3 }' "$work/$sink.txt")
    [[ $events == opened\ *resolved\  && $events != *resolved\ *opened* ]] && ok || not_ok "$sink on $id: $events"
  done
done
# What Alertmanager made of it: each fired, and ended
jq -r '.alerts[] | "\(.status) \(.labels.incident)"' "$work/pager.jsonl" | sort -u >"$work/pager.txt"
wanted=$(query "SELECT id FROM incidents WHERE signature <> 'sink:alerts' ORDER BY id")
for state in firing resolved; do
  is "alerts are $state" "$(sed -n "s/^$state //p" "$work/pager.txt")" "$wanted"
done
finish
