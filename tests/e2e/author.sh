#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What people who write journeys use: warnings, reports for machines, the preview of schedules, and trying a source on a saved answer.
. "$(dirname "$0")/lib.sh"

# run ARGUMENT...: sets $code, $out and $err
run() {
  "$shopper" "$@" >"$work/out" 2>"$work/err" </dev/null
  code=$? out=$(cat "$work/out") err=$(cat "$work/err")
}
# prints NAME WANTED ARGUMENT...: exit 0 and exactly this on standard output
prints() {
  local name=$1 wanted=$2
  shift 2
  run "$@"
  is "$name: exit code" "$code" 0
  is "$name" "$out" "$wanted"
}
# refuses NAME PART ARGUMENT...: exit 2, this on standard error, nothing on standard output
refuses() {
  local name=$1 part=$2
  shift 2
  run "$@"
  is "$name: exit code" "$code" 2
  has "$name" "$err" "$part"
  is "$name: standard output" "$out" ""
}

# --- Warnings
cat >"$work/careless.yaml" <<'END'
journey: careless
base: http://shop.example
schedule: {every: 20s}
vars: {password: "ü€😀"}
steps:
  - name: look
    get: /
    check: [{css: body}]
    capture: {unused: {css: h1}}
  - name: pay
    stage: checkout
    post: /pay
    creates: {order: {json: $.id}}
END
run validate "$work/careless.yaml"
is "warnings do not fail" "$code" 0
for expected in '3:11 J053' '4:18 J022' '8:14 J054' '9:15 J052' '10:11 J051' '13:15 J050'; do
  grep -q "careless.yaml:${expected% *}: warning: .*\[${expected#* }\]" "$work/err" && ok || not_ok "no warning $expected in: $err"
done
is "as many and no more" "$(grep -c ' warning: ' "$work/err")" 6
is "each with a hint" "$(grep -c '^      = ' "$work/err")" 6
is "the summary" "$out" "1 journey, no errors, 6 warnings"
run validate --strict "$work/careless.yaml"
is "--strict fails" "$code" 2
has "--strict says how many" "$err" "no errors, 6 warnings"
run validate --strict journeys
is "shipped journeys have none" "$code $out$err" "0 $(find journeys -name '*.yaml' | wc -l) journeys, no errors"

# A policy that stands for itself is no journey.
"$shopper" policy show >"$work/policy.yaml"
run validate "$work/policy.yaml"
is "a policy is one" "$code $err" "0 "
sed -i '0,/severity: 1/s//severity: 9/' "$work/policy.yaml"
run validate "$work/policy.yaml"
is "a wrong one is told" "$code" 2
has "as a policy" "$err" "severity is 1 to 4"

# A file that is wrong is told once, however many use it.
mkdir "$work/uses"
printf 'journey: lent\nbase: http://shop.example\nsteps:\n  - {name: a, get: /, check: [status: {at_least: 100}]}\n' >"$work/uses/lent.yaml"
for name in a b; do printf 'journey: %s\nbase: http://shop.example\nsteps:\n  - {name: u, use: lent.yaml}\n' $name >"$work/uses/$name.yaml"; done
run validate "$work/uses"
is "told once" "$(grep -c 'J054' "$work/err")" 1
has "and counted once" "$out" "3 journeys, no errors, 1 warning"

# --- Personas: the built-in ones are known, a team's own by their file
printf 'journey: t\nbase: http://127.0.0.1:1\npersonas: [desktop, ipone]\nsteps: [{name: a, get: /}]\n' >"$work/persona.yaml"
printf 'ipone: {user_agent: MyPhone/1}\n' >"$work/personas.yaml"
run validate "$work/persona.yaml"
is "an unknown persona is a warning" "$code" 0
has "an unknown persona has a place" "$err" "persona.yaml:3:21: warning: there is no persona 'ipone'"
run validate --strict "$work/persona.yaml"
is "and with --strict an error" "$code" 2
run validate --strict --personas "$work/personas.yaml" "$work/persona.yaml"
is "personas of one's own are known by their file" "$code $out$err" "0 1 journey, no errors"
run run "$work/persona.yaml"
is "nobody is sent as an unknown persona" "$code" 2
has "which has a place then, too" "$err" "persona.yaml:3:21: error: there is no persona 'ipone'"

