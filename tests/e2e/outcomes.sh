#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each way a step can end, provoked on the demo shop or by the machine itself, as `shopper run` reports it.
. "$(dirname "$0")/lib.sh"
demo_shop

# ends KIND FAULT JOURNEY [ARGUMENT...]
ends() {
  local wanted=$1 what=$2 journey=$3
  shift 3
  fault "$what"
  walk "journeys/demo/$journey.yaml" "$@"
  heal
  is "$what: kind" "$(kind)" "$wanted"
  is "$what: exit code" "$code" 1
  is "$what: verdict" "$(ask '.runs[0].verdict')" fail
  is "$what: residue" "$(ask '.runs[0].residue | length')" 0
}
quick() { cat >"$work/$1.yaml"; }

walk journeys/demo
is "the healthy shop passes" "$code" 0

ends price '{"fault":"prices-vanish"}' price-view
ends price '{"fault":"price-zero"}' price-view
ends price '{"fault":"wrong-currency"}' price-view
ends cart '{"fault":"cart-loses-items"}' add-to-cart
ends session '{"fault":"session-lost","path":"/account"}' login
ends http '{"fault":"login-rejects"}' login
ends price '{"fault":"broken-json","stage":"price-view"}' price-view
ends price '{"fault":"empty-body","stage":"price-view"}' price-view
ends price '{"fault":"wrong-type","stage":"price-view"}' price-view
ends price '{"fault":"doubled-keys","stage":"price-view"}' price-view
ends http '{"fault":"error-500","stage":"price-view"}' price-view
ends http '{"fault":"error-503","path":"/login"}' login
ends blocked '{"fault":"bot-wall","path":"/login"}' login
ends blocked '{"fault":"rate-limit","path":"/login"}' login
ends blocked '{"fault":"maintenance","path":"/login"}' login
ends redirect '{"fault":"redirect-loop","stage":"price-view"}' price-view
ends redirect '{"fault":"redirect-elsewhere","stage":"price-view"}' price-view
ends freeze '{"fault":"freeze","stage":"price-view"}' price-view
ends freeze '{"fault":"freeze-body","stage":"price-view"}' price-view
ends reset '{"fault":"reset","stage":"price-view"}' price-view
ends protocol '{"fault":"not-http","stage":"price-view"}' price-view
ends protocol '{"fault":"cut-body","stage":"price-view"}' price-view
ends freeze '{"fault":"lost-reply","path":"/api/checkout"}' checkout
ends reset '{"fault":"lost-reply-close","path":"/api/checkout"}' checkout

state=$(curl -sS "$SHOP_URL/control/state")
is "no order is left open, lost replies included" "$(jq '.orders_open' <<<"$state")" 0

# One byte a second is no freeze, but it is not done in time either.
quick drip <<END
journey: drip
base: $SHOP_URL
steps:
  - {name: look, get: /product/MUG-42, timeout: 2s, stall: 1500ms}
END
fault '{"fault":"slow-drip","stage":"price-view"}'
walk "$work/drip.yaml"
heal
is "a drip" "$(kind)" timeout

quick slow <<END
journey: slow
base: $SHOP_URL
steps:
  - {name: look, get: /product/MUG-42, check: [{duration: {at_most: 50ms}}]}
END
fault '{"fault":"slow","after_ms":200}'
walk "$work/slow.yaml"
is "slow: kind" "$(kind)" slow
is "slow: verdict" "$(ask '.runs[0].verdict')" degraded
is "slow passes" "$code" 0
walk "$work/slow.yaml" --strict
is "slow fails when strict" "$code" 1
heal

quick content <<END
journey: content
base: $SHOP_URL
steps:
  - {name: look, get: /, check: [{body: {contains: "no such words"}}]}
END
walk "$work/content.yaml"
is "content" "$(kind)" content

quick connect <<END
journey: connect
base: http://127.0.0.1:1
steps:
  - {name: look, get: /}
END
walk "$work/connect.yaml"
is "nobody listens" "$(kind)" connect

quick tls <<END
journey: tls
base: ${SHOP_URL/http:/https:}
steps:
  - {name: look, get: /}
END
walk "$work/tls.yaml"
is "no TLS there" "$(kind)" tls

quick residue <<END
journey: residue
base: $SHOP_URL
steps:
  - {name: look, get: /}
finally:
  - {name: clean up, delete: /no/such/thing}
END
walk "$work/residue.yaml"
is "residue: exit code" "$code" 4
is "residue: kind" "$(ask '[.runs[0].steps[] | select(.section == "finally")][0].failure.kind')" residue

