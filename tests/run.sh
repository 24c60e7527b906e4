#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and runs every test; ends with ctest's own verdict and exit code.
#   tests/run.sh [CTEST_OPTION …]                     e.g. -R nn_test
# The build folder is $SEQSWEEP_BUILD_DIR, or build/release.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/packages.sh
source "$root/jobs/packages.sh"
build_dir=${SEQSWEEP_BUILD_DIR:-$root/build/release}

install_missing "${seqsweep_build_packages[@]}" "${seqsweep_test_packages[@]}"
build_seqsweep "$root" release "$build_dir" all -DBUILD_TESTING=ON
# One more than there are cores: tests of the program wait a third of their time.
exec ctest --test-dir "$build_dir" -j$(($(nproc) + 1)) --output-on-failure "$@"
