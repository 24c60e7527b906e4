# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034
# Sourced by jobs/quickstart.sh and tests/run.sh: the Debian 12 packages that seqsweep is made from, and how to get them.

seqsweep_build_packages=(
  g++ cmake ninja-build
  openmpi-bin libopenmpi-dev libhdf5-dev libeigen3-dev
  libboost-dev libboost-program-options-dev libfmt-dev libspdlog-dev nlohmann-json3-dev
  libhwy-dev libnlopt-dev librandom123-dev libxxhash-dev zlib1g-dev libicu-dev
  libonnx-dev libprotobuf-dev libzip-dev
)
# For tests/run.sh besides: independent readers and references.
seqsweep_test_packages=(
  libgtest-dev libgmock-dev hdf5-tools clang-format
  python3 python3-h5py python3-numpy python3-pandas python3-matplotlib python3-torch python3-onnx
)
# What only continuous integration installs, since few users want it on their machines; tests are skipped without it.
seqsweep_slurm_packages=(slurm-wlm munge)                      # tests/slurm: daemons
seqsweep_browser_packages=(chromium nodejs npm)                # tests/report in a browser, ONNX files in onnxruntime-node
seqsweep_reader_packages=(python3-optuna python3-sklearn)      # exports, read by the programs they are for

# install_missing PACKAGE …: installs those that are missing; silent unless it has something to do or fails. A program that
# came another way (npm with Node's own packages) is not missing.
install_missing() {
  command -v dpkg-query >/dev/null || return 0 # no Debian: CMake will name what it cannot find
  local package missing=() as_root=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      command -v "$package" >/dev/null || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "missing Debian packages, and neither root nor sudo to install them: ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  # Some mirrors fail now and then: apt tries again by itself. Its lists are read once, also for the scripts that we call.
  if ! {
    { [[ -n ${SEQSWEEP_APT_IS_UPDATED:-} ]] || "${as_root[@]}" apt-get update -qq -o Acquire::Retries=3; } &&
      export SEQSWEEP_APT_IS_UPDATED=yes &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "${missing[@]}"
  } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    echo "apt-get failed (whole log: $log)" >&2
    return 1
  fi
  rm -f "$log"
}

# build_seqsweep ROOT PRESET BUILD_DIR TARGET [CMAKE_OPTION …]: configures and builds; quiet unless it fails.
build_seqsweep() {
  local root=$1 preset=$2 build_dir=$3 target=$4 log
  shift 4
  log=$(mktemp)
  echo "building in $build_dir"
  if ! {
    cmake -S "$root" --preset "$preset" -B "$build_dir" "$@" &&
      cmake --build "$build_dir" --target "$target" --parallel "$(nproc)"
  } >"$log" 2>&1; then
    grep -E -A 12 'error:|CMake Error|FAILED:|undefined reference' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
    echo "the build failed (whole log: $log)" >&2
    return 1
  fi
  rm -f "$log"
}
