#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `validate --format sarif` writes is SARIF: its schema accepts it, and refuses what is not. The schema comes from a package of the
# npm registry, the validator as locked in schema/package-lock.json.
. "$(dirname "$0")/lib.sh"

package=@microsoft/jest-sarif@1.0.0-beta.0
inside=package/lib/schemas/sarif-2.1.0-rtm.5.json
sha256=2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8
npm_packages tests/e2e/schema
cache=$npm_cache
schema=$cache/sarif-$sha256.json
if ! [ -e "$schema" ]; then
  (cd "$work" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz "$inside") || { echo "npm pack failed"; exit 1; }
  echo "$sha256  $work/$inside" | sha256sum --check --quiet || exit 1
  mv "$work/$inside" "$schema"
fi
accepts() { (cd "$cache" && node "$root/tests/e2e/schema/sarif.js" "$schema" "$@") >"$work/said" 2>&1; }

# --- All that there is to tell: nothing, every kind of fault that wrong journeys have, warnings, odd paths, no file at all.
"$shopper" validate journeys --format sarif >"$work/none.sarif"
"$shopper" validate tests/e2e/schema/wrong --format sarif >"$work/wrong.sarif"
"$shopper" validate "$root/tests/e2e/schema/wrong" --format sarif >"$work/absolute.sarif"
"$shopper" validate tests/bench --format sarif >"$work/warnings.sarif"
"$shopper" validate --cron '0 0 31 2 *' --format sarif >"$work/cron.sarif"
"$shopper" validate /nowhere.yaml --format sarif >"$work/nowhere.sarif"
mkdir "$work/a b#ü?%"
printf 'journey: a\nbase: http://x\nsteps:\n  - {name: "\\u0007😀", gte: /}\n' >"$work/a b#ü?%/1.yaml"
"$shopper" validate "$work/a b#ü?%" --format sarif >"$work/odd.sarif"
is "faults of wrong journeys" "$(($(jq '[.runs[0].results[].ruleId] | unique | length' "$work/wrong.sarif") >= 8))" 1
is "warnings" "$(($(jq '[.runs[0].results[] | select(.level == "warning")] | length' "$work/warnings.sarif") >= 1))" 1
for name in none wrong absolute warnings cron nowhere odd; do
  accepts "$work/$name.sarif" && ok || not_ok "$name: $(cat "$work/said")"
done

# --- The schema is no rubber stamp.
for change in '.version = "2.0.0"' 'del(.runs[0].tool)' '.runs[0].results[0].level = "bad"' 'del(.runs[0].results[0].message)' \
  '.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0' '.runs[0].columnKind = "bytes"' '.runs[0].tool.driver.rules[0].help = "text"'; do
  jq "$change" "$work/wrong.sarif" >"$work/changed.sarif"
  accepts "$work/changed.sarif"
  is "the schema refuses $change" "$?" 3
done
finish
