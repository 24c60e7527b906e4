#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Injects every fault of README.md and ends with a summary; exit code 0 if nothing was lost.
#   tests/faults/run.sh              the short form, as ctest runs it (some minutes)
#   tests/faults/run.sh --long       200 kills and every moment of a failing disk (about an hour)
#   tests/faults/run.sh --seed N     the same dice again
# The program is that of $SEQSWEEP_BUILD_DIR, or build/release.
set -uo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build_dir=${SEQSWEEP_BUILD_DIR:-$folder/../../build/release}
export SEQSWEEP=${SEQSWEEP:-$build_dir/bin/seqsweep}
export FAULTY_DISK=${FAULTY_DISK:-$build_dir/tests/faults/libfaulty_disk.so}
export FAULTY_RANK=${FAULTY_RANK:-$build_dir/tests/faults/libfaulty_rank.so}
for file in "$SEQSWEEP" "$FAULTY_DISK" "$FAULTY_RANK"; do
  if [[ ! -e $file ]]; then
    echo "$file is missing; build first (tests/run.sh), or name the build folder in SEQSWEEP_BUILD_DIR" >&2
    exit 1
  fi
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
summary=()
exit_code=0
for part in kill lost memory disk damage lock space start; do
  echo "== $part"
  start=$SECONDS
  if /usr/bin/python3 -B "$folder/${part}_test.py" "$@" 2>&1 | tee "$log"; then
    verdict=passed
  else
    verdict=FAILED
    exit_code=1
  fi
  tests=$(sed -n 's/^Ran \([0-9]* tests\?\) .*/\1/p' "$log")
  summary+=("$(printf '%-7s %s  %-9s %5d s' "$part" "$verdict" "$tests" $((SECONDS - start)))")
  while read -r line; do summary+=("        $line"); done \
    < <(grep -E '^ +(flipped|damaged|coordinator|checkpoint)|kills of|skipped=' "$log")
done
echo
printf '%s\n' "${summary[@]}"
exit "$exit_code"
