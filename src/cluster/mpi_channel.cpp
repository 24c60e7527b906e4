// SPDX-License-Identifier: Apache-2.0
// Control messages over MPI. Only Isend and Irecv + Test: a call that blocks may block for ever if the other side died.
// Messages stay under the eager limit, so that an Isend to a dead rank harms nobody.
#include <array>
#include <chrono>
#include <list>

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

// Sends that have not left yet, with their bytes.
class Outbox {
 public:
  explicit Outbox(MPI_Comm comm) : comm_(comm) {}

  void send(int rank, int tag, std::vector<std::byte> bytes) {
    collect();
    auto& item = items_.emplace_back(Item{std::move(bytes), MPI_REQUEST_NULL});
    check_mpi(
        MPI_Isend(item.bytes.data(), static_cast<int>(item.bytes.size()), MPI_BYTE, rank, tag, comm_, &item.request),
        "MPI_Isend");
  }

  // What cannot leave goes to a rank that is lost: it is left behind, with its bytes.
  void flush() {
    constexpr std::chrono::seconds patience{2};
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!items_.empty() && std::chrono::steady_clock::now() < end) collect();
    if (!items_.empty()) (void)new std::list<Item>(std::move(items_));
  }

 private:
  struct Item {
    std::vector<std::byte> bytes;
    MPI_Request request;
  };

  void collect() {
    std::erase_if(items_, [](Item& item) {
      int done = 0;
      check_mpi(MPI_Test(&item.request, &done, MPI_STATUS_IGNORE), "MPI_Test");
      return done != 0;
    });
  }

  MPI_Comm comm_;
  std::list<Item> items_;
};

// One receive, always posted.
class Inbox {
 public:
  Inbox(MPI_Comm comm, int source) : comm_(comm), source_(source) { post(); }
  ~Inbox() {
    int is_finalized = 0;
    MPI_Finalized(&is_finalized);
    if (is_finalized != 0) return;
    MPI_Cancel(&request_);
    MPI_Request_free(&request_);
  }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Calls take(tag, bytes) if a message has come, and waits for the next.
  template <class Take>
  bool receive(Take take) {
    int done = 0;
    MPI_Status status;
    check_mpi(MPI_Test(&request_, &done, &status), "MPI_Test");
    if (done == 0) return false;
    int size = 0;
    check_mpi(MPI_Get_count(&status, MPI_BYTE, &size), "MPI_Get_count");
    take(status.MPI_TAG, std::span<const std::byte>(buffer_).first(static_cast<std::size_t>(size)));
    post();
    return true;
  }

 private:
  void post() {
    check_mpi(
        MPI_Irecv(buffer_.data(), static_cast<int>(buffer_.size()), MPI_BYTE, source_, MPI_ANY_TAG, comm_, &request_),
        "MPI_Irecv");
  }

  MPI_Comm comm_;
  int source_;
  std::array<std::byte, max_message_bytes> buffer_{};
  MPI_Request request_ = MPI_REQUEST_NULL;
};

class MpiCoordinatorChannel final : public CoordinatorChannel {
 public:
  explicit MpiCoordinatorChannel(MPI_Comm comm) : outbox_(comm), inbox_(comm, MPI_ANY_SOURCE) {}
  void send(int worker_rank, const ToWorker& message) override {
    outbox_.send(worker_rank, static_cast<int>(message.index()), pack(message));
  }
  std::optional<ToCoordinator> receive() override {
    std::optional<ToCoordinator> message;
    inbox_.receive([&](int tag, auto bytes) { message = unpack_to_coordinator(tag, bytes); });
    return message;
  }
  void flush() override { outbox_.flush(); }

 private:
  Outbox outbox_;
  Inbox inbox_;
};

class MpiWorkerChannel final : public WorkerChannel {
 public:
  MpiWorkerChannel(MPI_Comm comm, int coordinator_rank)
      : coordinator_rank_(coordinator_rank), outbox_(comm), inbox_(comm, coordinator_rank) {}
  void send(const ToCoordinator& message) override {
    outbox_.send(coordinator_rank_, static_cast<int>(message.index()), pack(message));
  }
  std::optional<ToWorker> receive() override {
    std::optional<ToWorker> message;
    inbox_.receive([&](int tag, auto bytes) { message = unpack_to_worker(tag, bytes); });
    return message;
  }
  void flush() override { outbox_.flush(); }

 private:
  int coordinator_rank_;
  Outbox outbox_;
  Inbox inbox_;
};

class MpiPeerChannel final : public PeerChannel {
 public:
  explicit MpiPeerChannel(MPI_Comm comm) : outbox_(comm), inbox_(comm, MPI_ANY_SOURCE) {}
  void invite(int rank, const RunSegment& order) override {
    const ToWorker message = order;
    outbox_.send(rank, static_cast<int>(message.index()), pack(message));
  }
  std::optional<RunSegment> invitation() override {
    std::optional<RunSegment> order;
    inbox_.receive([&](int tag, auto bytes) { order = std::get<RunSegment>(unpack_to_worker(tag, bytes)); });
    return order;
  }
  void flush() override { outbox_.flush(); }

 private:
  Outbox outbox_;
  Inbox inbox_;
};

}  // namespace

std::unique_ptr<CoordinatorChannel> make_mpi_coordinator_channel(MPI_Comm control) {
  return std::make_unique<MpiCoordinatorChannel>(control);
}

std::unique_ptr<WorkerChannel> make_mpi_worker_channel(MPI_Comm control, int coordinator_rank) {
  return std::make_unique<MpiWorkerChannel>(control, coordinator_rank);
}

std::unique_ptr<PeerChannel> make_mpi_peer_channel(MPI_Comm invitations) {
  return std::make_unique<MpiPeerChannel>(invitations);
}

}  // namespace seqsweep::cluster
