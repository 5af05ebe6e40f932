#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The JSON Schema of journeys: a real validator takes it, and it says of journeys what the loader says. The validator comes from
# the npm registry, as locked in schema/package-lock.json.
. "$(dirname "$0")/lib.sh"

npm_packages tests/e2e/schema
cache=$npm_cache
schema=$root/journeys/journey.schema.json
# against good|wrong FILE...: as $schema sees them
against() {
  local name=$1
  (cd "$cache" && node "$root/tests/e2e/schema/check.js" "$schema" "$@") >"$work/said" 2>&1 && ok || not_ok "$name: $(cat "$work/said")"
}

# --- Good ones: all that is shipped, and all examples of the documents. The loader takes them, too.
mapfile -t good < <(find "$root/journeys" "$root/tests/bench" -name '*.yaml' | sort)
mkdir "$work/examples"
for document in README.md docs/*.md docs/reference/*.md; do
  awk -v to="$work/examples/$(basename "$document")" '
    /^```yaml$/ { inside = 1; n++; next }
    /^```/ { inside = 0 }
    inside { print > (to "." n ".yaml") }' "$document"
done
mapfile -t configurations < <(grep -l '^journeys:' "$work"/examples/*.yaml)
mapfile -O "${#good[@]}" -t good < <(grep -L '^journeys:' "$work"/examples/*.yaml "$root"/tests/e2e/schema/good/*.yaml)
is "good journeys" "$((${#good[@]} >= 15))" 1
against good "${good[@]}"
for file in "$root"/tests/e2e/schema/good/*.yaml; do
  "$shopper" validate "$file" >"$work/said" 2>&1 && ok || not_ok "the loader refuses $file: $(cat "$work/said")"
done

# The good ones leave no key out.
for key in $(jq -r '[.definitions[] | .properties // {} | keys[]] | unique[]' "$schema"); do
  grep -qE "(^|[ {,-])$key:" "$root"/tests/e2e/schema/good/*.yaml && ok || not_ok "no good journey has the key $key"
done

# --- Wrong ones: what the schema refuses the loader refuses, each for a reason of its own.
wrong=("$root"/tests/e2e/schema/wrong/*.yaml)
is "wrong journeys" "$((${#wrong[@]} >= 20))" 1
against wrong "${wrong[@]}"
for file in "${wrong[@]}"; do
  "$shopper" validate "$file" >"$work/said" 2>&1 && not_ok "the loader takes $file" || ok
done

# --- The same for a configuration of the daemon.
journey_schema=$schema schema=$root/journeys/shopper.schema.json
config=$root/tests/e2e/schema/config
against good "$config"/good/*.yaml "${configurations[@]}"
"$shopper" validate "$config"/good/all.yaml >"$work/said" 2>&1
is "the loader takes it but for a file that is not there" "$(grep -v personas.yaml "$work/said" | grep error:)" ""
for key in $(jq -r '[.definitions[] | .properties // {} | keys[]] | unique[]' "$schema"); do
  grep -qE "(^|[ {,-])$key:" "$config"/good/*.yaml && ok || not_ok "no good configuration has the key $key"
done
against wrong "$config"/wrong/*.yaml
for file in "$config"/wrong/*.yaml; do
  "$shopper" validate "$file" >"$work/said" 2>&1 && not_ok "the loader takes $file" || ok
done
described() { jq -r '[.definitions | to_entries[] | .key as $d | (.value.properties // {}) | to_entries[]
  | select((.value.description // "") == "") | "\($d).\(.key)"] | join(" ")' "$1"; }
is "keys of a configuration without a description" "$(described "$schema")" ""
schema=$journey_schema

# --- Every key has something to say to an editor's user.
is "keys without a description" "$(jq -r '[.definitions | to_entries[] | .key as $d | (.value.properties // {}) | to_entries[]
  | select((.value.description // "") == "") | "\($d).\(.key)"] | join(" ")' "$schema")" ""
finish
