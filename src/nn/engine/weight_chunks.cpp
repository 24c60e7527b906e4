// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/weight_chunks.hpp"

#include <algorithm>

namespace seqsweep::nn::engine {
namespace {

// Rows whose gate gradients are turned into weight gradients at once: enough to pay for reading and writing the
// weight gradient, few enough to be still in the second-level cache. Part of what makes the bits.
constexpr int chunk_rows = 192;

}  // namespace

void WeightChunks::assign(const RowBlock& block) {
  if (shape_ == block.shape()) return;
  shape_ = block.shape();
  const auto most = block.num_parts() * static_cast<std::size_t>(block.num_steps());
  chunks_.clear();
  chunks_.reserve(most);  // as many as there can be, so that other lengths need no more memory
  pairs_.clear();
  pairs_.reserve(2 * most);
  open_.assign(block.num_parts(), {block.num_steps() - 1, 0});
  const Walk walk{block.num_steps(), is_reverse_};
  for (int i = block.num_steps() - 1; i >= 0; --i)
    for (std::size_t part = 0; part < block.num_parts(); ++part) {
      auto& [last, rows] = open_[part];
      rows += block.part(part).rows_at(walk.at(i));
      if (rows < chunk_rows && i > 0) continue;
      append_chunk(block, part, {i, last});
      open_[part] = {i - 1, 0};
    }
}

void WeightChunks::append_chunk(const RowBlock& block, std::size_t part, Stretch stretch) {
  const Walk walk{block.num_steps(), is_reverse_};
  const Part& of = block.part(part);
  const auto [low, high] = std::minmax({walk.at(stretch.first), walk.at(stretch.last)});
  const bool is_first = stretch.last == block.num_steps() - 1;
  const std::size_t begin = pairs_.size();
  for (int t = low; t <= high; ++t) {
    const int first = block.first_row(part, t);
    append_pairs({first, first, of.rows_at(t)}, begin);
  }
  const std::size_t states_begin = pairs_.size();
  for (int t = low; t <= high; ++t) {
    const int before = is_reverse_ ? t + 1 : t - 1;
    if (before < 0 || before >= block.num_steps()) continue;
    const int shared = std::min(of.rows_at(t), of.rows_at(before));
    append_pairs({block.first_row(part, before), block.first_row(part, t), shared}, states_begin);
  }
  chunks_.push_back({part, stretch.first, is_first, {begin, states_begin}, {states_begin, pairs_.size()}});
}

/// Joins them to those before them where they are neighbours.
void WeightChunks::append_pairs(const RowPairs& pairs, std::size_t chunk_begin) {
  if (pairs.count == 0) return;
  if (pairs_.size() > chunk_begin) {
    RowPairs& last = pairs_.back();
    if (last.factor + last.count == pairs.factor && last.gates + last.count == pairs.gates) {
      last.count += pairs.count;
      return;
    }
  }
  pairs_.push_back(pairs);
}

}  // namespace seqsweep::nn::engine
