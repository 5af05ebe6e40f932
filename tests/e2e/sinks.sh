#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whom the daemon tells, with what they really use: one incident on the demo shop opens and is resolved at a webhook that verifies
# signatures, Debian's Alertmanager, an SMTP server with STARTTLS, rsyslog, a program, and the shapes of Slack and PagerDuty.
. "$(dirname "$0")/lib.sh"
npm_packages tests/e2e/sinks

# --- Receivers
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
secret=whsec_$(head -c 32 /dev/urandom | base64)
got=$work/got.jsonl
: >"$got"
cd "$npm_cache" || exit 1
start receiver node "$root/tests/e2e/sinks/receiver.js" "$got" "$secret" "$work/cert.pem" "$work/key.pem"
cd "$root" || exit 1
read -r http smtp <<<"$address"

cat >"$work/alertmanager.yml" <<'END'
route: {receiver: nobody, group_wait: 1s}
receivers: [{name: nobody}]
END
am_port=$((20000 + RANDOM % 20000))
prometheus-alertmanager --config.file="$work/alertmanager.yml" --storage.path="$work/am" --cluster.listen-address= \
  --web.listen-address=127.0.0.1:$am_port >"$work/am.log" 2>&1 &
children+=($!)
wait_for Alertmanager curl -sf "http://127.0.0.1:$am_port/-/ready"
alerts() { curl -sf "http://127.0.0.1:$am_port/api/v2/alerts?$1" | jq length; }

cat >"$work/rsyslog.conf" <<END
module(load="imudp")
module(load="imtcp")
global(workDirectory="$work")
template(name="all" type="string" string="%pri%|%app-name%|%msgid%|%structured-data%|%msg%\n")
input(type="imudp" address="127.0.0.1" port="$((am_port + 1))")
input(type="imtcp" address="127.0.0.1" port="$((am_port + 2))")
action(type="omfile" file="$work/syslog.txt" template="all")
END
rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" >"$work/rsyslog.log" 2>&1 &
children+=($!)

cat >"$work/page.sh" <<END
#!/bin/sh
jq -c --arg subject "\$SHOPPER_SUBJECT" '{to: "exec", type, incident: .incident_id, line, \$subject}' >>"$got"
END
chmod +x "$work/page.sh"
printf 'mail-secret\n' >"$work/mail-password"
export HOOK_SECRET=$secret

# --- Watching
demo_shop
watch_journey price-view
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
location: test bench
cacert: cert.pem
http: {listen: "127.0.0.1:0", public_url: "https://status.example/"}
sinks:
  journal: {journal: {path: $work/journal.jsonl}}
  hook: {webhook: {url: "http://127.0.0.1:$http/hook", secrets: [whsec_c29tZSBvdGhlciBzZWNyZXQgb2Ygb2xkIGRheXM=, {env: HOOK_SECRET}]}}
  flaky: {webhook: {url: "http://127.0.0.1:$http/flaky", secrets: {env: HOOK_SECRET}}}
  alerts: {alertmanager: {url: "http://127.0.0.1:$am_port"}}
  page: {pagerduty: {url: "http://127.0.0.1:$http/pagerduty", routing_key: 0123456789abcdef0123456789abcdef}, severity: 1}
  chat: {slack: {url: "http://127.0.0.1:$http/slack"}}
  mail:
    email:
      server: smtp://localhost:$smtp
      from: Mystery Shopper <shopper@shop.example>
      to: [on-call@shop.example, Owner <owner@shop.example>]
      user: shopper
      password: {file: mail-password}
  log: {syslog: {address: "udp:127.0.0.1:$((am_port + 1))"}}
  stream: {syslog: {address: "tcp:127.0.0.1:$((am_port + 2))"}}
  program: {exec: {command: [$work/page.sh]}}
  elsewhere: {journal: {path: $work/elsewhere.jsonl}, owners: [team-checkout]}
END
"$shopper" validate "$work/shopper.yaml" >"$work/said" 2>&1 && ok || not_ok "validate: $(cat "$work/said")"

# Each says of a test that it was delivered.
for sink in $("$shopper" sink list --config "$work/shopper.yaml" | cut -d ' ' -f 1); do
  is "test of $sink" "$("$shopper" sink test "$sink" --config "$work/shopper.yaml" 2>&1 | sed 's/.*: //; s/it answered.*503/delivered/')" delivered
