#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Looks with valgrind at what the sanitizers do not see: the kernels, and programs under mpirun. Slow (half an hour).
#   tests/valgrind.sh                     builds in $SEQSWEEP_BUILD_DIR, or build/release
# Exit code 1 if valgrind found anything; what it found is printed.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/packages.sh
source "$root/jobs/packages.sh"
build_dir=${SEQSWEEP_BUILD_DIR:-$root/build/release}
install_missing "${seqsweep_build_packages[@]}" "${seqsweep_test_packages[@]}" valgrind || exit 1
build_seqsweep "$root" release "$build_dir" all -DBUILD_TESTING=ON || exit 1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Valgrind has no AVX-512, so kernels run as AVX2. Open MPI knows what valgrind should overlook in it. Tests that count
# allocations have operators new and delete of their own, which look mismatched (the sanitizers look for those).
memcheck=(valgrind --quiet --error-exitcode=99 --exit-on-first-error=no --show-mismatched-frees=no
  --suppressions=/usr/share/openmpi/openmpi-valgrind.supp --suppressions="$root/tests/valgrind.supp")
exit_code=0

# check NAME COMMAND …
check() {
  local name=$1 start=$SECONDS
  shift
  if (cd "$scratch" && "$@") >"$scratch/$name.log" 2>&1; then
    printf '%-16s clean  %4d s\n' "$name" $((SECONDS - start))
  else
    printf '%-16s FAILED %4d s\n' "$name" $((SECONDS - start))
    grep -E -A 20 '^==[0-9]+== (Invalid|Conditional|Use of|Syscall)|FAILED|error:' "$scratch/$name.log" | head -n 60
    exit_code=1
  fi
}

config=$scratch/sweep.ini
cat >"$config" <<'END'
[sweep]
trials = 6
concurrency = 3
[search]
grace_period = 1
reduction_factor = 2
[data]
path = adding.h5
[model]
cell = choice(rnn, lstm, gru)
hidden_size = choice(5, 16)
num_layers = 2
dropout = 0.2
[train]
max_epochs = 2
shards = 4
[cluster]
placement = restless
END
"$build_dir/bin/seqsweep" dataset make adding --sequences 200 --length 10 --seed 1 -o "$scratch/adding.h5" >/dev/null

check nn "${memcheck[@]}" "$build_dir/bin/nn_test" --gtest_filter='-*learn*:*finite*'
check cluster "${memcheck[@]}" "$build_dir/bin/cluster_test" --gtest_filter='-Coordinator.*'
for ranks in 2 4; do
  check "groups_$ranks" "$root/tests/mpirun.sh" "$ranks" "${memcheck[@]}" "$build_dir/bin/group_test"
done
check world_4 "$root/tests/mpirun.sh" 4 "${memcheck[@]}" "$build_dir/bin/world_test"
check sweep_3 "$root/tests/mpirun.sh" 3 "${memcheck[@]}" "$build_dir/bin/seqsweep" sweep "$config" -o r.h5
exit $exit_code
