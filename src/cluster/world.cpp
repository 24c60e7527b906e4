// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "seqsweep/core/text.hpp"

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

bool was_launched() {
  constexpr std::array variables = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"};
  return std::any_of(variables.begin(), variables.end(), [](const char* name) { return std::getenv(name) != nullptr; });
}

// Waiting ranks must give way where a node has more ranks than usable cores: Open MPI sees to that only when ranks
// exceed slots, and else a 4 kB all-reduce takes 16 ms instead of 12 µs.
void yield_when_crowded() {
  const char* local_size = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (local_size == nullptr) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return;
  if (parse_integer(local_size).value_or(1) > CPU_COUNT(&cores)) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
}

// To look for networks takes Open MPI 0.2 s. Where all ranks are on one node that has no fabric, it is known what it
// finds: shared memory, which is pml ob1. What the environment or
// mpirun's command line says stays.
void skip_search_for_networks() {
  const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
  const char* local_size = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (size == nullptr || local_size == nullptr || std::string_view(size) != local_size) return;
  // InfiniBand, RoCE, Omni-Path, EFA; Slingshot
  constexpr std::array fabrics = {"/sys/class/infiniband", "/sys/class/cxi"};
  const auto is_there = [](const char* path) { return access(path, F_OK) == 0; };
  if (std::none_of(fabrics.begin(), fabrics.end(), is_there)) setenv("OMPI_MCA_pml", "ob1", 0);
}

struct Failure {
  ExitCode exit_code = ExitCode::done;
  bool is_own = false;  ///< not the echo of another rank's error
};

Failure failure_of(const std::exception_ptr& error) {
  if (!error) return {};
  try {
    std::rethrow_exception(error);
  } catch (const ElsewhereError& e) {
    return {e.exit_code(), false};
  } catch (const Error& e) {
    return {e.exit_code(), true};
  } catch (...) {
    return {ExitCode::internal, true};
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

// A node goes by its lowest rank.
void find_nodes(World::Body& body) {
  MPI_Comm node = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node), "MPI_Comm_split_type");
  const Communicator node_comm(node);
  check_mpi(MPI_Comm_size(node, &body.ranks_on_node), "MPI_Comm_size");
  int lowest = 0;
  check_mpi(MPI_Allreduce(&body.rank, &lowest, 1, MPI_INT, MPI_MIN, node), "MPI_Allreduce");
  body.node_of_rank.resize(static_cast<std::size_t>(body.size));
  check_mpi(MPI_Allgather(&lowest, 1, MPI_INT, body.node_of_rank.data(), 1, MPI_INT, MPI_COMM_WORLD), "MPI_Allgather");
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING + 1> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw ClusterError(fmt::format("{} failed ({})", call, text.data()));
}

Communicator::~Communicator() {
  int is_finalized = 0;
  MPI_Finalized(&is_finalized);
  if (comm_ != MPI_COMM_NULL && is_finalized == 0) MPI_Comm_free(&comm_);
}

std::vector<int> worker_ranks(int world_size) {
  constexpr int largest_world_that_coordinator_works_in = 4;
  std::vector<int> ranks(static_cast<std::size_t>(world_size));
  std::iota(ranks.begin(), ranks.end(), 0);
  if (world_size > largest_world_that_coordinator_works_in) ranks.erase(ranks.begin());
  return ranks;
}

World::World() : body_(std::make_unique<Body>()) {
  body_->host = host_name();
  if (!was_launched()) return;
  yield_when_crowded();
  skip_search_for_networks();
  int provided = 0;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  body_->has_mpi = true;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &body_->rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &body_->size), "MPI_Comm_size");
  for (MPI_Comm* comm : {&body_->control, &body_->invitations, &body_->teams})
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, comm), "MPI_Comm_dup");
  find_nodes(*body_);
}

World::~World() {
  if (body_->has_mpi && !body_->has_left_behind) MPI_Finalize();
}

int World::rank() const {
  return body_->rank;
}
int World::size() const {
  return body_->size;
}
const std::string& World::host() const {
  return body_->host;
}
int World::ranks_on_node() const {
  return body_->ranks_on_node;
}
const std::vector<int>& World::node_of_rank() const {
  return body_->node_of_rank;
}

void World::agree(const std::exception_ptr& error) const {
  const Failure mine = failure_of(error);
  if (body_->size > 1) {
    // An error that another rank's error caused steps back behind it.
    const int candidate = mine.is_own ? body_->rank : body_->size;
    int lowest = body_->size;
    check_mpi(MPI_Allreduce(&candidate, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD), "MPI_Allreduce");
    if (lowest == body_->size) return;
    int exit_code = static_cast<int>(mine.exit_code);
    check_mpi(MPI_Bcast(&exit_code, 1, MPI_INT, lowest, MPI_COMM_WORLD), "MPI_Bcast");
    if (lowest != body_->rank)
      throw ElsewhereError(fmt::format("rank {} ended the run", lowest), static_cast<ExitCode>(exit_code));
  }
  if (error) std::rethrow_exception(error);
}

std::unique_ptr<CoordinatorChannel> World::coordinator_channel() const {
  return make_mpi_coordinator_channel(body_->control);
}

std::unique_ptr<WorkerChannel> World::worker_channel() const {
  return make_mpi_worker_channel(body_->control, 0);
}

std::unique_ptr<PeerChannel> World::peer_channel() const {
  return body_->size == 1 ? nullptr : make_mpi_peer_channel(body_->invitations);
}

std::unique_ptr<trial::Group> World::make_group(const std::vector<int>& ranks, GroupTerms terms) const {
  if (ranks.size() == 1) return std::make_unique<trial::SoloGroup>();
  return make_mpi_group({body_->teams, ranks, terms.generation, std::move(terms.while_waiting)});
}

void World::leave_the_lost_behind() const {
  body_->has_left_behind = true;
}

bool World::has_left_behind() const {
  return body_->has_left_behind;
}

void World::abort(ExitCode exit_code) const {
  if (body_->has_mpi) MPI_Abort(MPI_COMM_WORLD, static_cast<int>(exit_code));
  std::_Exit(static_cast<int>(exit_code));
}

BytesAllocator World::shared_memory() const {
  if (body_->size == 1) return allocate_private;
  return make_mpi_shared_memory();
}

}  // namespace seqsweep::cluster
