// SPDX-License-Identifier: Apache-2.0
// One copy of the data set per node, in an MPI shared-memory window.
#include <cstring>

#include "seqsweep/core/error.hpp"

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

// The window and its communicator live until the last holder lets go. Freeing a window is collective, and holders let
// go at different times, so at the end both are left to MPI_Finalize; the memory is small change by then.
SharedBytes allocate_on_node(std::size_t num_bytes, const FillBytes& fill) {
  MPI_Comm node_comm = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_comm),
            "MPI_Comm_split_type");
  int rank = 0;
  check_mpi(MPI_Comm_rank(node_comm, &rank), "MPI_Comm_rank");
  const bool fills = rank == 0;

  constexpr std::size_t alignment = 64;
  void* base = nullptr;
  MPI_Win window = MPI_WIN_NULL;
  const auto size = static_cast<MPI_Aint>(fills ? num_bytes + alignment : 0);
  check_mpi(MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, node_comm, &base, &window), "MPI_Win_allocate_shared");
  MPI_Aint whole = 0;
  int unit = 0;
  check_mpi(MPI_Win_shared_query(window, 0, &whole, &unit, &base), "MPI_Win_shared_query");
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  auto* begin = static_cast<std::byte*>(base) + (alignment - address % alignment) % alignment;

  std::exception_ptr error;
  int has_failed = 0;
  if (fills) {
    try {
      fill({begin, num_bytes});
    } catch (...) {
      error = std::current_exception();
      has_failed = 1;
    }
  }
  check_mpi(MPI_Win_fence(0, window), "MPI_Win_fence");
  check_mpi(MPI_Bcast(&has_failed, 1, MPI_INT, 0, node_comm), "MPI_Bcast");
  if (error) std::rethrow_exception(error);
  if (has_failed != 0)
    throw ElsewhereError("another rank of this node could not load the data set", ExitCode::bad_file);
  return {std::shared_ptr<const std::byte>(begin, [](const std::byte*) {}), {begin, num_bytes}};
}

}  // namespace

BytesAllocator make_mpi_shared_memory() {
  return allocate_on_node;
}

}  // namespace seqsweep::cluster
