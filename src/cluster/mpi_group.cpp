// SPDX-License-Identifier: Apache-2.0
// The ranks of a trial over MPI.
#include <algorithm>

#include "seqsweep/core/error.hpp"

#include "mpi_world.hpp"
#include "tree_reduction.hpp"

namespace seqsweep::cluster {
namespace {

class MpiGroup final : public trial::Group {
 public:
  explicit MpiGroup(Communicator comm) : comm_(std::move(comm)), reduction_(comm_.get()) {
    check_mpi(MPI_Comm_rank(comm_.get(), &rank_), "MPI_Comm_rank");
    check_mpi(MPI_Comm_size(comm_.get(), &size_), "MPI_Comm_size");
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }

  void add_in_tree(std::span<float> values) override {
    reduction_.start(values);
    reduction_.finish();
  }
  void start_add_in_tree(std::span<float> part) override { reduction_.start(part); }
  void progress() override { reduction_.progress(); }
  void finish_add_in_tree() override { reduction_.finish(); }

  void gather(std::span<const double> mine, std::span<double> all) override {
    SEQSWEEP_EXPECT(all.size() == mine.size() * static_cast<std::size_t>(size_), "gather: the result has another size");
    const auto count = static_cast<int>(mine.size());
    check_mpi(MPI_Allgather(mine.data(), count, MPI_DOUBLE, all.data(), count, MPI_DOUBLE, comm_.get()),
              "MPI_Allgather");
  }

  void broadcast(std::span<std::byte> bytes) override {
    constexpr std::size_t most = std::size_t{1} << 30;  // MPI counts in int
    for (std::size_t done = 0; done < bytes.size(); done += most)
      check_mpi(MPI_Bcast(bytes.data() + done, static_cast<int>(std::min(most, bytes.size() - done)), MPI_BYTE, 0,
                          comm_.get()),
                "MPI_Bcast");
  }

 private:
  Communicator comm_;
  int rank_ = 0, size_ = 1;
  TreeReduction reduction_;  // goes before its communicator
};

}  // namespace

std::unique_ptr<trial::Group> make_mpi_group(const std::vector<int>& ranks) {
  MPI_Group world_group = MPI_GROUP_NULL, group = MPI_GROUP_NULL;
  MPI_Comm comm = MPI_COMM_NULL;
  check_mpi(MPI_Comm_group(MPI_COMM_WORLD, &world_group), "MPI_Comm_group");
  check_mpi(MPI_Group_incl(world_group, static_cast<int>(ranks.size()), ranks.data(), &group), "MPI_Group_incl");
  // The tag keeps apart groups that form at the same time; no two of those share their first rank.
  check_mpi(MPI_Comm_create_group(MPI_COMM_WORLD, group, ranks.front(), &comm), "MPI_Comm_create_group");
  MPI_Group_free(&group);
  MPI_Group_free(&world_group);
  return std::make_unique<MpiGroup>(Communicator(comm));
}

}  // namespace seqsweep::cluster
