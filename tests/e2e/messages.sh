#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the programs tell people, to the letter: their help, wrong command lines, and a memory that was made up. Golden files in
# tests/golden/; SHOPPER_UPDATE_GOLDEN=1 rewrites them, to be looked at in the diff. tests/check/messages.sh looks for what is in none.
. "$(dirname "$0")/lib.sh"
export COLUMNS=100 SHOPPER_STORE=$work/nowhere.db
unset SHOP_URL SHOP_PASSWORD

# What is another each time stands as a word; with $figures, all numbers do.
figures=
lasting() {
  sed -E "s|$work|DIRECTORY|g; s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/ID/g; s/[0-9a-f]{32}/TRACE/g
    s/by $(id -un)\\b/by SOMEBODY/" |
    if [ "$figures" ]; then
      sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/DAY/g; s/[0-9]{2}:[0-9]{2}:[0-9]{2}/TIME/g; s/\b[0-9]+(\.[0-9]+)?/N/g; s/(N[a-z]* )+(N[a-z]*)/\2/g; s/\bN [mu]?s\b/Ns/g
        s/ \| .*=[NU]s?;.*//; s/  +/  /g; /phases:/d; /░|▒|▓|█/d'
    else
      sed "s|$version\$|VERSION|"
    fi
}
version=$("$shopper" version | cut -d ' ' -f 2)
# say ARGUMENT...: a call of $program and all that it says
program=shopper
say() {
  local code
  "$bin/$program" "$@" </dev/null >"$work/said" 2>&1
  code=$?
  { printf '$ %s' "$program"; [ $# = 0 ] || printf ' %q' "$@"; printf '\n'; cat "$work/said"; printf '=> %d\n\n' "$code"; } | lasting >>"$work/golden"
}
# pin NAME: all that was said since the last one
pin() {
  local file=tests/golden/$1
  [ "$figures" ] && awk '!seen[$0]++' "$work/golden" >"$work/once" && mv "$work/once" "$work/golden"
  if [ "${SHOPPER_UPDATE_GOLDEN:-}" = 1 ]; then mkdir -p "$(dirname "$file")" && cp "$work/golden" "$file"; fi
  diff -u "$file" "$work/golden" && ok || not_ok "$file differs (SHOPPER_UPDATE_GOLDEN=1 rewrites it)"
  : >"$work/golden"
}

# --- Help
say
say help
for command in $("$shopper" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -v -e help -e version); do say help "$command"; done
say help nothing
say vlaidate
say version
pin app/help.txt

# --- Wrong command lines
cd "$work" || exit 1
printf 'journey: a\nbase: http://127.0.0.1:1\nschedule: {cron: "0 3 1 1 *", timezone: Europe/Berlin}\nsteps: [{name: look, get: /}]\n' >good.yaml
printf 'journey: a\nbase: http://127.0.0.1:1\nsteps: [{name: look, gte: /}]\n' >wrong.yaml
printf 'journeys: good.yaml\nstore: nowhere.db\n' >shopper.yaml
printf 'rules: [{name: all, severity: 9}]\n' >policy.yaml
printf '<form id=f><input name=a value=b></form><p class=price>12.50 EUR' >page.html
printf '<p>nothing' >bare.html
mkdir empty
say run nowhere.yaml
say run wrong.yaml
for report in pdf json: json:/nonexistent/x "json:$work"; do say run good.yaml --report "$report"; done
say run good.yaml --report json --report tap
say run good.yaml --report json:one --report tap:one
say run good.yaml --cacert good.yaml
say run good.yaml --key nowhere.pem
say run good.yaml --resolve shop.test:80
say run good.yaml --base ftp://shop.test
say run good.yaml --deadline 0s
say run good.yaml --persona nobody
say run good.yaml --personas good.yaml
say run good.yaml --var 1a=b
say validate --format pdf
say validate wrong.yaml
say validate empty
say validate policy.yaml
say validate good.yaml shopper.yaml
say validate --cron '0 0 * * *' good.yaml
say validate --cron '0 0 30 2 *'
say validate --cron '0 0 32 * *'
say validate --cron '0 0 * * *' --timezone ''
say validate --cron '0 0 * * *' --timezone Mars/Base
say validate --cron '0 0 * * *' --from 9999-12-30T00:00:00Z --next 3
say validate good.yaml --timezone Europe/Berlin
say validate good.yaml --from 2026-03-29T00:00:00Z
say validate good.yaml --next 1 --format json
say validate good.yaml --next 2 --from noon
say validate good.yaml --next 2 --from 9998-06-01T00:00:00Z
say extract
for wrong in '--json $ --attr a' '--json $ --group 1' '--page-price --decode url' '--json $ --decode hex' '--form f' '--json $ --currency EUR' \
  '--json $ --minor-units 2' '--json $ --price --minor-units 7' '--json $ --price --currency Euro' '--json $ a b' '--css a --xpath b' \
  '--json $ --regex a' '--css a --page-price' '--css a[' '--json a' '--xpath a[' '--regex (' '--css p nowhere.html' '--css b page.html' \
  '--css .price --price page.html' '--css .price --price --currency USD page.html' '--css p --price bare.html' '--page-price bare.html'; do
  # shellcheck disable=SC2086
  say extract $wrong
done
say import
say import har
say import har nowhere.har
say import har good.yaml
say import curl curl https://a.example
say import curl 'wget https://a.example'
say import curl 'curl https://a.example' --output good.yaml
say daemon
say daemon wrong.yaml
say daemon --config nowhere.yaml
say daemon --config shopper.yaml --listen nonsense
for command in incidents policy silence sink residue report; do say $command no such thing; done
say report --format pdf
say report --window 0s
say report price-view
say incidents
say policy explain 1
say policy show --config wrong.yaml
say silence add journey=a
say silence add nonsense --for 1h
say silence add journey=a --for 1h
say sink list
say sink list --config shopper.yaml
say sink nonsense --config shopper.yaml
say sink test nobody --config shopper.yaml
say residue
for report in text tap junit; do say run good.yaml --stage none --report $report; done
cd "$root" || exit 1
pin app/usage.txt

# --- A plugin's command line
program=check_shopper
say --help
say --version
cd "$work" || exit 1
for wrong in '' '-f a --state b' 'a' '-f a b' '--sate a' '--state a -b http://a' '-f a --store b' '-f a --step b' '-f a --step b=x,' '-f a -w x' '-f a -c 20:10' \
  '-f a -t 0' '-f a --map sev5=ok' '-f nowhere.yaml' '-f wrong.yaml' '-f empty' '-f good.yaml -p nobody' '-f good.yaml --step nothing=1,2' '--state a'; do
  # shellcheck disable=SC2086
  say $wrong
done
say --state ''
say -f good.yaml -p ''
cd "$root" || exit 1
pin check/usage.txt

# --- What a daemon remembers. Days and figures are others each time, so each line stands once
"$bin/shopper-posture-past" "$work/past.db" shop || not_ok "a past"
export SHOPPER_STORE=$work/past.db
figures=yes
program=shopper
say report
say report --journey nowhere
page() { # ARGUMENT...: what a report as a page says, without its pictures
  "$shopper" report --format html "$@" | sed -E '/^<style>/,/^<\/style>/d; s|<title>[^<]*</title>||g; s|<[^>]*>|\n|g; s/&#39;/'"'"'/g' >"$work/page"
  grep -E '[a-z]' "$work/page" | lasting >>"$work/golden"
}
page
for window in 1h 300d 3000d; do page --window $window; done
say report --store "$work/nowhere.db"
"$bin/shopper-posture-past" "$work/many.db" many || not_ok "many journeys"
say report --store "$work/many.db" --journey journey-001
say report --store "$work/many.db" --journey journey-010
page --store "$work/many.db"
say incidents --store "$work/nothing.db"
say incidents
for verb in show run ack unack; do say incidents $verb nothing; done
for verb in show run ack unack; do say incidents $verb 0; done
say incidents run run-7
say policy explain 0
say policy test "$work/policy.yaml"
printf 'rules: [{name: all, severity: 2}]\n' >"$work/policy.yaml"
say policy test "$work/policy.yaml"
printf 'rules: [{name: hosts, cause: host, severity: 2}]\n' >"$work/other.yaml"
say policy test "$work/other.yaml"
say policy test "$work/other.yaml" --since 30m
say policy test "$work/policy.yaml" --config "$work/other.yaml"
say silence
# What comes of a daemon's days alone.
python3 - "$SHOPPER_STORE" <<'END'
import json, sqlite3, sys, time
db, now = sqlite3.connect(sys.argv[1]), int(time.time() * 1e6)
face = {"rule": "core path down", "expected": "a price", "actual": "nothing", "owner": "team", "runbook": "https://wiki.example/prices",
        "trace_id": "0123456789abcdef0123456789abcdef", "run_id": "run-4"}
told = {"face": face, "maintenance": True, "values": "stage is price-view", "affected": [{"subject": "price-view\ndesktop\nhere"}],
        "timeline": [{"time": now, "text": "opened as SEV1"}, {"time": now, "text": "confirmed"}]}
ids = [row[0] for row in db.execute("SELECT id FROM incidents ORDER BY opened_us")]
db.execute("UPDATE incidents SET json = ?, id = '1' || substr(id, 2) WHERE id = ?", (json.dumps(told, separators=(",", ":")), ids[-1]))
told["maintenance"] = False
db.execute("UPDATE incidents SET state = 'open', resolved_us = 0, json = ?, id = '2' || substr(id, 2) WHERE id = ?", (json.dumps(told), ids[0]))
for state, payload in enumerate(("opened", "raised", "resolved")):
    db.execute("INSERT INTO outbox(event, sink, incident, payload, created_us, due_us, state, last_error) VALUES (?, 'hook', ?, ?, ?, 0, ?, ?)",
               (payload, "1" + ids[-1][1:], json.dumps({"type": payload}), now, state, "status 500" if state == 2 else ""))
for state, id in ((0, "a1"), (2, "a2"), (2, "b1")):
    db.execute("INSERT INTO ledger(id, run, journey, persona, step, debt, created_us, state, why) VALUES (?, '', 'full', 'desktop', 'check out', '', ?, ?, 'status 500')",
               (id, now, state))
for id in ("c1", "c2"):
    db.execute("INSERT INTO silences VALUES (?, 'stage=price-view', ?, ?, 'somebody', '')", (id, now, now + 3600 * 10**6))
for i in range(2000):
    db.execute("INSERT INTO incidents VALUES (?, '', 4, 'resolved', ?, ?, '', '{}')", ("3%07d-0000-7000-8000-000000000000" % i, now - 10**12, now))
for hours in (100, 97): # two outages more, an hour each
    end = now - hours * 3600 * 10**6
    db.execute("UPDATE runs SET (verdict, kind, stage, step) = (SELECT verdict, kind, stage, step FROM runs WHERE verdict = 2 ORDER BY seq DESC LIMIT 1)"
               " WHERE started_us BETWEEN ? AND ?", (end - 3600 * 10**6, end))
db.commit()
END
printf 'resolve_after: 100\n' >"$work/slowly.yaml"
say policy test "$work/slowly.yaml"
say policy test "$work/policy.yaml" --config "$work/slowly.yaml"
say report
say incidents
say incidents show 1
say incidents show 2
say incidents ack 1
say incidents ack 2
say policy explain 1
say residue
say residue settle a
say residue settle a2
say residue settle b1
say residue
say silence remove c
say silence remove c1
say silence add journey=price-view --for 1h --comment "known"
say silence list
say silence remove nothing
say residue settle nothing
pin app/memory.txt

# --- A plugin that asks it
python3 - "$SHOPPER_STORE" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
report = '{"runs": [{"steps": [{"name": "see the price", "section": "steps", "verdict": "fail", "failure": {"kind": "price", "message": "no price"}, "request": {"method": "GET", "url": "https://shop.example/"}}]}]}'
db.execute("UPDATE runs SET report = ? WHERE verdict = 2", (report,))
db.commit()
END
program=shopper
keep() { # KEY TEXT: as the daemon does
  python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("REPLACE INTO state VALUES (?, ?)", (sys.argv[2], sys.argv[3].encode())); db.commit()' \
    "$SHOPPER_STORE" "$1" "$2"
}
keep objectives '{"journeys": {"price-view": {"window_us": 2592000000000, "availability": 99.9, "latency": {"95": 2000000}}}}'
say report --journey price-view
keep objectives '[]'
say report
keep objectives '{"journeys": {}}'
program=check_shopper
say --state price-view --store "$work/nothing.db"
say --state price-view
say --state price-view -v
say --state price-view --stale 1s
say --state price-viw
say --state price-view -p nobody
say --state price-view -p desktop -p nobody
say --state price-view -p desktop --step nothing=1,2
flags() { python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("UPDATE runs SET flags = ?", (sys.argv[2],)); db.commit()' "$SHOPPER_STORE" "$1"; }
flags 4
say --state price-view -p desktop
python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("UPDATE runs SET line = \"\""); db.commit()' "$SHOPPER_STORE"
say --state price-view -p desktop
flags 1
say --state price-view -p desktop
flags 0
personas='"personas": ["desktop", "iphone"]'
keep roll "{\"location\": \"here\", \"journeys\": {\"price-view\": {$personas, \"pause\": {\"name\": \"night\", \"until_us\": 9000000000000000, \"rests\": true}}}}"
say --state price-view -p desktop
keep roll "{\"location\": \"here\", \"journeys\": {\"other\": {$personas}}}"
say --state price-view
keep roll '[]'
say --state price-view
python3 -c 'import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode = EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(60)' "$SHOPPER_STORE" >"$work/locked" &
lock=$!
children+=($lock)
wait_for "a lock" grep -q locked "$work/locked"
say --state price-view -t 0.3
kill $lock
wait $lock 2>/dev/null
pin check/state.txt

# --- What walks, watches and tells
program=shopper
cd "$work" || exit 1
say run good.yaml --insecure -p desktop
program=check_shopper
say -f good.yaml --insecure -p desktop
printf 'journey: a\nbase: http://127.0.0.1:1\nsteps: [{name: look, gte: /}, {name: buy, pots: /}]\n' >wrong.yaml
say -f wrong.yaml
cp "$bin/check_shopper" "$work"
bin=$work say -f good.yaml
# A shop that takes orders, and then says nothing.
start silent python3 -c 'import http.server
class Shop(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{\"id\": 7}")
    def do_GET(self):
        import time; time.sleep(60)
    do_DELETE = do_GET
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()'
printf 'journey: a\nbase: %s\nsteps:\n  - {name: look, get: /}\n' "$address" >silent.yaml
printf 'journey: a\nbase: %s\nsteps:\n  - {name: buy, post: /, creates: {order: {json: $.id}}, undo: {delete: "/${order}"}}\n  - {name: look, get: /}\n' "$address" >order.yaml
printf 'journey: a\nbase: %s\nsteps:\n  - {name: buy, post: /, creates: {order: {json: $.id}}, undo: {delete: "/${order}"}}\n' "$address" >undo.yaml
for journey in silent order undo; do say -f $journey.yaml -p desktop -t 3; done
program=shopper
printf 'sinks: {journal: {journal: {path: journal.jsonl}}}\n' >>shopper.yaml
say sink list --config shopper.yaml
say sink test journal --config shopper.yaml
jq -r '.line, .message' journal.jsonl | lasting >>"$work/golden"
"$shopper" daemon --config shopper.yaml --listen 127.0.0.1:0 2>"$work/daemon.log" &
daemon=$!
children+=($daemon)
wait_for watching grep -q watching "$work/daemon.log"
stop_daemon
sed 's/^[^ ]* shopper: //' "$work/daemon.log" | lasting >>"$work/golden"
for command in 'report' 'run good.yaml' "import curl 'curl https://a.example'"; do
  eval "'$shopper' $command" >/dev/full 2>"$work/said"
  { printf '$ shopper %s >/dev/full\n' "$command"; cat "$work/said"; } | lasting >>"$work/golden"
done
cd "$root" || exit 1
pin app/work.txt
finish
