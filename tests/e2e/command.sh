#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command as its users meet it: exit codes, reports, secrets, signals, filters.
. "$(dirname "$0")/lib.sh"
demo_shop

# --- Usage and journey errors: exit 2, and nothing is sent.
before=$(curl -sS "$SHOP_URL/control/state" | jq '.requests.count')
walk --no-such-option
is "unknown option" "$code" 2
has "unknown option" "$err" "--no-such-option"
walk journeys/demo/login.yaml --persnoa iphone
has "a near option is named" "$err" "did you mean --persona?"
walk journeys/nowhere.yaml
is "no such journey" "$code" 2
printf 'journey: a\nbase: %s\nsteps:\n  - {name: a, gte: /}\n' "$SHOP_URL" >"$work/wrong.yaml"
walk "$work/wrong.yaml"
is "a wrong journey" "$code" 2
has "it is located" "$err" "wrong.yaml:4:15: error: unknown key 'gte' in a step [J010]"
cat >"$work/secret.yaml" <<END
journey: secret
base: $SHOP_URL
secrets: {email: {env: SHOP_EMAIL}, password: {env: SHOP_PASSWORD}}
steps:
  - name: log in
    post: /api/login
    json: {email: "\${secret.email}", password: "\${secret.password}"}
    headers: {X-Basic: "Basic \${secret.password}"}
    query: {password: "\${secret.password}"}
    check: [{json: \$.no_such_thing}]
END
("$shopper" run "$work/secret.yaml" >"$work/out" 2>"$work/err"; echo $? >"$work/code")
is "a missing secret" "$(cat "$work/code")" 2
has "a missing secret is named" "$(cat "$work/err")" "SHOP_PASSWORD"
walk journeys/demo/login.yaml --persona nobody
is "an unknown persona" "$code" 2
has "the personas there are" "$err" "there are desktop, iphone and android-app"
refused() { # WORDS OPTION...
  "$shopper" run journeys/demo/price-view.yaml "${@:2}" >"$work/out" 2>"$work/err"
  is "${*:2}" $? 2
  has "${*:2}" "$(cat "$work/err")" "$1"
}
echo "no certificate" >"$work/no.pem"
refused "HOST:PORT:ADDRESS" --resolve shop.test:80:notanip
refused "HOST:PORT:ADDRESS" --resolve shop.test:80:
refused "HOST:PORT:ADDRESS" --resolve shop.test:65536:127.0.0.1
refused "cannot read" --cert "$work/nowhere.pem"
refused "no PEM" --key "$work/no.pem"
refused "no PEM" --cacert "$work/no.pem"
refused "--base" --base ftp://shop.test
refused "--deadline" --deadline 0s
refused "cannot write" --report json:/nonexistent/x
refused "without a name" --report json:
refused "it is a directory" --report "json:$work"
refused "share standard output" --report json --report tap
refused "share standard output" --report json --report tap:-
refused "share the file" --report "json:$work/one" --report "tap:$work/one"
after=$(curl -sS "$SHOP_URL/control/state" | jq '.requests.count')
is "nothing was sent" "$after" "$before"

walk journeys/demo --stage no-such-stage
is "nothing walked is unknown" "$code" 3

# --- Reports
walk journeys/demo/price-view.yaml --report "junit:$work/r.xml" --report "tap:$work/r.tap" --report "har:$work/r.har" --report "text:$work/r.txt"
is "reports" "$code" 0
xmllint --noout "$work/r.xml" && ok || not_ok "junit is XML"
is "har" "$(jq -r '.log.version' "$work/r.har")" 1.2
has "tap" "$(head -n 1 "$work/r.tap")" "TAP version 13"
prove -e cat "$work/r.tap" >"$work/said" 2>&1 && ok || not_ok "prove reads tap: $(cat "$work/said")"
has "text" "$(cat "$work/r.txt")" "price-view"
"$shopper" run journeys/demo/price-view.yaml --report json >"$work/only.json" 2>/dev/null
is "a report without a file is all of standard output" "$(jq '.runs | length' "$work/only.json")" 2
"$shopper" run -q journeys/demo/price-view.yaml --report json:- 2>/dev/null | cmp -s - /dev/null && not_ok "- is standard output" || ok
for report in --report=json --no-color; do
  "$shopper" run journeys/demo/price-view.yaml $report >/dev/full 2>"$work/err"
  is "a full disk under standard output, $report" $? 3
  has "it is said, $report" "$(cat "$work/err")" "did not take all"
  "$shopper" run journeys/demo/price-view.yaml $report >&- 2>"$work/err"
  is "a closed standard output, $report" $? 3
  "$shopper" run journeys/demo/price-view.yaml $report 2>"$work/err" | head -c 1 >/dev/null
  is "a reader that leaves, $report" "${PIPESTATUS[0]}" 0
