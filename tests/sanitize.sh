#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds with the address and undefined-behaviour sanitizers and runs all tests that run code of seqsweep; ends with ctest's
# own verdict and exit code.
#   tests/sanitize.sh [CTEST_OPTION …]                e.g. -R nn_test
# The build folder is $SEQSWEEP_BUILD_DIR, or build/sanitize.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/packages.sh
source "$root/jobs/packages.sh"
build_dir=${SEQSWEEP_BUILD_DIR:-$root/build/sanitize}

install_missing "${seqsweep_build_packages[@]}" "${seqsweep_test_packages[@]}"
build_seqsweep "$root" sanitize "$build_dir" all -DBUILD_TESTING=ON
export LSAN_OPTIONS="suppressions=$root/tests/leaks.supp:print_suppressions=0"
export UBSAN_OPTIONS=print_stacktrace=1
# One more than there are cores: tests of the program wait a third of their time.
exec ctest --test-dir "$build_dir" -j$(($(nproc) + 1)) --output-on-failure -E '^house_' -LE 'benchmark|browser|slurm' "$@"
