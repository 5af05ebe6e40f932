#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every example in the documents and in the manual is executed: whole journeys as they stand, fragments of a step inside one, personas
# as a file of them, command lines on the demo shop.
. "$(dirname "$0")/lib.sh"
documents=(README.md docs/*.md docs/reference/*.md)
manual=("$bin"/../generated/man/*)

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
# A page of the manual, its examples fenced as in Markdown.
fenced() {
  sed -e '/^\.EX/s/.*/```/' -e '/^\.EE/s/.*/```/' -e "s/\\\\&//g; s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\(ga/\`/g; s/\\\\(ti/~/g; s/\\\\(ha/^/g; s/\\\\e/\\\\/g" "$1" |
    awk '/^```/ && !inside { inside = 1; getline; print ($1 == "$" ? "```console" : "```yaml"); print; next } /^```/ { inside = 0 } { print }'
}
mkdir "$work/manual"
for page in "${manual[@]}"; do fenced "$page" >"$work/manual/$(basename "$page").md"; done
documents+=("$work"/manual/*.md)
is "the manual is there" "$((${#manual[@]} >= 4))" 1

for document in "${documents[@]}"; do
  mkdir -p "$work/blocks" && rm -f "$work/blocks/"*
  ln -sfn "$root/journeys/demo" "$work/blocks/journeys" # which examples of a configuration name
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
    case $(basename "$file") in
      sinks.*) check=("$bin/send_event" "$file") ;; # without a warning, too
      *) check=("$shopper" validate "$file") ;;
    esac
    "${check[@]}" >"$work/said" 2>&1 && ! grep -q ': warning: ' "$work/said" && ok || not_ok "$document: $(cat "$work/said")"
  done
done
is "examples were found" "$((count >= 6))" 1

# What the README shows of a failure is what the program says.
demo_shop
fault '{"fault":"prices-vanish"}'
blocks README.md "$work"
cp "$work/journey.1.yaml" "$work/price-view.yaml"
(cd "$work" && "$shopper" run price-view.yaml) >"$work/said" 2>&1
has "the README's failure" "$(cat "$work/said")" "$(grep -m 1 '^price-view.yaml:.*fail:' README.md)"
heal

# Command lines: each exits with 0 on a shop that is well, and has been watched.
"$bin/shopper-posture-past" "$work/past.db" shop && export SHOPPER_STORE=$work/past.db
export SHOP_EMAIL=shopper@example.com SHOP_PASSWORD=demo-password
mkdir "$work/here" && ln -s "$root"/* "$work/here/"
count=0
while IFS= read -r line; do
  count=$((count + 1))
  case $line in
    shopper* | check_shopper*) (cd "$work/here" && PATH=$bin:$PATH bash -c "$line") >"$work/said" 2>&1 && ok || not_ok "$line: $(cat "$work/said")" ;;
    pkg-config*shopper) ;; # tests/e2e/library.sh: that needs an installed library
    scripts/*) [ -x "${line%% *}" ] && ok || not_ok "there is no ${line%% *}" ;; # what CI and this very test are part of
    *) not_ok "an example that no test executes: $line" ;;
  esac
done < <(awk '/^```console/ { inside = 1; next } /^```/ { inside = 0 } inside && sub(/^\$ /, "")' "${documents[@]}" | sort -u)
is "command lines were found" "$((count >= 5))" 1

# What is shown below a command is what it prints, where that is the same every time.
mkdir "$work/shown"
awk -v to="$work/shown" '
  /^```console/ { inside = 1; next }
  /^```/        { inside = 0; file = ""; next }
  inside && sub(/^\$ /, "") { file = ""; if (/^shopper validate --cron .*--from/) { file = to "/" ++n; print > (file ".line") } next }
  file          { print > (file ".said") }' "${documents[@]}"
count=0
for said in "$work"/shown/*.said; do
  count=$((count + 1))
  line=$(cat "${said%.said}.line")
  is "what '$line' prints" "$(PATH=$bin:$PATH bash -c "$line" 2>&1)" "$(cat "$said")"
done
is "outputs were compared" "$((count >= 1))" 1

# Commands and options that the documents name exist.
help=$("$shopper" help; for name in $("$shopper" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vxE 'help|version'); do "$shopper" help "$name"; done; "$bin/check_shopper" --help)
for option in $(grep -ohE -- '`(shopper[^`]*|--[a-z-]+[^`]*)`' README.md docs/*.md docs/reference/*.md | grep -oE -- '(^|[ `])--[a-z-]+' | tr -d ' `' | sort -u); do
  has "option $option" "$help" "$option"
done
finish
