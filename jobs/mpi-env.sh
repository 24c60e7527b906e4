# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that start seqsweep under Open MPI's mpirun: what containers, root and few cores need.

# usable_cores: the cores of this process, by its affinity mask and its container's CPU quota.
usable_cores() {
  local cores quota period
  cores=$(nproc)
  if [[ -r /sys/fs/cgroup/cpu.max ]]; then
    read -r quota period </sys/fs/cgroup/cpu.max
    if [[ $quota != max ]] && (((quota + period - 1) / period < cores)); then
      cores=$(((quota + period - 1) / period))
    fi
  fi
  echo "$((cores > 0 ? cores : 1))"
}

# prepare_mpi RANKS: sets what mpirun needs here for so many ranks: variables, and options in mpi_options.
prepare_mpi() {
  local ranks=$1 free_kb
  mpi_options=(-n "$ranks")
  if ((EUID == 0)); then # Open MPI refuses root unless told twice
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  if ((ranks > $(usable_cores))); then
    # Ranks that wait must give way to ranks that work: a thousandfold in an all-reduce.
    mpi_options+=(--oversubscribe --bind-to none)
    export OMPI_MCA_mpi_yield_when_idle=1
  fi
  if [[ -f /.dockerenv || -f /run/.containerenv ]]; then # containers forbid reading each other's memory
    export OMPI_MCA_btl_vader_single_copy_mechanism=none
  fi
  # Each rank keeps 4 MB in /dev/shm, which is 64 MB in many containers.
  free_kb=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
  if ((${free_kb:-0} < ranks * 5 * 1024)); then
    export OMPI_MCA_btl_vader_backing_directory=${TMPDIR:-/tmp}
  fi
}

# seqsweep_mpirun RANKS PROGRAM [ARGUMENT …]
seqsweep_mpirun() {
  local mpi_options
  prepare_mpi "$1"
  shift
  mpirun "${mpi_options[@]}" "$@"
}
