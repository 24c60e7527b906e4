// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "seqsweep/data/excerpt.hpp"

#include "data/copy_row.hpp"
#include "data/dataset_body.hpp"

namespace seqsweep::data {
namespace {

// What is gathered of a sequence.
struct Cut {
  const schema::SequenceRow* row;
  std::int64_t start;  // of its bulk rows
  int length;          // [steps]
};
using Cuts = std::vector<Cut>;  // of a batch, by falling length

// Copies rows of a sequence to where the batch keeps its row b of each step from `begin` on.
template <class T>
void pack_rows(const RowSource<T>& source, std::size_t first, std::size_t count, const SequenceBatch& batch,
               std::size_t b, std::vector<T>& to, std::size_t begin = 0) {
  const T* from = source.rows(first + begin, count);
  const int* offset_at = batch.offset_at.data() + begin;
  T* row_b = to.data() + b * source.row_size;
  with_row_size(source.row_size, [&](auto size) {
    for (std::size_t t = 0; t < count; ++t)
      copy_row(from + t * size, size, row_b + static_cast<std::size_t>(offset_at[t]) * size);
  });
}

template <class T>
void gather_steps(const RowSource<T>& source, const Cuts& cuts, const SequenceBatch& batch, std::vector<T>& to) {
  to.resize(static_cast<std::size_t>(batch.offset_at.back()) * source.row_size);
  if (!source) return;
  // A few steps at a time stay in the cache while each sequence adds its rows. From the disk a sequence comes whole.
  const std::size_t num_steps = batch.rows_at.size(), block = source.on_disk ? num_steps : 8;
  for (std::size_t begin = 0; begin < num_steps; begin += block)
    for (std::size_t b = 0; b < static_cast<std::size_t>(batch.rows_at[begin]); ++b) {
      const std::size_t count = std::min(static_cast<std::size_t>(cuts[b].length) - begin, block);
      pack_rows(source, static_cast<std::size_t>(cuts[b].start), count, batch, b, to, begin);
    }
}

// One row a sequence: it has step 0's place.
template <class T>
void gather_sequences(const RowSource<T>& source, const Cuts& cuts, const schema::SequenceRow* first_row,
                      const SequenceBatch& batch, std::vector<T>& to) {
  to.resize(cuts.size() * source.row_size);
  if (!source) return;
  for (std::size_t b = 0; b < cuts.size(); ++b)
    pack_rows(source, static_cast<std::size_t>(cuts[b].row - first_row), 1, batch, b, to);
}

}  // namespace

void Dataset::gather(Split split, std::span<const std::uint32_t> positions, SequenceBatch& batch,
                     double share_of_steps) const {
  const auto& body = *body_;
  // Whole lengths decide the order: cut ones fall as they do.
  batch.sequence_ids.assign(positions.begin(), positions.end());
  std::stable_sort(batch.sequence_ids.begin(), batch.sequence_ids.end(), [&](std::uint32_t a, std::uint32_t b) {
    return body.row(split, a).length > body.row(split, b).length;
  });
  Cuts cuts;
  batch.lengths.clear();
  std::int64_t num_steps = 0;
  for (const auto position : batch.sequence_ids) {
    const auto& row = body.row(split, position);
    const int length = steps_in_share(row.length, share_of_steps);
    cuts.push_back({&row, row.start + (body.is_per_step() ? 0 : row.length - length), length});
    batch.lengths.push_back(length);
    num_steps += length;
  }
  if (num_steps > std::numeric_limits<int>::max())
    throw DataError("a batch has more than 2^31 steps; lower data.batch_size or cut the sequences", body.path);
  pack_lengths(batch);
  gather_steps(body.features, cuts, batch, batch.features);
  gather_steps(body.tokens, cuts, batch, batch.tokens);
  if (body.is_per_step()) {
    gather_steps(body.targets, cuts, batch, batch.targets);
    gather_steps(body.classes, cuts, batch, batch.classes);
  } else {
    gather_sequences(body.targets, cuts, body.sequences.data(), batch, batch.targets);
    gather_sequences(body.classes, cuts, body.sequences.data(), batch, batch.classes);
  }
}

}  // namespace seqsweep::data
