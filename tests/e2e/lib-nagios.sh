# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A real Nagios for a story, with the definitions of packaging/nagios.
nagios=/usr/sbin/nagios4
[ -x "$nagios" ] || { echo "there is no $nagios: scripts/install-dependencies --tests"; exit 1; }

# start_nagios: the services of host "shop" come from standard input
start_nagios() {
  local home=$work/nagios
  mkdir -p "$home/results" "$home/rw" "$home/archives"
  printf '$USER1$=%s\n' "$bin" >"$home/resource.cfg"
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
$(cat)
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
}
# nagios_says SERVICE KEY
nagios_says() {
  awk -v service="$1" -v key="$2" '
    /^servicestatus/ { inside = 1; name = "" } /^\t}/ { inside = 0 }
    inside { line = $0; sub(/^\t/, "", line); at = index(line, "="); k = substr(line, 1, at - 1); v = substr(line, at + 1)
             if (k == "service_description") name = v
             if (name == service && k == key) { print v; exit } }' "$work/nagios/status.dat" 2>/dev/null
}
# nagios_state SERVICE STATE: whether it was checked and stands there: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
nagios_state() { [ "$(nagios_says "$1" has_been_checked)$(nagios_says "$1" current_state)" = "1$2" ]; }
