#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 to a finished sweep: installs what is missing, builds, makes a data set, runs
# configs/quickstart.ini on all cores, and shows the best trials. Run it again: what is done is not done twice.
#   jobs/quickstart.sh [--section.key=value …]        e.g. --sweep.trials=48
# Leaves quickstart-run/ in the checkout. The build folder is $SEQSWEEP_BUILD_DIR, or build/release.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/packages.sh
source "$root/jobs/packages.sh"
# shellcheck source=jobs/mpi-env.sh
source "$root/jobs/mpi-env.sh"
build_dir=${SEQSWEEP_BUILD_DIR:-$root/build/release}
run_dir=$root/quickstart-run
seqsweep=$build_dir/bin/seqsweep

install_missing "${seqsweep_build_packages[@]}"
cmake_options=()
[[ -f $build_dir/CMakeCache.txt ]] || cmake_options+=(-DBUILD_TESTING=OFF) # the tests need more packages
build_seqsweep "$root" release "$build_dir" seqsweep "${cmake_options[@]}"

mkdir -p "$run_dir"
if [[ ! -f $run_dir/adding.h5 ]]; then
  "$seqsweep" dataset make adding --sequences 4000 --length 50 --seed 1 -o "$run_dir/adding.h5"
fi

# Up to four ranks, rank 0 trains like the others; in more it only hands out the work and needs no core of its own.
cores=$(usable_cores)
ranks=$((cores > 4 ? cores + 1 : cores))
echo
echo "sweep: configs/quickstart.ini on $ranks ranks"
seqsweep_mpirun "$ranks" "$seqsweep" sweep "$root/configs/quickstart.ini" -o "$run_dir/quickstart.h5" \
  --data.path="$run_dir/adding.h5" "$@" >/dev/null # the same is shown below

echo
"$seqsweep" status "$run_dir/quickstart.h5" --top 5
"$seqsweep" report "$run_dir/quickstart.h5" -o "$run_dir/quickstart.html" >/dev/null
echo
echo "Left in $run_dir:"
echo "  adding.h5          the data set"
echo "  quickstart.h5      all results: pandas.DataFrame(h5py.File('quickstart.h5')['trials'][:])"
echo "  quickstart.html    the same as a page with plots, for any browser"
echo "  quickstart.ckpt/   the weights of each trial, under PyTorch's names"