# --- Accounts: the file is read where it is there already
printf 'journey: t\nbase: http://127.0.0.1:1\naccounts: {file: crowd.csv}\nsteps: [{name: a, get: "/${account.user}"}]\n' >"$work/pool.yaml"
run validate "$work/pool.yaml"
is "accounts that are elsewhere" "$code $err" "0 "
printf 'usr,password\nann,hunter2\n' >"$work/crowd.csv"
for command in validate run; do
  run $command "$work/pool.yaml"
  is "$command: a field that accounts lack: exit code" "$code" 2
  has "$command: a field that accounts lack has a place" "$err" "pool.yaml:4:28: error: the first line of crowd.csv names no field 'user' [J021]"
  has "$command: and the one that is meant" "$err" "did you mean 'usr'?"
done
printf 'user,password\nann\n' >"$work/crowd.csv"
refuses "a line of too few fields" "pool.yaml:3:11: error: the accounts cannot be read from $work/crowd.csv: line 2 has fewer fields" validate "$work/pool.yaml"

# --- Variables that nobody reads
printf 'journey: a\nbase: http://127.0.0.1:1\nvars: {sku: 1, idle: 1}\nsteps: [{name: a, get: "/${sku}"}]\n' >"$work/var-a.yaml"
printf 'journey: b\nbase: http://127.0.0.1:1\nsteps: [{name: a, get: /}]\n' >"$work/var-b.yaml"
for command in validate run; do
  refuses "$command: a variable that nobody reads" "shopper: --var: nothing reads 'suk': did you mean 'sku'?" $command "$work/var-a.yaml" --var suk=2
  refuses "$command: nothing near" "shopper: --var: nothing reads 'sku'" $command "$work/var-b.yaml" --var sku=2
  refuses "$command: what is no variable" "shopper: --var: nothing reads 'run.id'" $command "$work/var-a.yaml" --var run.id=2
done
run validate "$work/var-b.yaml" "$work/var-a.yaml" --var sku=2 --var idle=2
is "one of several journeys reads it" "$code $err" "0 "

# --- For machines
odd="$work/päth with blanks"
mkdir "$odd"
cp "$work/careless.yaml" "$odd/careless.yaml"
printf 'journey: broken\nbase: http://shop.example\nsteps:\n  - {name: a, get: /, stgae: "x"}\n' >"$odd/broken.yaml"
run validate "$odd" --format json
is "json: exit code" "$code" 2
is "json: counts" "$(jq -c '[.format, .journeys, .errors, .warnings]' "$work/out")" '["mystery-shopper-diagnostics/1",1,1,6]'
is "json: one of them" "$(jq -c '.diagnostics[] | select(.code == "J010") | [.level, .message, .hint, .line, .column, .end_column]' "$work/out")" \
  "[\"error\",\"unknown key 'stgae' in a step\",\"did you mean 'stage'?\",4,23,28]"
is "json: columns are characters" "$(jq -c '.diagnostics[] | select(.code == "J022") | [.level, .line, .column, .end_column]' "$work/out")" '["warning",4,18,23]'
is "json: nothing else is said" "$err" ""
run validate journeys --format json --strict
is "json: all is well" "$code $(jq -c '[.errors, .warnings, .diagnostics]' "$work/out")" '0 [0,0,[]]'

run validate "$odd" --format sarif
is "sarif: exit code" "$code" 2
cp "$work/out" "$work/found.sarif"
is "sarif: version and columns" "$(jq -c '[.version, .runs[0].columnKind, .runs[0].tool.driver.name]' "$work/found.sarif")" '["2.1.0","unicodeCodePoints","shopper"]'
is "sarif: results" "$(jq -c '[.runs[0].results[].level] | group_by(.) | map([.[0], length])' "$work/found.sarif")" '[["error",1],["warning",6]]'
is "sarif: each result names its rule" "$(jq '.runs[0] | .tool.driver.rules as $rules | [.results[] | $rules[.ruleIndex].id == .ruleId] | all' "$work/found.sarif")" true
is "sarif: rules have help" "$(jq '[.runs[0].tool.driver.rules[] | .help.text != "" and .shortDescription.text != ""] | all' "$work/found.sarif")" true
levels='.runs[0] | .tool.driver.rules as $rules | [.results[] | select($rules[.ruleIndex].defaultConfiguration.level != .level) | .ruleId] | unique | join(" ")'
is "sarif: rules say the level of their results" "$(jq -r "$levels" "$work/found.sarif")" ""
is "sarif: warnings are those of the document" "$(jq -r '[.runs[0].tool.driver.rules[] | select(.defaultConfiguration.level == "warning") | .id] | sort[]' "$work/found.sarif")" \
  "$(sed -n '/^## Warnings/,/^## /s/^| `\(J[0-9]*\)` .*/\1/p' docs/journey-language.md | sort)"
