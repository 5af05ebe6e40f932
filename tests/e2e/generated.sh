#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is written from the tables: kept copies are up to date, the manual is well-formed, shells complete, and everything is
# installed where Debian expects it.
. "$(dirname "$0")/lib.sh"
generated=$bin/../generated
mapfile -t commands < <("$shopper" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vxE 'help|version')
is "there are commands" "$((${#commands[@]} >= 2))" 1

# --- Copies in the repository
same() { diff -u "$1" "$generated/$2" >"$work/said" && ok || not_ok "$1 is out of date; build the target update-generated: $(head -n 20 "$work/said")"; }
same journeys/journey.schema.json journey.schema.json
same journeys/shopper.schema.json shopper.schema.json
for page in "$generated"/reference/*.md; do same "docs/reference/$(basename "$page")" "reference/$(basename "$page")"; done
is "no page too many" "$(ls docs/reference)" "$(ls "$generated/reference")"

# --- The manual: a page for every command, and for the language. A date would differ from build to build.
for page in shopper.1 check_shopper.1 shopper-journey.5 shopper.yaml.5 $(printf 'shopper-%s.1 ' "${commands[@]}"); do
  [ -s "$generated/man/$page" ] && ok || not_ok "no manual page $page"
done
is "pages" "$(find "$generated/man" -type f | wc -l)" "$((${#commands[@]} + 4))"
if command -v mandoc >/dev/null; then
  for page in "$generated"/man/*; do
    is "mandoc on $page" "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'missing date')" ""
    is "$(basename "$page") has a name" "$(mandoc -T utf8 "$page" | sed 's/.\x08//g' | grep -c '^NAME')" 1
  done
fi
if command -v groff >/dev/null; then
  for page in "$generated"/man/*; do is "groff on $page" "$(groff -ww -man -Tutf8 -z "$page" 2>&1)" ""; done
fi
# Every option that --help shows is in the manual and on the reference page.
for option in $("$bin/check_shopper" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
  has "check_shopper $option in the manual" "$(tr -d '\\' <"$generated/man/check_shopper.1")" "$option"
  has "check_shopper $option on the page" "$(cat docs/reference/check_shopper.md)" "$option"
done
for command in "${commands[@]}"; do
  for option in $("$shopper" "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
    has "$command $option in the manual" "$(tr -d '\\' <"$generated/man/shopper-$command.1")" "$option"
    has "$command $option on the page" "$(cat docs/reference/commands.md)" "$option"
  done
done

# --- bash
complete_bash() ( # WORD...: what the last one may become
  cd "$root" || exit
  # shellcheck disable=SC1091
  . "$generated/completion/shopper"
  COMP_WORDS=(shopper "$@") COMP_CWORD=$#
  _shopper
  printf '%s ' "${COMPREPLY[@]}"
)
is "bash: a command" "$(complete_bash va)" "validate "
has "bash: all commands" "$(complete_bash '')" "run daemon "
is "bash: an option" "$(complete_bash run --evi)" "--evidence "
has "bash: all options" "$(complete_bash run --)" "--persona --personas --stage "
is "bash: a persona" "$(complete_bash run --persona ip)" "iphone "
is "bash: by letter" "$(complete_bash run -p ip)" "iphone "
is "bash: after =" "$(complete_bash run --report = ju)" "junit "
is "bash: right after =" "$(complete_bash run --report =)" "text json junit tap har "
is "bash: a file" "$(complete_bash run journeys/demo/price)" "journeys/demo/price-view.yaml "
is "bash: a directory" "$(complete_bash run --evidence journeys/de)" "journeys/demo "
is "bash: an option's own" "$(complete_bash run --deadline 3)" " "
is "bash: what a command can do" "$(complete_bash import '')" "har curl "
is "bash: of another" "$(complete_bash incidents '')" "list show run ack unack "
is "bash: the rest are files" "$(complete_bash import har journeys/demo/price)" "journeys/demo/price-view.yaml "
is "bash: a command of help" "$(complete_bash help va)" "validate "
is "bash: formats" "$(complete_bash validate --format '')" "human json sarif "
is "bash: an unknown command" "$(complete_bash rum --)" " "
for command in "${commands[@]}"; do
  # shellcheck disable=SC2086 # words
  is "bash: the options of $command" "$(printf '%s\n' $(complete_bash "$command" --) | sort)" \
    "$("$shopper" "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort)"
done

# --- zsh and fish, where they are
if command -v zsh >/dev/null; then
  zsh -fn "$generated/completion/_shopper" 2>"$work/said" && ok || not_ok "zsh: $(cat "$work/said")"
  # What the completion hands to zsh's own functions.
  cat >"$work/ask.zsh" <<'END'
_describe() { print -r -- describe ${(P)2} }
_arguments() { print -rl -- "$@" }
words=(${=ASKED}) CURRENT=$#words
source "$1"
END
  has "zsh: commands" "$(ASKED='shopper r' zsh -f "$work/ask.zsh" "$generated/completion/_shopper")" "validate:"
  said=$(ASKED='shopper run --' zsh -f "$work/ask.zsh" "$generated/completion/_shopper")
  has "zsh: options" "$said" "*--persona=[only as this persona; repeatable]:NAME:(desktop iphone android-app)"
  has "zsh: files" "$said" "*:file:_files"
  has "zsh: what a command can do" "$(ASKED='shopper sink x' zsh -f "$work/ask.zsh" "$generated/completion/_shopper")" "1:action:(list test)"
fi
if command -v fish >/dev/null; then
  export XDG_CONFIG_HOME=$work/fish XDG_DATA_HOME=$work/fish
  complete_fish() { fish --no-config -c "source '$generated/completion/shopper.fish'; complete -C '$1'" 2>&1 | cut -f 1 | tr '\n' ' '; }
  fish --no-execute "$generated/completion/shopper.fish" 2>"$work/said" && ok || not_ok "fish: $(cat "$work/said")"
  is "fish: a command" "$(complete_fish 'shopper va')" "validate "
  is "fish: an option" "$(complete_fish 'shopper run --evi')" "--evidence "
  is "fish: a persona" "$(complete_fish 'shopper run --persona ip')" "iphone "
  is "fish: what a command can do" "$(complete_fish 'shopper import ha')" "har "
  is "fish: a command of help" "$(complete_fish 'shopper help va')" "validate "
  is "fish: a format" "$(complete_fish 'shopper run --report ju')" "junit "
fi

# --- Installed
to=$work/prefix
DESTDIR=$to cmake --install "$bin/.." --prefix /usr >"$work/said" 2>&1 && ok || not_ok "install: $(cat "$work/said")"
installed=$(cd "$to" && find . -type f -o -type l | sed 's/^\.//' | sort)
there() { grep -qxE "$1" <<<"$installed" && ok || not_ok "not installed: $1"; }
there '/usr/bin/shopper'
there '/usr/lib/([a-z0-9_-]+/)?libshopper\.so'
there '/usr/lib/([a-z0-9_-]+/)?libshopper\.so\.[0-9]+'
there '/usr/lib/([a-z0-9_-]+/)?libshopper\.so\.[0-9]+\.[0-9]+\.[0-9]+'
there '/usr/lib/([a-z0-9_-]+/)?pkgconfig/shopper\.pc'
there '/usr/include/shopper/shopper\.h'
there '/usr/share/man/man1/shopper\.1'
for command in "${commands[@]}"; do there "/usr/share/man/man1/shopper-$command\.1"; done
there '/usr/share/man/man5/shopper-journey\.5'
there '/usr/share/man/man5/shopper\.yaml\.5'
there '/usr/lib/systemd/system/shopper\.service'
has "the unit starts what was installed" "$(grep ^ExecStart= "$to/usr/lib/systemd/system/shopper.service")" "=/usr/bin/shopper daemon"
DESTDIR=$work/other cmake --install "$bin/.." --prefix /opt/shop >/dev/null 2>&1
has "wherever that is" "$(grep ^ExecStart= "$work/other/opt/shop/lib/systemd/system/shopper.service")" "=/opt/shop/bin/shopper daemon"
doc=$to/usr/share/doc/mystery-shopper
while IFS=: read -r page link; do
  [ -e "$(dirname "$page")/$link" ] && ok || not_ok "${page#"$doc"/}: nothing is at $link"
done < <(grep -roE '\]\((\.\./|[A-Za-z0-9])[^):#]*' --include=*.md "$doc" | sed 's/\](//' | grep -v 'https\?$')
there '/usr/share/bash-completion/completions/shopper'
there '/usr/share/zsh/vendor-completions/_shopper'
there '/usr/share/fish/vendor_completions\.d/shopper\.fish'
there '/usr/share/shopper/journeys/journey\.schema\.json'
there '/usr/share/shopper/journeys/demo/full\.yaml'
there '/usr/share/doc/mystery-shopper/README\.md'
there '/usr/share/doc/mystery-shopper/journey-language\.md'
there '/usr/share/doc/mystery-shopper/examples/embed\.c'
is "nothing of the tests or the build is installed" "$(grep -E 'demo-shop|fault-proxy|shopper-generate|\.a$|cmocka' <<<"$installed")" ""
is "nothing stands elsewhere" "$(grep -vE '^/usr/(bin|include/shopper|lib(/[a-z0-9_-]+)?(/pkgconfig)?|lib/nagios/plugins|lib/systemd/system|share/(man/man[15]|bash-completion/completions|zsh/vendor-completions|fish/vendor_completions\.d|shopper/.*|doc/mystery-shopper(/.*)?))/[^/]+$' <<<"$installed")" ""
has "the installed check finds its modules" "$("$to/usr/lib/nagios/plugins/check_shopper" --state x --store /nowhere)" "there is no store of a daemon at /nowhere"
has "both of them" "$("$to/usr/lib/nagios/plugins/check_shopper" -f /nowhere)" "cannot read /nowhere"
is "the installed journeys are valid" "$("$shopper" validate --quiet "$to/usr/share/shopper/journeys" 2>&1)" ""
finish
