// SPDX-License-Identifier: Apache-2.0
// Two ways, chosen by the size alone:
//
//   small pieces: every rank sends all of its values to every other, and each adds the whole tree itself: one message
//   of latency, (R-1)·n floats received;
//   others: reduce-scatter and all-gather. Rank r gets slice r of everybody, adds it, and sends the sums to all others:
//   two messages of latency, 2·(R-1)/R·n floats received, which is the least that can be.
//
// Nothing but bytes goes through MPI, so no algorithm of the library's can change a bit. Messages go point to point and
// say which piece they are of: ranks come to the second half of a piece at different times, and nonblocking
// collectives would have to be started in the same order everywhere. The two halves of a piece need no marks of their
// own: between two ranks MPI keeps the order of messages.
#include "tree_reduction.hpp"

#include <algorithm>

#include "seqsweep/cluster/most_shared_parameters.hpp"
#include "seqsweep/core/error.hpp"

#include "mpi_world.hpp"

namespace seqsweep::cluster {
namespace {

// Measured on one node and right within a factor of two anywhere; the same on every rank, or messages would not match.
constexpr std::size_t piece_floats = std::size_t{1} << 16;
static_assert(most_shared_parameters == TreeReduction::most_pieces * piece_floats);
constexpr std::size_t most_received_at_once = std::size_t{1} << 14;  // [floats] ·n of a small piece
constexpr std::chrono::microseconds time_between_looks{20};
constexpr std::size_t line_floats = 16;     // a cache line: no two ranks' slices share one
constexpr std::size_t block_floats = 1024;  // R of these stay in cache from one level of the tree to the next

void add_to_left(float* __restrict left, const float* __restrict right, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) left[i] = left[i] + right[i];
}

void add_to_right(const float* __restrict left, float* __restrict right, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) right[i] = left[i] + right[i];
}

// Adds the tree over terms first … first + num_terms - 1, each [count], and returns the one that holds the sum. That
// is terms[home] where home is among them (it may lie before or behind them); the others are scratch.
float* add_subtree(std::span<float* const> terms, std::size_t home, std::size_t count) {
  if (terms.size() == 1) return terms[0];
  const std::size_t half = terms.size() / 2;
  float* left = add_subtree(terms.first(half), home, count);
  float* right = add_subtree(terms.subspan(half), home - half, count);
  if (home >= half && home < terms.size()) {
    add_to_right(left, right, count);
    return right;
  }
  add_to_left(left, right, count);
  return left;
}

}  // namespace

TreeReduction::TreeReduction(const TeamComm& comm)
    : comm_(comm), rank_(comm.rank()), size_(comm.size()), terms_(static_cast<std::size_t>(comm.size())) {}

