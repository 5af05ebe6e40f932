# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A real Prometheus for a story: started on $work/prometheus.yml, and asked until it has an answer.
start_prometheus() {
  prometheus_port=$(free_port)
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus_port" \
    --enable-feature=exemplar-storage --log.level=error >"$work/prometheus.log" 2>&1 &
  children+=($!)
}
query() { curl -sS --get --data-urlencode "query=$1" "http://127.0.0.1:$prometheus_port/api/v1/query" 2>/dev/null; }
# ask_for NAME QUERY: until there is an answer
ask_for() {
  for _ in $(seq 150); do
    answer=$(query "$2" | jq -r '[.data.result[] | select(.value[1] != "NaN")] | length' 2>/dev/null)
    [ "${answer:-0}" -gt 0 ] && { ok; return; }
    sleep 0.2
  done
  not_ok "$1: nothing in Prometheus for $2; $(curl -s "http://127.0.0.1:$prometheus_port/api/v1/targets" | jq -c '[.data.activeTargets[] | {scrapePool, lastError}]')"
}