# --- Answers that no shop should give, nearly all with status 200
start odd python3 -u tests/e2e/odd-shop.py
odd=$address port=${address##*:}
export ODD_KEY=k3y/that+opens=doors
# odd STEP [ARGUMENT...]: one step at the odd shop, which other.test is a name of, too
odd() {
  quick odd <<END
journey: odd
base: $odd
allow_hosts: [other.test]
deadline: 20s
secrets: {key: {env: ODD_KEY}}
steps:
  - {name: look, $1}
END
  shift
  walk "$work/odd.yaml" --resolve "other.test:$port:127.0.0.1" "$@"
}
odd 'get: /fine'
is "a fine page" "$(kind)" -
odd 'get: /large'
is "too large" "$(kind)" too-large
odd 'get: /bomb'
is "too large once decompressed" "$(kind)" too-large
odd 'get: /behind'
is "bytes behind the end of gzip" "$(kind)" protocol
odd 'get: /wall, check: [status: 200]'
is "a wall with status 200" "$(kind)" blocked
odd 'get: /speaks-of-walls'
is "a page that speaks of walls" "$(kind)" -
for answer in '{"data":{"a":1},"errors":{"message":"nope"}}' '{"data":{"a":1},"errors":"nope"}' '{"data":null}'; do
  odd "post: /graphql, query: {answer: '$answer'}, graphql: {query: 'query Q{a}'}"
  is "GraphQL says $answer" "$(kind)" content
done

# A run that ends while it waits tells how long, and for what.
odd 'get: /hang' --deadline 1s --report "har:$work/hang.har"
is "the deadline" "$(kind)" timeout
is "it says how long" "$(ask '.runs[0].steps[0].timings_ms.total >= 1000')" true
has "it says what for" "$(ask '.runs[0].steps[0].failure.detail')" "the answer was not complete"
is "so does the HAR" "$(jq '.log.entries[0].response.status' "$work/hang.har")" 0

# Pages of 1.5 MB that are written as evidence are in nobody's way: twelve more of them cost no memory.
kilobytes() { # RUNS
  ASAN_OPTIONS=quarantine_size_mb=1 command time -f %M -o "$work/kilobytes" "$shopper" run -q "$work/odd.yaml" --repeat "$1" --parallel 1 \
    --evidence "$work/heavy-$1" >/dev/null
  grep -x '[0-9]*' "$work/kilobytes"
}
odd 'get: /heavy, check: [status: 599]'
few=$(kilobytes 4) many=$(kilobytes 16)
is "evidence of all runs" "$(find "$work/heavy-16" -name '*.har' | wc -l)" 16
[ $((many - few)) -lt $((6 * 1536)) ] && ok || not_ok "evidence is kept in memory: $few KB for 4 runs, $many KB for 16"

# --- A shop that sends its shoppers elsewhere gets them to take no secrets along.
received() { grep "\"path\": \"/$1" "$work/odd.out"; }
there=http://other.test:$port
odd "get: '/302?$there/looked', headers: {X-Api-Key: '\${secret.key}', X-Token: abc, Accept: text/html, Referer: 'http://a.test/?\${secret.key}'}"
is "followed to another host" "$(kind)" -
has "at home it is said" "$(received 302)" "$ODD_KEY"
has "what is common goes along" "$(received looked)" '"accept": "text/html"'
for part in x-api-key x-token referer k3y; do hasnt "$part stays" "$(received looked)" "$part"; done
parent() { received "$1" | jq -r '.headers.traceparent'; }
[ "$(parent 302)" != "$(parent looked)" ] && ok || not_ok "each hop is a span of its own: $(parent looked)"
is "of the same trace" "$(parent looked | cut -d - -f 2)" "$(ask '.runs[0].trace_id')"
odd "post: '/307?$there/secret', json: {password: '\${secret.key}'}"
is "a body with a secret is not sent on" "$(kind)" redirect
is "it was not received" "$(received secret)" ""
odd "post: '/307?$there/plain', json: {sku: MUG}"
is "another body is" "$(kind)" -
has "it was received" "$(received plain)" MUG

# Credentials in the base would not be used: that is said, and nothing is sent.
before=$(wc -l <"$work/odd.out")
odd 'get: /fine' --base "http://me:pw@127.0.0.1:$port"
is "credentials in the base: exit code" "$code" 2
has "credentials in the base are refused" "$err" "the base holds credentials"
is "credentials in the base: nothing was sent" "$(wc -l <"$work/odd.out")" "$before"

# Out of descriptors: our fault, never the shop's.
(ulimit -n 24 && "$shopper" run "$work/content.yaml" --repeat 60 --report "json:$work/prober.json" >/dev/null 2>&1)
has "no descriptors left" "$(jq -r '[.runs[].steps[].failure | select(.) | .kind] | unique | join(" ")' "$work/prober.json" 2>/dev/null)" prober

finish
