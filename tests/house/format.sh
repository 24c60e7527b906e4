#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whether all C++ sources are as clang-format leaves them; exits 77 (skipped) where clang-format is missing.
#   tests/house/format.sh [--fix]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v clang-format >/dev/null; then
  echo "clang-format is missing (Debian package clang-format): skipped"
  exit 77
fi
mapfile -d '' sources < <(find src include jobs tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 | sort -z)
if [[ ${1:-} == --fix ]]; then
  clang-format -i "${sources[@]}"
  exit 0
fi
# clang-format says FILE:LINE:COLUMN: error: …, for each place.
if ! said=$(printf '%s\0' "${sources[@]}" | xargs -0 -n 20 -P "$(nproc)" clang-format --dry-run -Werror 2>&1); then
  sed -nE 's/^([^: ]+):[0-9]+:[0-9]+: .*/\1 is not as clang-format leaves it (tests\/house\/format.sh --fix)/p' <<<"$said" |
    sort -u | grep . || echo "$said"
  exit 1
fi
