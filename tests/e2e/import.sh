#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real browser shops in the demo shop and is recorded; the recording becomes a journey that validates, passes on the shop when it
# is well and fails when its prices vanish. What drives the browser comes from the npm registry, as locked in
# import/package-lock.json.
. "$(dirname "$0")/lib.sh"

cache=${SHOPPER_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/mystery-shopper}/import
mkdir -p "$cache"
if ! cmp -s tests/e2e/import/package-lock.json "$cache/package-lock.json" || ! [ -d "$cache/node_modules/puppeteer-core" ]; then
  cp tests/e2e/import/package.json tests/e2e/import/package-lock.json "$cache"
  (cd "$cache" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2) || { echo "npm ci failed"; rm -rf "$cache"; exit 1; }
fi
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "there is no chromium"; exit 1; }
record() { # WAY
  (cd "$cache" && NODE_PATH=$cache/node_modules timeout 120 node "$root/tests/e2e/import/record.js" "$SHOP_URL" "$chromium" "$1") \
    >"$work/$1.har" 2>"$work/$1.said" || { echo "the browser failed: $(cat "$work/$1.said")"; exit 1; }
}

demo_shop
for way in forms api; do
  record $way
  is "$way: the browser was recorded" "$(($(jq '.log.entries | length' "$work/$way.har") >= 5))" 1
  has "$way: the recording holds the password" "$(cat "$work/$way.har")" demo-password

  "$shopper" import har "$work/$way.har" -o "$work/$way.yaml" >"$work/said" 2>&1
  is "$way: imports" "$?" 0
  has "$way: says what to set" "$(cat "$work/said")" "set SHOP_PASSWORD"
  "$shopper" validate --strict "$work/$way.yaml" >"$work/said" 2>&1 && ok || not_ok "$way: $(cat "$work/said")"
  journey=$(cat "$work/$way.yaml")
  has "$way: base" "$journey" 'base: ${env.SHOP_URL}'
  has "$way: a price check" "$journey" "- price: {css: \"[itemprop=price]\", attr: content, currency: EUR"
  has "$way: a cart check" "$journey" "- cart: "
  has "$way: is undone" "$journey" "undo: {"

  # No secret of the recording is left: what was typed, and every token and cookie that came.
  mapfile -t secrets < <(printf '%s\n' demo-password shopper@example.com shopper%40example.com
    jq -r '.log.entries[] | (.request.headers + .response.headers)[] | select(.name | ascii_downcase | IN("cookie", "set-cookie")) | .value' \
      "$work/$way.har" | grep -oE '=[A-Za-z0-9]{12,}' | tr -d =
    grep -oE 'csrf_token[\\" a-z=]*value=[\\"]*[A-Za-z0-9]{12,}' "$work/$way.har" | grep -oE '[A-Za-z0-9]{12,}$'
    jq -r '.log.entries[] | .response.content.text | fromjson? | .token? // empty' "$work/$way.har")
  is "$way: secrets were recorded" "$((${#secrets[@]} >= 4))" 1
  for secret in "${secrets[@]}"; do hasnt "$way: the journey" "$journey$(cat "$work/said")" "$secret"; done
done

# The shop forgets all that the browser did: the journeys find their own way.
export SHOP_EMAIL=shopper@example.com SHOP_PASSWORD=demo-password
curl -sS --fail -o /dev/null -X POST "$SHOP_URL/control/reset" || not_ok "reset"
for way in forms api; do
  walk "$work/$way.yaml"
  is "$way: a healthy shop" "$code" 0
  is "$way: leaves nothing behind" "$(curl -s "$SHOP_URL/control/state" | jq -r .orders_open)" 0
  fault '{"fault":"prices-vanish"}'
  walk "$work/$way.yaml"
  is "$way: prices vanish" "$code $(kind)" "1 price"
  heal
  SHOP_PASSWORD=wrong walk "$work/$way.yaml"
  is "$way: a wrong password" "$code" 1
done
is "an order was placed and cancelled" "$(curl -s "$SHOP_URL/control/state" | jq -r '.orders_cancelled > 0')" true

# --- The command line
"$shopper" import har "$work/forms.har" -o "$work/forms.yaml" >"$work/said" 2>&1
is "no overwriting" "$? $(cat "$work/said")" "2 shopper: $work/forms.yaml is there already: --force replaces it"
"$shopper" import har - --name mine <"$work/forms.har" 2>/dev/null >"$work/said"
is "standard input" "$?" 0
has "a name of one's own" "$(cat "$work/said")" "journey: mine"
head -c 5000 "$work/forms.har" >"$work/half.har"
"$shopper" import har "$work/half.har" >"$work/out" 2>"$work/said"
is "half a recording" "$? $(wc -c <"$work/out")" "2 0"
has "half a recording is placed" "$(cat "$work/said")" "half.har: line "
for line in 'import' 'import har' 'import jar x' 'import har a b' 'import har /nowhere/x.har' 'import curl curl http://a.example'; do
  # shellcheck disable=SC2086
  "$shopper" $line >"$work/out" 2>"$work/said"
  is "shopper $line" "$? $(wc -c <"$work/out")" "2 0"
done
"$shopper" import curl "curl '$SHOP_URL/product/MUG-42' -H 'Accept: text/html' --compressed -k" -o "$work/curl.yaml" 2>"$work/said"
has "-k is said" "$(cat "$work/said")" "-k is not taken over"
walk "$work/curl.yaml"
is "a curl command walks" "$code" 0
"$shopper" import curl "curl https://a.example/graphql --json '{\"query\":\"mutation(\$p:String!){login(password:\$p){t}}\",\"variables\":{\"p\":\"hunter22\"}}'" \
  >"$work/out" 2>"$work/said"
is "a password by its argument" "$?" 0
has "it is a reference" "$(cat "$work/out")" 'p: "${secret.password}"'
hasnt "and nowhere else" "$(cat "$work/out" "$work/said")" hunter22
# What the page hid while it was typed is a secret, whatever the field is called.
jq -n --arg shop "$SHOP_URL" '{log: {entries: [
  {request: {method: "GET", url: "\($shop)/login"}, response: {status: 200, content: {mimeType: "text/html",
    text: "<form><input name=u><input type=password name=q7></form>"}}},
  {request: {method: "POST", url: "\($shop)/login", postData: {mimeType: "application/x-www-form-urlencoded", text: "u=jo&q7=hunter22"}},
    response: {status: 200, content: {mimeType: "text/html", text: "<p>hello"}}}]}}' >"$work/hidden.har"
"$shopper" import har "$work/hidden.har" >"$work/out" 2>"$work/said"
is "a hidden field" "$? $(grep -c 'q7: "${secret.password}"' "$work/out")" "0 1"
hasnt "a hidden field" "$(cat "$work/out" "$work/said")" hunter22
"$shopper" import curl "curl https://a.example --heder" >"$work/out" 2>"$work/said"
is "a wrong command" "$? $(grep -c "did you mean 'header'" "$work/said")" "2 1"
finish