is "sarif: a region" "$(jq -c '.runs[0].results[] | select(.ruleId == "J022") | .locations[0].physicalLocation.region' "$work/found.sarif")" \
  '{"startLine":4,"startColumn":18,"endLine":4,"endColumn":23}'
uri=$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' "$work/found.sarif")
is "sarif: an absolute path" "$uri" "file://$work/p%C3%A4th%20with%20blanks/broken.yaml"
(cd "$work" && "$shopper" validate uses --format sarif >relative.sarif)
is "sarif: a relative path" "$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' "$work/relative.sarif")" uses/lent.yaml
"$shopper" validate journeys --format sarif >"$work/none.sarif"
is "sarif: nothing to tell" "$(jq -c '.runs[0].results' "$work/none.sarif")" '[]'
"$shopper" validate /nowhere.yaml --format sarif >"$work/nowhere.sarif" 2>/dev/null
is "sarif: no such file" "$(jq -c '.runs[0].results | map([.ruleId, .locations])' "$work/nowhere.sarif")" '[["J003",[]]]'
refuses "an unknown format" "not 'xml'" validate --format xml

# --- When schedules fire
cron() { # NAME WANTED EXPR ZONE FROM N
  prints "$1" "$2" validate --cron "$3" --timezone "$4" --from "$5" --next "$6"
}
cron "a time in the gap" $'2026-03-28T02:30:00+01:00\n2026-03-29T03:00:00+02:00\n2026-03-30T02:30:00+02:00' '30 2 * * *' Europe/Berlin 2026-03-28T00:00:00Z 3
cron "a repeated time" $'2026-10-24T02:30:00+02:00\n2026-10-25T02:30:00+02:00\n2026-10-26T02:30:00+01:00' '30 2 * * *' Europe/Berlin 2026-10-24T00:00:00+02:00 3
cron "a beat in the repeated hour" $'2026-11-01T01:30:00-04:00\n2026-11-01T01:00:00-05:00\n2026-11-01T01:30:00-05:00' '*/30 * * * *' America/New_York 2026-11-01T01:00:00-04:00 3
cron "29 February" $'2028-02-29T12:00:00Z\n2032-02-29T12:00:00Z' '0 12 29 Feb *' UTC 2026-01-01T00:00:00Z 2
cron "half an hour" $'2026-10-04T02:30:00+11:00' '10 2 * * *' Australia/Lord_Howe 2026-10-03T12:00:00Z 1
cron "either day" $'2026-11-13T00:00:00+05:45\n2026-11-15T00:00:00+05:45' '0 0 13 * 7' Asia/Kathmandu 2026-11-09T00:00:00Z 2
prints "a nickname in UTC, once" '2026-01-01T01:00:00Z' validate --cron @hourly --from 2026-01-01T00:00:00Z
refuses "a field out of bounds" "--cron:1:3: error: hour: '24' is not from 0 to 23 [J034]" validate --cron '0 24 * * *' --next 1
has "the expression is quoted" "$err" $'    1 | 0 24 * * *\n      |   ^~'
refuses "what never fires" 'never fires' validate --cron '0 0 31 Apr *' --next 1
run validate --cron '0 0 1 1 *' --from 9999-06-01T00:00:00Z --next 3
is "nothing comes any more" "$code $out $err" "0  '0 0 1 1 *' fires no more after that"
refuses "a time zone of no name" "--timezone needs a time zone" validate --cron @daily --timezone ''
mkdir -p "$work/empty"
run validate "$work/empty"
has "no journeys" "$err" "there is no journey"
run validate --strict "$work/empty"
is "no journeys, strictly" "$code" 2
refuses "a sixth field" '--cron:1:11: error: a cron expression has 5 fields' validate --cron '0 0 * * * *'
refuses "a zone that is none" "there is no time zone '../etc/passwd'" validate --cron @daily --timezone ../etc/passwd
refuses "a time that is none" "--from needs a time" validate --cron @daily --from 2026-02-30T00:00:00Z
refuses "no times at all" "--next needs a whole number" validate --cron @daily --next 0
refuses "a zone for journeys" "--timezone goes with --cron" validate journeys --timezone UTC
refuses "a time for nothing" "--from goes with --next" validate journeys --from 2026-01-01T00:00:00Z

