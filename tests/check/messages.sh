#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a message that people read of a failed step, of a misspelt journey or command line, of a recording, in a report, or of the
# daemon's own troubles and those of sinks stands in no golden file: whoever writes one shows how it reads.
set -euo pipefail
cd "$(dirname "$0")/../.."

files=(src/answer/*.c
  src/http/{curl_loop,decode,exchange,failure,hop,receive,redirect,resolver,tls_failure}.c
  src/run/{captures,checks,owed,request,rules,run,variables,walk}.c
  src/{app,base,check,import,journey,judge,library,loop,posture,report,serve,sink,store,text,watch}/*.c
  src/generate/main.c) # what the others of it write stands in docs/reference, see tests/e2e/generated.sh
golden=$(cat tests/golden/*/* docs/reference/*.md) # the latter say what keys mean
golden+=$(tr -s '\n ' ' ' <<<"$golden")            # help is wrapped

# What no test of these floors brings about.
unheard() {
  case $1 in
    'cannot set up the HTTP client' | *'there is no thread for it' | 'no thread to ask with') ;; # a machine at its end
    'no reason given' | 'without a name') ;;                                                 # where others say nothing
    '%s does not answer on port %d') ;;                                                      # two minutes of the kernel's patience
    *'and then did' | 'none, and then one') ;;                                               # a name server that changes its mind
    *'and its answer is lost') ;;                                                            # by chance, see test_http2.c
    'the base is not known: %s' | 'no account was free'* | 'account %zu') ;;                 # said of a journey or a run: no step's
    "the request's body is too large") ;;                                                    # our own bounds
    "'%s' is no URL: %s" | '%s is not set') ;;                                               # told when a journey is loaded
    'there is no memory to parse the page') ;;                                               # a machine at its end
    *'is too large to parse') ;;                                                             # 64 gigabytes in one piece
    *'takes too long to parse') ;;                                                           # by the processor's clock
    'the page is in the encoding %s'*) ;;                                                    # a C library without that encoding
    'not JSON: it cannot be read' | 'it cannot be read') ;;                                  # a library that finds other faults than we
    'Date: %s'* | '%2d %3s'*) ;;                                                             # no message: how dates are written
    '(a secret)' | 'a list of windows' | 'the run could not start' | 'it cannot be begun') ;;  # where others say something
    'cannot send' | 'cannot finish' | 'the peer broke off' | 'its name: '*) ;;               # a network that breaks amid a line
    'changes '*' are not noticed: %s' | 'at most %u at once'*) ;;                            # a machine at its end
    *'cannot be read: %s'* | *'cannot be judged now: %s' | *'is damaged: %s' | *'is lost: %s') ;; # a store that is
    'what was before could be read, and goes on' | 'not everything was told'*) ;;            # one that somebody holds
    '%s: undoing what step'*'once more' | *' (silenced: nobody is told)') ;;                 # told of what is pinned for another
    'sink %s does not take what it is told: %s' | 'too many others wait') ;;                 # after very many failures
    'nobody waits for it any more' | 'a new store is used' | 'removed from the configuration') ;; # kept beside what is pinned
    'it burns no longer' | 'it promises nothing any more') ;;                                # the same
    '(and %zu more)'* | '  -h, --help'* | '%lldh %02dm' | 'Mozilla/'*) ;;                      # nothing that is wrong
    'there is no schedule' | 'a part') ;;                                                    # where others say something
    '--var'* | '%s '*' is malformed: %s' | 'files use each other more than'*) ;;             # of a command line or a run, not of a file
    'all shoppers are overdue, '* | 'sink %s never said how it went') ;;                     # a machine at its end
    'the journey made of it' | *'a fault of shopper, please report it') ;;                   # a journey of our own that we cannot read
    'a recorded secret stood where none was looked for'*) ;;                                 # the last look, which has found nothing yet
    'there was much to look through'* | *'report is larger than %zu MB'*) ;;                 # very much of something
    '  and %zu more\n' | 'waiting for a free account') ;;                                    # on a terminal alone
    'shopper: interrupted: '* | 'delivered, but not to everybody: ') ;;                      # see tests/e2e/command.sh and telling.sh
    'this run has been started before') ;;                                                   # said to programs, see tests/e2e/library
    'There were more; these are the latest 2000.'*) ;;                                       # pinned with the figure as N
    'Bearer %s') ;;                                                                          # no message
    'shopper: out of memory'* | 'shopper: bug at '*) ;;                                      # the end of a process
    'no room for its input: %s' | 'cannot watch %s: %s' | 'cannot listen: %s') ;;            # a machine at its end
    'cannot set up an event loop' | 'cannot make an eventfd: %s') ;;                         # the same
    "cannot start the store's thread: %s" | 'the store is not open') ;;                      # the same
    'cannot move the damaged '*) ;;                                                          # a directory that was closed meanwhile
    'the page would be too large') ;;                                                        # our own bounds
    'who asked has left') ;;                                                                 # nobody hears it
    *) return 1 ;;
  esac
}

# Of markup what stands between its tags, a line each.
unmarked() {
  sed -E 's|<style>.*</style>||; /<[/a-z!]/ { s/^"|"$//g; s/^[^<]*\\">//; s/<[^>]*$//; s/<[^>]*>/"\n"/g; s/^|$/"/g }' | grep -vE '=\\"'
}

# The literals of a file, those that stand side by side as one; without what is no message: a list of names has blanks at its ends or is
# long and nothing but words, selectors begin as such, SQL begins with two words in capitals, and JSON has lists.
literals() {
  sed -z 's/"\n *"//g; s/_Static_assert([^;]*;//g' "$1" | sed "s|/\*.*\*/||; s|'\"'||g" |
    grep -vE '^ ?(/?\*|#include)|says\(|LOG_(DEBUG|TRACE)|strstr|VIEW_LITERAL|, (judge_[a-z]+|prober_by_text)\}' |
    grep -oE '"([^"\\]|\\.)*"' | unmarked | grep -vE '^" .* "$|^"[a-z_ -]{200,}"$|^"[a-z]+\[|^" ?[A-Z]{2,} [A-Z]{2,} |\\",\\"' |
    grep -E '[a-z]+ [a-z%]' || true
}

# Of each line its longest piece without anything to fill in.
pieces() {
  sed -E 's/%[-.*0-9]*(zu|ll[du]|l[du]|[a-z])?/\x01/g; s/\\n|">/\x01/g' |
    awk -F '\001' '{ best = ""; for (i = 1; i <= NF; i++) if (length($i) > length(best)) best = $i; print best }'
}

count=0 bad=0
for file in "${files[@]}"; do
  mapfile -t texts < <(literals "$file" | sed 's/^"//; s/"$//; s/\\"/"/g; s/\\\\/\\/g')
  mapfile -t longest < <([ ${#texts[@]} = 0 ] || printf '%s\n' "${texts[@]}" | pieces)
  count=$((count + ${#texts[@]}))
  for i in "${!texts[@]}"; do
    [[ $golden == *"${longest[i]}"* ]] || unheard "${texts[i]}" || { echo "$file: in no golden file: \"${texts[i]}\""; bad=1; }
  done
done
[ "$count" -gt 100 ] || { echo "only $count messages were looked at"; exit 1; }
[ "$bad" = 0 ] && echo "$count messages are pinned"
