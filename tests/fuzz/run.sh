#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every target of tests/fuzz for some seconds each, from its corpus, under the address and undefined-behaviour
# sanitizers. One line per target; exit code 1 if any found something. What it found lies in BUILD/findings/TARGET.
#   tests/fuzz/run.sh [SECONDS [TARGET …]]      default: 60, all targets
# The build folder is $SEQSWEEP_BUILD_DIR, or build/fuzz. Needs Debian's packages clang and libclang-rt-14-dev.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=jobs/packages.sh
source "$root/jobs/packages.sh"
build_dir=${SEQSWEEP_BUILD_DIR:-$root/build/fuzz}
seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
targets=("$@")
if ((${#targets[@]} == 0)); then targets=(ini distribution importers datasets results checkpoints messages); fi

install_missing "${seqsweep_build_packages[@]}" libgtest-dev libgmock-dev clang libclang-rt-14-dev
echo "building in $build_dir"
cmake -S "$root" --preset fuzz -B "$build_dir" >/dev/null
cmake --build "$build_dir" --target "${targets[@]/#/fuzz_}" --parallel "$(nproc)" >/dev/null

# [bytes] of a target's largest input: a message is at most 4096, a list of damages bites when it is short.
max_len() {
  case $1 in
    datasets | results | checkpoints) echo 256 ;;
    messages) echo 4098 ;;
    *) echo 2048 ;;
  esac
}

# A finding is a crash, a sanitizer's report, a leak, more than 2 GB of memory, or an input that takes 20 s. Leaks are
# looked for at the end: HDF5 keeps memory between calls, and libFuzzer would search all of it after each.
limits=(-rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=20 -detect_leaks=0 -print_final_stats=1)
export LSAN_OPTIONS="suppressions=$root/tests/leaks.supp:print_suppressions=0"
export UBSAN_OPTIONS=print_stacktrace=1
failed=0
for target in "${targets[@]}"; do
  found=$build_dir/findings/$target
  learned=$build_dir/learned/$target # inputs that reached new code; the next run begins with them
  mkdir -p "$found" "$learned"
  seeds=("$here/corpus/$target")
  if [[ $target == ini ]]; then seeds+=("$root/configs"); fi
  dictionary=()
  if [[ -f $here/$target.dict ]]; then dictionary=("-dict=$here/$target.dict"); fi
  log=$build_dir/findings/$target.log
  verdict=clean
  "$build_dir/bin/fuzz_$target" "${limits[@]}" "-max_len=$(max_len "$target")" "-max_total_time=$seconds" \
    "${dictionary[@]}" "-artifact_prefix=$found/" "$learned" "${seeds[@]}" >"$log" 2>&1 || verdict=FAILED
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9 || true)
  printf '%-12s %s  %s executions  %s edges  %s MB  %s s\n' "$target" "$verdict" "${executions:-?}" "${coverage:-?}" \
    "${memory:-?}" "$seconds"
  if [[ $verdict == FAILED ]]; then
    failed=1
    grep -m 1 -E 'ERROR:|runtime error|broken promise|what\(\)' "$log" || tail -n 3 "$log"
    echo "  $log, inputs in $found"
  fi
done
exit $failed
