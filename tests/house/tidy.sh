#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy with the house's .clang-tidy over sources in compile_commands.json. Slow, so no part of ctest.
#   tests/house/tidy.sh [--all | FILE …]      default: the sources changed since the last commit
# The build folder is $SEQSWEEP_BUILD_DIR, or build/release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build_dir=${SEQSWEEP_BUILD_DIR:-build/release}

if ! command -v clang-tidy >/dev/null; then
  echo "clang-tidy is missing (Debian package clang-tidy)" >&2
  exit 77
fi
if [[ ! -f $build_dir/compile_commands.json ]]; then
  echo "$build_dir has no compile_commands.json: configure first (cmake --preset release)" >&2
  exit 2
fi
if [[ ${1:-} == --all ]]; then
  mapfile -t files < <(find src jobs -name '*.cpp' | sort)
elif (($# > 0)); then
  files=("$@")
else
  mapfile -t files < <({ git diff --name-only HEAD; git ls-files --others --exclude-standard; } |
    grep -E '^(src|jobs)/.*\.cpp$' | sort -u || true)
fi
if ((${#files[@]} == 0)); then
  echo "no changed sources"
  exit 0
fi
# clang cannot read what GCC precompiled.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
sed -E 's/ -Winvalid-pch -include [^ ]+cmake_pch\.hxx//' "$build_dir/compile_commands.json" >"$commands/compile_commands.json"
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p "$commands"
echo "clang-tidy: ${#files[@]} files are clean"
