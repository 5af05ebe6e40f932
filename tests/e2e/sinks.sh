#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sinks against the real things that receive: Alertmanager, the webhook libraries of Standard Webhooks and CloudEvents, an SMTP server,
# rsyslog. Alertmanager and rsyslog come from Debian (scripts/install-dependencies --tests), the rest from the npm registry, as locked in
# sinks/package-lock.json. Everything listens on 127.0.0.1.
. "$(dirname "$0")/lib.sh"

for program in prometheus-alertmanager rsyslogd node; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || { echo "$program is missing: scripts/install-dependencies --tests"; exit 1; }
done
rsyslogd=$(PATH=$PATH:/usr/sbin command -v rsyslogd)
npm_packages tests/e2e/sinks
export NODE_PATH=$npm_cache/node_modules

# --- Events
incident=019ab000-0000-7000-8000-00000000000a
now=$(date -u +%Y-%m-%dT%H:%M:%S.000000Z) began=$(date -u -d '10 minutes ago' +%Y-%m-%dT%H:%M:%S.000000Z)
# event TYPE NUMBER SEVERITY [PREVIOUS [JQ]]
event() {
  local resolved=""
  [ "$1" = resolved ] && resolved=$now
  jq -nc --arg type "$1" --arg id "019ab000-0000-7000-8000-0000000001$2" --argjson severity "$3" --argjson previous "${4:-0}" \
    --arg now "$now" --arg began "$began" --arg resolved "$resolved" --arg incident "$incident" '{
    id: $id, incident_id: $incident, type: $type, severity: $severity, previous_severity: $previous, time: $now, opened: $began,
    resolved: $resolved, line: "SEV\($severity) checkout: prices vanished for 4 of 4 shoppers since 14:02:10", signature: "stage:checkout/price",
    kind: "price", stage: "checkout", host: "shop.example", step: "see the price", message: "no element for [itemprop=price]",
    expected: "12,50 €", actual: "nothing", rule: "core path down", owner: "payments", runbook: "https://runbooks.example/prices",
    trace_id: "5e0bbe55000000000000000000000001", run_id: "run-1", resolution: (if $resolved == "" then "" else "recovered" end),
    affected: ["buy as phone", "buy as desktop from berlin"], failing: 4, exercising: 4, for_prober_owners: false, flapping: false,
    acknowledged: false} | '"${5:-.}"
}
hostile='.message = "<!channel> @here *b* _i_ `c` [x](http://evil.example) \"]\\ \r\nBcc: all@evil.example\r\n\r\n\u001b[31m\u202e" | .step = "ü\u0007é" | .line = "SEV1 \r\nBcc: all@evil.example ü" | .actual = ("x" * 100000)'
# tell SINK: the event on standard input; sets $said and $err
tell() {
  said=$("$bin/send_event" --ca "$work/ca.pem" "$work/shopper.yaml" "$1" 2>"$work/err")
  code=$? err=$(cat "$work/err")
}

# --- Receivers
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/key.pem" -out "$work/ca.pem" 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/other-key.pem" -out "$work/other.pem" 2>/dev/null
WEBHOOK_NEW=whsec_$(openssl rand -base64 32) WEBHOOK_OLD=whsec_$(openssl rand -base64 24) WEBHOOK_WRONG=whsec_$(openssl rand -base64 24)
export WEBHOOK_NEW WEBHOOK_OLD WEBHOOK_WRONG MAIL_PASSWORD=mail-password MAIL_WRONG=wrong-password
start webhook node tests/e2e/sinks/webhook.js "$work/webhook.log" "$WEBHOOK_OLD"
webhook=$address
start smtp node tests/e2e/sinks/smtp.js "$work/mail.log" "$work/key.pem" "$work/ca.pem" tls
smtp=$address
start relay node tests/e2e/sinks/smtp.js "$work/relay.log" "$work/key.pem" "$work/ca.pem" plain
relay=$address
start impostor node tests/e2e/sinks/smtp.js "$work/impostor.log" "$work/other-key.pem" "$work/other.pem" tls
impostor=$address