// Only an error leaves something under way. No message may then arrive in memory that is given back.
TreeReduction::~TreeReduction() {
  int is_finalized = 0;
  MPI_Finalized(&is_finalized);
  if (is_finalized != 0) return;
  for (auto& request : requests_) {
    if (request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(&request);
    MPI_Request_free(&request);
  }
}

void TreeReduction::start(std::span<float> values) {
  if (size_ == 1) return;
  for (std::size_t begin = 0; begin < values.size(); begin += piece_floats)
    start_piece(values.subspan(begin, std::min(piece_floats, values.size() - begin)));
}

void TreeReduction::start_piece(std::span<float> values) {
  const auto num_ranks = static_cast<std::size_t>(size_);
  const std::size_t num_others = num_ranks - 1;
  SEQSWEEP_EXPECT(num_started_ < std::size_t{most_pieces}, "a gradient is larger than an all-reduce can carry");
  if (num_started_ == pieces_.size()) {
    pieces_.emplace_back();
    requests_.resize(pieces_.size() * 2 * num_others, MPI_REQUEST_NULL);
    completed_.resize(requests_.size());
  }
  auto& piece = pieces_[num_started_];
  piece.values = values;
  piece.slice = 0;
  if (values.size() * num_others > most_received_at_once) {
    const std::size_t share = (values.size() + num_ranks - 1) / num_ranks;
    piece.slice = (share + line_floats - 1) / line_floats * line_floats;
  }
  piece.own = slice_of(piece, rank_);
  piece.is_spreading = false;
  if (piece.received.size() < piece.own.size() * num_others) piece.received.resize(piece.own.size() * num_others);
  exchange(num_started_);
  ++num_started_;
  ++num_under_way_;
}

std::span<float> TreeReduction::slice_of(const Piece& piece, int rank) const {
  if (piece.slice == 0) return piece.values;
  const std::size_t begin = std::min(static_cast<std::size_t>(rank) * piece.slice, piece.values.size());
  return piece.values.subspan(begin, std::min(piece.slice, piece.values.size() - begin));
}

std::span<MPI_Request> TreeReduction::requests_of(std::size_t piece_index) {
  const std::size_t count = 2 * static_cast<std::size_t>(size_ - 1);
  return std::span(requests_).subspan(piece_index * count, count);
}

// First stage: the others' values for `own` come, theirs go. Second stage: their sums come, those of `own` go.
void TreeReduction::exchange(std::size_t piece_index) {
  auto& piece = pieces_[piece_index];
  const int purpose = static_cast<int>(piece_index);
  auto* request = requests_of(piece_index).data();
  float* place = piece.received.data();
  for (int other = 0; other < size_; ++other) {
    if (other == rank_) continue;
    const auto into = piece.is_spreading ? slice_of(piece, other) : std::span(place, piece.own.size());
    place += piece.own.size();
    comm_.receive(std::as_writable_bytes(into), other, purpose, *request++);
  }
  for (int step = 1; step < size_; ++step) {
    const int other = (rank_ + step) % size_;  // not everybody's first message to the same rank
    const auto from = piece.is_spreading ? piece.own : slice_of(piece, other);
    comm_.send(std::as_bytes(from), other, purpose, *request++);
  }
  piece.num_pending = 2 * (size_ - 1);
}

void TreeReduction::add(Piece& piece) {
  for (std::size_t begin = 0; begin < piece.own.size(); begin += block_floats) {
    float* place = piece.received.data() + begin;
    for (int r = 0; r < size_; ++r) {
      const bool is_own = r == rank_;
      terms_[static_cast<std::size_t>(r)] = is_own ? piece.own.data() + begin : place;
      if (!is_own) place += piece.own.size();
    }
    add_subtree(terms_, static_cast<std::size_t>(rank_), std::min(block_floats, piece.own.size() - begin));
  }
}

// When all messages of a stage have come and gone.
void TreeReduction::advance(std::size_t piece_index) {
  auto& piece = pieces_[piece_index];
  if (!piece.is_spreading) {
    add(piece);
    if (piece.slice > 0) {
      piece.is_spreading = true;
      exchange(piece_index);
      return;
    }
  }
  --num_under_way_;
}

void TreeReduction::progress() {
  if (num_under_way_ == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + time_between_looks;
  const auto in_use = std::span(requests_).first(num_started_ * requests_of(0).size());
  int num_completed = 0;
  check_mpi(MPI_Testsome(static_cast<int>(in_use.size()), in_use.data(), &num_completed, completed_.data(),
                         MPI_STATUSES_IGNORE),
            "MPI_Testsome");
  for (int i = 0; i < num_completed; ++i) {
    const std::size_t piece_index =
        static_cast<std::size_t>(completed_[static_cast<std::size_t>(i)]) / requests_of(0).size();
    if (--pieces_[piece_index].num_pending == 0) advance(piece_index);
  }
}

void TreeReduction::wait(std::size_t piece_index) {
  const auto requests = requests_of(piece_index);
  comm_.wait(requests);
  pieces_[piece_index].num_pending = 0;
  advance(piece_index);
}

// All sums start to spread before the first is waited for.
void TreeReduction::finish() {
  for (const bool is_spreading : {false, true})
    for (std::size_t i = 0; i < num_started_; ++i)
      if (pieces_[i].num_pending > 0 && pieces_[i].is_spreading == is_spreading) wait(i);
  num_started_ = 0;
}

}  // namespace seqsweep::cluster
