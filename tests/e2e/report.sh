#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How the shop did: a month that was made up, in all formats, and error budgets watched by a real daemon.
. "$(dirname "$0")/lib.sh"

export SHOPPER_STORE=$work/past.db
report() { "$shopper" report "$@" 2>&1; }
figure() { report --format json "${@:2}" | jq -r "$1"; }

# --- What cannot be answered
has "no memory yet" "$(report)" "there is no memory of a daemon"
"$bin/shopper-posture-past" "$SHOPPER_STORE" shop || not_ok "a past"
for wrong in "--format pdf" "--window yesterday" "--window 99999d" "--window 0s" "--journey nowhere" "price-view"; do
  # shellcheck disable=SC2086
  report $wrong >"$work/said"
  is "report $wrong" $? 2
  is "report $wrong, in one line" "$(wc -l <"$work/said")" 1
done

# --- A month as JSON
is "available" "$(figure '[.shoppers[] | select(.journey == "price-view") | .availability_percent * 100 | floor] | unique | join(" ")')" 9986
is "failed and lost" "$(figure '.total | "\(.failed) \(.lost_ms)"' --journey price-view)" "24 7200000"
is "what does not count is shown" "$(figure '.total | "\(.maintenance) \(.missed) \(.unknown)"' --journey price-view)" "24 3 0"
is "core stages" "$(figure '[.core_stages[].stage] | join(" ")')" "login price-view checkout"
is "not reached" "$(figure '.core_stages[2] | "\(.not_reached) \(.failed)"' --journey price-view)" "24 0"
is "incidents" "$(figure '.incidents | "\(.all.count) \(.sev1.count) \(.sev3.count) \(.all.open)"')" "3 2 1 0"
is "detected" "$(figure '.incidents.sev1.detect | "\(.median_ms) \(.worst_ms)"')" "7000 7000"
is "resolved" "$(figure '.incidents.sev1.resolve | "\(.median_ms) \(.worst_ms)"')" "1800000 2400000"
is "weeks" "$(figure '[.sev1_per_week[].count] | add')" 2
is "weeks begin on Monday" "$(date -u -d "$(figure '.sev1_per_week[0].week')" +%u)" 1
is "the step that fails" "$(figure '.failing_steps[0] | "\(.journey) \(.step) \(.failed)"')" "price-view see the price 24"
is "the slowest step" "$(figure '.slow_steps[0].step')" "check out"
is "an hour" "$(figure '.incidents.all.count' --window 1h)" 0

# --- As text: nothing that a terminal could misread
text=$(report)
has "text" "$text" "SEV1 per week"
has "text: lost" "$text" "1h 00m"
is "a narrow terminal" "$(COLUMNS=80 "$shopper" report | python3 -c 'import sys; print(max(len(line.rstrip("\n")) for line in sys.stdin) <= 80)')" True
is "no control characters" "$(grep -c $'\x1b' <<<"$text")" 0

# --- As a page: whole, escaped, and nothing from elsewhere
report --format html >"$work/report.html"
xmllint --noout "$work/report.html" 2>"$work/said"
is "well formed" "$(cat "$work/said")" ""
# libxml2 knows the elements of HTML 4 alone
is "HTML" "$(xmllint --html --noout "$work/report.html" 2>&1 | grep error | grep -vE 'Tag (header|main|section|bdi|meter|svg|g|rect|path) invalid')" ""
page=$(cat "$work/report.html")
is "no script" "$(grep -ciE '<script|<img|<link|@import|url\(|https?:|javascript:' "$work/report.html")" 0
has "escaped" "$page" "&lt;script&gt;alert(1)&lt;/script&gt;"
has "dark mode" "$page" "prefers-color-scheme:dark"
has "paper" "$page" "@media print"
strips=$(xmllint --xpath '//*[local-name()="svg"][@role="img"]/@aria-label' "$work/report.html")
has "a strip of days" "$strips" "price-view, in 31 parts of 1 d: "
has "of all of them, too" "$strips" "All of them, in 31 parts of 1 d: "
has "escaped as well" "$strips" "&lt;script&gt;"
is "a cell of each" "$(xmllint --xpath 'count(//*[local-name()="svg"][starts-with(@aria-label, "price-view")]/*[local-name()="g"])' "$work/report.html")" 31
has "a day in words" "$page" "UTC: some failed, "
has "the key" "$page" "mostly maintenance"
hasnt "no way to pages that are not there" "$page" "<a "
report --format html --window 1d --journey price-view >"$work/day.html"
has "a day by the hour" "$(cat "$work/day.html")" "price-view, in 25 parts of 1 h: "
is "tables" "$(xmllint --xpath 'count(//*[local-name()="table"])' "$work/report.html")" \
  "$(xmllint --xpath 'count(//*[local-name()="table"]/*[local-name()="thead"])' "$work/report.html")"
is "a row of it" "$(xmllint --xpath '//*[local-name()="tr"][*="price-view"][1]/*[2]' "$work/report.html" | grep -c desktop)" 1

# --- The daemon finds that the budget burns, and sees when nothing is promised any more
demo_shop
watch_journey price-view
sed '/^schedule:/a objective: {availability: 99.9%, latency: {p95: 10s}}' -i "$work/journeys/price-view.yaml"
printf 'journeys: journeys\nstore: past.db\nsinks: {journal: {journal: {path: %s}}}\n' "$work/journal.jsonl" >"$work/shopper.yaml"
start_daemon
burns() { jq -r 'select(.signature == "burn:price-view") | .type' "$work/journal.jsonl" 2>/dev/null | tr '\n' ' '; }
burns_are() { [ "$(burns)" = "$1" ]; }
wait_for "it burns" burns_are "opened "
has "and says how" "$("$shopper" incidents --open)" "price-view burns its error budget"
is "the budget in the report" "$(figure '.objectives[] | "\(.journey) \(.promised_percent) \(.budget_left_percent < 0) \(.burn.speed)"')" "price-view 99.9 true fast"
is "the promised duration" "$(figure '.objectives[0].latency[0] | "\(.percentile) \(.promised_ms) \(.measured_ms < 10000)"')" "95 10000 true"
has "the budget in the text" "$(report)" "fast:"
sed '/^objective:/d' -i "$work/journeys/price-view.yaml"
wait_for "nothing is promised" burns_are "opened resolved "
has "objectives are those of now" "$(figure '.objectives | length')" 0
stop_daemon
is "the daemon ends well" $? 0
is "a single failure raised nothing else" "$(jq -r .type "$work/journal.jsonl" | sort | uniq -c | tr -s ' \n' ' ')" " 1 opened 1 resolved "
finish
