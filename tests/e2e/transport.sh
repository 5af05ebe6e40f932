#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What lies between a shopper and a shop: HTTP/2, encodings, IPv6, client certificates, lists of revoked ones, proxies.
. "$(dirname "$0")/lib.sh"

# A small authority, with the certificates of a shop, of a revoked shop, and of a client.
authority() {
  mkdir -p "$work/ca" && : >"$work/ca/index" && echo 01 >"$work/ca/serial" && echo 01 >"$work/ca/crlnumber"
  cat >"$work/ca.cnf" <<END
[ca]
default_ca=own
[own]
dir=$work/ca
database=$work/ca/index
serial=$work/ca/serial
crlnumber=$work/ca/crlnumber
new_certs_dir=$work/ca
certificate=$work/ca.pem
private_key=$work/ca.key
default_md=sha256
default_days=2
default_crl_days=2
policy=any
copy_extensions=copy
[any]
commonName=supplied
END
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Test Root" -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
  for name in shop revoked client; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -addext "subjectAltName=DNS:$name.test,IP:127.0.0.1,IP:::1" \
      -keyout "$work/$name.key" -out "$work/$name.csr" 2>/dev/null
    openssl ca -config "$work/ca.cnf" -batch -notext -in "$work/$name.csr" -out "$work/$name.pem" 2>/dev/null
  done
  openssl ca -config "$work/ca.cnf" -revoke "$work/revoked.pem" 2>/dev/null
  openssl ca -config "$work/ca.cnf" -gencrl -out "$work/crl.pem" 2>/dev/null
}

# nginx on five ports from $port on: http on IPv4 and IPv6, HTTP/2, HTTP/2 for known clients only, a revoked certificate.
shop() {
  mkdir -p "$work/site" && chmod 755 "$work"
  for i in $(seq 200); do printf '<p itemprop="price" content="12.50">EUR 12.50 of %d</p>\n' "$i"; done >"$work/site/page.html"
  gzip -k "$work/site/page.html" && zstd -q "$work/site/page.html" && brotli -k "$work/site/page.html"
  for end in gz br zst; do head -c -5 "$work/site/page.html.$end" >"$work/site/cut.html.$end"; done
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    cat >"$work/nginx.conf" <<END
worker_processes 1; pid $work/nginx.pid; error_log stderr crit; daemon off;
events { worker_connections 100; }
http {
  access_log off; default_type text/html;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  root $work/site;
  ssl_certificate $work/shop.pem; ssl_certificate_key $work/shop.key;
  add_header X-Protocol \$server_protocol;
  map \$http_accept_encoding \$suffix { default ""; gzip .gz; br .br; zstd .zst; }
  map \$http_accept_encoding \$coding { default ""; gzip gzip; br br; zstd zstd; }
  server {
    listen 127.0.0.1:$port; listen [::1]:$port; listen 127.0.0.1:$((port + 1)) ssl http2;
    location = /page { add_header Content-Encoding \$coding; try_files /page.html\$suffix =404; }
    location = /cut { add_header Content-Encoding \$coding; try_files /cut.html\$suffix =404; }
  }
  server {
    listen 127.0.0.1:$((port + 2)) ssl http2;
    ssl_client_certificate $work/ca.pem; ssl_verify_client on;
    location = /page { try_files /page.html =404; }
  }
  server {
    listen 127.0.0.1:$((port + 3)) ssl;
    ssl_certificate $work/revoked.pem; ssl_certificate_key $work/revoked.key;
    location = /page { try_files /page.html =404; }
  }
}
END
    "$(command -v nginx || echo /usr/sbin/nginx)" -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
    local child=$!
    for _ in $(seq 100); do
      [ -s "$work/nginx.pid" ] && { children+=("$child"); return; }
      kill -0 "$child" 2>/dev/null || break
      sleep 0.05
    done
  done
  cat "$work/nginx.err"
  exit 1
}

# look URL [ENCODING]: a journey that looks at one page
look() {
  cat >"$work/look.yaml" <<END
journey: look
base: $1
steps:
  - name: look
    get: /page
    headers: {Accept-Encoding: "${2:-identity}"}
    check:
      - {css: p, count: 200}
      - {price: {css: "[itemprop=price]", attr: content, currency: EUR, more_than: 0}}
END
}
authority
shop

