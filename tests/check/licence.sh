#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a source does not say its licence. Of texts for people and data for tests, the file LICENSE says it.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(
  find src include cmake scripts .ci -type f ! -name '*.md'
  find CMakeLists.txt tests docs packaging -type f \
    \( -name '*.[ch]' -o -name '*.cc' -o -name '*.sh' -o -name '*.py' -o -name '*.js' -o -name '*.mjs' -o -name CMakeLists.txt \) \
    ! -path '*/node_modules/*'
)
[ ${#files[@]} -gt 300 ] || { echo "only ${#files[@]} files were looked at"; exit 1; }
if without=$(grep -L 'SPDX-License-Identifier: Apache-2\.0$\|SPDX-License-Identifier: Apache-2\.0 \(\*/\|-->\)' "${files[@]}") && [ -n "$without" ]; then
  printf 'no licence: %s\n' $without
  exit 1
fi
echo "${#files[@]} sources say their licence"
