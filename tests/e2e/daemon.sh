#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon as people run it: an incident opens and ends, commands work beside it, it reloads, it notices that it slept, it talks to
# systemd, it ends well, and goes on where it was.
. "$(dirname "$0")/lib.sh"

store=(--store "$work/shopper.db")
incidents() { "$shopper" incidents "$@" "${store[@]}"; }
events() { jq -r "$1" "$work/journal.jsonl" 2>/dev/null | tr '\n' ' '; }
told() { grep -q "$1" "$work/journal.jsonl" 2>/dev/null; }
logged() { grep -q "$1" "$work/daemon.log"; }
orders_open() { curl -s "$SHOP_URL/control/state" | jq .orders_open; }
no_incident() { [ "$(incidents --open)" = "no incident" ]; }
test_orders_open() { [ "$(orders_open)" -gt 0 ]; }
test_no_orders_open() { [ "$(orders_open)" = 0 ]; }

demo_shop
shop_process=${children[-1]}
watch_journey price-view
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
location: test bench
sinks: {journal: {journal: {path: $work/journal.jsonl}}}
END

# --- What is wrong is said, and nothing is begun
printf 'journeys: nowhere\nlocaton: x\n' >"$work/wrong.yaml"
"$shopper" daemon --config "$work/wrong.yaml" >"$work/out" 2>&1
is "a wrong configuration" $? 2
has "all of it is said" "$(cat "$work/out")" "did you mean 'location'?"
has "all of it is said, too" "$(cat "$work/out")" "nowhere"
"$shopper" daemon >"$work/out" 2>&1
is "nothing to watch" $? 2
for words in 'incidents list' 'silence add stage=login --for 1h' 'silence list' residue 'policy explain 0'; do
  "$shopper" $words "${store[@]}" >"$work/out" 2>&1
  is "no memory yet: $words" $? 2
  has "and it is said: $words" "$(cat "$work/out")" "there is no memory of a daemon at $work/shopper.db"
done

printf 'journey: idle\nbase: http://shop.test\nsteps: [{name: a, get: /}]\n' >"$work/idle.yaml"
timeout 1 "$shopper" daemon "$work/idle.yaml" "${store[@]}" >"$work/out" 2>&1
has "nobody walks it" "$(cat "$work/out")" "idle has no schedule"
rm "$work"/shopper.db*

# --- An incident, seen from beside
python3 - "$work/notify" >"$work/notified" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    print(s.recv(4096).decode().replace('\n', ' '), flush=True)
END
children+=($!)
wait_for "the service manager" test -S "$work/notify"
NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=3000000 start_daemon
wait_for "READY" grep -q READY=1 "$work/notified"
sleep 2
fault '{"fault":"prices-vanish"}'
wait_for "opened" told '"type":"opened"'
id=$(jq -r .incident_id "$work/journal.jsonl")
has "list" "$(incidents)" "SEV1 price-view: prices vanished for 2 of 2 shoppers"
has "show: the rule" "$(incidents show "${id:0:13}")" 'rule       "core path down": core stage price-view fails for 2 of 2'
has "show: who" "$(incidents show "$id")" 'price-view as iphone from test bench: step "see the price": the product page shows no believable price'
has "show: told" "$(incidents show "$id")" "opened to journal: delivered"
is "show --json" "$(incidents show "$id" --json | jq -r .face.stage)" price-view
run=$(incidents show "$id" --json | jq -r .face.run_id)
is "the evidence" "$(incidents run "$run" | jq -r '.runs[0].steps[0].failure.kind')" price
has "explain" "$("$shopper" policy explain "$id" "${store[@]}")" 'SEV1 by the rule "core path down"'
incidents show 0000 >"$work/out" 2>&1
is "an unknown incident" $? 2
hostile=$'no\e[31m\u202e'
visible() { # NAME: nothing of what was said commands the terminal
  has "$1 is said" "$(cat "$work/out")" 'no\x1b[31m\u202e'
  hasnt "$1 commands the terminal" "$(cat "$work/out")" $'\e'
}
for words in 'incidents show' 'incidents run' 'incidents ack' 'silence add' 'silence remove' 'residue settle' 'policy explain' 'policy test'; do
  "$shopper" $words "$hostile" "${store[@]}" >"$work/out" 2>&1
  is "$words: exit code" $? 2
  visible "$words"
done
for words in '' 'help' 'run' 'validate' 'daemon' 'extract --css a' 'import har' 'policy show --config' 'sink list --config' 'report --format' 'incidents --store'; do
  "$shopper" $words "$hostile" >"$work/out" 2>&1
  is "shopper $words: exit code" $? 2
  visible "shopper $words"
