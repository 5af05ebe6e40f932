#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The engine as a library, as another program meets it: everything below is built from installed files and pkg-config alone.
. "$(dirname "$0")/lib.sh"

to=$work/prefix
cmake --install "$bin/.." --prefix "$to" >"$work/installed" 2>&1 && ok || not_ok "install: $(cat "$work/installed")"
pc=$(find "$to" -name shopper.pc)
export PKG_CONFIG_PATH=${pc%/*}
libraries=$(dirname "$(find "$to" -name libshopper.so.0)")
export LD_LIBRARY_PATH=$libraries
read -ra compile < <(pkg-config --cflags shopper)
read -ra link < <(pkg-config --libs shopper)
cp -r docs/examples tests/e2e/library "$work"
cd "$work" || exit 1

# A library from a build with sanitizers wants a program that brings their runtime.
sanitize=()
if [[ $(nm -D "$libraries/libshopper.so.0") == *__asan_* ]]; then sanitize=(-fsanitize=address,undefined); fi

# --- Every header compiles alone, from C11 and from C++17.
count=0
for header in "$to"/include/shopper/*.h; do
  name=$(basename "$header") count=$((count + 1))
  printf '#include <shopper/%s>\n#include <shopper/%s>\nint shopper_test_alone(void);\nint shopper_test_alone(void) { return 0; }\n' "$name" "$name" >alone.c
  sed 's/(void)/()/g' alone.c >alone.cc
  strict=(-pedantic -Wall -Wextra -Wshadow -Wconversion -Wundef -Wcast-qual -Wwrite-strings -Wdouble-promotion -Wmissing-declarations -Werror)
  for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    $compiler -std=c11 "${strict[@]}" -Wstrict-prototypes -Wmissing-prototypes "${compile[@]}" -c alone.c -o alone.o 2>said && ok || not_ok "$name from C, $compiler: $(cat said)"
  done
  for compiler in g++ clang++; do
    command -v $compiler >/dev/null || continue
    $compiler -std=c++17 "${strict[@]}" -Wold-style-cast -Wzero-as-null-pointer-constant "${compile[@]}" -c alone.cc -o alone.o 2>said && ok || not_ok "$name from C++, $compiler: $(cat said)"
  done
done
is "headers" "$count" 5

# --- The library shows what its headers declare, and nothing else.
nm -D --defined-only "$libraries/libshopper.so.0" | awk '$2 != "A" {sub("@.*", "", $3); print $3}' | grep -v '^__\(asan\|ubsan\|odr\)' | sort >shown
cat "$to"/include/shopper/*.h | tr '\n' ' ' | grep -oE 'SHOPPER_API [^;(]*\(' | grep -oE 'shopper_[a-z_]+\($' | tr -d '(' | sort -u >declared
is "what is shown is what is declared" "$(diff shown declared)" ""
has "soname" "$(readelf -d "$libraries/libshopper.so.0")" "[libshopper.so.0]"
is "the version" "$(pkg-config --modversion shopper)" "$("$shopper" version | cut -d ' ' -f 2)"

# --- The example
cc -std=c11 -Wall -Wextra -Werror "${sanitize[@]}" "${compile[@]}" examples/embed.c "${link[@]}" -o embed 2>said && ok || not_ok "the example: $(cat said)"
# The same from C++.
g++ -x c++ -std=c++17 -Wall -Wextra -Werror "${sanitize[@]}" "${compile[@]}" examples/embed.c "${link[@]}" -o embed++ 2>said && ok || not_ok "the example as C++: $(cat said)"
cd "$root" && demo_shop
export SHOP_EMAIL=shopper@example.com SHOP_PASSWORD=demo-password
example() { "$work/embed" "$@" >"$work/out" 2>"$work/err"; code=$? out=$(cat "$work/out"); }
example journeys/demo/price-view.yaml "$SHOP_URL"
is "the example passes: $(cat "$work/err")" "$code" 0
is "one run per persona" "$(grep -c '^price-view.*: pass$' "$work/out")" 2
"$work/embed++" journeys/demo/price-view.yaml "$SHOP_URL" >"$work/out++" 2>&1
is "C++ says the same" "$(sort "$work/out++")" "$(sort "$work/out")"
example journeys/demo/full.yaml "$SHOP_URL"
is "a whole way passes: $out" "$code" 0
fault '{"fault":"prices-vanish"}'
example journeys/demo/price-view.yaml "$SHOP_URL"
is "vanished prices are found" "$code" 1
has "with their kind and place" "$out" "[price]"
has "with their place" "$out" "journeys/demo/price-view.yaml:"
heal
printf 'journey: a\nbase: http://x\nstep: []\n' >"$work/wrong.yaml"
example "$work/wrong.yaml"
is "a wrong journey" "$code" 2
has "is located" "$(cat "$work/err")" "wrong.yaml:3:1: error: unknown key 'step'"

# --- The promises
cd "$work" || exit 1
cc -std=gnu11 -g -Wall -Wextra -Werror "${sanitize[@]}" "${compile[@]}" library/contract.c "${link[@]}" -o contract 2>said && ok || not_ok "contract.c: $(cat said)"
./contract "$SHOP_URL" >promises 2>said && ok || not_ok "the promises were not all asked for: $(tail -n 40 said)"
while read -r line; do [[ $line == ok* ]] && ok || not_ok "$line"; done <promises
is "promises" "$(($(wc -l <promises) >= 30))" 1
finish
