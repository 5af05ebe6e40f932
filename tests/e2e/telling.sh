#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whom the daemon tells: one incident on the demo shop opens and ends at Debian's Alertmanager, at a webhook that verifies, by mail, in a
# journal and with a program; a sink that fails is told of at the others, and gets what it missed, in order.
. "$(dirname "$0")/lib.sh"
npm_packages tests/e2e/sinks
export NODE_PATH=$npm_cache/node_modules

# --- Receivers
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/key.pem" -out "$work/ca.pem" 2>/dev/null
HOOK_SECRET=whsec_$(openssl rand -base64 32)
export HOOK_SECRET MAIL_PASSWORD=mail-password
start webhook node tests/e2e/sinks/webhook.js "$work/hook.jsonl" "$HOOK_SECRET"
hook=$address
start smtp node tests/e2e/sinks/smtp.js "$work/mail.jsonl" "$work/key.pem" "$work/ca.pem" tls
smtp=$address
printf 'route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n' >"$work/alertmanager.yaml"
alert_port=$(free_port)
prometheus-alertmanager --config.file="$work/alertmanager.yaml" --storage.path="$work/alerts" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:$alert_port" >"$work/alertmanager.out" 2>&1 &
children+=($!)
wait_for Alertmanager curl -sf "http://127.0.0.1:$alert_port/-/ready"
alerts() { curl -sfG "http://127.0.0.1:$alert_port/api/v2/alerts" --data-urlencode "filter=$1" | jq length; }
alerts_are() { [ "$(alerts 'alertname="MysteryShopper"')" = "$1" ]; }
printf '#!/bin/sh\njq -c . >>"%s"\n' "$work/program.jsonl" >"$work/page.sh"
chmod +x "$work/page.sh"

# --- Watching
demo_shop
watch_journey price-view
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
location: test bench
cacert: ca.pem
sinks:
  journal: {journal: {path: $work/journal.jsonl}}
  hook: {webhook: {url: "$hook/hook", secrets: {env: HOOK_SECRET}}}
  alerts: {alertmanager: {url: "http://127.0.0.1:$alert_port"}, severity: 2}
  mail: {email: {server: "$smtp", from: shopper@shop.example, to: on-call@shop.example, user: shopper, password: {env: MAIL_PASSWORD}}}
  program: {exec: {command: [$work/page.sh]}}
  elsewhere: {journal: {path: $work/elsewhere.jsonl}, owners: [team-checkout]}
END
listed=$("$shopper" sink list --config "$work/shopper.yaml" 2>/dev/null | tr -s ' ')
is "list: where and what" "$listed" "journal journal $work/journal.jsonl all severities
hook webhook $hook all severities
alerts alertmanager http://127.0.0.1:$alert_port SEV1 and SEV2
mail email on-call@shop.example by $smtp all severities
program exec $work/page.sh all severities
elsewhere journal $work/elsewhere.jsonl all severities; owner team-checkout"
for sink in $("$shopper" sink list --config "$work/shopper.yaml" | cut -d ' ' -f 1); do
  is "test of $sink" "$("$shopper" sink test "$sink" --config "$work/shopper.yaml" 2>&1 | sed 's/.*: //')" delivered