done
wait_for "the test alert" test "$(alerts 'filter=alertname="MysteryShopperTest"')" = 1
rm -f "$work"/*.jsonl
: >"$got"

start_daemon
wait_for "the first runs" sh -c "'$shopper' incidents --store '$work/shopper.db'"
sleep 2
fault '{"fault":"prices-vanish"}'
took() { jq -s -e "map(select(.to == \"$1\")) | length >= $2" "$got"; }
for sink in hook flaky pagerduty slack mail exec; do wait_for "$sink hears of it" took $sink 1; done
wait_for "the alert" test "$(sleep 1; alerts 'filter=alertname="MysteryShopperIncident"&active=true')" = 1
is "one alert" "$(alerts 'filter=severity="critical"')" 1
sleep 3 # it is told of again and again, and stays one
is "still one alert" "$(alerts 'filter=alertname="MysteryShopperIncident"')" 1
heal
for sink in hook flaky pagerduty slack mail exec; do wait_for "$sink hears of the end" took $sink 2; done
wait_for "the alert ends" sh -c "[ \"\$(curl -sf 'http://127.0.0.1:$am_port/api/v2/alerts?filter=alertname=\"MysteryShopperIncident\"' | jq length)\" = 0 ]"
stop_daemon
is "the daemon ends well" $? 0

# --- What they got
of() { jq -r "select(.to == \"$1\") | $2" "$got" | tr '\n' ' '; }
incident=$(jq -r 'select(.type == "opened") | .incident_id' "$work/journal.jsonl")
is "no delivery was wrong" "$(of error .error)" ""
is "journal" "$(jq -r .type "$work/journal.jsonl" | tr '\n' ' ')" "opened resolved "
is "journal is private" "$(stat -c %a "$work/journal.jsonl")" 600
is "hook" "$(of hook .type)" "mystery-shopper.incident.opened mystery-shopper.incident.resolved "
is "hook's incident" "$(of hook .incident)" "$incident $incident "
is "flaky, in order, each once" "$(of flaky .type)" "mystery-shopper.incident.opened mystery-shopper.incident.resolved "
is "pagerduty" "$(of pagerduty '"\(.type) \(.incident)"')" "trigger $incident resolve $incident "
has "slack" "$(of slack .text)" "SEV1 price-view: prices vanished for 2 of 2 shoppers"
is "exec" "$(of exec .type)" "opened resolved "
is "mail by TLS" "$(of mail .tls)" "true true "
is "mail to both" "$(of mail '.rcpt | join(",")')" "on-call@shop.example,owner@shop.example on-call@shop.example,owner@shop.example "
is "mail as a thread" "$(of mail .id | cut -d ' ' -f 1) $(of mail .reply)" "<$incident@shop.example>  <$incident@shop.example> "
has "mail's text" "$(of mail .text)" "https://status.example/incidents/$incident"
has "mail's end" "$(of mail .subject)" "RESOLVED price-view: prices vanished for 2 shoppers"
is "syslog by UDP and TCP" "$(grep -c "opened|\[shopper@32473 incident=\"$incident\"" "$work/syslog.txt")" 2
is "syslog's levels" "$(cut -d '|' -f 1 "$work/syslog.txt" | grep -v '^29$' | sort -u)" 26
is "who owns nothing of it hears nothing" "$(cat "$work/elsewhere.jsonl" 2>/dev/null)" ""

# --- No secret anywhere
for word in mail-secret "${secret#whsec_}" 0123456789abcdef0123456789abcdef; do
  hasnt "the daemon's log" "$(cat "$work/daemon.log" "$work/daemon.out")" "$word"
  is "the store" "$(grep -aFc "$word" "$work/shopper.db")" 0
done

# --- A sink that fails is an incident on the others; what it missed comes when it is back
: >"$work/journal.jsonl"
sed -i "s|$http/hook|1/hook|" "$work/shopper.yaml"
start_daemon
wait_for "watching again" grep -q 'watching' "$work/daemon.log"
sleep 2
fault '{"fault":"prices-vanish"}'
wait_for "the failing sink is told of" grep -q '"signature":"sink:hook"' "$work/journal.jsonl"
heal
wait_for "the shop's incident ends" grep -q '"signature":"stage:price-view/price".*"type":"resolved"\|"type":"resolved".*"signature":"stage:price-view/price"' "$work/journal.jsonl"
has "it waits" "$("$shopper" incidents show "$(jq -r 'select(.signature != "sink:hook") | .incident_id' "$work/journal.jsonl" | head -n 1)" --store "$work/shopper.db")" "to hook: waits"
: >"$got"
sed -i "s|:1/hook|:$http/hook|" "$work/shopper.yaml" # the change is noticed
wait_for "the rest is delivered" took hook 2
is "in order" "$(of hook .type)" "mystery-shopper.incident.opened mystery-shopper.incident.resolved "
wait_for "the sink works again" grep -q 'RESOLVED.*hook' "$work/journal.jsonl"
stop_daemon
finish
