#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The real shop: eight shoppers at once place orders and cancel them; behind the fault proxy each symptom is reported as its own kind.
. "$(dirname "$0")/lib.sh"
shop=tests/shops/vendure/shop.sh
"$shop" install || exit 1
VENDURE_URL=$("$shop" start --reset) || exit 1
trap '"$root/$shop" stop; for child in "${children[@]}"; do kill "$child" 2>/dev/null; done; rm -rf "$work"' EXIT
export VENDURE_URL VENDURE_ADMIN_USER=superadmin VENDURE_ADMIN_PASSWORD=Target-admin-1

# The shop's own word: all orders that were ever placed, by what became of them.
orders() { # JQ: a condition
  local token
  token=$(curl -sS --fail -o /dev/null -D - -H 'Content-Type: application/json' \
    -d '{"query":"mutation{login(username:\"superadmin\",password:\"Target-admin-1\"){__typename}}"}' "$real/admin-api" |
    sed -n 's/^vendure-auth-token: *\([^\r]*\)\r*$/\1/Ip')
  curl -sS --fail -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
    -d '{"query":"{orders(options:{take:1000}){totalItems items{state orderPlacedAt}}}"}' "$real/admin-api" |
    jq -e '.data.orders | if .totalItems > (.items | length) then error("not all orders were listed") else . end
      | [.items[] | select(.orderPlacedAt) | select('"$1"')] | length'
}
open_orders() { orders '.state != "Cancelled"'; }
cancelled_orders() { orders '.state == "Cancelled"'; }
real=$VENDURE_URL

for journey in login price-view add-to-cart checkout full; do
  walk "journeys/vendure/$journey.yaml"
  is "$journey" "$code" 0
done
cancelled=$(cancelled_orders)
walk journeys/vendure/full.yaml --repeat 8
is "eight at once" "$code" 0
is "on accounts of their own" "$(ask '[.runs[].account] | unique | length')" 8
is "eight orders were placed and cancelled" "$(($(cancelled_orders) - cancelled))" 8
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

# --- The daemon on the real shop: each fault is one incident, rated as the policy has it; it holds through a restart, and ends; no order stays
mkdir "$work/journeys"
cp journeys/vendure/* "$work/journeys/"
for journey in "$work"/journeys/*.yaml; do sed -i 's/^schedule:.*/schedule: {every: 5s}/' "$journey"; done
rm "$work/journeys/add-to-cart.yaml"
printf 'journeys: journeys\nstore: shopper.db\nsinks: {journal: {journal: {path: %s}}}\n' "$work/journal.jsonl" >"$work/shopper.yaml"
touch "$work/journal.jsonl"
all_walked_well() { [ "$(sqlite3 "$work/shopper.db" 'SELECT count(DISTINCT journey) FROM runs WHERE verdict = 0')" = 4 ]; }
told() { jq -se "map(select(.signature == \"$1\" and .type == \"$2\")) | length == 1" "$work/journal.jsonl"; }
rated() { jq -se "map(select(.signature == \"$1\")) | last.severity == $2" "$work/journal.jsonl"; }
of() { jq -rs "map(select(.signature == \"$1\")) | $2" "$work/journal.jsonl"; }
incidents() { jq -rs 'map(.signature) | unique | join(" ")' "$work/journal.jsonl"; }
patience=900 # tenths of a second: the shop is slow where all the tests run at once

# broken FAULT SIGNATURE STAGE WORDS: until it is told as sev1
broken() {
  : >"$work/journal.jsonl"
  spoil "$1"
  wait_for "the incident of $2" told "$2" opened
  wait_for "SEV1 for $2" rated "$2" 1
  has "its first line" "$(of "$2" 'last.line')" "SEV1 $3: $4 for "
  is "its rule" "$(of "$2" 'last.rule')" "core path down"
}
# mended SIGNATURE: until its end is told; nothing else was told meanwhile
mended() {
  curl -sS --fail -o /dev/null -X DELETE "$address/proxy-control/faults"
  wait_for "the end of $1" told "$1" resolved
  is "one incident, with one beginning and one end" "$(of "$1" 'map(.incident_id) | unique | length') $(of "$1" \
    'map(.type | select(. == "opened" or . == "resolved")) | join(" ")')" "1 opened resolved"
  is "it ends because the shop is well" "$(of "$1" 'last.resolution')" recovered
  is "it is the only one" "$(incidents)" "$1"
  is "nothing is open" "$("$shopper" incidents --open --store "$work/shopper.db")" "no incident"
}

start_daemon
wait_for "watching the real shop" grep -q watching "$work/daemon.log"
wait_for "all shoppers walk well" all_walked_well
is "nothing is told of a shop that is well" "$(incidents)" ""
broken '{"fault":"replace","operation":"Product","pattern":"\"priceWithTax\":[0-9]+","with":"\"priceWithTax\":null"}' \
  stage:price-view/price price-view "prices vanished"
stop_daemon
is "the daemon ends well" $? 0
start_daemon
mended stage:price-view/price
broken '{"fault":"status","status":503,"operation":"Pay"}' stage:checkout/http checkout "error pages"
mended stage:checkout/http
stop_daemon
is "the daemon ends well, too" $? 0
is "it left nothing behind, as it knows" "$("$shopper" residue --store "$work/shopper.db")" "nothing was left behind"
is "nor as the shop knows" "$(open_orders)" 0
finish
