// SPDX-License-Identifier: Apache-2.0
// The ranks of a trial over MPI.
#include <algorithm>

#include "seqsweep/core/error.hpp"

#include "mpi_world.hpp"
#include "tree_reduction.hpp"

namespace seqsweep::cluster {
namespace {

constexpr int gathering = TeamComm::num_purposes - 1;
constexpr int broadcasting = TeamComm::num_purposes - 2;
static_assert(TreeReduction::most_pieces <= broadcasting);

constexpr std::size_t most_copied = 4096;  // [bytes] of a broadcast; more is a trial's state, which is left behind, too
constexpr std::size_t broadcast_chunk = std::size_t{1} << 20;  // [bytes] a rank passes on one while the next comes

class MpiGroup final : public trial::Group {
 public:
  explicit MpiGroup(TeamComm comm) : comm_(std::move(comm)), reduction_(comm_) {}

  [[nodiscard]] int rank() const override { return comm_.rank(); }
  [[nodiscard]] int size() const override { return comm_.size(); }

  void add_in_tree(std::span<float> values) override {
    reduction_.start(values);
    reduction_.finish();
  }
  void start_add_in_tree(std::span<float> part) override { reduction_.start(part); }
  void progress() override { reduction_.progress(); }
  void finish_add_in_tree() override { reduction_.finish(); }

  void gather(std::span<const double> mine, std::span<double> all) override {
    const auto n = mine.size();
    SEQSWEEP_EXPECT(all.size() == n * static_cast<std::size_t>(size()), "gather: the result has another size");
    requests_.clear();
    gathered_.resize(all.size());
    const auto place_of = [&](int r) { return std::span(gathered_).subspan(static_cast<std::size_t>(r) * n, n); };
    const auto own = place_of(rank());
    std::copy(mine.begin(), mine.end(), own.begin());
    for (int other = 0; other < size(); ++other) {
      if (other == rank()) continue;
      comm_.receive(std::as_writable_bytes(place_of(other)), other, gathering, requests_.emplace_back());
      comm_.send(std::as_bytes(own), other, gathering, requests_.emplace_back());
    }
    comm_.wait(requests_);
    std::copy(gathered_.begin(), gathered_.end(), all.begin());
  }

  void broadcast(std::span<std::byte> bytes) override {
    if (bytes.size() > most_copied) {
      broadcast_in_place(bytes);
      return;
    }
    copied_.assign(bytes.begin(), bytes.end());
    broadcast_in_place(copied_);
    std::copy(copied_.begin(), copied_.end(), bytes.begin());
  }

 private:
  // In a binomial tree: a rank's parent is its number without the lowest one, its children have one more below that.
  void broadcast_in_place(std::span<std::byte> bytes) {
    const int own = rank();
    const int below = own == 0 ? size() : own & -own;
    requests_.clear();
    for (std::size_t begin = 0; begin < bytes.size(); begin += broadcast_chunk) {
      const auto chunk = bytes.subspan(begin, std::min(broadcast_chunk, bytes.size() - begin));
      if (own != 0) {
        MPI_Request coming = MPI_REQUEST_NULL;
        comm_.receive(chunk, own & (own - 1), broadcasting, coming);
        comm_.wait({&coming, 1});
      }
      for (int bit = below / 2; bit > 0; bit /= 2) comm_.send(chunk, own + bit, broadcasting, requests_.emplace_back());
    }
    comm_.wait(requests_);
  }

  TeamComm comm_;
  TreeReduction reduction_;
  std::vector<MPI_Request> requests_;
  // A group that is given up is left behind with its memory, since messages may still arrive there: never in the
  // caller's, where it is as small as what lies on a stack.
  std::vector<double> gathered_;
  std::vector<std::byte> copied_;
};

}  // namespace

std::unique_ptr<trial::Group> make_mpi_group(TeamComm comm) {
  return std::make_unique<MpiGroup>(std::move(comm));
}

}  // namespace seqsweep::cluster
