// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "nn/engine/row_block.hpp"

namespace seqsweep::nn::engine {

/// `count` neighbouring rows of a factor, x or y, and those of the gate gradients that they are multiplied with.
struct RowPairs {
  int factor = 0;  ///< packed row of the first
  int gates = 0;
  int count = 0;
};

/// The rows of a block in the chunks in which one direction turns their gate gradients into weight gradients.
class WeightChunks {
 public:
  struct Chunk {
    std::size_t part = 0;
    int position = 0;       ///< of the walk back, after which all its gate gradients are there
    bool is_first = false;  ///< of its part
    std::pair<std::size_t, std::size_t> inputs, states;  ///< begin and end among all pairs
  };

  explicit WeightChunks(bool is_reverse) : is_reverse_(is_reverse) {}
  void assign(const RowBlock& block);

  /// As they get ready on the walk back.
  [[nodiscard]] std::span<const Chunk> all() const { return chunks_; }
  /// x_t with the gate gradients of t.
  [[nodiscard]] std::span<const RowPairs> inputs(const Chunk& chunk) const { return pairs_in(chunk.inputs); }
  /// h of the walk's step before t with the gate gradients of t.
  [[nodiscard]] std::span<const RowPairs> states(const Chunk& chunk) const { return pairs_in(chunk.states); }

 private:
  /// Steps of the walk, from a later one back to an earlier one.
  struct Stretch {
    int later, earlier;
  };
  /// The chunk of a part that is yet to come.
  struct Open {
    std::vector<Stretch> stretches;
    int begin = 0;  ///< of the stretch to come
    int rows = 0;   ///< of it so far
    int rows_left = 0;
  };
  void append_chunk(const RowBlock& block, std::size_t part, std::span<const Stretch> stretches);
  void append_inputs(const RowBlock& block, std::size_t part, Stretch stretch, std::size_t chunk_begin);
  void append_states(const RowBlock& block, std::size_t part, Stretch stretch, std::size_t chunk_begin);
  /// First and last, in time.
  [[nodiscard]] std::pair<int, int> steps_of(const RowBlock& block, Stretch stretch) const;
  void append_pairs(const RowPairs& pairs, std::size_t chunk_begin);
  [[nodiscard]] std::span<const RowPairs> pairs_in(const std::pair<std::size_t, std::size_t>& range) const {
    return std::span(pairs_).subspan(range.first, range.second - range.first);
  }

  bool is_reverse_;
  std::uint64_t shape_ = 0;  ///< of the block they are of
  std::vector<Chunk> chunks_;
  std::vector<RowPairs> pairs_;
  std::vector<Open> open_;  ///< [parts]
};

}  // namespace seqsweep::nn::engine