look "http://127.0.0.1:$port"
walk "$work/look.yaml"
is "HTTP/1.1" "$code" 0
look "http://[::1]:$port"
walk "$work/look.yaml"
is "IPv6" "$code" 0
for coding in gzip br zstd; do
  look "http://127.0.0.1:$port" $coding
  walk "$work/look.yaml"
  is "$coding" "$code" 0
  [ "$(ask '.runs[0].steps[0].body_bytes')" -gt 5000 ] && ok || not_ok "$coding is read decoded: $(ask '.runs[0].steps[0].body_bytes')"
  sed 's,/page,/cut,' "$work/look.yaml" >"$work/cut.yaml"
  walk "$work/cut.yaml"
  is "$coding that is cut short" "$(kind)" protocol
done

look "https://shop.test:$((port + 1))"
walk "$work/look.yaml" --cacert "$work/ca.pem" --resolve "shop.test:$((port + 1)):127.0.0.1" --report "har:$work/look.har"
is "HTTP/2 over a name of our own" "$code" 0
is "HTTP/2 is spoken" "$(jq -r '.log.entries[0].response.httpVersion' "$work/look.har")" HTTP/2
walk "$work/look.yaml" --resolve "shop.test:$((port + 1)):127.0.0.1"
is "an unknown authority" "$(kind)" tls
walk "$work/look.yaml" --insecure --resolve "shop.test:$((port + 1)):127.0.0.1"
is "--insecure" "$code" 0
has "--insecure is loud" "$err" "verif"
walk "$work/look.yaml" --cacert "$work/ca.pem"
is "a name that nobody knows" "$(kind)" dns

# HTTP/2 that goes wrong. A connection that is alive is no page that comes.
while read -r mode wanted; do
  start "$mode" python3 -u tests/e2e/http2-shop.py "$work/shop.pem" "$work/shop.key" "$mode"
  printf 'journey: two\nbase: %s\nsteps:\n  - {name: look, get: /, timeout: 10s, stall: 1s}\n' "$address" >"$work/two.yaml"
  walk "$work/two.yaml" --cacert "$work/ca.pem"
  is "HTTP/2, $mode" "$(kind)" "$wanted"
done <<END
whole -
ping freeze
goaway reset
short protocol
END

look "https://127.0.0.1:$((port + 2))"
walk "$work/look.yaml" --cacert "$work/ca.pem" --cert "$work/client.pem" --key "$work/client.key"
is "a client certificate" "$code" 0
walk "$work/look.yaml" --cacert "$work/ca.pem"
is "no client certificate" "$code" 1

look "https://127.0.0.1:$((port + 3))"
walk "$work/look.yaml" --cacert "$work/ca.pem"
is "revoked, and nobody asked" "$code" 0
walk "$work/look.yaml" --cacert "$work/ca.pem" --crl "$work/crl.pem"
is "revoked" "$(kind)" tls
has "revoked is said" "$(ask '.runs[0].steps[0].failure.message')$(ask '.runs[0].steps[0].failure.actual')" revoked

start proxy python3 -u tests/e2e/connect-proxy.py
look "https://127.0.0.1:$((port + 1))"
https_proxy=$address walk "$work/look.yaml" --cacert "$work/ca.pem"
is "through a proxy" "$code" 0
is "the proxy was asked" "$(sed -n 2p "$work/proxy.out")" "127.0.0.1:$((port + 1))"
start refusing python3 -u tests/e2e/connect-proxy.py --refuse
https_proxy=$address walk "$work/look.yaml" --cacert "$work/ca.pem"
is "a proxy that refuses is our trouble" "$(kind)" prober
is "a proxy that refuses: exit code" "$code" 3
start silent python3 -u tests/e2e/connect-proxy.py --silent
sed 's/^steps:/defaults: {timeout: 1s, stall: 500ms}\n&/' "$work/look.yaml" >"$work/soon.yaml"
https_proxy=$address walk "$work/soon.yaml" --cacert "$work/ca.pem"
is "a proxy that says nothing is our trouble" "$(kind)" prober
https_proxy=http://127.0.0.1:1 walk "$work/look.yaml" --cacert "$work/ca.pem"
is "a proxy that is not there is our trouble" "$(kind)" prober
https_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 walk "$work/look.yaml" --cacert "$work/ca.pem"
is "no_proxy" "$code" 0
finish
