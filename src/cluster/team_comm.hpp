// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <mpi.h>

namespace seqsweep::cluster {

/// How the ranks of one team talk: point to point, in one communicator that all teams share.
///
/// A team costs nothing to form and nobody waits for it: it is a list of ranks and a number that keeps its messages
/// apart. Within a generation every message that is sent is also received, so teams that follow each other may use the
/// same tags; where a team is given up, messages of it may stay behind, and the next one has another generation.
class TeamComm {
 public:
  /// `ranks` of `comm`, this process among them. `while_waiting` may throw; it is called now and then.
  TeamComm(MPI_Comm comm, std::vector<int> ranks, int generation, std::function<void()> while_waiting);

  [[nodiscard]] int rank() const { return rank_; }  ///< within the team
  [[nodiscard]] int size() const { return static_cast<int>(ranks_.size()); }

  /// Messages of one purpose between two ranks keep their order. `purpose` < num_purposes.
  void receive(std::span<std::byte> bytes, int from, int purpose, MPI_Request& request) const;
  void send(std::span<const std::byte> bytes, int to, int purpose, MPI_Request& request) const;
  /// Returns when all are done. Whatever while_waiting throws comes out, and leaves the requests under way.
  void wait(std::span<MPI_Request> requests) const;

  static constexpr int num_purposes = 1 << 14;
  /// MPI guarantees tags up to 32,767 and every transport of today gives at least 23 bits.
  static constexpr int num_generations = 1 << 9;

 private:
  MPI_Comm comm_;
  std::vector<int> ranks_;
  int rank_ = 0;
  int first_tag_;
  std::function<void()> while_waiting_;
};

}  // namespace seqsweep::cluster
