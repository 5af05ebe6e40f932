#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Walks every endpoint of the demo shop and switches every fault on once, with curl and jq.
# usage: smoke.sh PATH_TO_BINARY; exits non-zero when anything is not as expected.
# shellcheck disable=SC2016 # $s is GraphQL's
set -u

binary=${1:?usage: smoke.sh PATH_TO_BINARY}
work=$(mktemp -d)
failures=0
checks=0
shop_pid=

cleanup() {
    [ -n "$shop_pid" ] && kill "$shop_pid" 2>/dev/null && wait "$shop_pid" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

# expect NAME WANTED GOT
expect() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] && return
    failures=$((failures + 1))
    printf 'FAIL %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}
# expect_in NAME PART TEXT
expect_in() {
    checks=$((checks + 1))
    case $3 in *"$2"*) return ;; esac
    failures=$((failures + 1))
    printf 'FAIL %s\n  wanted: ...%s...\n  got:    %s\n' "$1" "$2" "$3"
}

request() { curl -sS --noproxy '*' -m 10 "$@"; }
status() { request -o /dev/null -w '%{http_code}' "$@"; }
# With the browser's cookies.
browser() { request -b "$work/jar" -c "$work/jar" "$@"; }
browser_status() { browser -o /dev/null -w '%{http_code}' "$@"; }
field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" | head -n1; }
json() { request -H 'Content-Type: application/json' "$@"; }
state() { request "$base/control/state" | jq -r "$1"; }
fault_on() {
    expect "fault on: $1" 201 \
        "$(status -H 'Content-Type: application/json' -d "$1" "$base/control/faults")"
}
faults_off() { request -X DELETE "$base/control/faults"; }

# The shop, a signed-in browser, and a bearer token for everything else.
start_shop() {
    "$binary" --port 0 --seed 7 --accounts 3 --journal "$work/journal" >"$work/address" 2>"$work/errors" &
    shop_pid=$!
    for _ in $(seq 100); do
        [ -s "$work/address" ] && break
        sleep 0.05
    done
    base=$(head -n1 "$work/address")
    expect_in 'prints its address' 'http://127.0.0.1:' "$base"
    expect 'prints one line' 1 "$(wc -l <"$work/address")"
}
new_token() {
    json -d "{\"email\":\"$1\",\"password\":\"demo-password\"}" "$base/m/v1/session" | jq -r .token
}
log_in_browser() {
    rm -f "$work/jar"
    csrf=$(browser "$base/login" | field csrf_token)
    browser_status --data-urlencode "csrf_token=$csrf" -d email=shopper@example.com \
        -d password=demo-password "$base/login"
}

