#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when an include, a link or a call goes up or sideways, or when a library is used on a floor that does not own it. The plan
# of floors is read out of ARCHITECTURE.md.
#   floors.sh [BUILD-DIRECTORY]   with one, what its objects call is looked at, too
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A level
while read -r number floor; do level[$floor]=$number; done < <(
  sed -n '/^```/,/^```/p' ARCHITECTURE.md | grep -oE '\[[0-9]+\] [a-z]+' | tr -d '[]')
# Header prefix, or a target of cmake/Dependencies.cmake -> the floor that owns it.
declare -A owner=([event2/]=loop [event.h]=loop [LIBEVENT]=loop [curl/]=http [CURL]=http [openssl/]=http [OPENSSL]=http
  [yaml.h]=text [YAML]=text [gumbo]=answer [GUMBO]=answer [libxml/]=answer [XML]=answer [pcre2]=answer [PCRE2]=answer
  [cjson/]=answer [cJSON]=answer [CJSON]=answer [sqlite3]=store [SQLITE]=store [shopper/]=library)

bad=0
complain() { printf '%s\n' "$1"; bad=1; }
is_below() { [ "${level[$1]}" -lt "${level[$2]}" ]; }
owns() { # FLOOR WHAT NAME
  for library in "${!owner[@]}"; do
    [[ $3 != "$library"* ]] || [ "${owner[$library]}" = "$1" ] || complain "$2: $3 belongs to ${owner[$library]}"
  done
}

# --- What the sources include
mapfile -t files < <(find src -name '*.[ch]' | sort)
[ ${#files[@]} -gt 200 ] || complain "only ${#files[@]} files were looked at"
for file in "${files[@]}"; do
  floor=${file#src/} floor=${floor%%/*}
  [ -n "${level[$floor]:-}" ] || { complain "$file: the floor '$floor' is not in the plan"; exit 1; }
done
while read -r file header; do
  floor=${file#src/} floor=${floor%%/*} name=${header#[\"<]} name=${name%[\">]} other=${name%%/*}
  case $header in
    *./*) complain "$file: $header does not go straight" ;;
    '<'*'>') owns "$floor" "$file" "$name" ;;
    '"'*'"')
      [ "$other" != "$name" ] || { complain "$file: $header does not name its floor"; continue; }
      [ "$other" != "$floor" ] || continue
      [ -n "${level[$other]:-}" ] || { complain "$file: $header is on no floor"; continue; }
      is_below "$other" "$floor" || complain "$file: $header does not stand below $floor"
      ;;
    *) complain "$file: what '$header' includes cannot be seen" ;;
  esac
done < <(awk 'sub(/^[ \t]*#[ \t]*include(_next)?[ \t]*/, "") {
  if (match($0, /^("[^"]*"|<[^>]*>)/)) $0 = substr($0, 1, RLENGTH)
  print FILENAME, $0
}' "${files[@]}")

# --- What the floors are linked with
floors=0
while read -r file floor words; do
  floors=$((floors + 1)) what=
  for word in $words; do
    case $word in
      SOURCES | ON | OWNS | SHOWS) what=$word ;;
      *)
        [ "$what" != ON ] || is_below "$word" "$floor" || complain "$file: $word does not stand below $floor"
        [[ $what != OWNS && $what != SHOWS ]] || owns "$floor" "$file" "${word#PkgConfig::}"
        ;;
    esac
  done
done < <(for file in src/*/CMakeLists.txt; do
  tr '\n' ' ' <"$file" | grep -oE 'shopper_floor\([^)]*\)' | sed "s|shopper_floor(\(.*\))|$file \1|" || true
done)
[ "$floors" -gt 15 ] || complain "only $floors floors were looked at"

# --- What the objects call
calls=0
if [ -n "${1:-}" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  for floor in "${!level[@]}"; do
    mapfile -t objects < <(find "$1/src/$floor" -name '*.o' 2>/dev/null)
    [ ${#objects[@]} -gt 0 ] || continue
    nm -g --defined-only "${objects[@]}" | awk -v floor="$floor" 'NF == 3 { print $3, floor }' >>"$work/defined"
    nm -u "${objects[@]}" | awk -v floor="$floor" 'NF == 2 && $1 == "U" { print $2, floor }' >>"$work/called"
  done
  while read -r symbol floor other; do
    calls=$((calls + 1))
    [ "$floor" = "$other" ] || is_below "$other" "$floor" || complain "$floor calls $symbol of $other"
  done < <(join <(sort -u "$work/called") <(sort -u "$work/defined"))
  [ "$calls" -gt 1000 ] || complain "only $calls calls were looked at"
fi

[ $bad = 0 ] && echo "${#files[@]} files, $floors floors, $calls calls: every one goes down"
exit $bad
