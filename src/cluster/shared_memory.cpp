// SPDX-License-Identifier: Apache-2.0
// One copy of the data set per node: a file in memory, without a name (memfd_create), which the node's lowest rank
// makes and the others open through its /proc/PID/fd. It is limited by the node's memory, not by the size of /dev/shm,
// which is 64 MB in many containers; it goes with the last process that maps it, however that ends; and every step
// reports its failure to the rank that takes it, so that the ranks can agree before anybody waits for another.
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// What the rank that fills tells the others of its node.
struct Offer {
  std::int64_t process = 0;
  std::int64_t file = -1;
  std::int64_t num_bytes = 0;
  std::int64_t problem = 0;  ///< errno
};

std::shared_ptr<std::byte> mapped(int file, std::size_t num_bytes, int protection) {
  void* base = mmap(nullptr, num_bytes, protection, MAP_SHARED, file, 0);
  if (base == MAP_FAILED) return nullptr;
  return {static_cast<std::byte*>(base), [num_bytes](std::byte* p) { munmap(p, num_bytes); }};
}

/// One rank's hold on the memory.
struct Hold {
  FileDescriptor file;
  std::shared_ptr<std::byte> memory;
  int problem = 0;  ///< errno
};

// Reserves the pages as well: else a node without room would kill the rank that fills them.
Hold make_memory(std::size_t num_bytes) {
  Hold hold;
  hold.file = FileDescriptor(memfd_create("seqsweep-data", MFD_CLOEXEC));
  if (hold.file.get() < 0)
    hold.problem = errno;
  else
    hold.problem = posix_fallocate(hold.file.get(), 0, static_cast<off_t>(num_bytes));
  if (hold.problem != 0) return hold;
  hold.memory = mapped(hold.file.get(), num_bytes, PROT_READ | PROT_WRITE);
  if (!hold.memory) hold.problem = errno;
  return hold;
}

Hold open_memory(const Offer& offer) {
  Hold hold;
  const auto path = fmt::format("/proc/{}/fd/{}", offer.process, offer.file);
  hold.file = FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (hold.file.get() >= 0) hold.memory = mapped(hold.file.get(), static_cast<std::size_t>(offer.num_bytes), PROT_READ);
  if (!hold.memory) hold.problem = errno;
  return hold;
}

// What all ranks of the node hold, or NoSharedMemory on all of them.
std::shared_ptr<std::byte> hold_together(MPI_Comm node, bool fills, std::size_t num_bytes) {
  Hold hold;
  Offer offer;
  if (fills) {
    hold = make_memory(num_bytes);
    offer = {getpid(), hold.file.get(), static_cast<std::int64_t>(num_bytes), hold.problem};
  }
  check_mpi(MPI_Bcast(&offer, sizeof offer, MPI_BYTE, 0, node), "MPI_Bcast");
  if (offer.num_bytes != static_cast<std::int64_t>(num_bytes))
    hold.problem = EINVAL;
  else if (!fills && offer.problem == 0)
    hold = open_memory(offer);
  int worst = 0;
  check_mpi(MPI_Allreduce(&hold.problem, &worst, 1, MPI_INT, MPI_MAX, node), "MPI_Allreduce");
  if (worst != 0) throw NoSharedMemory(fmt::format("memory cannot be shared ({})", std::strerror(worst)));
  return hold.memory;
}

SharedBytes allocate_on_node(MPI_Comm node, std::size_t num_bytes, const FillBytes& fill) {
  int rank = 0;
  check_mpi(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  const bool fills = rank == 0;
  const auto memory = hold_together(node, fills, num_bytes);
  std::exception_ptr error;
  if (fills) {
    try {
      fill({memory.get(), num_bytes});
      mprotect(memory.get(), num_bytes, PROT_READ);
    } catch (...) {
      error = std::current_exception();
    }
  }
  int has_failed = error ? 1 : 0;
  check_mpi(MPI_Bcast(&has_failed, 1, MPI_INT, 0, node), "MPI_Bcast");
  if (error) std::rethrow_exception(error);
  if (has_failed != 0)
    throw ElsewhereError("another rank of this node could not load the data set", ExitCode::bad_file);
  return {memory, {memory.get(), num_bytes}};
}

}  // namespace

BytesAllocator make_node_memory(MPI_Comm node) {
  return [node](std::size_t num_bytes, const FillBytes& fill) { return allocate_on_node(node, num_bytes, fill); };
}

}  // namespace seqsweep::cluster