test_pages() {
    expect 'home' 200 "$(status "$base/")"
    expect 'no such page' 404 "$(status "$base/nothing")"
    expect 'wrong method' 405 "$(status -X DELETE "$base/login")"
    expect 'HEAD has no body' 0 "$(request -I -o /dev/null -w '%{size_download}' "$base/product/MUG-42")"
    expect 'account, signed out' '302 /login' \
        "$(request -o /dev/null -w '%{http_code} %header{location}' "$base/account")"
    expect 'log in, no token' 403 "$(status -d email=a -d password=b "$base/login")"
    rm -f "$work/jar"
    csrf=$(browser "$base/login" | field csrf_token)
    wrong=$(browser -d "csrf_token=$csrf" -d email=shopper@example.com -d password=no "$base/login")
    expect_in 'log in, wrong password' 'E-mail or password is wrong' "$wrong"
    expect 'log in' 302 "$(log_in_browser)"
    expect_in 'account' 'shopper@example.com' "$(browser "$base/account")"
    product=$(browser "$base/product/MUG-42")
    expect_in 'product: microdata' 'itemprop="price" content="12.50">€12.50<' "$product"
    expect_in 'product: JSON-LD' '"price":"12.50","priceCurrency":"EUR"' "$product"
    expect 'no such product' 404 "$(status "$base/product/NO-1")"
    csrf=$(echo "$product" | field csrf_token)
    expect 'add, wrong token' 403 "$(browser_status -d csrf_token=0 -d sku=MUG-42 "$base/cart")"
    expect 'add' 302 \
        "$(browser_status -d "csrf_token=$csrf" -d sku=MUG-42 -d quantity=2 "$base/cart")"
    cart=$(browser "$base/cart")
    expect_in 'cart' 'data-sku="MUG-42"' "$cart"
    expect_in 'cart: total' '€25.00' "$cart"
    expect 'add, out of stock' 422 \
        "$(browser_status -d "csrf_token=$csrf" -d sku=CLOCK-9 "$base/cart")"
    expect 'add the lamp' 302 "$(browser_status -d "csrf_token=$csrf" -d sku=LAMP-7 "$base/cart")"
    line=$(browser "$base/cart" | sed -n 's/.*data-line="\([^"]*\)" data-sku="LAMP-7".*/\1/p')
    expect 'remove the lamp' 302 \
        "$(browser_status -d "csrf_token=$csrf" -d "remove=$line" "$base/cart")"
    expect_in 'checkout form' '€25.00' "$(browser "$base/checkout")"
    order=$(browser -o /dev/null -w '%header{location}' -d "csrf_token=$csrf" -d mode=test \
        "$base/checkout")
    expect_in 'order page' '>open<' "$(browser "$base$order")"
    expect 'cancel' 302 "$(browser_status -d "csrf_token=$csrf" "$base$order")"
    expect_in 'order page, cancelled' '>cancelled<' "$(browser "$base$order")"
    expect_in 'checkout of nothing' 'cart is empty' "$(browser "$base/checkout")"
    expect 'log out' 302 "$(browser_status -X POST "$base/logout")"
    expect 'account, logged out' 302 "$(browser_status "$base/account")"
}

test_api() {
    expect 'api: signed out' 401 "$(status "$base/api/cart")"
    expect 'api: wrong password' 401 "$(status -H 'Content-Type: application/json' \
        -d '{"email":"shopper1@example.com","password":"x"}' "$base/api/login")"
    expect 'api: no such account' 401 "$(status -H 'Content-Type: application/json' \
        -d '{"email":"shopper4@example.com","password":"demo-password"}' "$base/api/login")"
    rm -f "$work/jar"
    browser -o /dev/null -H 'Content-Type: application/json' \
        -d '{"email":"shopper1@example.com","password":"demo-password"}' "$base/api/login"
    expect 'api: account' shopper1@example.com "$(browser "$base/api/account" | jq -r .email)"
    expect_in 'api: product' '"price":12.50,"currency":"EUR"' "$(request "$base/api/products/MUG-42")"
    expect 'api: no JSON' 400 "$(browser_status -d sku=MUG-42 "$base/api/cart")"
    line=$(browser -H 'Content-Type: application/json' -d '{"sku":"MUG-42","quantity":2}' \
        "$base/api/cart" | jq -r .line_id)
    expect 'api: line' line-1 "$line"
    expect 'api: bad quantity' 422 "$(browser_status -H 'Content-Type: application/json' \
        -d '{"sku":"MUG-42","quantity":0.5}' "$base/api/cart")"
    expect_in 'api: cart' '"sku":"MUG-42","quantity":2,"price":12.50}],"total":25.00,"currency":"EUR"' \
        "$(browser "$base/api/cart")"
    expect 'api: remove' 204 "$(browser_status -X DELETE "$base/api/cart/$line")"
    expect 'api: remove again' 204 "$(browser_status -X DELETE "$base/api/cart/$line")"
    expect 'api: remove a stranger' 404 "$(browser_status -X DELETE "$base/api/cart/line-99")"
    expect 'api: empty checkout' 409 "$(browser_status -H 'Content-Type: application/json' \
        -d '{"mode":"test"}' "$base/api/checkout")"
    browser -o /dev/null -H 'Content-Type: application/json' -d '{"sku":"TEA-12"}' "$base/api/cart"
    expect 'api: live order' 422 "$(browser_status -H 'Content-Type: application/json' \
        -d '{"mode":"live"}' "$base/api/checkout")"
    for _ in 1 2; do # a repeated key gives the first order
        order=$(browser -H 'Content-Type: application/json' -H 'Idempotency-Key: k 1' \
            -d '{"mode":"test"}' "$base/api/checkout" | jq -r '"\(.id) \(.total)"')
        expect 'api: order' 'order-1002 24' "${order%.00}"
    done
    expect 'api: find' order-1002 "$(browser "$base/api/orders?key=k%201" | jq -r .id)"
    expect 'api: find nothing' 404 "$(browser_status "$base/api/orders?key=other")"
    expect 'api: order state' open "$(browser "$base/api/orders/order-1002" | jq -r .state)"
    expect "api: another's order" 404 \
        "$(status -H "Authorization: Bearer $token" "$base/api/orders/order-1002")"
    expect 'api: cancel' 204 "$(browser_status -X DELETE "$base/api/orders/order-1002")"
    expect 'api: log out' 204 "$(browser_status -X POST "$base/api/logout")"
    expect 'api: logged out' 401 "$(browser_status "$base/api/account")"
}