done
incidents ack "$id"
is "ack" $? 0
wait_for "acknowledged" sh -c "'$shopper' incidents show $id ${store[*]} | grep -q acknowledged"
heal
wait_for "resolved" told '"type":"resolved"'
is "each once" "$(events .type)" "opened resolved "
incidents ack "$id" 2>"$work/out"
is "what is over is acknowledged by nobody" $? 2
has "it says that, too" "$(cat "$work/out")" "incident $id is over"
is "one incident" "$(events .incident_id)" "$id $id "

# --- Silence
silence=$("$shopper" silence add stage=price-view --for 1h --comment 'we know' "${store[@]}")
is "a silence has an id" "${#silence}" 36
wait_for "the silence" sh -c "'$shopper' silence list ${store[*]} | grep -q 'stage=price-view.*we know'"
fault '{"fault":"prices-vanish"}'
wait_for "opened in silence" sh -c "[ \$('$shopper' incidents --open ${store[*]} | grep -c SEV1) = 1 ]"
heal
wait_for "resolved in silence" no_incident
is "nobody was told" "$(events .type)" "opened resolved "
out=$("$shopper" silence remove nothing "${store[@]}" 2>&1)
is "no such silence" $? 2
has "it says so" "$out" "there is no silence nothing"
"$shopper" silence remove "" "${store[@]}" 2>/dev/null
is "nothing begins no silence's id" $? 2
"$shopper" silence remove "${silence:0:13}" "${store[@]}"
is "a silence ends by the beginning of its id" $? 0
wait_for "no silence" sh -c "'$shopper' silence list ${store[*]} | grep -q 'nothing is silenced'"

# --- Reloading: a bad one is refused, a good one taken up; a journey that goes takes its incident along
printf 'journey: broken\nsteps: [{nmae: x}]\n' >"$work/journeys/broken.yaml"
wait_for "the bad file is refused" logged "the new configuration is refused"
has "it says why" "$(cat "$work/daemon.log")" "unknown key 'nmae'"
wait_for "systemd is told" grep -q "STATUS=1 journey,.*the new configuration is wrong" "$work/notified"
rm "$work/journeys/broken.yaml"
cp "$work/journeys/price-view.yaml" "$work/journeys/again.yaml"
sed -i 's/^journey: .*/journey: prices as guest/' "$work/journeys/again.yaml"
wait_for "the new journey" logged "reloaded: 2 journeys"
has "reloading is announced" "$(cat "$work/notified")" "RELOADING=1 MONOTONIC_USEC="
fault '{"fault":"prices-vanish"}'
wait_for "both in one incident" sh -c "'$shopper' incidents --open ${store[*]} | grep -q '4 of 4'"
out=$(incidents show "$(incidents --open | cut -d ' ' -f 1)")
has "whatever its name" "$out" 'prices as guest as iphone from test bench: step "see the price"'
has "times have dates" "$out" "    $(date -u +%F) "
rm "$work/journeys/again.yaml"
kill -HUP "$daemon"
wait_for "one journey again" logged "reloaded: 1 journey"
heal
wait_for "over" no_incident
news() { tail -n "+$((before + 1))" "$work/daemon.log" | grep -q "$1"; } # logged since then
then_() { before=$(wc -l <"$work/daemon.log"); "$@"; }
then_ mv "$work/journeys" "$work/elsewhere"
wait_for "a folder that is gone is refused" news "the new configuration is refused"
then_ mkdir "$work/journeys"
wait_for "an empty one, too" news "the new configuration is refused"
then_ cp "$work/elsewhere/price-view.yaml" "$work/journeys"
wait_for "what comes into it is seen" news "reloaded: 1 journey"
then_ sed -i 's/^journeys: .*/journeys: others/' "$work/shopper.yaml"
wait_for "another folder that is not there is refused" news "the new configuration is refused"
then_ mkdir "$work/others"
wait_for "empty it is, too" news "the new configuration is refused"
then_ cp "$work/elsewhere/price-view.yaml" "$work/others"
wait_for "what comes into that one is seen" news "reloaded: 1 journey"
rm "$work"/journeys/*
mv "$work"/others/* "$work/journeys"
then_ sed -i 's/^journeys: .*/journeys: journeys/' "$work/shopper.yaml"
wait_for "and back" news "reloaded: 1 journey"
then_ sed -i '$a maintenance: [{name: m, once: {from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z"}, journeys: [nobody]}]' "$work/shopper.yaml"
wait_for "a warning" news "reloaded: 1 journey"
has "is a warning of the log, too" "$(tail -n "+$((before + 1))" "$work/daemon.log")" "shopper: warning: $work/shopper.yaml"
then_ sed -i '$d' "$work/shopper.yaml"
wait_for "and back again" news "reloaded: 1 journey"

