#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is over ends: no incident stays open because the daemon was restarted, the configuration changed, or a run was under way meanwhile.
. "$(dirname "$0")/lib.sh"

store=(--store "$work/shopper.db")
incidents() { "$shopper" incidents "$@" "${store[@]}"; }
open() { incidents --open | grep -q "$1"; }
no_incident() { [ "$(incidents --open)" = "no incident" ]; }
why() { jq -r "select(.type == \"resolved\" and .signature == \"$1\") | .resolution" "$work/journal.jsonl" | tail -n 1; }
configure() { # LINE...
  printf '%s\n' "journeys: journeys" "store: shopper.db" "$@" >"$work/shopper.yaml"
}
journal="journal: {journal: {path: $work/journal.jsonl}}"

demo_shop
watch_journey price-view

# --- Blind at the end, and trusted from the start
configure "sinks: {$journal}" "control: ['http://127.0.0.1:1/']"
start_daemon
wait_for "blind" open "control URL"
stop_daemon
configure "sinks: {$journal}"
start_daemon
wait_for "it sees again" no_incident
is "it says why" "$(why blind:trust)" "we can see again"
stop_daemon

# --- Blind at the end and still so: the same incident goes on
configure "sinks: {$journal}" "control: ['http://127.0.0.1:1/']"
start_daemon
wait_for "blind again" open "control URL"
before=$(incidents --open | cut -d ' ' -f 1)
stop_daemon
start_daemon
sleep 3
is "still the same" "$(incidents --open | cut -d ' ' -f 1)" "$before"
stop_daemon
configure "sinks: {$journal}"
start_daemon
wait_for "and over" no_incident

# --- A sink that failed: it works after a restart, or it is configured no more
port=$(free_port)
fails() { configure "sinks: {$journal, deaf: {webhook: {url: 'http://127.0.0.1:$port/'}}}"; }
fails
kill -HUP "$daemon"
fault '{"fault":"prices-vanish"}'
wait_for "the sink fails" open "sink deaf"
stop_daemon
configure "sinks: {$journal}"
start_daemon
wait_for "its incident leaves with it" sh -c "! '$shopper' incidents --open ${store[*]} | grep -q 'sink deaf'"
is "the reason" "$(why sink:deaf)" "removed from the configuration"
heal
wait_for "over" no_incident
fails
kill -HUP "$daemon"
sleep 1
fault '{"fault":"prices-vanish"}'
wait_for "the sink fails anew" open "sink deaf"
stop_daemon
start receiver python3 -c '
import http.server, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *rest): pass
print("up", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()' "$port"
start_daemon
wait_for "it is heard after a restart" sh -c "! '$shopper' incidents --open ${store[*]} | grep -q 'sink deaf'"
heal
wait_for "all over" no_incident

# --- A persona that is walked no longer; a run that was under way when its journey went
fault '{"fault":"prices-vanish"}'
wait_for "two shoppers" open "2 of 2"
sed -i 's/^personas:.*/personas: [desktop]/' "$work/journeys/price-view.yaml"
wait_for "reloaded" grep -q "reloaded: 1" "$work/daemon.log"
wait_for "one shopper" open "1 of 1"
sed -e 's/^journey: .*/journey: late/' -e 's/^steps:/steps:\n  - {name: think, pause: 3s}/' "$work/journeys/price-view.yaml" >"$work/journeys/late.yaml"
wait_for "it joins" open "2 of 2"
rm "$work/journeys/late.yaml"
sleep 5
heal
wait_for "nobody is missed" no_incident
stop_daemon

# --- Maintenance in which nobody walks: what was open before it presses nobody
window="{name: upgrade, skip: true, once: {from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z'}}"
reminders() { grep -c '"type":"reminder"' "$work/journal.jsonl"; }
configure "sinks: {$journal}" "policy: {remind_every: 1s}"
start_daemon
fault '{"fault":"prices-vanish"}'
wait_for "a reminder" grep -q '"type":"reminder"' "$work/journal.jsonl"
configure "sinks: {$journal}" "policy: {remind_every: 1s}" "maintenance: [$window]"
kill -HUP "$daemon"
sleep 3
before=$(reminders)
sleep 7
is "no reminder in it" "$(reminders)" "$before"
heal
configure "sinks: {$journal}"
kill -HUP "$daemon"
wait_for "over after it" no_incident
stop_daemon
finish
