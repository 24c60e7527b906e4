// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "launcher.hpp"
#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

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
  } catch (const std::bad_alloc&) {
    return {ExitCode::cluster, true};
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
  check_mpi(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &body.node),
            "MPI_Comm_split_type");
  check_mpi(MPI_Comm_size(body.node, &body.ranks_on_node), "MPI_Comm_size");
  int lowest = 0;
  check_mpi(MPI_Allreduce(&body.rank, &lowest, 1, MPI_INT, MPI_MIN, body.node), "MPI_Allreduce");
  body.node_of_rank.resize(static_cast<std::size_t>(body.size));
  check_mpi(MPI_Allgather(&lowest, 1, MPI_INT, body.node_of_rank.data(), 1, MPI_INT, MPI_COMM_WORLD), "MPI_Allgather");
}

void connect(World::Body& body) {
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &body.rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &body.size), "MPI_Comm_size");
  for (MPI_Comm* comm : {&body.control, &body.invitations, &body.teams})
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, comm), "MPI_Comm_dup");
  find_nodes(body);
}

// Rank 0's text, on every rank.
std::string text_of_first(const std::string& text) {
  auto size = static_cast<std::int64_t>(text.size());
  check_mpi(MPI_Bcast(&size, 1, MPI_INT64_T, 0, MPI_COMM_WORLD), "MPI_Bcast");
  auto first = text;
  first.resize(static_cast<std::size_t>(size));
  check_mpi(MPI_Bcast(first.data(), static_cast<int>(size), MPI_BYTE, 0, MPI_COMM_WORLD), "MPI_Bcast");
  return first;
}

// The first line in which two texts differ: of each, as much as a message can hold.
std::pair<std::string, std::string> first_difference(const std::string& here, const std::string& there) {
  constexpr std::size_t longest = 80;
  const auto lines = split(here, '\n'), others = split(there, '\n');
  for (std::size_t i = 0; i < std::max(lines.size(), others.size()); ++i) {
    const auto mine = i < lines.size() ? lines[i] : "", other = i < others.size() ? others[i] : "";
    if (mine != other) return {mine.substr(0, longest), other.substr(0, longest)};
  }
  return {};
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING + 1> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw ClusterError(fmt::format("{} failed ({})", call, text.data()));
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
  if (was_launched()) {
    yield_when_crowded();
    skip_search_for_networks();
    int provided = 0;
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    body_->has_mpi = true;
    try {
      connect(*body_);
    } catch (const Error& error) {  // perhaps of this rank alone
      log::warning(fmt::format("on host {}: {}", body_->host, error.what()));
      abort(error.exit_code());
    }
  }
  refuse_strangers(body_->size);
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
    part();
    int exit_code = static_cast<int>(mine.exit_code);
    check_mpi(MPI_Bcast(&exit_code, 1, MPI_INT, lowest, MPI_COMM_WORLD), "MPI_Bcast");
    if (lowest != body_->rank)
      throw ElsewhereError(fmt::format("rank {} ended the run", lowest), static_cast<ExitCode>(exit_code));
  }
  if (error) std::rethrow_exception(error);
}

void World::agree_on(const std::string& what, const std::string& text) const {
  if (body_->size == 1) return;
  std::exception_ptr error;
  if (const auto first = text_of_first(text); first != text) {
    const auto [here, there] = first_difference(text, first);
    error = std::make_exception_ptr(ClusterError(
        fmt::format("its {} is not that of rank 0 ('{}', there '{}'); give all ranks the same", what, here, there)));
  }
  agree(error);
}

double World::least_on_node(double value) const {
  double least = value;
  if (body_->size > 1) check_mpi(MPI_Allreduce(&value, &least, 1, MPI_DOUBLE, MPI_MIN, body_->node), "MPI_Allreduce");
  return least;
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

void World::part() const {
  body_->has_parted = true;
}

bool World::has_parted() const {
  return body_->size == 1 || body_->has_parted || body_->has_left_behind;
}

void World::abort(ExitCode exit_code) const {
  if (body_->has_mpi) MPI_Abort(MPI_COMM_WORLD, static_cast<int>(exit_code));
  std::_Exit(static_cast<int>(exit_code));
}

BytesAllocator World::shared_memory() const {
  if (body_->ranks_on_node == 1) return allocate_private;
  return make_node_memory(body_->node);
}

}  // namespace seqsweep::cluster