# --- It slept: slots are missed and unknown, and nobody is paged
before=$(events .type)
kill -STOP "$daemon"
sleep 4
kill -CONT "$daemon"
wait_for "missed" sh -c "[ \$(sqlite3 '$work/shopper.db' 'SELECT count(*) FROM missed') -ge 6 ]"
has "it knows" "$(cat "$work/daemon.log")" "this prober stood still"
is "no outage of it" "$(incidents --open | grep -c 'price-view')" 0
has "watchdog" "$(cat "$work/notified")" "WATCHDOG=1"

# --- The end, and on from there
sleep 12 # believed again
fault '{"fault":"prices-vanish"}'
wait_for "open once more" sh -c "'$shopper' incidents --open ${store[*]} | grep -q 'price-view'"
open=$(incidents --open | grep price-view | cut -d ' ' -f 1)
incidents ack "$open"
mailbox_is_empty() { [ "$(sqlite3 "$work/shopper.db" 'SELECT count(*) FROM commands')" = 0 ]; }
wait_for "a word is taken" mailbox_is_empty
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
has "and not lost by a crash" "$(incidents show "$open")" "  acknowledged by $(id -un)"
NOTIFY_SOCKET=$work/notify start_daemon
wait_for "on from there" sh -c "[ \$(grep -c watching '$work/daemon.log') = 2 ]"
stop_daemon
is "SIGTERM" $? 0
hasnt "it ended when all was done" "$(cat "$work/daemon.log")" "not everything was told or written in time"
has "systemd knows of the end" "$(cat "$work/notified")" "STOPPING=1"
incidents unack "$open"
is "a word for later" $? 0
"$shopper" silence add journey=none --for 1h "${store[@]}" >/dev/null
has "a silence for later" "$("$shopper" silence list "${store[@]}")" "journey=none  by $(id -un) (waits for the daemon)"
sleep 3 # slots that nobody walks
start_daemon
lonely() { [ "$(sqlite3 "$work/shopper.db" "SELECT count(*) FROM missed WHERE why = 'no daemon was running'")" -gt 0 ]; }
wait_for "slots without a daemon are missed" lonely
wait_for "the word arrives" sh -c "'$shopper' incidents show $open ${store[*]} | grep -q 'not acknowledged any more'"
"$shopper" daemon --config "$work/shopper.yaml" >"$work/out" 2>&1
is "a second daemon on the same store" $? 2
heal
wait_for "the same incident ends" told "\"incident_id\":\"$open\".*\"type\":\"resolved\""
is "opened once" "$(jq -r "select(.incident_id == \"$open\") | .type" "$work/journal.jsonl" | tr '\n' ' ')" "opened resolved "

# --- What a policy would have changed
"$shopper" policy show >"$work/policy.yaml"
is "the same policy" "$("$shopper" policy test "$work/policy.yaml" "${store[@]}" | sed 's/.*: //')" "0 different"
sed -i '0,/severity: 1/s//severity: 3/' "$work/policy.yaml"
has "another policy" "$("$shopper" policy test "$work/policy.yaml" "${store[@]}")" 'would be SEV3'
stop_daemon

# --- A store that somebody else holds: people are told all the same, and it is written when it can be
watch_journey price-view
start_daemon
sleep 2
python3 - "$work/shopper.db" <<'END' &
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN IMMEDIATE")
time.sleep(9)
END
holder=$!
told_now() { tail -n +"$((lines + 1))" "$work/journal.jsonl" | grep -q "$1"; }
lines=$(wc -l <"$work/journal.jsonl")
sleep 1
fault '{"fault":"prices-vanish"}'
wait_for "an incident while the store is held" told_now '"signature":"stage:price-view/price"'
wait_for "the store's own incident" told_now '"signature":"store:locked"'
wait "$holder"
heal
wait_for "the store is back" told_now '"type":"resolved".*"signature":"store:locked"'
wait_for "and all of it is in it" no_incident
is "written" "$(sqlite3 "$work/shopper.db" "SELECT count(*) FROM incidents WHERE signature = 'store:locked' AND resolved_us > 0")" 1
stop_daemon

