#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon's HTTP face, on the daemon: what it shows while an incident opens and ends, what it does when asked, what it refuses.
. "$(dirname "$0")/lib.sh"
demo_shop
watch_journey price-view checkout login
cp journeys/demo/accounts.csv "$work/journeys"
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
location: test bench
http: {listen: "127.0.0.1:0", token: {env: API_TOKEN}, title: The Mug Shop}
sinks: {journal: {journal: {path: $work/journal.jsonl}}}
END
export API_TOKEN=a-token-of-our-own
start_daemon
wait_for "watching" grep -q watching "$work/daemon.log"
face=$(sed -n 's/.*status page: //p' "$work/daemon.log")
get() { curl -s "$@"; }
metric() { get "${face}metrics" | grep -F "$1" | head -n 1 | sed 's/.* //'; }
sleep 3

is "ready" "$(get "${face}api/v1/ready" | jq .ready)" true
is "journeys" "$(get "${face}api/v1/journeys" | jq -r '[.journeys[].name] | sort | join(" ")')" "checkout login price-view"
has "page: the title" "$(get "$face")" "The Mug Shop"
is "runs are counted" "$(($(metric 'shopper_runs_total{journey="price-view",persona="desktop",verdict="pass"}') >= 2))" 1
if command -v promtool >/dev/null; then is "promtool" "$(get "${face}metrics" | promtool check metrics 2>&1)" ""; fi
is "probe" "$(get "${face}probe?journey=price-view&persona=iphone" | sed -n 's/^probe_success //p')" 1
is "a probe of nothing" "$(get -o /dev/null -w '%{http_code}' "${face}probe?journey=nothing")" 404
is "a foreign name" "$(get -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$face")" 421

fault '{"fault":"prices-vanish"}'
wait_for "opened" grep -q '"type":"opened"' "$work/journal.jsonl"
wait_for "the page shows it" sh -c "curl -s '$face' | grep -q 'prices vanished for'"
is "probe fails" "$(get "${face}probe?journey=price-view" | sed -n 's/^probe_success //p')" 0
id=$(get "${face}api/v1/incidents" | jq -r '[.incidents[] | select(.stage == "price-view")][0].id')
is "open incidents" "$(($(metric 'shopper_incidents_open{severity="sev1"}') >= 1))" 1
has "the incident's page" "$(get "${face}incidents/$id")" "core path down"
run=$(get "${face}api/v1/incidents/$id" | jq -r .run_id)
page=$(get "${face}runs/$run")
has "the run's page" "$page" "no believable price"
has "the run's page: what the answer said when it was well" "$page" '<del>€12.50</del>'
good=$(get "${face}api/v1/runs/$run" | jq -r '.last_good | "\(.started < "'"$(get "${face}api/v1/runs/$run" | jq -r .started)"'") \(.verdict)"')
is "the last good run was before it" "$good" "true pass"
is "acknowledging needs the token" "$(get -o /dev/null -w '%{http_code}' -X POST "${face}api/v1/incidents/$id/ack")" 401
is "acknowledging" "$(get -o /dev/null -w '%{http_code}' -X POST -H "Authorization: Bearer $API_TOKEN" "${face}api/v1/incidents/$id/ack")" 200
wait_for "it is" sh -c "'$shopper' incidents show $id --store '$work/shopper.db' | grep -q acknowledged"
heal
wait_for "over" sh -c "[ \"\$(curl -s '${face}api/v1/incidents?open=true' | jq '.incidents | length')\" = 0 ]"
stop_daemon
is "the end" $? 0
hasnt "the log" "$(cat "$work/daemon.log")" "$API_TOKEN"
finish