done
(ulimit -f 1 && "$shopper" run -q journeys/demo/price-view.yaml --repeat 9 --report "json:$work/limited.json" 2>"$work/err")
is "a limit on files" $? 3
has "a limit on files is said" "$(cat "$work/err")" "File too large"
"$shopper" run journeys/demo/price-view.yaml --report "json:$work/only.json" <&- >&- 2>&-
is "a closed one takes no other's place" "$(jq '.runs | length' "$work/only.json")" 2
"$shopper" run journeys/demo/price-view.yaml --base http://user:word@shop.test >"$work/out" 2>"$work/err"
is "what is wrong for two shoppers is said once" "$(grep -c 'holds credentials' "$work/err")" 1
mkfifo "$work/pipe"
ln -s linked.json "$work/link.json"
cat "$work/pipe" >"$work/piped.json" &
reader=$!
"$shopper" run -q journeys/demo/price-view.yaml --report "json:$work/pipe" --report "json:$work/link.json"
wait $reader
is "a report into a pipe" "$(jq '.runs | length' "$work/piped.json")" 2
is "a report where a link leads" "$(jq '.runs | length' "$work/linked.json")" 2
[ -p "$work/pipe" ] && [ -L "$work/link.json" ] && ok || not_ok "pipe and link are still there"
is "json has what was promised" "$(jq -r '[.runs[0] | has("journey","persona","verdict","started","duration_ms","trace_id","steps")] | all' "$work/only.json")" true
is "so have its steps" "$(jq -r '.runs[0].steps[0] | [has("name","stage","verdict","status","timings_ms")] | all' "$work/only.json")" true

printf 'journey: dash\nbase: %s\nsteps: [{name: look, get: /, check: [{status: 599}]}]\n' "$SHOP_URL" >"$work/-dash.yaml"
again=$(cd "$work" && "$shopper" run -- -dash.yaml | sed -n 's/^  run it again: shopper //p')
has "run it again" "$(cd "$work" && eval "'$shopper' $again")" "1 run: 1 failed"