done
sed 's/on-call@shop.example/[on-call@shop.example, gone@shop.example]/' "$work/shopper.yaml" >"$work/some.yaml"
has "not all of them" "$("$shopper" sink test mail --config "$work/some.yaml" 2>&1)" "mail (email): delivered, but not to everybody: answer 550 for gone@shop.example"
rm -f "$work"/*.jsonl

start_daemon
wait_for "watching" grep -q watching "$work/daemon.log"
sleep 2
fault '{"fault":"prices-vanish"}'
lines() { [ "$(cat "$work/$1.jsonl" 2>/dev/null | wc -l)" -ge "$2" ]; }
for sink in journal hook mail program; do wait_for "$sink hears of it" lines $sink 1; done
wait_for "the alert" alerts_are 1
is "the alert's severity" "$(alerts 'severity="critical"')" 1
heal
for sink in journal hook mail program; do wait_for "$sink hears of the end" lines $sink 2; done
wait_for "the alert ends" alerts_are 0
stop_daemon
is "the daemon ends well" $? 0

incident=$(jq -r 'select(.type == "opened") | .incident_id' "$work/journal.jsonl")
of() { jq -r "$2" "$work/$1.jsonl" | tr '\n' ' '; }
is "journal" "$(of journal '"\(.type) \(.incident_id)"')" "opened $incident resolved $incident "
is "hook" "$(of hook '"\(.type | split(".") | last) \(.subject)"')" "opened $incident resolved $incident "
is "program" "$(of program '"\(.type) \(.incident_id)"')" "opened $incident resolved $incident "
is "mail" "$(of mail '"\(.secure) \(.subject[0:8])"')" "true SEV1 pri true resolved "
is "who owns nothing of it hears nothing" "$(cat "$work/elsewhere.jsonl" 2>/dev/null)" ""
for word in mail-password "${HOOK_SECRET#whsec_}"; do
  hasnt "the daemon's log" "$(cat "$work/daemon.log" "$work/daemon.out")" "$word"
  is "the store" "$(cat "$work"/shopper.db* | grep -aFc "$word")" 0
done

# --- A sink that fails is an incident on the others; what it missed comes when it is back. One that repeats our secrets betrays none
rm "$work"/*.jsonl
start echo python3 tests/e2e/sinks/echo.py
export ECHO_URL=$address/services/T000/B111/EchoSecretXyz ECHO_TOKEN='Bearer echo-s3cr3t'
printf '  echo: {webhook: {url: {env: ECHO_URL}, authorization: {env: ECHO_TOKEN}}}\n' >>"$work/shopper.yaml"
sed -i "s|$hook/hook|http://127.0.0.1:1/hook|" "$work/shopper.yaml"
start_daemon
sleep 3
fault '{"fault":"prices-vanish"}'
from() { jq -se "map(select(.signature == \"$1\" and .type == \"$2\")) | length > 0" "$work/journal.jsonl"; }
wait_for "the shop's incident" from stage:price-view/price opened
wait_for "the failing sink is told of" from sink:hook opened
wait_for "what another refused is told of at once" from sink:echo opened
has "with its status" "$(jq -r 'select(.signature == "sink:echo") | .message' "$work/journal.jsonl")" "status 404"
has "what it said is in the log" "$(cat "$work/daemon.log")" "Cannot POST"
heal
wait_for "the shop's incident ends" from stage:price-view/price resolved
incident=$(jq -r 'select(.signature == "stage:price-view/price") | .incident_id' "$work/journal.jsonl" | head -n 1)
has "it waits" "$("$shopper" incidents show "$incident" --store "$work/shopper.db")" "to hook: waits"
sed -i "s|http://127.0.0.1:1/hook|$hook/hook|" "$work/shopper.yaml" # the change is noticed
heard() { jq -r "select(.subject == \"$incident\") | .type | split(\".\") | last" "$work/hook.jsonl" | tr '\n' ' '; }
heard_of_its_end() { [[ $(heard) == *resolved* ]]; }
wait_for "the rest is delivered" heard_of_its_end
is "in order" "$(heard)" "opened resolved "
wait_for "the sink works again" from sink:hook resolved

# --- A sink that lost an event and has nothing to tell: its incident ends by a test that it takes, or when it leaves the configuration
is "what refused is still told of" "$(jq -r 'select(.signature == "sink:echo") | .type' "$work/journal.jsonl")" opened
sed -i '/^  echo:/d' "$work/shopper.yaml"
wait_for "who left is told of no more" from sink:echo resolved
is "and why" "$(jq -r 'select(.signature == "sink:echo" and .type == "resolved") | .resolution' "$work/journal.jsonl")" "removed from the configuration"
printf '  echo: {webhook: {url: {env: ECHO_URL}, authorization: {env: ECHO_TOKEN}}}\n' >>"$work/shopper.yaml"
printf '#!/bin/sh\nexit 65\n' >"$work/page.sh"
fault '{"fault":"prices-vanish"}'
wait_for "the program refuses" from sink:program opened
heal
shop_is_well() { [ "$("$shopper" incidents --open --store "$work/shopper.db" | grep -vc ' prober: ')" = 0 ]; }
wait_for "the shop is well" shop_is_well
open_still() { "$shopper" incidents --open --store "$work/shopper.db" | grep -q "sink $1 does not take"; }
wait_for "the program is not" open_still program
printf '#!/bin/sh\njq -c . >>"%s"\n' "$work/program.jsonl" >"$work/page.sh"
has "the program takes a test" "$("$shopper" sink test program --config "$work/shopper.yaml" 2>&1)" "program (exec): delivered"
wait_for "and is told of no more" from sink:program resolved
is "it was the test that ended it" "$(tail -n 1 "$work/program.jsonl" | jq -r .type)" test
is "a test says so" "$(tail -n 1 "$work/program.jsonl" | jq -r .line)" "TEST: nothing is wrong; somebody tries whether you can be told of incidents"

stop_daemon
said=$("$shopper" sink test echo --config "$work/shopper.yaml" 2>&1)
has "sink test tells what it said" "$said" "Cannot POST"
for word in EchoSecretXyz echo-s3cr3t; do
  hasnt "the log, others and sink test" "$(cat "$work/daemon.log" "$work/daemon.out" "$work"/*.jsonl)$said" "$word"
  is "the store, too" "$(cat "$work"/shopper.db* | grep -aFc "$word")" 0
done
finish
