#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The real shop: eight shoppers at once place orders and cancel them; behind the fault proxy each symptom is reported as its own kind.
. "$(dirname "$0")/lib.sh"
shop=tests/shops/vendure/shop.sh
"$shop" install || exit 1
VENDURE_URL=$("$shop" start --reset) || exit 1
trap '"$root/$shop" stop; for child in "${children[@]}"; do kill "$child" 2>/dev/null; done; rm -rf "$work"' EXIT
export VENDURE_URL VENDURE_ADMIN_USER=superadmin VENDURE_ADMIN_PASSWORD=Target-admin-1

# The shop's own word: orders that are placed and not cancelled.
open_orders() {
  local token
  token=$(curl -sS -o /dev/null -D - -H 'Content-Type: application/json' \
    -d '{"query":"mutation{login(username:\"superadmin\",password:\"Target-admin-1\"){__typename}}"}' "$real/admin-api" |
    sed -n 's/^vendure-auth-token: *\([^\r]*\)\r*$/\1/Ip')
  curl -sS -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
    -d '{"query":"{orders(options:{take:1000}){items{state}}}"}' "$real/admin-api" |
    jq '[.data.orders.items[].state | select(startswith("Payment"))] | length'
}
placed_orders() {
  local token
  token=$(curl -sS -o /dev/null -D - -H 'Content-Type: application/json' \
    -d '{"query":"mutation{login(username:\"superadmin\",password:\"Target-admin-1\"){__typename}}"}' "$real/admin-api" |
    sed -n 's/^vendure-auth-token: *\([^\r]*\)\r*$/\1/Ip')
  curl -sS -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
    -d '{"query":"{orders(options:{take:1000}){items{state}}}"}' "$real/admin-api" |
    jq '[.data.orders.items[].state | select(. == "Cancelled")] | length'
}
real=$VENDURE_URL

for journey in login price-view add-to-cart checkout full; do
  walk "journeys/vendure/$journey.yaml"
  is "$journey" "$code" 0
done
cancelled=$(placed_orders)
walk journeys/vendure/full.yaml --repeat 8
is "eight at once" "$code" 0
is "on accounts of their own" "$(ask '[.runs[].account] | unique | length')" 8
is "eight orders were placed and cancelled" "$(($(placed_orders) - cancelled))" 8
is "none is left behind" "$(open_orders)" 0

start proxy "$bin/shopper-fault-proxy" --upstream "$real" --port 0
export VENDURE_URL=$address
spoil() { curl -sS --fail -o /dev/null --data "$1" "$address/proxy-control/faults" || not_ok "fault $1"; }
# symptom KIND JOURNEY FAULT
symptom() {
  spoil "$3"
  walk "journeys/vendure/$2.yaml"
  curl -sS -o /dev/null -X DELETE "$address/proxy-control/faults"
  is "$3: kind" "$(kind)" "$1"
  is "$3: exit code" "$code" 1
  is "$3: residue" "$(ask '.runs[0].residue | length')" 0
}
symptom price full '{"fault":"replace","operation":"Product","pattern":"\"priceWithTax\":[0-9]+","with":"\"priceWithTax\":null"}'
symptom price full '{"fault":"replace","operation":"Product","pattern":"\"priceWithTax\":([0-9]+)","with":"\"priceWithTax\":\\10"}'
symptom cart full '{"fault":"replace","operation":"Cart","pattern":"\"activeOrder\":\\{.*$","with":"\"activeOrder\":null}}"}'
symptom session full '{"fault":"strip-header","operation":"Me","names":["Cookie","Authorization"]}'
symptom freeze full '{"fault":"freeze","operation":"AddItem","times":1}'
symptom reset full '{"fault":"lost-reply","operation":"Pay","times":1}'
symptom http full '{"fault":"status","status":503,"operation":"Product"}'
is "none is left behind after the faults" "$(open_orders)" 0

# --- The daemon on the real shop: an incident opens, holds through a restart, and ends; no order stays
mkdir "$work/journeys"
cp journeys/vendure/* "$work/journeys/"
for journey in "$work"/journeys/*.yaml; do sed -i 's/^schedule:.*/schedule: {every: 5s}/' "$journey"; done
rm -f "$work/journeys/add-to-cart.yaml"
printf 'journeys: journeys\nstore: shopper.db\nsinks: {journal: {journal: {path: %s}}}\n' "$work/journal.jsonl" >"$work/shopper.yaml"
start_daemon
wait_for "watching the real shop" grep -q watching "$work/daemon.log"
sleep 8
spoil '{"fault":"replace","operation":"Product","pattern":"\"priceWithTax\":[0-9]+","with":"\"priceWithTax\":null"}'
told() { jq -se "map(select(.stage == \"price-view\" and .type == \"$1\")) | length > 0" "$work/journal.jsonl"; }
wait_for "the prices' incident" told opened
stop_daemon
start_daemon
sleep 2
curl -sS -o /dev/null -X DELETE "$address/proxy-control/faults"
wait_for "its end" told resolved || wait_for "its end, at last" told resolved
incident=$(jq -r 'select(.stage == "price-view" and .type == "opened") | .incident_id' "$work/journal.jsonl")
is "one incident, opened and ended" "$(jq -r "select(.incident_id == \"$incident\") | .type" "$work/journal.jsonl" | tr '\n' ' ')" "opened resolved "
has "its first line" "$(jq -r 'select(.type == "opened" and .stage == "price-view") | .line' "$work/journal.jsonl")" "prices vanished for"
stop_daemon
is "none is left behind by the daemon" "$(open_orders)" 0
finish