# --- Secrets appear nowhere
export SHOP_PASSWORD='demo-password' SHOP_EMAIL='shopper@example.com'
walk "$work/secret.yaml" journeys/demo/login.yaml -vvv --evidence "$work/evidence" --report "har:$work/s.har" --report "junit:$work/s.xml"
for where in "$work/out" "$work/err" "$report" "$work/s.har" "$work/s.xml" "$work"/evidence/*.har; do
  for form in demo-password 'demo%2Dpassword' "$(printf demo-password | base64)" ZGVtby1wYXNzd29yZ shopper@example.com shopper%40example.com; do
    hasnt "$where holds no $form" "$(cat "$where")" "$form"
  done
done
is "har names the cookies that were sent" "$(jq -r '[.log.entries[].request.cookies[].name] | length > 0' "$work/s.har")" true
is "evidence of the failed run" "$(find "$work/evidence" -name '*.har' | wc -l)" 1

# --- Filters
walk journeys/demo/price-view.yaml --persona iphone
is "one persona" "$(ask '[.runs[].persona] | join(",")')" iphone
walk journeys/demo/price-view.yaml --repeat 3 --parallel 2
is "repeated" "$(ask '.runs | length')" 6
walk journeys/demo/price-view.yaml --base http://127.0.0.1:1
is "another base" "$(kind)" connect
walk journeys/demo/price-view.yaml --persona iphone --base http://shop.test:1 --var 'sku=it is' --deadline 90s --resolve shop.test:1:127.0.0.1,::1 --insecure
has "again, with all that matters" "$out" "shopper run --base http://shop.test:1 --var 'sku=it is' --deadline 1m30s --resolve shop.test:1:127.0.0.1,::1 --insecure journeys/demo/price-view.yaml --persona iphone"
walk journeys/demo/price-view.yaml --quiet
is "quiet" "$out" ""

# --- Ctrl-C: what was made is undone; a second one ends at once and says what is left.
cat >"$work/hang.yaml" <<END
journey: hang
base: $SHOP_URL
secrets: {email: {env: SHOP_EMAIL}, password: {env: SHOP_PASSWORD}}
steps:
  - {name: log in, post: /api/login, json: {email: "\${secret.email}", password: "\${secret.password}"}}
  - name: add to cart
    post: /api/cart
    json: {sku: MUG-42, quantity: 1}
    creates: {line: {json: \$.line_id}}
    undo: {delete: "/api/cart/\${line}"}
  - {name: think, pause: 50s}
END
interrupt() { # SIGNALS [NAME]
  "$shopper" run "$work/hang.yaml" --report "json:$report" >"$work/out" 2>"$work/err" &
  local pid=$!
  for _ in $(seq 100); do
    [ "$(curl -sS "$SHOP_URL/control/state" | jq '.carts_with_items')" != 0 ] && break
    sleep 0.05
  done
  [ "$1" = 2 ] && fault '{"fault":"freeze"}'
  kill "-${2:-INT}" $pid
  [ "$1" = 2 ] && { sleep 0.3; kill -INT $pid; }
  wait $pid
  code=$?
}
interrupt 1
is "interrupted: exit code" "$code" 3
is "interrupted: why" "$(ask '.runs[0].stopped')" interrupted
is "interrupted: undone" "$(curl -sS "$SHOP_URL/control/state" | jq '.carts_with_items')" 0
has "interrupted: said at once" "$(cat "$work/err")" "undoing what was made"
interrupt 1 HUP
is "hung up: why" "$(ask '.runs[0].stopped')" interrupted
is "hung up: undone" "$(curl -sS "$SHOP_URL/control/state" | jq '.carts_with_items')" 0
sed 's/pause: 50s/pause: 500ms/' "$work/hang.yaml" >"$work/short.yaml"
(trap '' HUP; exec "$shopper" run -q "$work/short.yaml") &
pid=$!
carts_are() { [ "$(curl -sS "$SHOP_URL/control/state" | jq '.carts_with_items')" = "$1" ]; }
wait_for "it is under way" carts_are 1
kill -HUP $pid
wait $pid
is "hung up, but told to ignore that" $? 0
interrupt 2
is "interrupted twice: residue" "$(ask '.runs[0].residue | length')" 1
has "interrupted twice: said" "$(cat "$work/out")" "add to cart"
heal

# --- Degraded, and something left behind
cat >"$work/left.yaml" <<END
journey: left
base: $SHOP_URL
secrets: {email: {env: SHOP_EMAIL}, password: {env: SHOP_PASSWORD}}
steps:
  - {name: log in, post: /api/login, json: {email: "\${secret.email}", password: "\${secret.password}"}}
  - name: add to cart
    post: /api/cart
    json: {sku: MUG-42, quantity: 1}
    creates: {line: {json: \$.line_id}}
    undo: {delete: "/api/nowhere/\${line}"}
END
walk "$work/left.yaml" --strict
is "left behind" "$code" 4
hasnt "an undo says so once" "$out" "undo: undo:"
has "an undo says so" "$out" "undo: add to cart"
printf '  - {name: look, optional: true, get: /, check: [{status: 599}]}\n' >>"$work/left.yaml"
walk "$work/left.yaml"
is "degraded, and left behind" "$code" 4
walk "$work/left.yaml" --strict
is "degraded, and left behind: strict" "$code" 1

# --- What the shop saw
heal
"$shopper" run journeys/demo/price-view.yaml >/dev/null
counts=$(curl -sS "$SHOP_URL/control/state" | jq -r '.requests | "\(.count - .traceparent) \(.count - .synthetic) \(.traceparent_malformed)"')
is "every request carries a traceparent and the synthetic header" "$counts" "0 0 0"

# --- validate
"$shopper" validate journeys >/dev/null && ok || not_ok "shipped journeys are valid"
"$shopper" validate "$work/wrong.yaml" 2>/dev/null
is "validate refuses" "$?" 2
"$shopper" help >/dev/null && "$shopper" run --help >/dev/null && "$shopper" version >/dev/null && ok || not_ok "help"
# On a terminal the steps tick while they are walked.
cat >"$work/live.yaml" <<END
journey: live
base: $SHOP_URL
steps:
  - {name: think it over, pause: 700ms}
  - {name: look, get: /}
END
live=$(NO_COLOR= TERM=xterm script -qec "'$shopper' run '$work/live.yaml'" /dev/null)
has "a terminal shows the step under way" "$live" "think it over"
has "a terminal is drawn anew" "$live" $'\e['
has "a terminal gets the summary, too" "$live" "1 run"

# Lines never wrap, nor leave the screen: such could not be drawn anew.
printf 'journey: wide\nbase: %s\npersonas: [desktop]\nsteps:\n  - {name: %s, pause: 400ms}\n' "$SHOP_URL" "$(printf '買い物かご%.0s' 1 2 3 4 5 6 7 8)" >"$work/wide.yaml"
cat >"$work/wide.py" <<'END'
import re, sys, unicodedata
text = re.sub(r"(\x1b\[A\x1b\[2K)+", lambda m: "\n<%d>\n" % m[0].count("\x1b[A"), sys.stdin.buffer.read().decode())
lines = [line.strip("\r") for line in text.split("\n")]
print(max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines if " done, " in line) < 40,
      max(int(line[1:-1]) for line in lines if re.fullmatch("<[0-9]+>", line)) < 6)
END
is "columns and lines" "$(TERM=xterm script -qec "stty cols 40 rows 6; '$shopper' run --repeat 9 '$work/wide.yaml'" /dev/null | python3 "$work/wide.py")" "True True"
finish
