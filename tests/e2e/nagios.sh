#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_shopper under a real Nagios and a real Icinga 2, with the definitions of packaging/: a shop that is well and one that is not
# reach the right states, and the performance data is understood.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-nagios.sh"
icinga=/usr/sbin/icinga2
[ -x "$icinga" ] || { echo "there is no $icinga: scripts/install-dependencies --tests"; exit 1; }
demo_shop
for name in price-view login; do sed "s|\${env.SHOP_URL}|$SHOP_URL|" "journeys/demo/$name.yaml" >"$work/$name.yaml"; done
cp journeys/demo/accounts.csv "$work/"
store=$work/shopper.db
printf 'journey: remembered\nbase: %s\nschedule: {every: 1s}\nsteps:\n  - {name: look, get: /}\n' "$SHOP_URL" >"$work/remembered.yaml"
"$shopper" daemon --store "$store" "$work/remembered.yaml" 2>"$work/daemon.err" &
children+=($!)

# await NAME COMMAND...: until it succeeds, for 30 s
await() {
  local name=$1
  shift
  for _ in $(seq 150); do "$@" && { ok; return; }; sleep 0.2; done
  not_ok "$name"
  return 1
}

# --- Nagios
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
  service_description login
  check_command check_shopper!$work/login.yaml!@0:100!200
  check_interval 1
  retry_interval 1
  contacts nobody
}
define service {
  use shopper-service
  host_name shop
  service_description state
  check_command check_shopper_state!remembered!$store
  check_interval 1
  retry_interval 1
  contacts nobody
}
END
await "Nagios: a price is OK: $(cat "$work/nagios.said")" nagios_state price 0 || { tail -n 20 "$work/nagios/nagios.log"; finish; }
has "Nagios: the line" "$(nagios_says price plugin_output)" "SHOPPER OK - "
has "Nagios: performance data" "$(nagios_says price performance_data)" "s;5;10;0;50.000000"
await "Nagios: a range makes a WARNING" nagios_state login 1
await "Nagios: the daemon's state is OK" nagios_state state 0
has "Nagios: its line" "$(nagios_says state plugin_output)" "SHOPPER OK - remembered [desktop] took"
has "Nagios: its steps and phases" "$(nagios_says state performance_data)" "'look wait'=0."
fault '{"fault":"prices-vanish"}'
await "Nagios: no price is CRITICAL" nagios_state price 2
has "Nagios: why" "$(nagios_says price plugin_output)" "no believable price"
has "Nagios: the long output" "$(nagios_says price long_plugin_output)" "trace id"
heal
await "Nagios: healed" nagios_state price 0

# --- Icinga 2
home=$work/icinga
mkdir -p "$home"/{data,run,log,cache,spool,conf,results}
cat >"$home/conf/icinga2.conf" <<END
const PluginDir = "$bin"
const NodeName = "test"
const ZoneName = "test"
object Endpoint NodeName { }
object Zone ZoneName { endpoints = [ NodeName ] }
object CheckerComponent "checker" { }
object FileLogger "log" { severity = "notice"; path = "$home/log/icinga2.log" }
object PerfdataWriter "results" {
  service_format_template = "\$service.name\$\t\$service.state\$\t\$service.perfdata\$\t\$service.output\$"
  service_temp_path = "$home/cache/services"; service_perfdata_path = "$home/results/services"; rotation_interval = 1s
  host_temp_path = "$home/cache/hosts"; host_perfdata_path = "$home/results/hosts"
}
include "$root/packaging/icinga2/shopper.conf"
object CheckCommand "nothing" { command = [ "/bin/true" ] }
object Host "shop" { check_command = "nothing" }
template Service "often" { import "shopper-service"; check_interval = 1s; retry_interval = 1s; host_name = "shop" }
object Service "price" { import "often"; vars.shopper_file = "$work/price-view.yaml"; vars.shopper_warning = 5; vars.shopper_critical = 10
  vars.shopper_timeout = "40:unknown"; vars.shopper_persona = [ "desktop", "iphone" ] }
object Service "login" { import "often"; vars.shopper_file = "$work/login.yaml"; vars.shopper_warning = "@0:100" }
object Service "state" { import "often"; vars.shopper_state = "remembered"; vars.shopper_store = "$store"; vars.shopper_verbose = true }
END
defines=(-DDataDir="$home/data" -DLogDir="$home/log" -DCacheDir="$home/cache" -DSpoolDir="$home/spool" -DInitRunDir="$home/run"
  -DConfigDir="$home/conf" -DPidPath="$home/run/icinga2.pid" -DStatePath="$home/data/icinga2.state" -DVarsPath="$home/cache/vars"
  -DObjectsPath="$home/cache/objects" -DModAttrPath="$home/data/modified" -DRunAsUser="$(id -un)" -DRunAsGroup="$(id -gn)")
ICINGA2_USER=$(id -un) ICINGA2_GROUP=$(id -gn) "$icinga" daemon -c "$home/conf/icinga2.conf" "${defines[@]}" >"$work/icinga.said" 2>&1 &
children+=($!)
# icinga_line SERVICE: its last result: name, state, performance data, first line of the output, between tabs
icinga_line() { cat "$home/results"/services* 2>/dev/null | awk -F '\t' -v service="$1" '$1 == service { line = $0 } END { print line }'; }
icinga_state() { [ "$(icinga_line "$1" | cut -f2)" = "$2" ]; }
await "Icinga: a price is OK" icinga_state price OK || { tail -n 30 "$work/icinga.said" "$home/log/icinga2.log"; finish; }
has "Icinga: the line" "$(icinga_line price | cut -f4)" "SHOPPER OK - 2 of 2 shoppers are well"
has "Icinga: performance data" "$(icinga_line price | cut -f3)" "'desktop time'=0."
await "Icinga: a range makes a WARNING" icinga_state login WARNING
await "Icinga: the daemon's state is OK" icinga_state state OK
fault '{"fault":"prices-vanish"}'
await "Icinga: no price is CRITICAL" icinga_state price CRITICAL
has "Icinga: why" "$(icinga_line price | cut -f4)" "no believable price"
heal
await "Icinga: healed" icinga_state price OK
hasnt "Icinga: it understands the data" "$(cat "$home/log/icinga2.log" "$work/icinga.said")" "gnoring invalid perfdata"
finish
