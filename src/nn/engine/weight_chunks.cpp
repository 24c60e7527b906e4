// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/weight_chunks.hpp"

#include <algorithm>

namespace seqsweep::nn::engine {
namespace {

// Rows whose gate gradients are turned into weight gradients at once: enough to pay for reading and writing the
// weight gradient, few enough to be still in the second-level cache. Part of what makes the bits, since a walk goes
// back but the steps of a stretch are added in the order of time.
constexpr int stretch_rows = 192;
// Fewer rows than these are not worth a chunk: they follow in the one before, as a stretch of their own.
constexpr int least_rows = stretch_rows / 2;

}  // namespace

void WeightChunks::assign(const RowBlock& block) {
  if (shape_ == block.shape()) return;
  shape_ = block.shape();
  const auto most = block.num_parts() * static_cast<std::size_t>(block.num_steps());
  chunks_.clear();
  chunks_.reserve(most);  // as many as there can be, so that other lengths need no more memory
  pairs_.clear();
  pairs_.reserve(2 * most);
  const Walk walk{block.num_steps(), is_reverse_};
  if (open_.size() < block.num_parts()) open_.resize(block.num_parts());
  for (std::size_t part = 0; part < block.num_parts(); ++part) {
    Open& open = open_[part];
    open.stretches.clear();
    open.stretches.reserve(2);
    open.begin = block.num_steps() - 1;
    open.rows = open.rows_left = 0;
    for (int t = 0; t < block.num_steps(); ++t) open.rows_left += block.part(part).rows_at(t);
  }
  for (int i = block.num_steps() - 1; i >= 0; --i)
    for (std::size_t part = 0; part < block.num_parts(); ++part) {
      Open& open = open_[part];
      const int rows = block.part(part).rows_at(walk.at(i));
      open.rows += rows;
      open.rows_left -= rows;
      if (open.rows < stretch_rows && i > 0) continue;
      open.stretches.push_back({open.begin, i});
      open.begin = i - 1;
      open.rows = 0;
      if (open.rows_left < least_rows && i > 0) continue;
      append_chunk(block, part, open.stretches);
      open.stretches.clear();
    }
}

void WeightChunks::append_chunk(const RowBlock& block, std::size_t part, std::span<const Stretch> stretches) {
  const std::size_t begin = pairs_.size();
  for (const Stretch& stretch : stretches) append_inputs(block, part, stretch, begin);
  const std::size_t states_begin = pairs_.size();
  for (const Stretch& stretch : stretches) append_states(block, part, stretch, states_begin);
  const bool is_first = stretches.front().later == block.num_steps() - 1;
  const int position = stretches.back().earlier;
  chunks_.push_back({part, position, is_first, {begin, states_begin}, {states_begin, pairs_.size()}});
}

void WeightChunks::append_inputs(const RowBlock& block, std::size_t part, Stretch stretch, std::size_t chunk_begin) {
  const auto [from, to] = steps_of(block, stretch);
  for (int t = from; t <= to; ++t) {
    const int first = block.first_row(part, t);
    append_pairs({first, first, block.part(part).rows_at(t)}, chunk_begin);
  }
}

void WeightChunks::append_states(const RowBlock& block, std::size_t part, Stretch stretch, std::size_t chunk_begin) {
  const auto [from, to] = steps_of(block, stretch);
  const Part& of = block.part(part);
  for (int t = from; t <= to; ++t) {
    const int before = is_reverse_ ? t + 1 : t - 1;
    if (before < 0 || before >= block.num_steps()) continue;
    const int shared = std::min(of.rows_at(t), of.rows_at(before));
    append_pairs({block.first_row(part, before), block.first_row(part, t), shared}, chunk_begin);
  }
}

std::pair<int, int> WeightChunks::steps_of(const RowBlock& block, Stretch stretch) const {
  const Walk walk{block.num_steps(), is_reverse_};
  return std::minmax({walk.at(stretch.later), walk.at(stretch.earlier)});
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
