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

# Out of descriptors: our fault, never the shop's.
(ulimit -n 24 && "$shopper" run "$work/content.yaml" --repeat 60 --report "json:$work/prober.json" >/dev/null 2>&1)
has "no descriptors left" "$(jq -r '[.runs[].steps[].failure | select(.) | .kind] | unique | join(" ")' "$work/prober.json" 2>/dev/null)" prober

finish
