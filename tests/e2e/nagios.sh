#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_shopper under a real Nagios and a real Icinga 2, with the definitions of packaging/: a shop that is well and one that is not
# reach the right states, and the performance data is understood.
. "$(dirname "$0")/lib.sh"
nagios=/usr/sbin/nagios4 icinga=/usr/sbin/icinga2
for program in "$nagios" "$icinga"; do
  [ -x "$program" ] || { echo "there is no $program: scripts/install-dependencies --tests"; exit 1; }
done
demo_shop
for name in price-view login; do sed "s|\${env.SHOP_URL}|$SHOP_URL|" "journeys/demo/$name.yaml" >"$work/$name.yaml"; done
cp journeys/demo/accounts.csv "$work/"
plugins=$(cd "$bin" && pwd)
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
home=$work/nagios
mkdir -p "$home/results" "$home/rw" "$home/archives"
printf '$USER1$=%s\n' "$plugins" >"$home/resource.cfg"
cat >"$home/objects.cfg" <<END
define timeperiod {
  timeperiod_name 24x7
  alias always
  monday 00:00-24:00
  tuesday 00:00-24:00
  wednesday 00:00-24:00
  thursday 00:00-24:00
  friday 00:00-24:00
  saturday 00:00-24:00
  sunday 00:00-24:00
}
define contact {
  contact_name nobody
  service_notifications_enabled 0
  host_notifications_enabled 0
  service_notification_period 24x7
  host_notification_period 24x7
  service_notification_commands nothing
  host_notification_commands nothing
}
define command {
  command_name nothing
  command_line /bin/true
}
define host {
  host_name shop
  address 127.0.0.1
  max_check_attempts 1
  check_period 24x7
  contacts nobody
}
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
cat >"$home/nagios.cfg" <<END
log_file=$home/nagios.log
cfg_file=$home/objects.cfg
cfg_file=$root/packaging/nagios/shopper.cfg
resource_file=$home/resource.cfg
object_cache_file=$home/objects.cache
precached_object_file=$home/objects.precache
status_file=$home/status.dat
status_update_interval=1
state_retention_file=$home/retention.dat
temp_file=$home/temp
temp_path=$home
check_result_path=$home/results
command_file=$home/rw/nagios.cmd
query_socket=$home/rw/nagios.qh
lock_file=$home/nagios.pid
log_archive_path=$home/archives
nagios_user=$(id -un)
nagios_group=$(id -gn)
check_external_commands=0
interval_length=1
service_inter_check_delay_method=n
max_service_check_spread=1
enable_notifications=0
process_performance_data=1
illegal_object_name_chars=\`~!\$%^&*|'"<>?,()=
illegal_macro_output_chars=\`~\$&|'"<>
END
"$nagios" -v "$home/nagios.cfg" >"$work/nagios.said" 2>&1 && ok || not_ok "the definitions: $(cat "$work/nagios.said")"
"$nagios" "$home/nagios.cfg" >>"$work/nagios.said" 2>&1 &
children+=($!)
# nagios_says SERVICE KEY
nagios_says() {
  awk -v service="$1" -v key="$2" '
    /^servicestatus/ { inside = 1; name = "" } /^\t}/ { inside = 0 }
    inside { line = $0; sub(/^\t/, "", line); at = index(line, "="); k = substr(line, 1, at - 1); v = substr(line, at + 1)
             if (k == "service_description") name = v
             if (name == service && k == key) { print v; exit } }' "$home/status.dat" 2>/dev/null
}
nagios_state() { [ "$(nagios_says "$1" has_been_checked)$(nagios_says "$1" current_state)" = "1$2" ]; }
await "Nagios: a price is OK: $(cat "$work/nagios.said")" nagios_state price 0 || { tail -n 20 "$home/nagios.log"; finish; }
has "Nagios: the line" "$(nagios_says price plugin_output)" "SHOPPER OK - "
has "Nagios: performance data" "$(nagios_says price performance_data)" "s;5;10;0;50.000000"
await "Nagios: a range makes a WARNING" nagios_state login 1
await "Nagios: the daemon's state is OK" nagios_state state 0
has "Nagios: its line" "$(nagios_says state plugin_output)" "SHOPPER OK - remembered [desktop] took"
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
const PluginDir = "$plugins"
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
