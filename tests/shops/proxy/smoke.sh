#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows with curl that each fault of the proxy does what it says, and that without one all passes.
#
#   smoke.sh PATH-OF-shopper-fault-proxy
set -euo pipefail

proxy=${1:?usage: smoke.sh PATH-OF-shopper-fault-proxy}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)
pids=()
cleanup() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$tmp"
}
trap cleanup EXIT

passed=0 failed=0
# same WHAT WANTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not ok: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
    fi
}

# first_line FILE: waits until the program has written it
first_line() {
    local i
    for ((i = 0; i < 100; i++)); do
        [ -s "$1" ] && head -n 1 "$1" && return
        sleep 0.1
    done
    echo "no line in $1" >&2
    return 1
}

python3 "$here/smoke_upstream.py" >"$tmp/shop" &
pids+=($!)
shop=$(first_line "$tmp/shop")
"$proxy" --upstream "$shop" --port 0 >"$tmp/url" 2>"$tmp/proxy.err" &
proxy_pid=$!
pids+=("$proxy_pid")
url=$(first_line "$tmp/url")
faults=$url/proxy-control/faults

# fault JSON: this fault and no other
fault() {
    curl -s -m 10 -X DELETE "$faults"
    same "taken: $1" 201 "$(curl -s -m 10 -o /dev/null -w '%{http_code}' --data-binary "$1" "$faults")"
}
none() { curl -s -m 10 -X DELETE "$faults"; }
# get PATH [curl options]: the body, then the exit code of curl and the status
get() {
    local path=$1 code=0
    shift
    curl -s -m 2 -w ' %{http_code}' "$@" "$url$path" || code=$?
    echo " $code"
}
gql() {
    local operation=$1
    shift
    get /shop-api "$@" -H 'Content-Type: application/json' \
        --data-binary "{\"operationName\":\"$operation\",\"query\":\"query $operation{product{priceWithTax}}\"}"
}
orders() { curl -s -m 5 "$shop/orders"; }

whole='{"data":{"product":{"priceWithTax":1500,"name":"Mug"}}}'

# Nothing ordered: everything passes.
same "a plain answer passes" "$whole 200 0" "$(get /product)"
same "the reason passes" "HTTP/1.1 200 Fine" "$(curl -s -m 5 -D - -o /dev/null "$url/product" | head -n 1 | tr -d '\r')"
same "both cookies pass, in order, byte for byte" \
    "$(curl -s -m 5 -D - -o /dev/null "$shop/cookies" | grep -i '^set-cookie')" \
    "$(curl -s -m 5 -D - -o /dev/null "$url/cookies" | grep -i '^set-cookie')"
same "binary bytes pass" "$(curl -s -m 5 "$shop/bytes" | sha256sum)" "$(curl -s -m 5 "$url/bytes" | sha256sum)"
same "a chunked body passes" "all there 200 0" "$(get /chunked)"
same "a head passes without a body" " 200 0" "$(get /product -I -o /dev/null)"
head -c 3000000 /dev/urandom >"$tmp/big"
same "a large request passes" "$(sha256sum <"$tmp/big")" \
    "$(curl -s -m 10 --data-binary @"$tmp/big" "$url/echo" | sha256sum)"
same "a request body without a length is refused" " 411 0" \
    "$(get /echo -X POST -H 'Transfer-Encoding: chunked' --data-binary hello)"
same "the connection is kept" 1 \
    "$(curl -s -m 5 -o /dev/null -o /dev/null -w '%{num_connects}\n' "$url/product" "$url/product" | paste -sd+ | sed 's/^1+0$/1/')"
same "the request's cookies pass" 1 \
    "$(curl -s -m 5 -H 'Cookie: session=YWJj==; session.sig=x' "$url/headers" | grep -c 'session=YWJj==; session.sig=x')"

# Each fault.
fault '{"fault":"status","path":"/product","status":503,"text":"closed"}'
same "status answers itself" "closed 503 0" "$(get /product)"
same "another path is spared" "{} 200 0" "$(get /cookies)"

fault '{"fault":"freeze","operation":"Pay"}'
same "freeze never answers" " 000 28" "$(gql Pay)"
same "another operation is spared" "$whole 200 0" "$(gql Product)"