gql() { json -H "Authorization: Bearer ${2:-$token}" -d "$1" "$base/graphql"; }
test_graphql() {
    expect 'gql: refused' InvalidCredentialsError "$(gql '{"query":"mutation{login{__typename}}",
        "variables":{"email":"x","password":"y"}}' none | jq -r .data.login.__typename)"
    expect 'gql: login' CurrentUser "$(gql '{"operationName":"Login","query":"mutation Login{x}",
        "variables":{"email":"shopper3@example.com","password":"demo-password"}}' none |
        jq -r .data.login.__typename)"
    expect 'gql: forbidden' FORBIDDEN "$(gql '{"query":"mutation{checkout{id}}"}' none |
        jq -r '.errors[0].extensions.code')"
    expect 'gql: nobody' null "$(gql '{"query":"{me{id}}"}' none | jq -r .data.me)"
    expect 'gql: me' shopper2@example.com "$(gql '{"query":"{me{id}}"}' | jq -r .data.me.identifier)"
    expect 'gql: product' '1250 EUR' "$(gql '{"query":"query P($s: String!){product(sku:$s){sku}}",
        "variables":{"sku":"MUG-42"}}' | jq -r '.data.product|"\(.priceWithTax) \(.currencyCode)"')"
    expect 'gql: add' 'Cart 1' "$(gql '{"query":"mutation{addToCart{id}}","variables":{"sku":"MUG-42"}}' |
        jq -r '.data.addToCart|"\(.__typename) \(.totalQuantity)"')"
    expect 'gql: sold out' InsufficientStockError \
        "$(gql '{"query":"mutation{addToCart{id}}","variables":{"sku":"CLOCK-9"}}' |
            jq -r .data.addToCart.__typename)"
    expect 'gql: cart' MUG-42 "$(gql '{"query":"{cart{id}}"}' | jq -r '.data.cart.lines[0].sku')"
    order=$(gql '{"query":"mutation{checkout{id}}","variables":{"key":"g1"}}' | jq -r .data.checkout.id)
    expect 'gql: find' "$order" "$(gql '{"query":"{orderByKey{id}}","variables":{"key":"g1"}}' |
        jq -r .data.orderByKey.id)"
    expect 'gql: cancel' Cancelled "$(gql "{\"query\":\"mutation{cancelOrder{id}}\",
        \"variables\":{\"id\":\"$order\"}}" | jq -r .data.cancelOrder.state)"
    expect 'gql: remove' Cart "$(gql '{"query":"mutation{removeFromCart{id}}",
        "variables":{"id":"line-1"}}' | jq -r .data.removeFromCart.__typename)"
    expect 'gql: unknown' 400 "$(status -H 'Content-Type: application/json' \
        -d '{"query":"{nothing}"}' "$base/graphql")"
    expect 'gql: logout' true \
        "$(gql '{"query":"mutation{logout{success}}"}' | jq -r .data.logout.success)"
}