# --- A daemon that starts while nobody can even read the store: what was before is taken up as soon as it can be
printf 'journey: hindered\nbase: %s\nschedule: {every: 1s}\nsecrets: {word: {file: word}}\nsteps: [{name: a, get: "/?${secret.word}"}]\n' \
  "$SHOP_URL" >"$work/journeys/hindered.yaml"
start_daemon
lines=$(wc -l <"$work/journal.jsonl")
fault '{"fault":"prices-vanish"}'
wait_for "an incident before the lock" told_now '"type":"opened".*"signature":"stage:price-view/price"'
before=$(tail -n +"$((lines + 1))" "$work/journal.jsonl" | jq -r 'select(.signature == "stage:price-view/price") | .incident_id')
wait_for "trouble of our own before it" told_now '"type":"opened".*"signature":"blind:journey/hindered"'
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
printf 'hush-hush' >"$work/journeys/word"
"$shopper" silence add journey=none --for 2h "${store[@]}" >/dev/null
lines=$(wc -l <"$work/journal.jsonl")
python3 - "$work/shopper.db" "$work/locked" <<'END' &
import os, sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA locking_mode = EXCLUSIVE")
store.execute("BEGIN EXCLUSIVE")
open(sys.argv[2], "w").close()
while os.path.exists(sys.argv[2]):
    time.sleep(0.05)
END
holder=$!
wait_for "the lock" test -e "$work/locked"
start_daemon
wait_for "that it is locked" told_now '"type":"opened".*"signature":"store:locked"'
wait_for "what is met meanwhile" told_now '"type":"opened".*"signature":"stage:price-view/price"'
meanwhile=$(tail -n +"$((lines + 1))" "$work/journal.jsonl" | jq -r 'select(.type == "opened" and .signature == "stage:price-view/price") | .incident_id')
rm "$work/locked"
wait "$holder"
wait_for "it goes on as what it was" told_now "\"incident_id\":\"$meanwhile\".*\"type\":\"resolved\""
wait_for "the store can be read again" told_now '"type":"resolved".*"signature":"store:locked"'
wait_for "what was over before it could be read" told_now '"type":"resolved".*"signature":"blind:journey/hindered"'
is "the same incident is open" "$(incidents --open --json | jq -r '.[].face.incident_id')" "$before"
heal
wait_for "the earlier incident ends" told_now "\"incident_id\":\"$before\".*\"type\":\"resolved\""
wait_for "nothing else is open" no_incident
wait_for "a word that waited" sh -c "'$shopper' silence list ${store[*]} | grep 'journey=none' | grep -qv 'waits for the daemon'"
is "what was met meanwhile is written" "$(sqlite3 "$work/shopper.db" "SELECT count(*) FROM incidents WHERE id = '$meanwhile' AND resolved_us > 0")" 1
stop_daemon
rm "$work/journeys/hindered.yaml"

# --- A damaged store is moved aside; the history starts anew, and it is said, and stands for a while
printf 'no database at all' | dd of="$work/shopper.db" conv=notrunc 2>/dev/null
start_daemon
wait_for "damage is told" told_now '"signature":"store:corrupt"'
has "and is open to see" "$("$shopper" incidents --open "${store[@]}")" "was damaged"
stop_daemon
start_daemon
wait_for "and over with the next start" told_now '"type":"resolved".*"signature":"store:corrupt"'
stop_daemon
is "what was damaged is kept" "$(find "$work" -name 'shopper.db.corrupt-*' | grep -c corrupt)" 1

# --- What was judged is lost, and of an open incident its row is left: it goes on, and ends
start_daemon
fault '{"fault":"prices-vanish"}'
wait_for "open before the damage" sh -c "'$shopper' incidents --open ${store[*]} | grep -q price-view"
open=$(incidents --open --json | jq -r '.[].face.incident_id')
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
sqlite3 "$work/shopper.db" "UPDATE state SET value = x'ff' WHERE key = 'judge'"
start_daemon
wait_for "it walks again" sh -c "[ \$(sqlite3 '$work/shopper.db' \"SELECT count(*) FROM runs WHERE started_us > \$(date +%s)000000 - 5000000\") -gt 0 ]"
is "the one incident goes on" "$(incidents --open --json | jq -r '.[].face.incident_id')" "$open"
heal
wait_for "and ends" told_now "\"incident_id\":\"$open\".*\"type\":\"resolved\""
stop_daemon

