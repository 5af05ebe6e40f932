#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when an include goes up, or sideways, or when a library is used on a floor that does not own it.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A level=([base]=0 [text]=1 [answer]=2 [loop]=2 [journey]=3 [http]=3 [run]=4 [import]=4 [report]=5 [judge]=5
  [library]=6 [store]=6 [sink]=6 [posture]=7 [watch]=8 [serve]=8 [app]=9 [check]=9 [generate]=10)
# Header prefix -> the floors that may include it.
declare -A owner=([event2/]="loop" [event.h]="loop" [curl/]="http" [openssl/]="http" [yaml.h]="text"
  [gumbo]="answer" [libxml/]="answer" [pcre2]="answer" [cjson/]="answer" [cJSON]="answer" [sqlite3]="store")

bad=0 count=0
complain() { printf '%s\n' "$1"; bad=1; }

for file in src/*/*.[ch]; do
  floor=${file#src/} floor=${floor%%/*}
  [ -n "${level[$floor]:-}" ] || { complain "$file: the floor '$floor' is not in the plan"; continue; }
  count=$((count + 1))
  while read -r header; do
    for library in "${!owner[@]}"; do
      case $header in "$library"*)
        [[ " ${owner[$library]} " == *" $floor "* ]] || complain "$file: <$header> belongs to ${owner[$library]}" ;;
      esac
    done
  done < <(sed -n 's/^#include <\([^>]*\)>.*/\1/p' "$file")
  while read -r header; do
    other=${header%%/*}
    [ "$other" = "$header" ] && { complain "$file: \"$header\" does not name its floor"; continue; }
    [ "$other" = "$floor" ] && continue
    [ -n "${level[$other]:-}" ] || { complain "$file: \"$header\" is on no floor"; continue; }
    [ "${level[$other]}" -lt "${level[$floor]}" ] || complain "$file: \"$header\" does not stand below $floor"
  done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
done

[ "$count" -gt 20 ] || complain "only $count files were looked at"
[ $bad = 0 ] && echo "$count files: every include goes down"
exit $bad
