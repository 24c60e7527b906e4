// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/library_allreduce.hpp"

#include "mpi_world.hpp"

namespace seqsweep::cluster {

void add_by_library(std::span<float> values) {
  check_mpi(
      MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD),
      "MPI_Allreduce");
}

}  // namespace seqsweep::cluster