# --- A cap holds across a restart
sed -e 's/^schedule:.*/schedule: {every: 1s}/' -e 's/20000\/day/3\/day/' journeys/demo/checkout.yaml >"$work/journeys/checkout.yaml"
sed '/^schedule/d' journeys/demo/login.yaml >"$work/journeys/login.yaml"
cp journeys/demo/accounts.csv "$work/journeys"
orders_placed() { curl -s "$SHOP_URL/control/state" | jq .orders_placed; }
placed=$(orders_placed)
placed_three() { [ $(($(orders_placed) - placed)) -ge 3 ]; }
start_daemon
wait_for "three orders" placed_three
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
start_daemon
sleep 3
stop_daemon
hasnt "what others use needs no schedule" "$(cat "$work/daemon.log")" "has no schedule"
is "no fourth order after a restart" "$(($(orders_placed) - placed))" 3

# --- Killed amid orders: the next start takes them back, and walks nothing else
watch_journey checkout login
cp journeys/demo/accounts.csv "$work/journeys"
rm "$work/journeys/price-view.yaml"
sed -i '/^schedule/d' "$work/journeys/login.yaml"
fault '{"fault":"lost-reply","stage":"checkout"}'
start_daemon
wait_for "an order" test_orders_open
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
heal
sed -i 's/^schedule:.*/schedule: {every: 10h}/' "$work/journeys/checkout.yaml"
is "an order is left" "$(($(orders_open) > 0))" 1
has "it is known" "$("$shopper" residue "${store[@]}")" 'step "check out"'
start_daemon
wait_for "orders are taken back" test_no_orders_open
has "it says so" "$(cat "$work/daemon.log")" 'undoing what step "check out" made before a crash'
wait_for "nothing is owed" sh -c "'$shopper' residue ${store[*]} | grep -q 'nothing was left behind'"

# --- What cannot be taken back is residue, until somebody says that it is clean or the shop takes it back at last
stop_daemon
sed -i 's/^schedule:.*/schedule: {every: 1s}/' "$work/journeys/checkout.yaml"
fault '{"fault":"error-500","path":"/api/orders/*"}'
start_daemon
wait_for "residue" sh -c "[ \$('$shopper' residue ${store[*]} | grep -c 'undoing it failed') -ge 2 ]"
wait_for "an incident of it" sh -c "'$shopper' incidents --open ${store[*]} | grep -q 'left behind'"
stop_daemon
sed -i 's/^schedule:.*/schedule: {every: 10h}/' "$work/journeys/checkout.yaml"
debt=$("$shopper" residue "${store[@]}" | head -n 1 | cut -d ' ' -f 1)
"$shopper" residue "${store[@]}" >/dev/null
is "residue's exit code" $? 4
"$shopper" residue settle nothing "${store[@]}" 2>"$work/out"
is "what is not there cannot be settled" $? 2
has "it says so, too" "$(cat "$work/out")" "nothing left behind is called nothing"
"$shopper" residue settle "$debt" "${store[@]}"
is "settled" $? 0
has "it waits" "$("$shopper" residue "${store[@]}" | grep "$debt")" "(settled; waits for the daemon)"
"$shopper" residue settle "" "${store[@]}" 2>/dev/null
is "nothing is the beginning of nothing" $? 2
start_daemon
wait_for "it is off the list" sh -c "! '$shopper' residue ${store[*]} | grep -q $debt"
has "its incident stays until all of it is clean" "$("$shopper" incidents --open "${store[@]}")" "left behind"
wait_for "it is tried again" logged "undoing what step \"check out\" made, once more"
heal
wait_for "the rest is undone" sh -c "'$shopper' residue ${store[*]} | grep -q 'nothing was left behind'"
is "but what somebody settled" "$(orders_open)" 1
wait_for "and its incident is over" sh -c "! '$shopper' incidents --open ${store[*]} | grep -q 'left behind'"
stop_daemon

# --- It is we who cannot see: a shop that is gone together with what we know to be good pages nobody, however soon its failure is confirmed
rm "$work"/journeys/* "$work"/shopper.db* "$work/journal.jsonl"
watch_journey price-view
start control "$bin/shopper-demo-shop" --port 0
printf 'control: ["%s/"]\n' "$address" >>"$work/shopper.yaml"
start_daemon
walked() { [ "$(sqlite3 "$work/shopper.db" 'SELECT count(*) FROM runs WHERE verdict = 0')" -ge 2 ]; }
wait_for "it sees" walked
kill -KILL "${children[-2]}" "$shop_process"
wait_for "it is blind" told '"signature":"blind:trust"'
seen_in_vain() { [ "$(sqlite3 "$work/shopper.db" 'SELECT count(*) FROM runs WHERE verdict = 2')" -ge 4 ]; }
wait_for "shoppers fail" seen_in_vain
is "and that is all it says" "$(events .signature)" "blind:trust "
stop_daemon
finish
