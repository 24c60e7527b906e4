// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
#include "seqsweep/core/buffer.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/trial/group.hpp"

namespace seqsweep::cluster {

/// What a group of ranks that may lose one needs besides its ranks.
struct GroupTerms {
  int generation = 0;                   ///< another one after each group that was given up
  std::function<void()> while_waiting;  ///< called now and then while the others are waited for; may throw
};

/// All ranks that the launcher started. Without a launcher: rank 0 of 1, and MPI is not touched.
///
/// One World per process, from before the first to after the last use of anything it made.
class World {
 public:
  /// Initialises MPI where mpirun or srun started this process. Throws ClusterError where it was started as one of
  /// several, but is alone for MPI.
  World();
  /// Finalises MPI. Collective.
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] int rank() const;
  [[nodiscard]] int size() const;
  [[nodiscard]] const std::string& host() const;
  [[nodiscard]] int ranks_on_node() const;
  /// [size] a number of the node that each rank is on.
  [[nodiscard]] const std::vector<int>& node_of_rank() const;

  /// Where any rank comes with an error, all ranks throw: the lowest such rank its own, the others ElsewhereError of
  /// the same exit code. Collective.
  void agree(const std::exception_ptr& error) const;

  /// Throws as agree() does where a rank's `text` (of lines) is not rank 0's; `what` says what it is. Collective.
  void agree_on(const std::string& what, const std::string& text) const;

  /// The least value of this node's ranks. Collective.
  [[nodiscard]] double least_on_node(double value) const;

  [[nodiscard]] std::unique_ptr<CoordinatorChannel> coordinator_channel() const;
  [[nodiscard]] std::unique_ptr<WorkerChannel> worker_channel() const;

  /// Null in a world of one.
  [[nodiscard]] std::unique_ptr<PeerChannel> peer_channel() const;

  /// The group of some ranks of the world, a power of two, this one among them. Waits for nobody.
  [[nodiscard]] std::unique_ptr<trial::Group> make_group(const std::vector<int>& ranks, GroupTerms terms = {}) const;

  /// Memory that the ranks of a node share: one of them fills it. Throws NoSharedMemory on all ranks of a node that
  /// cannot. Collective, with the same size on all ranks of a node.
  [[nodiscard]] BytesAllocator shared_memory() const;

  /// From here on no rank waits for another, so that each may fail by itself. agree() says so where it throws.
  void part() const;
  /// While this is false, a rank that fails alone has to abort(): the others would wait for it for ever.
  [[nodiscard]] bool has_parted() const;

  /// Some rank will never come again: nothing that is collective may happen any more, and the process has to end
  /// without MPI's own ending, which might wait for ever.
  void leave_the_lost_behind() const;
  [[nodiscard]] bool has_left_behind() const;

  /// Ends all ranks at once, where one of them cannot go on and the others cannot know. Does not return.
  [[noreturn]] void abort(ExitCode exit_code) const;

  struct Body;

 private:
  std::unique_ptr<Body> body_;
};

/// The ranks that train, ascending. Rank 0 coordinates; in a world of up to four it trains as well, answering messages
/// between its steps, and in a larger one it sleeps between messages.
[[nodiscard]] std::vector<int> worker_ranks(int world_size);

/// The ranks of a node cannot share memory, each of them knows it, and each can do with memory of its own.
class NoSharedMemory : public ClusterError {
 public:
  explicit NoSharedMemory(const std::string& problem) : ClusterError(problem) {}
};

/// Another rank has the error and prints it.
class ElsewhereError : public Error {
 public:
  using Error::Error;
};

}  // namespace seqsweep::cluster