mobile() { json -H "Authorization: Bearer $token" "$@"; }
test_mobile() {
    expect 'm: signed out' 401 "$(status "$base/m/v1/cart")"
    expect 'm: product' '1250 EUR' "$(request "$base/m/v1/products/MUG-42" |
        jq -r '.price|"\(.amount_minor) \(.currency)"')"
    line=$(mobile -d '{"sku":"MUG-42"}' "$base/m/v1/cart/lines" | jq -r .line_id)
    expect 'm: cart' '1 1250' "$(mobile "$base/m/v1/cart" |
        jq -r '"\(.lines|length) \(.total_minor)"')"
    order=$(mobile -H 'Idempotency-Key: m1' -d '{}' "$base/m/v1/orders" |
        jq -r '"\(.id) \(.total_minor)"')
    expect_in 'm: order' ' 1250' "$order"
    expect 'm: find' "${order% *}" "$(mobile "$base/m/v1/orders?key=m1" | jq -r .id)"
    expect 'm: order again' open "$(mobile "$base/m/v1/orders/${order% *}" | jq -r .state)"
    expect 'm: cancel' 204 "$(mobile -o /dev/null -w '%{http_code}' -X DELETE "$base/m/v1/orders/${order% *}")"
    expect 'm: remove' 204 "$(mobile -o /dev/null -w '%{http_code}' -X DELETE "$base/m/v1/cart/lines/$line")"
    expect 'm: log out' 204 "$(mobile -o /dev/null -w '%{http_code}' -X DELETE "$base/m/v1/session")"
}

test_evidence() {
    expect 'evidence: nothing is left' '0 0 0' \
        "$(state '"\(.sessions) \(.carts_with_items) \(.orders_open)"' | sed 's/^[0-9]*/0/')"
    expect 'evidence: orders' '4 4' "$(state '"\(.orders_placed) \(.orders_cancelled)"')"
    expect 'evidence: no fault struck' 0 "$(state .faults_fired)"
    expect 'evidence: no trace yet' 0 "$(state .requests.traceparent)"
    request -o /dev/null -H 'X-Synthetic: demo' \
        -H 'traceparent: 00-5e0bbe550af7651916cd43dd8448eb21-b7ad6b7169203331-01' "$base/"
    request -o /dev/null -H 'traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01' "$base/"
    expect 'evidence: traces' '2 1 1' \
        "$(state '.requests_per_path["GET /"]|"\(.traceparent) \(.traceparent_malformed) \(.synthetic)"')"
    expect 'journal: every request' "$(state .requests.count)" "$(wc -l <"$work/journal")"
    expect 'journal: is JSON' GET "$(tail -n1 "$work/journal" | jq -r .method)"
}

test_control() {
    expect 'control: unknown fault' 400 "$(status -H 'Content-Type: application/json' \
        -d '{"fault":"nonsense"}' "$base/control/faults")"
    expect 'control: unknown key' 400 "$(status -H 'Content-Type: application/json' \
        -d '{"fault":"slow","stages":"login"}' "$base/control/faults")"
    expect 'control: unknown stage' 400 "$(status -H 'Content-Type: application/json' \
        -d '{"fault":"slow","stage":"logn"}' "$base/control/faults")"
    expect 'control: unknown fault off' 404 "$(status -X DELETE "$base/control/faults/nonsense")"
    fault_on '{"fault":"error-500","path":"/product/*"}'
    fault_on '{"fault":"error-500","path":"/product/*","times":1}' # replaces
    fault_on '{"fault":"error-503","path":"/cart"}'
    expect 'control: list' 2 "$(request "$base/control/faults" | jq length)"
    expect 'control: strikes once' '500 200' \
        "$(status "$base/product/MUG-42") $(status "$base/product/MUG-42")"
    expect 'control: one off' 204 "$(status -X DELETE "$base/control/faults/error-500")"
    expect 'control: one stays' error-503 "$(request "$base/control/faults" | jq -r '.[].fault')"
    faults_off
    fault_on '{"fault":"error-500","agent":"iPhone"}'
    expect 'control: by agent' '500 200' "$(status -A 'an iPhone' "$base/") $(status "$base/")"
    faults_off
    fault_on '{"fault":"error-500","stage":"home","percent":30}'
    struck=0
    for _ in $(seq 40); do [ "$(status "$base/")" = 500 ] && struck=$((struck + 1)); done
    expect 'control: percent' yes "$([ $struck -ge 6 ] && [ $struck -le 20 ] && echo yes || echo "$struck of 40")"
    faults_off
    fault_on '{"fault":"error-503"}'
    expect 'health is always well' '200 503' "$(status "$base/health") $(status "$base/")"
    faults_off
}

