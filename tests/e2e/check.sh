#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_shopper as a monitoring system runs it: walking the demo shop, and asking the store of a daemon that walks it.
. "$(dirname "$0")/lib.sh"
check=$bin/check_shopper own=$bin/check_shopper

# check ARGUMENT...: sets $code, $out (all), $first (the first line) and $data (what is behind its bar)
check() {
  "$check" "$@" >"$work/out" 2>"$work/err"
  code=$? out=$(cat "$work/out") err=$(cat "$work/err") first=$(head -n 1 "$work/out") data=
  [[ $first == *' | '* ]] && data=${first#* | }
  is "nothing on standard error" "$err" ""
  is "no second bar" "$(tr -cd '|' <"$work/out" | wc -c | tr -d ' ')" "$([ -n "$data" ] && echo 1 || echo 0)"
  is "no markup" "$(tr -cd '<>&' <"$work/out")" ""
  is "at most 8 KB" "$(($(wc -c <"$work/out") < 8192))" 1
}
# says NAME CODE BEGINNING: of the last check
says() {
  is "$1: exit code" "$code" "$2"
  is "$1" "${first:0:${#3}}" "$3"
}
# labels: of the performance data, in their order
labels() { printf '%s\n' "$data" | grep -oE "('([^']|'')*'|[^' =]+)=(U|[0-9])" | sed 's/=.$//'; }
# value LABEL: of the performance data
value() { python3 - "$data" "$1" <<'END'
import re, sys
found = re.findall(r"(?:'((?:[^']|'')*)'|([^\s='|]+))=(U|[-0-9.]+)(s?)(?:;([^\s;]*))?(?:;([^\s;]*))?(?:;([^\s;]*))?(?:;([^\s;]*))?(?: |$)", sys.argv[1])
rebuilt = re.sub(r"(?:'((?:[^']|'')*)'|([^\s='|]+))=(U|[-0-9.]+)(s?)(;[^\s;]*){0,4}(?: |$)", "", sys.argv[1])
if rebuilt: sys.exit("does not parse: " + rebuilt)
labels = [quoted.replace("''", "'") or plain for quoted, plain, *_ in found]
if len({label[:19] for label in labels}) != len(labels): sys.exit("labels are alike")
for label, row in zip(labels, found):
    if label == sys.argv[2]: print(";".join(row[2:]))
END
}

demo_shop
full=journeys/demo/full.yaml login=journeys/demo/login.yaml
check -f $full
says "a shop that is well" 0 "SHOPPER OK - full [desktop]: "
is "in one line" "$(wc -l <"$work/out" | tr -d ' ')" 1
is "the time is measured" "$(value time | grep -cE '^0\.[0-9]{6};s;;;0;50\.000000$')" 1
is "a step is measured" "$(value 'see the price' | grep -cE '^0\.[0-9]{6};s;')" 1
is "a phase is measured" "$(value 'see the price wait' | grep -cE '^0\.[0-9]{6};s;')" 1
well=$(labels)
check -f $login -v
has "-v lists steps" "$out" "✓ log in"
check -f $login -vvv
has "-vvv shows headers" "$out" "› POST "
hasnt "but no password" "$out" demo-password
check -f $login -p desktop -p iphone
says "two shoppers" 0 "SHOPPER OK - 2 of 2 shoppers are well |"
is "each has a time" "$(value 'iphone time' | grep -c '^0')" 1

# Thresholds
check -f $login -w 0.000001
says "longer than -w" 1 "SHOPPER WARNING - login [desktop]: "
has "the range is told" "$first" ", outside the range 0.000001"
check -f $login -w @0:100 -c 100:
says "-c is the worse" 2 "SHOPPER CRITICAL"
is "both in the data" "$(value time | cut -d';' -f3,4)" "@0:100;100:"
check -f $login --step "log in=0.000001,50" --step "open the login form=,100"
says "a step longer than allowed" 1 "SHOPPER WARNING - login [desktop]: "
has "it is named" "$first" "'log in' took "
is "its ranges" "$(value 'log in' | cut -d';' -f3,4)" "0.000001;50"
is "what is asked about comes first" "$(labels | head -n 3 | tr '\n' ' ')" "time 'open the login form' 'log in' "
check -f $login -w "" -c .000001
says "no -w, and a short -c" 2 "SHOPPER CRITICAL"
is "as the guidelines have it" "$(value time | cut -d';' -f3,4)" ";0.000001"
check -f $login --step "log on=1,2"
says "a step that is none" 3 "SHOPPER UNKNOWN - --step: $login has no step 'log on'"
printf 'journey: look\nsteps:\n  - {name: look, get: /}\n' >"$work/look.yaml"
printf 'journey: user\nbase: %s\nsteps:\n  - {name: look around, use: look.yaml}\n' "$SHOP_URL" >"$work/user.yaml"
check -f "$work/user.yaml" --step "look=1,2"
says "a step of a used file" 0 "SHOPPER OK - user [desktop]: 1 step in "
check -f "$work/user.yaml" --step "look around=1,2"
says "the use of a file, which is no step of its own" 3 "SHOPPER UNKNOWN - --step: $work/user.yaml has no step 'look around'"

# Faults
fault '{"fault":"prices-vanish"}'
check -f $full
says "prices vanished" 2 "SHOPPER CRITICAL - full [desktop]: see the price: the product page shows no believable price (sev1) | time="
has "the long output tells where" "$out" "$full:"
is "the labels stay" "$(labels)" "$well"
is "what was not reached is U" "$(value 'add to cart')" "U;;;;0;"
is "its phases, too" "$(value 'add to cart wait')" "U;;;;0;"
check -f $full --map sev1=warning
says "sev1 mapped" 1 "SHOPPER WARNING"
check -f $full --map sev3=warning
says "another mapped" 2 "SHOPPER CRITICAL"
heal
fault '{"fault":"slow","after_ms":1700,"stage":"price-view"}'
check -f $full
says "slow is degraded" 1 "SHOPPER WARNING - full [desktop]: see the price: "
heal
fault '{"fault":"freeze","stage":"price-view"}'
check -f $full -t 1.5
says "the timeout" 2 "SHOPPER CRITICAL - full [desktop]: timed out after 1.2 s in 'see the price' (-t 1.5 s keeps 300 ms for cleaning up)"
has "and yet it cleans up" "$out" "✓ finally: log out"
is "the labels stay when it times out" "$(labels)" "$well"
is "the timeout is the maximum" "$(value time | cut -d';' -f6)" "1.500000"
check -f $full -t 1.5:warning
says "another state for it" 1 "SHOPPER WARNING"
check -f journeys/demo/price-view.yaml -p desktop -t 0.7
says "nothing to clean up" 2 "SHOPPER CRITICAL - price-view [desktop]: timed out after 700 ms in 'see the price' | "
heal
# Signals end the steps, and it cleans up.
fault '{"fault":"freeze","stage":"price-view"}'
for signal in TERM INT HUP; do
  # An interactive shell gives its background jobs their signals; this one must ask for it.
  python3 -c 'import os, signal, sys; [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGHUP)]; os.execv(sys.argv[1], sys.argv[1:])' \
    "$check" -f $full -v >"$work/out" 2>"$work/err" &
  checking=$!
  for _ in $(seq 100); do # until the step that freezes is under way
    [ "$(curl -sS "$SHOP_URL/control/state" | grep -o '"connections_frozen":[^,}]*' | tr -dc 0-9)" -gt 0 ] 2>/dev/null && break
    sleep 0.05
  done
  kill -"$signal" "$checking"
  wait "$checking"
  is "SIG$signal: exit code" "$?" 3
  has "SIG$signal: says so" "$(head -n 1 "$work/out")" "SHOPPER UNKNOWN - full [desktop]: interrupted in 'see the price'"
  has "SIG$signal: cleans up" "$(cat "$work/out")" "✓ finally: log out"
done
nohup "$check" -f $full -t 1.5 >"$work/out" 2>"$work/err" &
checking=$!
sleep 0.3
kill -HUP "$checking"
wait "$checking"
is "nohup: not interrupted" "$?" 2
heal
# Whatever hangs, cleaning up included, it is over with -t.
check_for() { local from=${EPOCHREALTIME/./}; check "$@"; took_us=$((${EPOCHREALTIME/./} - from)); }
printf 'journey: stuck\nbase: %s\nsteps:\n  - {name: look, get: /%s}\nfinally:\n  - {name: leave, get: /frozen, timeout: 20s, stall: 20s}\n' \
  "$SHOP_URL" "" >"$work/stuck.yaml"
fault '{"fault":"freeze","path":"/frozen"}'
check_for -f "$work/stuck.yaml" -t 2
says "cleaning up hangs" 2 "SHOPPER CRITICAL - stuck [desktop]: timed out after 2 s while cleaning up"
is "cleaning up hangs: ended in time" "$((took_us >= 2000000 && took_us < 3500000))" 1
is "cleaning up hangs: the time is within the maximum" "$(value time)" "2.000000;s;;;0;2.000000"
sed -i 's|get: /}|get: /no-such-page}|' "$work/stuck.yaml"
check_for -f "$work/stuck.yaml" -t 1 --map sev3=warning
says "a failure is told though cleaning up hangs" 1 "SHOPPER WARNING - stuck [desktop]: look: "
is "a failure though cleaning up hangs: ended in time" "$((took_us < 2500000))" 1
heal
check -f $full -b http://127.0.0.1:1
says "nobody listens" 2 "SHOPPER CRITICAL"
is "the labels stay when nobody listens" "$(labels)" "$well"
is "what did not come so far is U" "$(printf '%s\n' "$data" | grep -oE "=0\.0+s;;;0;( |$)" | wc -l | tr -d ' ')" 0
# Several shoppers, and a list that one of them does not come to see; who is told first does not depend on who is faster.
cat >"$work/each.yaml" <<END
journey: each
base: $SHOP_URL
personas: [iphone, desktop]
steps:
  - {name: look, get: "/\${start}", each: {start: ["", product/MUG-42]}, when: {var: run.persona, equals: desktop}}
  - {name: wait, pause: 100ms, when: {var: run.persona, equals: iphone}}
END
check -f "$work/each.yaml"
says "a step that is not for everybody" 0 "SHOPPER OK - 2 of 2"
is "the order is the journey's" "$(labels | tr '\n' ' ')" "'iphone time' 'desktop time' 'iphone look' 'iphone wait' 'desktop look' 'desktop wait' 'iphone look dns' 'iphone look connect' 'iphone look wait' 'iphone loo transfer' 'desktop look dns' 'desktop loo connect' 'desktop look wait' 'desktop lo transfer' "
is "U for whom it is not" "$(value 'iphone look')" "U;;;;0;"
is "the slowest for whom it is" "$(value 'desktop look' | cut -c1-2)" "0."

# Its own trouble is one line and UNKNOWN.
for arguments in "" "-f" "-f /nowhere.yaml" "-f $login --warnin 1" "-f $login -w x" "-f $login -t x" "--state x --store /nowhere" \
  "-f $login -p nobody" "-f README.md" "-f $login --cacert /nowhere" "--state x --store README.md"; do
  # shellcheck disable=SC2086
  check $arguments
  says "'$arguments'" 3 "SHOPPER UNKNOWN - "
  is "'$arguments' in one line" "$(wc -l <"$work/out" | tr -d ' ')" 1
done
check --state '' --store /nowhere
says "an empty name" 3 "SHOPPER UNKNOWN - --state needs a name"
check -V
says "the version" 3 "check_shopper "
check -hV
says "help, and more" 3 "usage: check_shopper "
for arguments in "-Vh" "-V -h" "-vV" "-V --bogus" "--version --help"; do
  # shellcheck disable=SC2086
  check $arguments
  says "the version: $arguments" 3 "check_shopper "
done
for arguments in "--help" "-vh" "-f x -h"; do
  # shellcheck disable=SC2086
  check $arguments
  says "help: $arguments" 3 "usage: check_shopper "
done
check -f -h
says "a value that looks like help" 3 "SHOPPER UNKNOWN - "
printf 'journey: a|b\nbase: http://127.0.0.1:1\nsteps:\n  - {name: "it'"'"'s=a|b", get: /}\n' >"$work/odd.yaml"
check -f "$work/odd.yaml"
says "odd names" 2 "SHOPPER CRITICAL - a¦b [desktop]: it's=a¦b: "
is "and odd labels" "$(value "it's-a¦b" | grep -c '^0')" 1

# --- The daemon's store
store=$work/shopper.db
mkdir "$work/watched"
for name in login price-view; do sed -E "s/every: [0-9a-z]+(, jitter: [0-9a-z]+)?/every: 1s/" "journeys/demo/$name.yaml" >"$work/watched/$name.yaml"; done
cp journeys/demo/accounts.csv "$work/watched/"
"$shopper" daemon --store "$store" "$work/watched" 2>"$work/daemon.err" &
daemon=$!
children+=($daemon)
# until_state CODE ARGUMENT...: until the check answers with that code
until_state() {
  local wanted=$1
  shift
  for _ in $(seq 150); do
    "$check" "$@" >/dev/null
    [ $? = "$wanted" ] && break
    sleep 0.1
  done
  check "$@"
}
until_state 0 --state login --store "$store"
says "the daemon's login" 0 "SHOPPER OK - login [desktop] took "
is "its time is measured" "$(value time | grep -c '^0')" 1
stored=$(labels)
check -f $login
is "its labels are those of a walk" "$stored" "$(labels)"
check --state login --store "$store"
is "a step is measured" "$(value 'log in' | grep -cE '^0\.[0-9]{6};s;;;0;')" 1
is "its phases, too" "$(value 'log in wait' | grep -cE '^0\.[0-9]{6};s;;;0;')" 1
check --state login --store "$store" --step "log in=0.000001,50"
says "a step longer than allowed" 1 "SHOPPER WARNING - login [desktop] took "
has "it is named" "$first" "'log in' took "
is "what is asked about comes first" "$(labels | head -n 2 | tr '\n' ' ')" "time 'log in' "
is "its ranges" "$(value 'log in' | cut -d';' -f3,4)" "0.000001;50"
check --state login --store "$store" --step "log on=1,2"
says "a step that is none" 3 "SHOPPER UNKNOWN - --step: login has no step 'log on'"
SHOPPER_STORE=$store check --state login
says "the store by the environment" 0 "SHOPPER OK"
check --state login --store "$store" -w 0.000001
says "a range on it" 1 "SHOPPER WARNING"
check --state login --store "$store" -p iphone
says "another persona" 3 "SHOPPER UNKNOWN - the store knows no run of 'login' as iphone"
check --state logn --store "$store"
says "a name that is none" 3 "SHOPPER UNKNOWN - the store knows no run of 'logn'; did you mean 'login'?"
fault '{"fault":"prices-vanish"}'
until_state 2 --state price-view -p desktop --store "$store"
says "prices vanished for the daemon" 2 "SHOPPER CRITICAL - price-view [desktop]: see the price: "
has "why" "$out" "no believable price"
has "which request" "$out" "request: GET $SHOP_URL/product/"
has "which run" "$out" "trace id 5e0bbe55"
broken=$(labels)
check --state price-view -p desktop --store "$store" --map sev1=unknown
says "mapped" 3 "SHOPPER UNKNOWN - price-view [desktop]: see the price: "
heal
until_state 0 --state price-view -p desktop --store "$store"
says "healed" 0 "SHOPPER OK - price-view [desktop] took "
is "the labels stay" "$(labels)" "$broken"
# What the daemon says of a failure counts: a wall at the login is a SEV3 for it, whatever the stage.
fault '{"fault":"bot-wall","path":"/login"}'
until_state 1 --state login --store "$store" --map sev3=warning
says "the open incident's severity" 1 "SHOPPER WARNING - login [desktop]: "
has "it is told" "$first" "(sev3)"
incident=$("$shopper" incidents --open --store "$store" | head -n 1)
has "the incident is named" "$out" "incident ${incident%% *} (open): SEV3 ${SHOP_URL#http://}: a wall keeps shoppers out"
heal
until_state 0 --state login --store "$store"
says "the wall is gone" 0 "SHOPPER OK - login [desktop] took "
check --state login --store "$store" -v
has "until it is resolved, -v names it" "$out" "incident ${incident%% *} (open): SEV3 "
until_state 0 --state price-view --store "$store"
says "all its personas" 0 "SHOPPER OK - 2 of 2 shoppers are well | "
check --state price-view -p desktop -p nobody --store "$store"
says "a shopper who is none, among others" 3 "SHOPPER UNKNOWN - 1 of 2 shoppers are well; price-view [nobody]: the store knows no run of it"
# What left, was elsewhere or rests is no outage.
kill "$daemon"; wait "$daemon" 2>/dev/null
watch_from() { # LOCATION MAINTENANCE
  printf 'journeys: watched\nlocation: %s\nmaintenance: [%s]\n' "$1" "$2" >"$work/shopper.yaml"
  "$shopper" daemon --config "$work/shopper.yaml" --store "$store" 2>>"$work/daemon.err" & daemon=$!; children+=($daemon)
}
fault '{"fault":"prices-vanish"}'
watch_from berlin ""
until_state 2 --state price-view --store "$store"
says "prices vanished for Berlin" 2 "SHOPPER CRITICAL - 0 of 2 shoppers are well; price-view [desktop, berlin]: "
window="{name: deploy, once: {from: \"$(date -u -d '-1 hour' +%FT%TZ)\", to: \"$(date -u -d '1 hour' +%FT%TZ)\"}, skip: true}"
kill "$daemon"; wait "$daemon" 2>/dev/null
watch_from berlin "$window"
until_state 0 --state price-view --store "$store"
says "maintenance without a run" 0 "SHOPPER OK - 2 of 2 shoppers are well"
has "it is said" "$out" "price-view [desktop, berlin]: in maintenance (deploy); the last was: fail"
check --state price-view --store "$store" --stale 1ms
says "maintenance without news" 0 "SHOPPER OK"
kill "$daemon"; wait "$daemon" 2>/dev/null
heal
sed -i 's/^personas:.*/personas: [desktop]/' "$work/watched/price-view.yaml"
watch_from paris ""
from_paris() { "$check" --state price-view --store "$store" | grep -q 'SHOPPER OK.*paris'; }
wait_for "a run from Paris" from_paris
check --state price-view --store "$store"
says "a persona that left, and another place" 0 "SHOPPER OK - price-view [desktop, paris] took "
rm "$work/watched/price-view.yaml"
kill -HUP "$daemon"
until_state 3 --state price-view --store "$store"
says "a journey that left" 3 "SHOPPER UNKNOWN - the daemon watches no 'price-view' any more"
kill "$daemon"; wait "$daemon" 2>/dev/null
"$shopper" daemon --store "$store" "$work/watched" 2>>"$work/daemon.err" & daemon=$!; children+=($daemon)
until_state 0 --state login --store "$store"
# A run that the daemon's own end breaks off says nothing of the shop, and the one before it counts.
fault '{"fault":"freeze","path":"/login"}'
frozen() { [ "$(curl -sS "$SHOP_URL/control/state" | grep -o '"connections_frozen":[^,}]*' | tr -dc 0-9)" -gt 0 ]; }
wait_for "a run under way" frozen
kill "$daemon"
wait "$daemon" 2>/dev/null
heal
check --state login --store "$store"
says "a run that was broken off" 0 "SHOPPER OK - login [desktop] took "
until_state 3 --state login --store "$store" --stale 300ms
says "a daemon that is gone" 3 "SHOPPER UNKNOWN - login [desktop]: no news for "
is "old times are no measurements" "$(value time) $(value 'log in') $(value 'log in wait')" "U;;;;0; U;;;;0; U;;;;0;"
is "the labels of old times stay" "$(labels)" "$stored"
check --state login --store "$store"
says "not yet long ago" 0 "SHOPPER OK"

# A store that somebody locks is waited for, as long as -t allows.
# lock SECONDS: as the only one who has it open
lock() {
  rm -f "$work/locked"
  python3 - "$store" "$1" "$work/locked" <<'END' &
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA locking_mode = EXCLUSIVE")
store.execute("BEGIN EXCLUSIVE")
open(sys.argv[3], "w").close()
time.sleep(float(sys.argv[2]))
END
  locker=$!
  children+=("$locker")
  wait_for "the lock" test -e "$work/locked"
}
lock 30
check --state login --store "$store" -t 0.5 --stale 1h
says "a locked store" 3 "SHOPPER UNKNOWN - timed out after 500 ms: the store does not answer"
check --state login --store "$store" -t 0.5:critical --stale 1h
says "a locked store, with a state" 2 "SHOPPER CRITICAL - timed out after 500 ms"
kill "$locker"; wait "$locker" 2>/dev/null
lock 1
check --state login --store "$store" -t 20 --stale 1h
says "a lock that ends" 0 "SHOPPER OK - login [desktop] took "

# --- Another user reads the store: nobody, of the group that was let in
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$work"
  mkdir -p "$work/plugin/bin" "$work/plugin/lib/shopper"
  cp "$check" "$work/plugin/bin/" && cp "$bin"/../lib/shopper/check_shopper_*.so "$work/plugin/lib/shopper/"
  memory=$work/memory/shopper.db
  printf '#!/bin/sh\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups "%s" "$@"\n' "$work/plugin/bin/check_shopper" >"$work/as-nobody"
  chmod 755 "$work/as-nobody"
  check=$work/as-nobody
  watch_again() { "$shopper" daemon --store "$memory" "$work/watched" 2>>"$work/daemon.err" & daemon=$!; children+=($daemon); }
  watch_again
  for _ in $(seq 100); do "$own" --state login --store "$memory" >/dev/null && break; sleep 0.1; done
  check --state login --store "$memory"
  says "a directory that is closed" 3 "SHOPPER UNKNOWN - the store $memory is in a directory that user nobody may not enter; let its group in, or "
  chgrp nogroup "$work/memory" && chmod 2750 "$work/memory"
  check --state login --store "$memory"
  says "a store that is closed" 3 "SHOPPER UNKNOWN - the store $memory is there, but user nobody may not read it; let its group read it, or "
  chgrp nogroup "$memory" && chmod 640 "$memory"
  check --state login --store "$memory"
  says "its log is closed yet" 3 "SHOPPER UNKNOWN - user nobody may read the store $memory, but not its -wal; restart the daemon"
  kill "$daemon"; wait "$daemon" 2>/dev/null
  check --state login --store "$memory"
  says "no daemon, and nobody may make a log" 3 "SHOPPER UNKNOWN - user nobody can read the store $memory only while its daemon runs"
  watch_again
  until_state 0 --state login --store "$memory" --stale 3s
  says "let in" 0 "SHOPPER OK - login [desktop] took "
  is "what was widened stays" "$(stat -c '%a %G' "$memory" "$memory-wal" "$memory-shm" | sort -u)" "640 nogroup"
  for _ in $(seq 40); do
    check --state login --store "$memory" --stale 3s
    [ "$code" = 0 ] || break
    sleep 0.1
  done
  says "beside a daemon that writes" 0 "SHOPPER OK - login [desktop] took "
  kill -KILL "$daemon"; wait "$daemon" 2>/dev/null
  check --state login --store "$memory"
  says "after a crash" 0 "SHOPPER OK - login [desktop] took "
  check=$own
else
  echo "not root: no other user reads the store"
fi

# What lies where it is started is not loaded.
mkdir "$work/elsewhere"
for library in libsqlite3.so.0 libcjson.so.1 libcurl.so.4 check_shopper_state.so; do echo hostile >"$work/elsewhere/$library"; done
is "no empty directory is looked into" "$(readelf -d "$own" | grep RPATH | grep -oE '\[:|::|:\]')" ""
is "its libraries are the system's" "$(cd "$work/elsewhere" && "$check" --state login --store "$memory" | cut -d' ' -f1,2)" "SHOPPER OK"

# Whatever is linked is loaded at each start. What a sanitizer brings does not count.
links() { readelf -d "$1" | sed -n 's/.*Shared library: \[\(.*\)\]/\1/p' | grep -vE '^(libc|ld-linux|lib[atu][a-z]*san|libm|libgcc_s)[.-]' | tr '\n' ' '; }
is "the program links the C library alone" "$(links "$check")" ""
is "who asks loads what reads the store" "$(links "$bin/../lib/shopper/check_shopper_state.so")" "libsqlite3.so.0 libcjson.so.1 "
is "who walks loads what reads pages when there is one to read" "$(links "$bin/../lib/shopper/check_shopper_walk.so" | grep -oE 'libxml2|libgumbo|libpcre2')" ""
finish
