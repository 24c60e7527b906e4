#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/mpirun.sh RANKS PROGRAM [ARGUMENTS …]: mpirun as a test wants it, as root or not, with more ranks than cores or not.
set -euo pipefail
ranks=$1
shift
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0} # Open MPI keeps memory to the end of the process
exec mpirun -q --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 -n "$ranks" "$@"
