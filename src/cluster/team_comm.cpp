// SPDX-License-Identifier: Apache-2.0
#include "team_comm.hpp"

#include <algorithm>
#include <chrono>

#include <sched.h>

#include "seqsweep/core/error.hpp"

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int tests_before_yield = 64;  // some tens of µs; then another rank may need the core
constexpr int tests_between_looks = 64;
constexpr std::chrono::microseconds time_between_calls{200};

}  // namespace

TeamComm::TeamComm(MPI_Comm comm, std::vector<int> ranks, int generation, std::function<void()> while_waiting)
    : comm_(comm),
      ranks_(std::move(ranks)),
      first_tag_(generation % num_generations * num_purposes),
      while_waiting_(std::move(while_waiting)) {
  int world_rank = 0;
  check_mpi(MPI_Comm_rank(comm_, &world_rank), "MPI_Comm_rank");
  const auto own = std::find(ranks_.begin(), ranks_.end(), world_rank);
  SEQSWEEP_EXPECT(own != ranks_.end(), "a rank formed a team that it is not of");
  rank_ = static_cast<int>(own - ranks_.begin());
}

void TeamComm::receive(std::span<std::byte> bytes, int from, int purpose, MPI_Request& request) const {
  check_mpi(MPI_Irecv(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, ranks_[static_cast<std::size_t>(from)],
                      first_tag_ + purpose, comm_, &request),
            "MPI_Irecv");
}

void TeamComm::send(std::span<const std::byte> bytes, int to, int purpose, MPI_Request& request) const {
  check_mpi(MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, ranks_[static_cast<std::size_t>(to)],
                      first_tag_ + purpose, comm_, &request),
            "MPI_Isend");
}

void TeamComm::wait(std::span<MPI_Request> requests) const {
  auto next_call = Clock::time_point{};
  for (int tests = 1;; ++tests) {
    int is_done = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &is_done, MPI_STATUSES_IGNORE),
              "MPI_Testall");
    if (is_done != 0) return;
    if (tests > tests_before_yield) sched_yield();
    if (!while_waiting_ || tests % tests_between_looks != 0) continue;
    const auto now = Clock::now();
    if (now < next_call) continue;
    next_call = now + time_between_calls;
    while_waiting_();
  }
}

}  // namespace seqsweep::cluster