fault '{"fault":"freeze-body","path":"/product"}'
same "freeze-body sends half" "${whole:0:$((${#whole} / 2))} 200 28" "$(get /product)"

before=$(orders)
fault '{"fault":"lost-reply","path":"/orders","method":"POST","times":1}'
same "lost-reply closes without a byte" " 000 52" "$(get /orders --data-binary x)"
same "lost-reply lets the order through" $((before + 1)) "$(orders)"
same "times: the second one is answered" "x 200 0" "$(get /orders --data-binary x)"

before=$(orders)
fault '{"fault":"freeze","path":"/orders"}'
same "freeze lets the order through, too" " 000 28" "$(get /orders --data-binary x)"
same "and it stands" $((before + 1)) "$(orders)"

before=$(orders)
fault '{"fault":"reset","matches":"^\\{.*\"sku\":\"[A-Z]+\"","path":"/orders"}'
same "reset resets" " 000 56" "$(get /orders --data-binary '{"sku":"MUG"}')"
same "reset forwards nothing" "$before" "$(orders)"
same "another body is spared" '{"sku":"mug"} 200 0' "$(get /orders --data-binary '{"sku":"mug"}')"

fault '{"fault":"delay","ms":600,"path":"/product"}'
same "delay answers in the end" "$whole 200 0" "$(get /product)"
same "but not at once" " 000 28" "$(get /product -m 0.3)"

fault '{"fault":"drip","ms":20,"bytes":5,"path":"/product"}'
same "drip sends everything" "$whole 200 0" "$(get /product)"
same "but not at once" 28 "$(get /product -m 0.1 -o /dev/null | awk '{print $2}')"

fault '{"fault":"replace","operation":"Product","find":"\"priceWithTax\":1500","with":"\"priceWithTax\":null"}'
same "replace: the price is gone" "${whole/1500/null} 200 0" "$(gql Product)"
fault '{"fault":"replace","pattern":"\"priceWithTax\":([0-9]+)","with":"\"priceWithTax\":\\10"}'
same "replace: a tenfold price" "${whole/1500/15000} 200 0" "$(gql Product)"
same "replace passes by a body without a match" "{} 200 0" "$(get /cookies)"

fault '{"fault":"strip-header","names":["Cookie","authorization"]}'
same "strip-header: the session is lost" 0 \
    "$(curl -s -m 5 -H 'Cookie: a=b' -H 'Authorization: Bearer x' "$url/headers" | grep -ci 'cookie\|bearer' || true)"

fault '[{"fault":"status","status":500,"path":"/product","after":1,"times":1},{"fault":"replace","find":"Mug","with":"Jug"}]'
same "after: the first one passes, and the other fault holds" "${whole/Mug/Jug} 200 0" "$(get /product)"
same "after: the second one does not" " 500 0" "$(get /product)"
same "after and times: the third one passes" "${whole/Mug/Jug} 200 0" "$(get /product)"
same "the proxy tells what was hit" \
    '[{"fault":"status","seen":3,"hit":1},{"fault":"replace","seen":3,"hit":3}]' "$(curl -s -m 5 "$faults")"

# What it refuses.
none
for wrong in '{"fault":"fire"}' '{"fault":"status"}' '{"fault":"freeze","pth":"/"}' '{"fault":"delay","ms":"1"}' \
    '{"fault":"replace","find":"a"}' '{"fault":"reset","matches":"("}' '[{"fault":"reset"},7]' 'no JSON'; do
    same "refused: $wrong" 400 "$(curl -s -m 5 -o /dev/null -w '%{http_code}' --data-binary "$wrong" "$faults")"
done
same "nothing of what was refused is kept" '[]' "$(curl -s -m 5 "$faults")"
same "all passes again" "$whole 200 0" "$(get /product)"
kill "${pids[0]}"
wait "${pids[0]}" 2>/dev/null || true
same "a shop that is gone is a bad gateway" "the shop does not answer
 502 0" "$(get /product)"

kill "$proxy_pid"
ended=0
wait "$proxy_pid" || ended=$?
same "it ends when told" 0 "$ended"
same "it complained of nothing" "" "$(cat "$tmp/proxy.err")"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