mkdir "$work/plan"
printf 'journey: nightly\nbase: http://shop.example\nschedule: {cron: "30 2 * * *", timezone: Europe/Berlin}\nsteps:\n  - {name: a, get: /}\n' >"$work/plan/1.yaml"
printf 'journey: steady\nbase: http://shop.example\nschedule: {every: 90s, jitter: 5s}\nsteps:\n  - {name: a, get: /}\n' >"$work/plan/2.yaml"
printf 'journey: never\nbase: http://shop.example\nsteps:\n  - {name: a, get: /}\n' >"$work/plan/3.yaml"
prints "schedules of journeys" $'nightly\t2026-03-29T03:00:00+02:00\nnightly\t2026-03-30T02:30:00+02:00\nsteady\t2026-03-28T12:01:17Z\nsteady\t2026-03-28T12:02:47Z' \
  validate "$work/plan" --next 2 --from 2026-03-28T12:00:00Z
has "a journey without one is told" "$err" "3.yaml: there is no schedule"
refuses "no times of wrong journeys" "J010" validate "$odd" --next 2
sed -i 's/30 2 \* \* \*/30 2 30 2 */' "$work/plan/1.yaml"
refuses "a schedule that never fires" "1.yaml:3:19: error: this never fires" validate "$work/plan" --next 2

# --- Trying a source on a saved answer
page=$work/page.html
cat >"$page" <<'END'
<html><head>
<meta property="og:price:amount" content="12.50"><meta property="og:price:currency" content="EUR">
<script type="application/ld+json">{"@graph": [{"@type": "Product", "offers": {"@type": "Offer", "price": 12.5, "priceCurrency": "EUR"}}]}</script>
<script id="state" type="application/json">{"user": {"name": "Jo \"J\""}, "list": [1, "two", null, {"a": [true]}]}</script>
</head><body><h1 class="title">A  mug</h1>
<form id="login"><input type="hidden" name="csrf" value="t0k&amp;n"></form>
<p class="price">1.299,00 €</p><p class="price">9,99 €</p><pre>one
two</pre>
</body></html>
END
prints "css" "A mug" extract --css h1 "$page"
prints "css, an attribute" "title" extract --css h1 --attr class "$page"
prints "css, all" $'1.299,00 €\n9,99 €' extract --css .price --all "$page"
prints "css, within its text" '"Jo \"J\""' extract --css '#state' --json '$.user.name' "$page"
prints "json, as JSON" $'1\n"two"\nnull\n{"a":[true]}' extract --css '#state' --json '$.list[*]' --all "$page"
prints "json, raw" 'two' extract --css '#state' --json '$.list[1]' --raw "$page"
prints "xpath" "2" extract --xpath 'count(//p)' "$page"
prints "xpath, all" $'title\nprice\nprice' extract --xpath '//@class' --all "$page"
prints "regex, a group" "login" extract --regex 'id="(?<id>l\w+)"' --group id "$page"
prints "form" "t0k&n" extract --form '#login' --field csrf "$page"
printf '<a href="/x?token=a%%2Bb%%3d">x</a><a href="/100%%">y</a>' >"$work/encoded.html"
prints "URL-encoded text" "a+b=" extract --css a --attr href --regex 'token=(.*)' --decode url "$work/encoded.html"
prints "a value stays on its line" 'one\ntwo' extract --css pre "$page"
prints "price" "1299.00 EUR" extract --css 'p:first-of-type' --price --currency EUR "$page"
prints "prices" $'1299.00 EUR\n9.99 EUR' extract --css .price --price --all "$page"
prints "page price" "12.50 EUR" extract --page-price "$page"
prints "page prices" $'12.50 EUR\n12.50 EUR' extract --page-price --all --currency EUR "$page"
is "standard input" "$(printf '{"total": 1250}' | "$shopper" extract --json '$.total' --price --minor-units 2 --currency EUR)" "12.50 EUR"
is "standard input by name" "$(printf '{"a": "x"}' | "$shopper" extract --json '$.a' -)" '"x"'
printf '<p>caf\xe9</p>' >"$work/latin.html"
prints "the content type's charset" "café" extract --css p --content-type 'text/html; charset=iso-8859-1' "$work/latin.html"
printf '<p>\x1b[31mred</p>' >"$work/hostile.html"
run extract --css p "$work/hostile.html"
hasnt "no control characters for the terminal" "$out" $'\e'
has "but they are shown" "$out" '[31mred'