# curl's exit code; 28 is a timeout, for which `limit=1` spares the waiting.
verdict() {
    request -m "${limit:-10}" -o "$work/body" -w '%{http_code}' "$@" >"$work/code" 2>/dev/null
    echo "$?"
}

test_faults_said() {
    fault_on '{"fault":"prices-vanish","stage":"price-view"}'
    expect 'prices-vanish: page' 0 "$(request "$base/product/MUG-42" | grep -c '12\.50')"
    expect 'prices-vanish: JSON' null "$(request "$base/api/products/MUG-42" | jq -r .price)"
    faults_off
    fault_on '{"fault":"price-zero","stage":"price-view"}'
    expect_in 'price-zero' 'content="0.00">€0.00' "$(request "$base/product/MUG-42")"
    faults_off
    fault_on '{"fault":"wrong-currency","path":"/api/products/MUG-42"}'
    expect 'wrong-currency' USD "$(request "$base/api/products/MUG-42" | jq -r .currency)"
    faults_off
    fault_on '{"fault":"login-rejects","stage":"login"}'
    expect 'login-rejects' null "$(new_token shopper1@example.com)"
    expect 'login-rejects: page' 200 "$(log_in_browser)"
    faults_off
    token=$(new_token shopper1@example.com)
    fault_on '{"fault":"cart-loses-items","stage":"add-to-cart"}'
    expect 'cart-loses-items: add' 201 \
        "$(mobile -o /dev/null -w '%{http_code}' -d '{"sku":"MUG-42"}' "$base/api/cart")"
    expect 'cart-loses-items' 0 "$(mobile "$base/api/cart" | jq '.items|length')"
    faults_off
    fault_on '{"fault":"session-lost","path":"/api/cart"}'
    expect 'session-lost' 401 "$(mobile -o /dev/null -w '%{http_code}' "$base/api/cart")"
    faults_off
    expect 'session-lost: stays lost' 401 "$(mobile -o /dev/null -w '%{http_code}' "$base/api/cart")"
    for pair in error-500:500 error-503:503 maintenance:503 rate-limit:429 bot-wall:403 \
        redirect-elsewhere:302 wrong-type:200; do
        fault_on "{\"fault\":\"${pair%:*}\",\"path\":\"/api/products/MUG-42\"}"
        expect "${pair%:*}" "${pair#*:}" "$(status "$base/api/products/MUG-42")"
        faults_off
    done
    fault_on '{"fault":"redirect-loop","path":"/account"}'
    expect 'redirect-loop' 47 "$(verdict -L --max-redirs 5 "$base/account")"
    faults_off
}

