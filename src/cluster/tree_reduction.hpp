// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "team_comm.hpp"

namespace seqsweep::cluster {

/// The gradient all-reduce: blocks of all ranks of a team, added element by element in the fixed binary tree
/// ((0+1)+(2+3))+…, the sums in place on every rank. Several parts may be on their way at a time.
///
/// Collective: every rank starts the same sizes in the same order and finishes at the same point; progress() is each
/// rank's own affair. Allocates only at the first use of a size.
class TreeReduction {
 public:
  /// `comm` must outlive it.
  explicit TreeReduction(const TeamComm& comm);
  ~TreeReduction();
  TreeReduction(const TreeReduction&) = delete;
  TreeReduction& operator=(const TreeReduction&) = delete;

  /// Sends `values` on their way. Nobody may read or write them until finish().
  void start(std::span<float> values);
  /// Does what can be done without waiting. Asks MPI once in 20 µs at most: asking costs half a microsecond.
  void progress();
  /// Waits until all that was started is summed everywhere.
  void finish();

  static constexpr int most_pieces = TeamComm::num_purposes - 2;  ///< of 65,536 floats, on their way at a time

 private:
  /// A piece of what was started: small enough to be added while it is in cache, and while the next one travels.
  struct Piece {
    std::span<float> values;      ///< [n], the caller's
    std::span<float> own;         ///< what this rank adds up: its slice of values, or all of them
    std::size_t slice = 0;        ///< [floats] from one rank's slice to the next; 0: each rank adds up everything
    bool is_spreading = false;    ///< own is added up and on its way to the others
    int num_pending = 0;          ///< messages of this stage that have not come or gone; 0: the piece is done
    std::vector<float> received;  ///< [R-1 × own.size()], the others' values for `own`
  };

  [[nodiscard]] std::span<float> slice_of(const Piece& piece, int rank) const;
  void start_piece(std::span<float> values);
  void exchange(std::size_t piece_index);
  void add(Piece& piece);
  void advance(std::size_t piece_index);
  void wait(std::size_t piece_index);
  [[nodiscard]] std::span<MPI_Request> requests_of(std::size_t piece_index);

  const TeamComm& comm_;
  int rank_, size_;
  std::vector<Piece> pieces_;          ///< the first num_started_ are in use; the others keep their memory
  std::vector<MPI_Request> requests_;  ///< [pieces × 2·(R-1)], receives before sends
  std::vector<int> completed_;         ///< room for as many indices
  std::size_t num_started_ = 0;
  std::size_t num_under_way_ = 0;  ///< of those, not yet done
  std::chrono::steady_clock::time_point next_look_;
  std::vector<float*> terms_;  ///< [R], while adding
};

}  // namespace seqsweep::cluster
