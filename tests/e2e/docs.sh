#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every example in the documents is valid: whole journeys as they stand, fragments of a step inside one, personas as a file of them.
. "$(dirname "$0")/lib.sh"

# Splits the fenced yaml blocks of a document into files named KIND.N.yaml.
blocks() {
  awk -v to="$2" '
    /^```yaml/ { kind = $2 ? $2 : "journey"; n++; file = to "/" kind "." n ".yaml"; inside = 1
                 if (kind == "step") print "journey: example\nbase: http://shop.example\nsteps:\n  - name: a step" > file
                 next }
    /^```/     { if (inside) close(file); inside = 0; next }
    inside     { print (kind == "step" ? "    " : "") $0 > file }' "$1"
}
count=0
for document in README.md docs/*.md; do
  mkdir -p "$work/blocks" && rm -f "$work/blocks/"*
  blocks "$document" "$work/blocks"
  for file in "$work/blocks"/*.yaml; do
    [ -e "$file" ] || continue
    count=$((count + 1))
    case $(basename "$file") in
      step.*) grep -qE '^    (get|post|put|patch|delete|head):' "$file" || sed -i 's/- name: a step/&\n    get: \//' "$file" ;;
      personas.*)
        printf 'journey: j\nbase: http://127.0.0.1:1\nsteps:\n  - {name: a, get: /}\n' >"$work/j.yaml"
        "$shopper" run "$work/j.yaml" --personas "$file" --persona kiosk >"$work/said" 2>&1
        code=$?
        is "$document: personas" "$code" 1
        continue ;;
    esac
    "$shopper" validate "$file" >"$work/said" 2>&1 && ok || not_ok "$document: $(cat "$work/said")"
  done
done
is "examples were found" "$((count >= 4))" 1

# What the README shows of a failure is what the program says.
demo_shop
fault '{"fault":"prices-vanish"}'
blocks README.md "$work"
cp "$work/journey.1.yaml" "$work/price-view.yaml"
(cd "$work" && "$shopper" run price-view.yaml) >"$work/said" 2>&1
has "the README's failure" "$(cat "$work/said")" "$(grep -m 1 '^price-view.yaml:.*fail:' README.md)"
heal

# Commands and options that the documents name exist.
help=$("$shopper" run --help; "$shopper" validate --help; "$shopper" help)
for option in $(grep -ohE -- '`(shopper[^`]*|--[a-z-]+[^`]*)`' README.md docs/journey-language.md docs/reports.md | grep -oE -- '(^|[ `])--[a-z-]+' | tr -d ' `' | sort -u); do
  has "option $option" "$help" "$option"
done
finish
