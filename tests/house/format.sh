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
failed=0
for source in "${sources[@]}"; do
  if ! clang-format --dry-run -Werror "$source" 2>/dev/null; then
    echo "$source is not as clang-format leaves it (tests/house/format.sh --fix)"
    failed=1
  fi
done
exit $failed
