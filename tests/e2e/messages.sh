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
  sed -E "s|$work|DIRECTORY|g; s|$version|VERSION|g; s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/ID/g; s/[0-9a-f]{32}/TRACE/g
    s/by $(id -un)\\b/by SOMEBODY/; s|(127.0.0.1:)[0-9]{4,5}|\1PORT|g" |
    if [ "$figures" ]; then
      sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/DAY/g; s/[0-9]{2}:[0-9]{2}:[0-9]{2}/TIME/g; s/\b[0-9]+(\.[0-9]+)?/N/g; s/(N[a-z]* )+(N[a-z]*)/\2/g; s/  +/  /g'
    else
      cat
    fi
}
version=$("$shopper" version | cut -d ' ' -f 2)
# say ARGUMENT...: a call of $program and all that it says; its standard input is $input
program=shopper input=/dev/null
say() {
  local code
  "$bin/$program" "$@" <"$input" >"$work/said" 2>&1
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
say sink test nobody --config shopper.yaml
say residue
cd "$root" || exit 1
pin app/usage.txt

# --- What a daemon remembers. Days and figures are others each time, so each line stands once
"$bin/shopper-posture-past" "$work/past.db" shop || not_ok "a past"
export SHOPPER_STORE=$work/past.db
figures=yes
say report
say report --journey nowhere
"$shopper" report --format html | sed -E 's|<style>.*</style>||; s|<[^>]*>|\n|g' >"$work/page"
grep -E '[a-z]' "$work/page" | lasting >>"$work/golden"
say incidents
for verb in show run ack unack; do say incidents $verb nothing; done
for verb in show run ack unack; do say incidents $verb 0; done
say incidents run run-0
say policy explain 0
say policy test "$work/policy.yaml"
printf 'rules: [{name: all, severity: 2}]\n' >"$work/policy.yaml"
say policy test "$work/policy.yaml"
say silence
say silence add journey=price-view --for 1h --comment "known"
say silence list
say silence remove nothing
say residue settle nothing
pin app/memory.txt
finish
