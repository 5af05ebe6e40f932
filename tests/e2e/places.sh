#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One outage, seen at all the places where people look: the status page, Nagios, and Alertmanager by way of a Prometheus that scrapes
# the daemon. Prices vanish: each of them says so. The shop heals: each of them says that, too. Meanwhile every query of every panel
# of the dashboards has something to show.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-nagios.sh"
. "$(dirname "$0")/lib-prometheus.sh"
for tool in prometheus prometheus-alertmanager chromium nginx; do
  command -v $tool >/dev/null || PATH=$PATH:/usr/sbin command -v $tool >/dev/null || { echo "$tool is missing: scripts/install-dependencies --tests"; exit 1; }
done
npm_packages tests/e2e/serve

# --- A shop, and the same behind TLS, so that there is a certificate to watch
demo_shop
tls_port=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
chmod 755 "$work"
cat >"$work/nginx.conf" <<END
pid $work/nginx.pid; daemon off; error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server {
    listen 127.0.0.1:$tls_port ssl; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    location / { proxy_pass $SHOP_URL; }
  }
}
END
PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
children+=($!)

# --- The daemon
watch_journey price-view checkout login
cp journeys/demo/accounts.csv "$work/journeys"
printf 'journey: safe\nbase: https://127.0.0.1:%s\nschedule: {every: 1s}\nsteps: [{name: look, get: /}]\n' "$tls_port" >"$work/journeys/safe.yaml"
cat >"$work/shopper.yaml" <<END
journeys: journeys
store: shopper.db
cacert: $work/cert.pem
http: {listen: "127.0.0.1:0"}
sinks: {journal: {journal: {path: $work/journal.jsonl}}}
END
start_daemon
wait_for "watching" grep -q watching "$work/daemon.log"
face=$(sed -n 's/.*status page: //p' "$work/daemon.log")
page_says() { curl -s "$face" | grep -q "$1"; }

# --- Prometheus and Alertmanager
alert_port=$(free_port)
printf 'route: {receiver: nobody, group_wait: 1s, group_interval: 1s}\nreceivers: [{name: nobody}]\n' >"$work/alertmanager.yaml"
prometheus-alertmanager --config.file="$work/alertmanager.yaml" --storage.path="$work/alerts" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:$alert_port" >"$work/alertmanager.out" 2>&1 &
children+=($!)
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [$root/dashboards/prometheus/*.rules.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$alert_port"]}]}]}
scrape_configs:
  - job_name: shopper
    static_configs: [{targets: ["$(sed 's,http://,,; s,/$,,' <<<"$face")"]}]
END
start_prometheus
alerts() { curl -s "http://127.0.0.1:$alert_port/api/v2/alerts?active=true" | jq -r '.[].labels | "\(.alertname) \(.severity)"' 2>/dev/null; }
alert_fires() { alerts | grep -q '^ShopperIncidentOpen sev1'; }
alert_is_over() { ! alert_fires; }

# --- Nagios: one service walks, one asks the daemon's store
for name in price-view; do sed "s|\${env.SHOP_URL}|$SHOP_URL|" "journeys/demo/$name.yaml" >"$work/$name.yaml"; done
start_nagios <<END
define service {
  use shopper-service
  host_name shop
  service_description price
  check_command check_shopper!$work/price-view.yaml!5!10
  check_interval 1
  retry_interval 1
  contacts nobody
}
define service {
  use shopper-service
  host_name shop
  service_description state
  check_command check_shopper_state!price-view!$work/shopper.db
  check_interval 1
  retry_interval 1
  contacts nobody
}
END

# --- All is well
wait_for "the page is green" page_says "Shoppers can shop"
wait_for "Nagios: the price is OK" nagios_state price 0
wait_for "Nagios: the state is OK" nagios_state state 0
ask_for "Prometheus sees the daemon" 'up{job="shopper"} == 1'
is "no alert" "$(alerts)" ""
tap green node "$root/tests/e2e/serve/look.js" "$pictures" "places-green=$face"

# --- Prices vanish
fault '{"fault":"prices-vanish","path":"/product/*"}'
wait_for "the page is red" page_says "cannot see the price"
wait_for "Nagios: no price is CRITICAL" nagios_state price 2
wait_for "Nagios: the state is CRITICAL" nagios_state state 2
has "Nagios says why" "$(nagios_says state plugin_output)" "price"
wait_for "Alertmanager: it fires" alert_fires
tap red node "$root/tests/e2e/serve/look.js" "$pictures" "places-red=$face"
[ -s "$pictures/places-red-1400-light.png" ] && ok || not_ok "no picture of the red page"

# --- What the dashboards ask
for dashboard in dashboards/grafana/*.json; do
  while read -r expression; do
    expression=${expression//\$journey/.+} expression=${expression//\$__rate_interval/1m} expression=${expression//\$__range/1h}
    expression=${expression//24h/1m}
    ask_for "$(basename "$dashboard")" "$expression"
  done < <(jq -r '[.panels[] | (.targets // [])[], ((.panels // [])[] | (.targets // [])[])] | .[].expr' "$dashboard")
done

# --- The shop heals
heal
wait_for "the page is green again" page_says "Shoppers can shop"
wait_for "Nagios: the price is OK again" nagios_state price 0
wait_for "Nagios: the state is OK again" nagios_state state 0
wait_for "Alertmanager: it is over" alert_is_over
tap healed node "$root/tests/e2e/serve/look.js" "$pictures" "places-healed=$face"
stop_daemon
finish
