// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <mpi.h>

#include "seqsweep/cluster/world.hpp"

namespace seqsweep::cluster {

/// Throws ClusterError with MPI's own text where `code` is no success.
void check_mpi(int code, const char* call);

/// A communicator that is freed when it goes.
class Communicator {
 public:
  Communicator() = default;
  explicit Communicator(MPI_Comm owned) : comm_(owned) {}
  ~Communicator();
  Communicator(Communicator&& other) noexcept : comm_(std::exchange(other.comm_, MPI_COMM_NULL)) {}
  Communicator& operator=(Communicator&&) = delete;
  [[nodiscard]] MPI_Comm get() const { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

struct World::Body {
  bool has_mpi = false;
  int rank = 0;
  int size = 1;
  int ranks_on_node = 1;
  std::string host;
  MPI_Comm control = MPI_COMM_NULL;  ///< coordinator and workers talk here, and nobody else
};

[[nodiscard]] std::unique_ptr<CoordinatorChannel> make_mpi_coordinator_channel(MPI_Comm control);
[[nodiscard]] std::unique_ptr<WorkerChannel> make_mpi_worker_channel(MPI_Comm control, int coordinator_rank);
[[nodiscard]] std::unique_ptr<trial::Group> make_mpi_group(const std::vector<int>& ranks);
[[nodiscard]] BytesAllocator make_mpi_shared_memory();

}  // namespace seqsweep::cluster
