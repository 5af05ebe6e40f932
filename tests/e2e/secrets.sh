#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No report holds a secret, whatever it is made of, and however the shop says it again.
. "$(dirname "$0")/lib.sh"

start echo python3 tests/e2e/echo-shop.py
ways=(plain json json-slashes json-html json-in-json html html-decimal html-json percent percent-twice base64-percent base64-slashes)
{
  printf 'journey: told\nbase: %s\nsecrets: {pw: {env: PW}}\nsteps:\n' "$address"
  for way in "${ways[@]}"; do
    printf '  - {name: %s, optional: true, post: /%s, json: {password: "${secret.pw}"}, check: [{json: $.no_such_thing}]}\n' "$way" "$way"
  done
} >"$work/told.yaml"

# Everything in a file that could be read as the secret: the file, and all of it decoded again and again.
cat >"$work/leaks.py" <<'E2'
import base64, html, json, os, re, sys, urllib.parse
secret, text = os.environ["PW"], sys.stdin.buffer.read().decode("utf-8", "replace")
def backslashes(text):
    plain = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
    return re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)",
                  lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else plain.get(m[1], m[1]), text)
forms = [secret, " ".join(secret.split())] + [base64.b64encode((pad + secret + "   ").encode()).decode()[4:-8] for pad in ("", "u", "us", "u:", "us:")]
readings = {text}
for _ in range(4):
    readings |= {undo(each) for each in readings for undo in (backslashes, html.unescape, urllib.parse.unquote)}
print(sum(any(form in each for form in forms) for each in readings))
E2

passwords=(demo-password 'a"b\c/d<e>&f' $'tab\there"s/one' 'pässwörd€uro+/x' '50%41&amp;\n"' $'two\nlines>>>???')
for PW in "${passwords[@]}"; do
  export PW
  rm -rf "$work/evidence"
  walk "$work/told.yaml" -vvv --evidence "$work/evidence" --report "har:$work/s.har" --report "junit:$work/s.xml" --report "tap:$work/s.tap" --report "text:$work/s.txt"
  is "'$PW': all was walked" "$(jq '[.runs[0].steps[] | select(.status == 200)] | length' "$report")" "${#ways[@]}"
  for where in "$work/out" "$work/err" "$report" "$work/s.har" "$work/s.xml" "$work/s.tap" "$work/s.txt" "$work"/evidence/*.har; do
    is "'$PW' is not in $where" "$(python3 "$work/leaks.py" <"$where")" 0
  done
  has "'$PW' was there" "$(cat "$work/s.har")" "[redacted:secret.pw]"
  jq -e . "$work/s.har" "$report" >/dev/null && xmllint --noout "$work/s.xml" && ok || not_ok "'$PW': reports stay well formed"
done

# Secrets that are spelt like pieces of a format, and a value that is too short to be one.
printf 'email,password,store\nsh@x.example,pw1234567,1\n' >"$work/accounts.csv"
{
  printf 'journey: told\nbase: %s\naccounts: {file: accounts.csv}\n' "$address"
  printf 'secrets: {a: {env: A}, b: {env: B}, c: {env: C}, d: {env: D}}\nsteps:\n'
  printf '  - {name: first, post: /plain, json: {all: "${secret.a} ${secret.b} ${secret.c} ${secret.d} ${account.store} ${account.password}"}, check: [{json: $.no_such_thing}]}\n'
} >"$work/words.yaml"
A=null B=fail C=testcase D='": ' walk "$work/words.yaml" --report "har:$work/w.har" --report "junit:$work/w.xml" --report "tap:$work/w.tap"
jq -e '.summary.failed == 1 and .runs[0].steps[0].verdict == "fail" and .runs[0].stopped == null' "$report" >/dev/null && ok || not_ok "secrets that are words of JSON: $(head -c 600 "$report")"
jq -e '.log.entries[0]._verdict == "fail"' "$work/w.har" >/dev/null && ok || not_ok "secrets that are words of HAR"
is "secrets that are words of JUnit" "$(xmllint --xpath 'string(//testcase[failure]/@name)' "$work/w.xml")" first
has "secrets that are words of TAP" "$(cat "$work/w.tap")" 'severity: "fail"'
has "a secret is hidden still" "$(cat "$work/w.har")" '[redacted:account.password]'
is "a value that is too short to be hidden is told once" "$(grep -c "'account.store' is shorter than 4 bytes" "$work/err")" 1
finish
