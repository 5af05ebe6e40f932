#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The HTTP face as others see it: promtool and a real Prometheus read its metrics, a validator holds the API to its description,
# and a real browser with axe looks at the pages. On a made-up daemon (tests/unit/serve), so that there is something to see.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-prometheus.sh"
for tool in promtool prometheus amtool chromium; do
  command -v $tool >/dev/null || { echo "$tool is missing: scripts/install-dependencies --tests"; exit 1; }
done

npm_packages tests/e2e/serve
host() { start "$1" "$bin/shopper-serve-host" "$1"; }
# Without the lines that say nothing.
get() { curl -sS --fail-with-body "$@"; }

host well; well=$address
host broken; broken=$address broken_pid=${children[-1]}
host hostile; hostile=$address
host none; none=$address
host many; many=$address many_pid=${children[-1]}

# --- Metrics: promtool has nothing to say, in the old format; a real Prometheus takes the new one.
for base in "$well" "$broken" "$hostile" "$none"; do
  is "promtool of $base" "$(get "$base/metrics" | promtool check metrics 2>&1)" ""
done
is "promtool of a probe" "$(get "$broken/probe?journey=checkout" | promtool check metrics 2>&1)" ""
has "the new format" "$(get -H 'Accept: application/openmetrics-text' "$broken/metrics" | tail -n 1)" "# EOF"