test_faults_on_the_wire() {
    url=$base/api/products/MUG-42
    fault_on '{"fault":"freeze","stage":"price-view"}'
    expect 'freeze' '28 000' "$(limit=1 verdict "$url") $(cat "$work/code")"
    faults_off
    fault_on '{"fault":"freeze-body","stage":"price-view"}'
    expect 'freeze-body' '28 200' "$(limit=1 verdict "$url") $(cat "$work/code")"
    expect 'freeze-body: half' yes "$([ "$(wc -c <"$work/body")" -gt 20 ] && echo yes)"
    faults_off
    fault_on '{"fault":"cut-body","stage":"price-view"}'
    expect 'cut-body' 18 "$(verdict "$url")"
    faults_off
    fault_on '{"fault":"reset","stage":"price-view"}'
    expect 'reset' 56 "$(verdict "$url")"
    faults_off
    fault_on '{"fault":"not-http","stage":"price-view"}'
    expect 'not-http' 1 "$(verdict "$url")"
    faults_off
    fault_on '{"fault":"slow","stage":"price-view"}'
    expect 'slow' '28 000' "$(limit=1 verdict "$url") $(cat "$work/code")"
    fault_on '{"fault":"slow","stage":"price-view","after_ms":100}'
    expect 'slow, a little' '0 200' "$(verdict "$url") $(cat "$work/code")"
    faults_off
    fault_on '{"fault":"slow-drip","stage":"price-view"}'
    expect 'slow-drip' '28 200' "$(limit=1 verdict "$url") $(cat "$work/code")"
    fault_on '{"fault":"slow-drip","stage":"price-view","bytes_per_second":1000}'
    expect 'slow-drip, to its end' 12.5 \
        "$(verdict "$url" >/dev/null; jq -r .price <"$work/body" | sed 's/0$//')"
    faults_off
    fault_on '{"fault":"broken-json","stage":"price-view"}'
    expect 'broken-json' '0 broken' \
        "$(verdict "$url") $(jq . <"$work/body" >/dev/null 2>&1 && echo sound || echo broken)"
    faults_off
    fault_on '{"fault":"doubled-keys","stage":"price-view"}'
    expect 'doubled-keys' 2 "$(request "$url" | grep -o '"sku"' | wc -l)"
    faults_off
    fault_on '{"fault":"empty-body","stage":"price-view"}'
    expect 'empty-body' 0 "$(request "$url" | wc -c)"
    faults_off
}

test_lost_reply() {
    token=$(new_token shopper2@example.com)
    limit=1
    for fault in lost-reply:28 lost-reply-close:52; do
        mobile -o /dev/null -d '{"sku":"MUG-42"}' "$base/api/cart"
        fault_on "{\"fault\":\"${fault%:*}\",\"stage\":\"checkout\",\"times\":1}"
        expect "${fault%:*}" "${fault#*:}" "$(verdict -H "Authorization: Bearer $token" \
            -H 'Content-Type: application/json' -H "Idempotency-Key: $fault" \
            -d '{"mode":"test"}' "$base/api/checkout")"
        order=$(mobile "$base/api/orders?key=$fault" | jq -r .id)
        expect_in "${fault%:*}: the order stands" order- "$order"
        request -X DELETE -H "Authorization: Bearer $token" "$base/api/orders/$order"
        faults_off
    done
    limit=
}

test_every_fault_was_on() {
    for fault in $(request "$base/control/faults/catalogue" | jq -r '.[].name'); do
        checks=$((checks + 1))
        if ! grep -q "\"fault\":\"$fault\"" "$work/journal"; then
            failures=$((failures + 1))
            echo "FAIL fault $fault was never seen to strike"
        fi
    done
    expect 'control: reset' 204 "$(status -X POST "$base/control/reset")"
    expect 'control: as on the first day' '0 0 0' \
        "$(state '"\(.logins) \(.requests.count) \(.orders_placed)"')"
}

# Ends while one answer is held, one connection frozen and one dripping.
test_end() {
    fault_on '{"fault":"slow","path":"/"}'
    fault_on '{"fault":"freeze","path":"/login"}'
    fault_on '{"fault":"slow-drip","path":"/product/*"}'
    for path in / /login /product/MUG-42; do
        request -m 20 -o /dev/null "$base$path" 2>/dev/null &
    done
    for _ in $(seq 60); do
        [ "$(state '"\(.answers_held) \(.connections_frozen)"')" = '1 2' ] && break
        sleep 0.05
    done
    expect 'held and frozen' '1 2' "$(state '"\(.answers_held) \(.connections_frozen)"')"
    kill -TERM "$shop_pid"
    wait "$shop_pid"
    expect 'SIGTERM ends it with' 0 $?
    shop_pid=
    wait
    expect 'nothing on stderr' '' "$(cat "$work/errors")"
}

start_shop
token=$(new_token shopper2@example.com)
test_pages
test_api
test_graphql
token=$(new_token shopper2@example.com)
test_mobile
test_evidence
test_control
test_faults_said
test_faults_on_the_wire
test_lost_reply
test_every_fault_was_on
test_end

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
