#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every example in the documents and in the manual is executed: whole journeys as they stand, fragments of a step inside one, personas
# as a file of them, command lines on the demo shop, what administrators write and run in a root of its own. A block of any other kind
# is a failure.
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

# --- Which kinds of blocks there are, and who executes them. Without a word it is what a program prints.
while IFS=$'\t' read -r document kind; do
  case "$document:$kind" in
    *:console | *:yaml | *:yaml\ step | *:yaml\ personas | *:yaml\ sinks) ;; # here
    README.md: | docs/reports.md: | docs/nagios.md: | docs/nagios.md:ini | docs/nagios.md:sh | docs/performance.md:sh) ;; # here, by name
    docs/http.md: | docs/http.md:sh) grep -q "' $document\$" tests/e2e/serve.sh && ok || not_ok "tests/e2e/serve.sh does not read $document" ;;
    *) not_ok "$document: an example of a kind that no test executes: \`\`\`$kind" ;;
  esac
done < <(awk '/^ *(```|~~~)/ { if (!inside) { sub(/^ *(```|~~~) */, ""); print FILENAME "\t" $0 } inside = !inside }' "${documents[@]}")

# block DOCUMENT KIND N: the N-th of this kind
block() { awk -v kind="$2" -v wanted="$3" '/^```/ { if (!inside) { word = substr($0, 4); n += word == kind } inside = !inside; next } inside && word == kind && n == wanted' "$1"; }
# How many of a kind a document has
blocks_of() { awk -v kind="$2" '/^```/ { if (!inside) n += substr($0, 4) == kind; inside = !inside } END { print n + 0 }' "$1"; }

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
is "what the README shows" "$(blocks_of README.md '')" 2
has "the README's failure" "$(cat "$work/said")" "$(block README.md '' 1)"
is "what docs/reports.md shows" "$(blocks_of docs/reports.md '')" 1
has "a failure, whole" "$(cat "$work/said")" "$(block docs/reports.md '' 1)"

# What docs/nagios.md shows of a check, but for its times and what is left out at its end.
timeless() { sed -E 's/[0-9]+\.[0-9]{6}s/TIMEs/g'; }
SHOP_EMAIL=shopper@example.com SHOP_PASSWORD=demo-password "$bin/check_shopper" -f journeys/demo/full.yaml -w 5 -c 10 | timeless >"$work/said"
is "what docs/nagios.md shows" "$(blocks_of docs/nagios.md '')" 1
while IFS= read -r line; do has "a check says" "$(cat "$work/said")" "${line% ...}"; done < <(block docs/nagios.md '' 1 | timeless)

# The incident that the README shows, but for its hour.
watch_journey price-view
printf 'journeys: journeys\nstore: shopper.db\n' >"$work/shopper.yaml"
start_daemon
wait_for "the README's incident" sh -c "'$shopper' incidents --store '$work/shopper.db' | grep -q 'for 2 of 2'"
hourless() { sed -E 's/ since [0-9:]+ / since HOUR /'; }
has "the README's incident" "$("$shopper" incidents --store "$work/shopper.db" | hourless)" "$(block README.md '' 2 | hourless)"
heal

# --- What administrators are told: a drop-in for the packaged unit, and commands, on a machine that is a directory.
machine=$work/machine
mkdir -p "$machine"/{etc/systemd/system/shopper.service.d,usr/lib/systemd/system,usr/bin,bin,stub}
is "what docs/nagios.md has for administrators" "$(blocks_of docs/nagios.md ini) $(blocks_of docs/nagios.md sh)" "1 1"
block docs/nagios.md ini 1 >"$machine/etc/systemd/system/shopper.service.d/override.conf"
cp packaging/systemd/shopper.service "$machine/usr/lib/systemd/system/"
for program in usr/bin/shopper bin/kill; do printf '#!/bin/sh\n' >"$machine/$program" && chmod +x "$machine/$program"; done
for unit in sysinit network-online; do printf '[Unit]\n' >"$machine/usr/lib/systemd/system/$unit.target"; done
if command -v systemd-analyze >/dev/null; then
  is "the drop-in" "$(systemd-analyze verify --root="$machine" --man=no shopper.service 2>&1 | grep override.conf)" ""
fi
user=$(sed -n 's/^User=//p' "$machine/etc/systemd/system/shopper.service.d/override.conf")
group=$(sed -n 's/^Group=//p' "$machine/etc/systemd/system/shopper.service.d/override.conf")
printf 'root:x:0:0::/root:/bin/sh\nnagios:x:100:100::/:/bin/sh\n%s:x:101:101::/:/bin/sh\n' "$user" >"$machine/etc/passwd"
printf 'root:x:0:\nnagios:x:100:\n%s:x:101:\n' "$group" >"$machine/etc/group"
printf '#!/bin/sh\n[ "$(id -u)" != 0 ] || exec "%s" --prefix "%s" "$@"\n' "$(PATH=$PATH:/usr/sbin command -v usermod)" "$machine" >"$machine/stub/usermod"
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$machine/asked" >"$machine/stub/systemctl"
chmod +x "$machine"/stub/*
block docs/nagios.md sh 1 | sed "s,/var/lib/shopper/,$work/," >"$work/commands.sh"
PATH=$machine/stub:$PATH bash -e "$work/commands.sh" >"$work/said" 2>&1
is "the commands" "$? $(cat "$work/said")" "0 "
[ "$(id -u)" != 0 ] || is "nagios is let in" "$(grep "^$group:" "$machine/etc/group")" "$group:x:101:nagios"
is "the service is asked for" "$(cat "$machine/asked")" "restart shopper"
stop_daemon
start_daemon
wait_for "a log as readable as the store" sh -c "[ \"\$(stat -c %a '$work/shopper.db-wal')\" = 640 ]"
stop_daemon

# --- What measures: the programs of a release build, each part by a name that there is.
mkdir -p "$work/checkout/tests/bench" "$work/checkout/stub"
cp tests/bench/run.sh "$work/checkout/tests/bench/" && cp CMakePresets.json "$work/checkout/"
for part in tests/bench/*.sh; do
  [ "$part" = tests/bench/run.sh ] || install -m 755 /dev/stdin "$work/checkout/$part" <<<$'#!/bin/sh\n[ "$1" = build/release/bin ] && { [ $# = 1 ] || [ "$2 $3" = "--json history.jsonl" ]; }'
done
install -m 755 /dev/stdin "$work/checkout/stub/cmake" <<END
#!/bin/sh
[ "\$1" != --build ] || { build=--build; shift; }
[ "\$1 \$#" = "--preset 2" ] && "$(command -v cmake)" \$build --list-presets | grep -q "\"\$2\""
END
is "what docs/performance.md has" "$(blocks_of docs/performance.md sh)" 1
block docs/performance.md sh 1 >"$work/checkout/commands.sh"
(cd "$work/checkout" && PATH=$work/checkout/stub:$PATH bash -e commands.sh) >"$work/said" 2>&1 && ok || not_ok "docs/performance.md: $(cat "$work/said")"

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
