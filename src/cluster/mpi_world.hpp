// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <mpi.h>

#include "seqsweep/cluster/world.hpp"

#include "team_comm.hpp"

namespace seqsweep::cluster {

/// Throws ClusterError with MPI's own text where `code` is no success.
void check_mpi(int code, const char* call);

struct World::Body {
  bool has_mpi = false;
  bool has_left_behind = false;
  bool has_parted = false;
  int rank = 0;
  int size = 1;
  int ranks_on_node = 1;
  std::string host;
  std::vector<int> node_of_rank = {0};
  MPI_Comm node = MPI_COMM_NULL;         ///< the ranks of this node
  MPI_Comm control = MPI_COMM_NULL;      ///< coordinator and workers talk here, and nobody else
  MPI_Comm invitations = MPI_COMM_NULL;  ///< leaders of teams tell joiners here
  MPI_Comm teams = MPI_COMM_NULL;        ///< the ranks of a trial
};

[[nodiscard]] std::unique_ptr<CoordinatorChannel> make_mpi_coordinator_channel(MPI_Comm control);
[[nodiscard]] std::unique_ptr<WorkerChannel> make_mpi_worker_channel(MPI_Comm control, int coordinator_rank);
[[nodiscard]] std::unique_ptr<PeerChannel> make_mpi_peer_channel(MPI_Comm invitations);
[[nodiscard]] std::unique_ptr<trial::Group> make_mpi_group(TeamComm comm);
/// Memory that the ranks of a node share. Collective over `node`.
[[nodiscard]] BytesAllocator make_node_memory(MPI_Comm node);

}  // namespace seqsweep::cluster