is "dashboards" "$(jq -r 'select((.panels | map(select(.type != "row" and (.description // "") == "")) | length) > 0) | .title' dashboards/grafana/*.json)" ""
# panels FILTER: titles of those that it selects
panels() { jq -r ".panels[] | select(.type != \"row\" and ($1)) | .title" dashboards/grafana/*.json; }
is "each panel has a unit" "$(panels '.fieldConfig.defaults.unit == null')" ""
is "rates over more than the pause between two runs" "$(panels '(.interval == null) and ([.targets[].expr | select(test("shopper_[a-z_]+_(total|bucket).*rate_interval"))] != [])')" ""
is "names in links are escaped" "$(panels '[.fieldConfig.defaults.links[]?.url | select(test("labels.journey}"))] != []')" ""
is "alert rules" "$(promtool check rules dashboards/prometheus/*.rules.yaml >"$work/rules" 2>&1; echo $?)" 0
is "tests of the alert rules" "$(promtool test rules dashboards/prometheus/tests.yaml >"$work/tests" 2>&1; echo $?)" 0
is "routing of alerts" "$(amtool check-config dashboards/alertmanager/routing.example.yaml >"$work/routing" 2>&1; echo $?)" 0
# routed ALERT LABEL...: where it goes
routed() { amtool config routes test --config.file=dashboards/alertmanager/routing.example.yaml "$@" 2>/dev/null; }
is "an outage by the rules" "$(routed alertname=ShopperJourneyFails source=mystery-shopper severity=sev2)" page
is "an outage by the daemon" "$(routed alertname=MysteryShopper severity=critical cause=stage:checkout/price)" page
is "a warning by the daemon" "$(routed alertname=MysteryShopper severity=info cause=certificate:shop.example)" mail
is "the prober's trouble by the daemon" "$(routed alertname=MysteryShopper severity=warning owner=prober cause=blind:trust)" prober-owners
for file in rules tests routing; do grep -qi 'fail\|error' "$work/$file" && cat "$work/$file"; done

cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [$root/dashboards/prometheus/*.rules.yaml]
scrape_configs:
  - job_name: shopper
    static_configs: [{targets: ["${broken#http://}"]}]
  - job_name: shopper-hostile
    static_configs: [{targets: ["${hostile#http://}"]}]
  - job_name: blackbox
    metrics_path: /probe
    params: {module: [http_2xx]}
    static_configs: [{targets: [checkout]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_journey}
      - {source_labels: [__param_journey], target_label: instance}
      - {target_label: __address__, replacement: "${broken#http://}"}
END
start_prometheus
ask_for "scraped" 'up{job="shopper"} == 1'
ask_for "scraped, hostile names and all" 'up{job="shopper-hostile"} == 1'
ask_for "probed as blackbox_exporter is" 'probe_success{job="blackbox", instance="checkout"} == 1'
ask_for "phases" 'sum by (phase) (probe_http_duration_seconds{job="blackbox"})'
ask_for "a histogram" 'histogram_quantile(0.95, sum by (le) (shopper_step_duration_seconds_bucket))'
ask_for "open incidents" 'shopper_incidents_open{severity="sev1"} == 1'
ask_for "a firing alert" 'ALERTS{alertname="ShopperIncidentOpen"}'
exemplars=$(curl -sS --get --data-urlencode 'query=shopper_step_duration_seconds_bucket' --data-urlencode "start=$(($(date +%s) - 3600))" \
  --data-urlencode "end=$(date +%s)" "http://127.0.0.1:$prometheus_port/api/v1/query_exemplars" | jq '[.data[].exemplars[].labels.trace_id] | length')
is "exemplars with trace ids" "$((exemplars > 0))" 1

# --- The examples of the document: configurations are ones, and commands work.
awk -v to="$work/doc" '/^```$/ && !inside { n++; inside = 1; next } /^```sh$/ { sh = inside = 1; next } /^```/ { inside = sh = 0 }
  inside { print > (to (sh ? ".sh" : "." n ".yml")) }' docs/http.md
for file in "$work"/doc.*.yml; do is "$file" "$(promtool check config "$file" >"$work/said" 2>&1; echo $?)" 0; done
sed -i "s,http://127.0.0.1:9180,$broken,; s,^curl,& -sS -o /dev/null," "$work/doc.sh"
is "the document's commands" "$(TOKEN="let me in" INCIDENT=01990000-0000-7000-8000-000000000002 bash -e "$work/doc.sh" >"$work/said" 2>&1; echo $?)" 0

# --- The API keeps to its description.
tap api node "$root/tests/e2e/serve/api.js" "$root/docs/openapi.json" "$broken" "let me in"

# --- The pages in a real browser.
run=$(get "$broken/api/v1/runs?failed=true&journey=checkout&limit=1" | jq -r '.runs[0].id')
hostile_run=$(get "$hostile/api/v1/runs?failed=true&limit=1" | jq -r '.runs[0].id')
hostile_journey=$(get "$hostile/api/v1/journeys" | jq -r '.journeys[0].name | @uri')
incident=01990000-0000-7000-8000-000000000002
# The last cell of the last strip of a journey that fails.
cell=$(get "$broken/" | grep -o '/journeys/checkout?from=[^"]*' | tail -n 1 | sed 's/&amp;/\&/g')
tap look node "$root/tests/e2e/serve/look.js" "$pictures" "overview=$broken/" "well=$well/" "none=$none/" "many=$many/" \
  "incident=$broken/incidents/$incident" "run=$broken/runs/$run" "journey=$broken/journeys/checkout" "span=$broken$cell" \
  "hostile=$hostile/" "hostile-run=$hostile/runs/$hostile_run" "hostile-journey=$hostile/journeys/$hostile_journey" \
  "hostile-incident=$hostile/incidents/01990000-0000-7000-8000-000000000004" "nothing=$well/runs/nothing"

# --- What they say.
page=$(get "$broken/")
has "the sentence" "$page" "Some shoppers cannot see the price."
has "the open incident" "$page" "prices vanished for 3 of 5 shoppers"
has "the strip" "$page" "The last 30 days, in 30 parts of 1 d"
has "the promise" "$page" "99 % is promised over 30 d"
page=$(get "$broken/journeys/checkout")
has "the journey's promise" "$page" "Of the error budget "
has "its stages" "$page" "Stages, over 30 d"
has "well" "$(get "$well/")" "Shoppers can shop."
has "none" "$(get "$none/")" "Nobody has walked yet."
page=$(get "$broken$cell")
has "a cell: its incidents" "$page" "prices vanished for 3 of 5 shoppers"
has "a cell: its runs" "$page" "could not shop"
# Of yesterday: today may be young.
page=$(get "$broken$(get "$broken/" | grep -o '/journeys/checkout?from=[^"]*' | tail -n 2 | head -n 1 | sed 's/&amp;/\&/g')")
older=$(grep -o '/journeys/checkout?until=[^"]*' <<<"$page" | sed 's/&amp;/\&/g')
older_page=$(get "$broken$older")
has "older runs" "$older_page" "could shop"
is "older runs are others" "$(comm -12 <(grep -o '/runs/[^"]*' <<<"$page" | sort) <(grep -o '/runs/[^"]*' <<<"$older_page" | sort) | wc -l)" 0
is "a time that is none" "$(curl -s -o /dev/null -w '%{http_code}' "$broken/journeys/checkout?from=yesterday")" 400
page=$(get "$broken/incidents/$incident")
for part in "What happened" "Who is affected" "core path down" "Who was told" "Step by step" "Compared with the last good run" "Bytes now</th>" "<del>€12.50</del>"; do
  has "the incident's page" "$page" "$part"
done

# --- It lives: a change reaches the page without a reload.
tap live node "$root/tests/e2e/serve/live.js" "$broken/" "$broken_pid" "$broken/runs/$run" "$many/" "$many_pid"
finish