alert_port=$(free_port)
cat >"$work/alertmanager.yaml" <<'END'
route: {receiver: nobody, group_wait: 1s}
receivers: [{name: nobody}]
END
prometheus-alertmanager --config.file="$work/alertmanager.yaml" --storage.path="$work/alerts" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:$alert_port" >"$work/alertmanager.out" 2>&1 &
children+=($!)

udp_port=$(free_port) tcp_port=$(free_port)
cat >"$work/rsyslog.conf" <<END
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
module(load="mmpstrucdata")
input(type="imudp" address="127.0.0.1" port="$udp_port")
input(type="imtcp" address="127.0.0.1" port="$tcp_port")
input(type="imuxsock" socket="$work/log.socket" createPath="on" usespecialparser="off")
action(type="mmpstrucdata")
template(name="json" type="list" option.jsonf="on") {
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="cause" name="\$!rfc5424-sd!shopper@32473!cause" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
}
action(type="omfile" file="$work/syslog.log" template="json")
END
"$rsyslogd" -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" >"$work/rsyslog.out" 2>&1 &
children+=($!)

cat >"$work/shopper.yaml" <<END
sinks:
  hook:     {webhook: {url: "$webhook/hook", secrets: [{env: WEBHOOK_NEW}, {env: WEBHOOK_OLD}]}}
  unproved: {webhook: {url: "$webhook/hook", secrets: {env: WEBHOOK_WRONG}}}
  busy:     {webhook: {url: "$webhook/busy", secrets: [{env: WEBHOOK_NEW}]}}
  alerts:   {alertmanager: {url: "http://127.0.0.1:$alert_port"}}
  mail:     {email: {server: "$smtp", from: shopper@shop.example, to: [oncall@shop.example, gone@shop.example], user: shopper, password: {env: MAIL_PASSWORD}}}
  gone:     {email: {server: "$smtp", from: shopper@shop.example, to: gone@shop.example, user: shopper, password: {env: MAIL_PASSWORD}}}
  full:     {email: {server: "$smtp", from: shopper@shop.example, to: full@shop.example, user: shopper, password: {env: MAIL_PASSWORD}}}
  wrong:    {email: {server: "$smtp", from: shopper@shop.example, to: oncall@shop.example, user: shopper, password: {env: MAIL_WRONG}}}
  no-tls:   {email: {server: "$relay", from: shopper@shop.example, to: oncall@shop.example}}
  plain:    {email: {server: "$relay", from: shopper@shop.example, to: oncall@shop.example, plain: true}}
  impostor: {email: {server: "$impostor", from: shopper@shop.example, to: oncall@shop.example, user: shopper, password: {env: MAIL_PASSWORD}}}
  trusting: {email: {server: "$impostor", from: shopper@shop.example, to: oncall@shop.example, user: shopper, password: {env: MAIL_PASSWORD}, insecure: true}}
  udp:      {syslog: {to: "udp://127.0.0.1:$udp_port"}}
  tcp:      {syslog: {to: "tcp://localhost:$tcp_port", facility: local3}}
  local:    {syslog: {to: "unix:$work/log.socket"}}
  nowhere:  {syslog: {to: "tcp://127.0.0.1:1"}}
  worst:    {journal: {path: journal.jsonl}, severity: 1}
END

