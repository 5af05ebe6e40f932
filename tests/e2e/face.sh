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
http: {listen: "127.0.0.1:0", public_url: "https://status.shop.example/", token: {env: API_TOKEN}, title: The Mug Shop}
sinks: {journal: {journal: {path: $work/journal.jsonl}}}
END
API_TOKEN=short "$shopper" daemon --config "$work/shopper.yaml" >"$work/out" 2>&1
is "a token that is guessed" $? 2
has "it is said" "$(cat "$work/out")" "the token is too short"
export API_TOKEN=a-token-of-our-own
start_daemon
wait_for "watching" grep -q watching "$work/daemon.log"
face=$(sed -n 's/.*status page: //p' "$work/daemon.log")
get() { curl -s "$@"; }
metric() { get "${face}metrics" | grep -F "$1" | head -n 1 | sed 's/.* //'; }
gauge() { get "${face}metrics" | sed -n "s/^$1 //p"; }
sleep 3

is "ready" "$(get "${face}api/v1/ready" | jq .ready)" true
is "journeys" "$(get "${face}api/v1/journeys" | jq -r '[.journeys[].name] | sort | join(" ")')" "checkout login price-view"
has "page: the title" "$(get "$face")" "The Mug Shop"
is "runs are counted" "$(($(metric 'shopper_runs_total{journey="price-view",persona="desktop",verdict="pass"}') >= 2))" 1
if command -v promtool >/dev/null; then is "promtool" "$(get "${face}metrics" | promtool check metrics 2>&1)" ""; fi
is "probe" "$(get "${face}probe?journey=price-view&persona=iphone" | sed -n 's/^probe_success //p')" 1
for _ in $(seq 6); do get -o /dev/null -H 'X-Prometheus-Scrape-Timeout-Seconds: 0.004' "${face}probe?journey=price-view"; done
is "a hasty probe fails" "$(get -H 'X-Prometheus-Scrape-Timeout-Seconds: 0.0001' "${face}probe?journey=checkout" | sed -n 's/^probe_success //p')" 0
# An answer is given before the run has cleaned up behind it and is written down.
asked() { [ "$(metric 'shopper_runs_total{journey="price-view",persona="desktop",verdict="asked"}')" = 6 ]; }
wait_for "and all are counted as asked for" asked
is "it opens no incident" "$(get "${face}api/v1/incidents" | jq '.incidents | length')" 0
is "it is no failure" "$(metric 'shopper_runs_total{journey="price-view",persona="desktop",verdict="fail"}')" 0
failed_runs() { get "${face}api/v1/runs?journey=checkout&failed=true" | jq -c '[.runs[] | [.asked, .unjudged]] | unique'; }
is_written() { [ "$(failed_runs)" != "[]" ]; }
wait_for "the hasty probe is written down" is_written
is "it is a run that was asked for" "$(failed_runs)" "[[true,true]]"
is "a probe of nothing" "$(get -o /dev/null -w '%{http_code}' "${face}probe?journey=nothing")" 404
is "the name that the public knows" "$(get -o /dev/null -w '%{http_code}' -H 'Host: status.shop.example' "$face")" 200
is "a foreign name" "$(get -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$face")" 421

fault '{"fault":"prices-vanish"}'
wait_for "opened" grep -q '"type":"opened"' "$work/journal.jsonl"
wait_for "the page shows it" sh -c "curl -s '$face' | grep -q 'prices vanished for'"
is "probe fails" "$(get "${face}probe?journey=price-view" | sed -n 's/^probe_success //p')" 0
price_incident() { id=$(get "${face}api/v1/incidents" | jq -er '[.incidents[] | select(.stage == "price-view")][0].id'); }
wait_for "the stage's incident" price_incident
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

# --- Gauges go with what they are about; who cannot see is not ready
success() { get "${face}metrics" | grep -c "^probe_success{journey=\"price-view\",persona=\"$1\"}"; }
gone() { [ "$(success iphone)" = 0 ]; }
is "one for each persona" "$(success iphone) $(success desktop)" "1 1"
is "nobody is overdue for long" "$(($(gauge shopper_schedule_overdue_seconds | cut -d. -f1) < 60))" 1
sed -i 's/^personas:.*/personas: [desktop]/' "$work/journeys/price-view.yaml"
kill -HUP "$daemon"
wait_for "a persona that left is forgotten" gone
is "the other is not" "$(success desktop)" 1
echo 'control: ["http://127.0.0.1:1/"]' >>"$work/shopper.yaml"
kill -HUP "$daemon"
unready() { get "${face}api/v1/ready" | grep -q 'every control URL fails'; }
wait_for "blind is not ready" unready
is "and says so as a metric" "$(gauge shopper_ready)" 0
is "yet it is healthy" "$(get -o /dev/null -w '%{http_code}' "${face}-/healthy")" 200

# --- A probe answers when its steps are through, though cleaning up hangs
printf 'journey: stuck\nbase: %s\nsteps: [{name: look, get: /}]\nfinally: [{name: leave, get: /frozen, timeout: 8s, stall: 8s}]\n' \
  "$SHOP_URL" >"$work/journeys/stuck.yaml"
fault '{"fault":"freeze","path":"/frozen"}'
kill -HUP "$daemon"
known() { get --fail "${face}journeys/stuck" -o /dev/null; }
wait_for "the journey that is stuck" known
is "an answer while it cleans up" "$(get --max-time 6 "${face}probe?journey=stuck" | sed -n 's/^probe_success //p')" 1
is "it still does" "$(($(gauge shopper_runs_under_way) >= 1))" 1

stop_daemon
is "the end" $? 0
hasnt "the log" "$(cat "$work/daemon.log")" "$API_TOKEN"
finish
