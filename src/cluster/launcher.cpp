// SPDX-License-Identifier: Apache-2.0
#include "launcher.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "seqsweep/cluster/world.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::cluster {
namespace {

/// The variables in which a launcher tells a process which of how many it is.
struct Launcher {
  const char* name;
  const char* size;
  const char* rank;
};

// Open MPI's comes first: below its mpirun, those of the srun that it may use itself speak of its daemons.
constexpr std::array launchers = {
    Launcher{"Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    Launcher{"MVAPICH's mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"},
    Launcher{"the mpirun of MPICH or Intel MPI, or srun --mpi=pmi2", "PMI_SIZE", "PMI_RANK"},
    Launcher{"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};

std::int64_t number(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : parse_integer(text).value_or(0);
}

}  // namespace

bool was_launched() {
  constexpr std::array variables = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"};
  return std::any_of(variables.begin(), variables.end(), [](const char* name) { return std::getenv(name) != nullptr; });
}

void refuse_strangers(int world_size) {
  if (world_size > 1) return;
  const auto* launcher = std::find_if(launchers.begin(), launchers.end(),
                                      [](const Launcher& l) { return std::getenv(l.size) != nullptr; });
  if (launcher == launchers.end() || number(launcher->size) <= 1) return;
  if (number(launcher->rank) != 0) throw ElsewhereError("the first of these processes says why", ExitCode::cluster);
  throw ClusterError(
      fmt::format("{} started {} processes, but for MPI each of them is alone, and all would write the same files; "
                  "start them with the mpirun of the Open MPI that this program was built with, or with srun "
                  "--mpi=pmix (for one process by itself: env -u {})",
                  launcher->name, number(launcher->size), launcher->size));
}

}  // namespace seqsweep::cluster