# --- webhook: verified with the old of two secrets, read by CloudEvents' own library
tell hook < <(event opened 01 1)
is "webhook" "$said" delivered
received() { jq -c "$1" "$work/webhook.log" | tail -n 1; }
is "webhook: attributes" "$(received '[.type, .source, .subject, .sameId, .id == .webhookId]')" "[\"shopper.incident.opened\",\"/mystery-shopper/berlin\",\"$incident\",true,true]"
is "webhook: data" "$(received '[.data.expected, .data.failing, .data.trace_id]')" '["12,50 €",4,"5e0bbe55000000000000000000000001"]'
tell hook < <(event raised 02 1 2 "$hostile")
is "webhook: hostile text" "$said" delivered
is "webhook: bounded" "$(received '.bytes < 20000')" true
is "webhook: control characters" "$(received '[.. | strings] | any(test("[\u0000-\u001f\u202e]"))')" false
tell unproved < <(event opened 03 1)
is "webhook: a wrong secret" "$said" "refused 0 status 401: not verified"
tell busy < <(event opened 04 1)
is "webhook: busy" "$said" "again 7000 status 503: later"

start webhook-new node tests/e2e/sinks/webhook.js "$work/webhook-new.log" "$WEBHOOK_NEW"
sed -i "s|$webhook/hook\", secrets: \[|$address/hook\", secrets: [|" "$work/shopper.yaml"
tell hook < <(event opened 28 1)
is "webhook: its receiver has the new secret alone" "$said" delivered

# --- Alertmanager: one alert, however often it is told; another severity takes its place; it ends
wait_for Alertmanager curl -sS --fail "http://127.0.0.1:$alert_port/-/ready"
alerts() { curl -sS "http://127.0.0.1:$alert_port/api/v2/alerts?${2:-}" | jq -c "$1"; }
tell alerts < <(event opened 05 2)
is "alertmanager" "$said" delivered
is "alertmanager: labels" "$(alerts '[.[].labels | .alertname, .severity, .stage, .owner, .incident]')" "[\"MysteryShopper\",\"error\",\"checkout\",\"payments\",\"$incident\"]"
is "alertmanager: annotations" "$(alerts '[.[].annotations | (.summary | startswith("SEV2 checkout")), .runbook_url]')" '[true,"https://runbooks.example/prices"]'
is "alertmanager: since" "$(alerts '.[0].startsAt')" "\"${began%.*}.000Z\""
tell alerts < <(event reminder 06 2 0 '.step = "another" | .host = "www.shop.example" | .failing = 3')
is "alertmanager: told again is one alert" "$said $(alerts '[length, (.[0].annotations.summary | startswith("still open"))]')" 'delivered [1,true]'
tell alerts < <(event raised 07 1 2)
is "alertmanager: raised" "$said $(alerts '[.[].labels.severity]' active=true)" 'delivered ["critical"]'
tell alerts < <(event reminder 08 1 0 "$hostile")
is "alertmanager: hostile text" "$said $(alerts length)" 'delivered 1'
tell alerts < <(event resolved 09 1)
wait_for "alertmanager: resolved" bash -c "curl -sS http://127.0.0.1:$alert_port/api/v2/alerts | jq -e 'length == 0'"
is "alertmanager: resolved" "$said $(alerts length)" 'delivered 0'

# --- Mail: by STARTTLS, signed in, one thread
letter() { jq -c "$1" "$work/mail.log" | tail -n 1; }
tell mail < <(event opened 10 1)
is "mail, one of two mailboxes gone" "$said" delivered
is "mail: confidence" "$(letter '[.secure, .user, .from, .to]')" '[true,"shopper","shopper@shop.example",["oncall@shop.example"]]'
is "mail: subject" "$(letter .subject)" '"SEV1 checkout: prices vanished for 4 of 4 shoppers since 14:02:10"'
has "mail: text" "$(letter .text)" '12,50 €'
is "mail: headers" "$(letter '[.id, .inReplyTo, .auto, .headerFrom, .headerTo]')" \
  "[\"<$incident@shop.example>\",null,\"auto-generated\",\"\\\"Mystery Shopper\\\" <shopper@shop.example>\",\"oncall@shop.example, gone@shop.example\"]"
