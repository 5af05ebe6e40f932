#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every benchmark, or those named, one after the other.
#   run.sh BIN-DIRECTORY [--short] [--json FILE] [NAME...]
# --short: seconds instead of minutes, to see that they run. --json: appends one line of history for each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:?usage: run.sh BIN-DIRECTORY [--short] [--json FILE] [NAME...]}
shift
all=(cost cold schedule honesty history waiting peers)
options=() names=()
while [ $# -gt 0 ]; do
  case $1 in
    --short) options+=(--short) ;;
    --json) options+=(--json "${2:?--json needs a file}"); shift ;;
    -*) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    *) [ -x "$here/$1.sh" ] || { echo "run.sh: there is no $1, but ${all[*]}" >&2; exit 2; }; names+=("$1") ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || names=("${all[@]}")
code=0
for name in "${names[@]}"; do
  printf -- '--- %s\n' "$name"
  "$here/$name.sh" "$bin" "${options[@]}" || code=1
done
exit $code