finds_nothing() { # NAME PART ARGUMENT...
  local name=$1 part=$2
  shift 2
  run extract "$@"
  is "$name: exit code" "$code" 1
  has "$name" "$err" "$part"
  is "$name: standard output" "$out" ""
}
finds_nothing "no element" "no element for nav" --css nav "$page"
finds_nothing "no URL-encoded text" "not URL-encoded" --css a:last-child --attr href --decode url "$work/encoded.html"
finds_nothing "no JSON" "not JSON" --json '$.a' "$page"
finds_nothing "no price" "no amount" --css h1 --price "$page"
printf '<p class=zero>0,00 €</p><p class=minus>-5,00 €</p><form id=a><input name=x value=1></form><form><input name=c value=2></form><form><input name=c value=3></form>' >"$work/odd.html"
finds_nothing "a price of nothing" "the price is zero: 0.00 EUR" --css .zero --price "$work/odd.html"
finds_nothing "a price below" "the price is negative: -5.00 EUR" --css .minus --price "$work/odd.html"
printf '<form id=f><input type=checkbox name=i[] value=1 checked><input type=checkbox name=i[] value=2><input name=i[] value=3><select multiple name=i[]><option selected>4<option>5<option selected value=6></select><input type=radio name=r value=7 checked><input type=radio name=r value=8 checked><button name=go value=9></button><button name=go value=10></button></form>' >"$work/many.html"
prints "form, all values of a name" $'1\n3\n4\n6' extract --form '#f' --field 'i[]' --all "$work/many.html"
prints "form, all of one radio button" 8 extract --form '#f' --field r --all "$work/many.html"
prints "form, all of one button" 9 extract --form '#f' --field go --all "$work/many.html"
prints "form, all" $'2\n3' extract --form form --field c --all "$work/odd.html"
printf '{"t": [12345678901234567890, 1e400, "7"]}' >"$work/long.json"
prints "numbers that are too long stay numbers" $'12345678901234567890\n1e400\n"7"' extract --json '$.t[*]' --all "$work/long.json"
head -c 50000 /dev/zero | tr '\0' a >"$work/many" && printf b >>"$work/many"
finds_nothing "a pattern that never ends" "gave up" --regex '^(a+)+$' "$work/many"
finds_nothing "another currency" "USD" --css 'p:first-of-type' --price --currency USD "$page"
finds_nothing "prices that disagree" "several prices that disagree: 1299.00 EUR and 9.99 EUR" --css .price --price "$page"
finds_nothing "a page price in another currency" "the price is in EUR, not CHF" --page-price --currency CHF "$page"
finds_nothing "no page price" "tells machines no price" --page-price "$work/latin.html"

refuses "a wrong selector" '--css:1:3: error: ' extract --css 'p[' "$page"
has "a caret" "$err" $'    1 | p[\n      |   ^'
refuses "a wrong JSONPath" '--json:1:5' extract --json '$.a[' "$page"
refuses "a wrong XPath" '--xpath:1:5' extract --xpath '//p[' "$page"
refuses "a wrong regular expression" '--regex:1:' extract --regex '(' "$page"
refuses "an unknown group" "no group 'x'" extract --regex '(a)' --group x "$page"
refuses "no source" "what is to be found?" extract "$page"
refuses "two sources" "only one of" extract --css a --xpath b "$page"
refuses "a form without a field" "--form and --field go together" extract --form '#login' "$page"
refuses "an unknown encoding" "--decode knows url, not 'base64'" extract --css a --decode base64 "$page"
refuses "a currency that is none" "no ISO 4217 currency" extract --page-price --currency EURO "$page"
refuses "no such file" "cannot read" extract --css h1 "$work/nowhere.html"
refuses "two files" "one file at a time" extract --css h1 "$page" "$page"

# What is tried here is what a journey sees: the demo shop's page, saved before and after its prices vanish.
demo_shop
curl -sS "$SHOP_URL/product/MUG-42" >"$work/mug.html"
price=$("$shopper" extract --css '[itemprop=price]' --attr content --price --currency EUR "$work/mug.html")
has "the demo shop has a price" "$price" " EUR"
prints "and it is the page's price" "$price" extract --page-price --currency EUR "$work/mug.html"
fault '{"fault":"prices-vanish"}'
curl -sS "$SHOP_URL/product/MUG-42" >"$work/mug.html"
run extract --page-price "$work/mug.html"
is "prices vanished" "$code" 1
finish