tell mail < <(event resolved 11 1)
is "mail: the thread" "$(letter '[.id, .inReplyTo, .references]')" "[\"<019ab000-0000-7000-8000-000000000111@shop.example>\",\"<$incident@shop.example>\",\"<$incident@shop.example>\"]"
has "mail: resolved" "$(letter .subject)" '"resolved after 10m'
tell mail < <(event raised 12 1 2 "$hostile")
is "mail: hostile text" "$said" delivered
is "mail: no header slips in" "$(letter '[(.headers | index("bcc")), (.to | length)]')" '[null,1]'
has "mail: the subject tells it" "$(letter .subject)" 'SEV1 \\r\\nBcc: all@evil.example ü'
tell gone < <(event opened 13 1)
has "mail: no mailbox" "$said" "refused 0 "
tell full < <(event opened 14 1)
has "mail: later" "$said" "again 0 "
tell wrong < <(event opened 15 1)
has "mail: a wrong password" "$said" "again 0 "
hasnt "mail: the password is not told" "$said$err" "$MAIL_WRONG"
tell no-tls < <(event opened 16 1)
has "mail: no TLS" "$said" "again 0 "
tell impostor < <(event opened 17 1)
has "mail: another's certificate" "$said" "again 0 "
is "mail: nothing went there" "$(cat "$work/relay.log" "$work/impostor.log" 2>/dev/null)" ""
tell plain < <(event opened 18 1)
is "mail: plain on demand" "$said $(jq .secure "$work/relay.log")" "delivered false"
has "mail: plain is said loudly" "$err" "WITHOUT encryption"
tell trusting < <(event opened 19 1)
is "mail: insecure on demand" "$said $(jq .secure "$work/impostor.log")" "delivered true"
has "mail: insecure is said loudly" "$err" "verifies NO certificate"

# --- Syslog
wait_for rsyslog bash -c "exec 3<>/dev/tcp/127.0.0.1/$tcp_port"
line() { jq -c "$1" "$work/syslog.log" | tail -n 1; }
expect_lines() { wait_for "syslog: line $1" bash -c "[ \$(wc -l <'$work/syslog.log') -ge $1 ]"; }
tell udp < <(event opened 20 1)
expect_lines 1
is "syslog: udp" "$said $(line '[.severity, .facility, .app, .id, .version, .cause]')" 'delivered ["crit","daemon","shopper","opened","1","stage:checkout/price"]'
is "syslog: its text" "$(line .message)" '"SEV1 checkout: prices vanished for 4 of 4 shoppers since 14:02:10"'
tell tcp < <(event raised 21 2 3 "$hostile | .rule = \"a \\\"rule\\\" ] \\\\\"")
expect_lines 2
is "syslog: tcp, hostile text" "$said $(line '[.severity, .facility, .id]')" 'delivered ["err","local3","raised"]'
has "syslog: structured data is escaped" "$(line .data)" 'rule=\"a \\\"rule\\\" \\] \\\\'
tell local < <(event resolved 22 1)
expect_lines 3
is "syslog: a local socket" "$said $(line '[.severity, .id]')" 'delivered ["notice","resolved"]'
tell udp < <(event reminder 23 1 0 '.line = ("ü" * 50000)')
expect_lines 4
is "syslog: bounded" "$(line '.message | length < 2000')" true
is "syslog: no line was broken in two" "$(wc -l <"$work/syslog.log")" 4
tell nowhere < <(event opened 24 1)
is "syslog: nobody there" "$said" "again 0 cannot connect: Connection refused"

# --- The rest of a sink
tell worst < <(event opened 25 2)
is "severity" "$said" unwanted
tell worst < <(event opened 26 1)
is "journal" "$said $(jq -r .type "$work/journal.jsonl") $(stat -c %a "$work/journal.jsonl")" "delivered opened 600"
tell worst < <(event resolved 27 1 0 "$hostile")
is "journal: a line each" "$(jq -r .type "$work/journal.jsonl" | tr '\n' ' ') $(wc -l <"$work/journal.jsonl")" "opened resolved  2"
finish
