#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a C file is not as clang-format 14 writes it with .clang-format; another version has another taste.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(find src include tests docs -name '*.[ch]' ! -path '*/node_modules/*')
[ ${#files[@]} -gt 300 ] || { echo "only ${#files[@]} files were looked at"; exit 1; }
printf '%s\0' "${files[@]}" | xargs -0 -n 50 clang-format-14 --dry-run -Werror
echo "${#files[@]} files are formatted"
