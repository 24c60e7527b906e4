// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "data/dataset_body.hpp"

namespace seqsweep::data {
namespace {

using SequenceRows = std::vector<const schema::SequenceRow*>;  // of a batch, by falling length

// Copies a sequence's rows to where the batch keeps its row b of each step.
template <class T>
void pack_rows(const RowSource<T>& source, std::size_t first, std::size_t count, const SequenceBatch& batch,
               std::size_t b, std::vector<T>& to) {
  const T* from = source.rows(first, count);
  for (std::size_t t = 0; t < count; ++t) {
    const auto row = static_cast<std::size_t>(batch.offset_at[t]) + b;
    std::copy_n(from + t * source.row_size, source.row_size, to.data() + row * source.row_size);
  }
}

template <class T>
void gather_steps(const RowSource<T>& source, const SequenceRows& rows, const SequenceBatch& batch,
                  std::vector<T>& to) {
  to.resize(static_cast<std::size_t>(batch.offset_at.back()) * source.row_size);
  if (!source) return;
  for (std::size_t b = 0; b < rows.size(); ++b)
    pack_rows(source, static_cast<std::size_t>(rows[b]->start), static_cast<std::size_t>(rows[b]->length), batch, b,
              to);
}

// One row a sequence: it has step 0's place.
template <class T>
void gather_sequences(const RowSource<T>& source, const SequenceRows& rows, const schema::SequenceRow* first_row,
                      const SequenceBatch& batch, std::vector<T>& to) {
  to.resize(rows.size() * source.row_size);
  if (!source) return;
  for (std::size_t b = 0; b < rows.size(); ++b)
    pack_rows(source, static_cast<std::size_t>(rows[b] - first_row), 1, batch, b, to);
}

void normalise(std::span<float> values, std::span<const float> mean, std::span<const float> sd) {
  const std::size_t columns = mean.size();
  for (std::size_t row = 0; row + columns <= values.size(); row += columns)
    for (std::size_t i = 0; i < columns; ++i) values[row + i] = (values[row + i] - mean[i]) / sd[i];
}

}  // namespace

void Dataset::gather(Split split, std::span<const std::uint32_t> positions, SequenceBatch& batch) const {
  const auto& body = *body_;
  batch.sequence_ids.assign(positions.begin(), positions.end());
  std::stable_sort(batch.sequence_ids.begin(), batch.sequence_ids.end(), [&](std::uint32_t a, std::uint32_t b) {
    return body.row(split, a).length > body.row(split, b).length;
  });
  SequenceRows rows;
  batch.lengths.clear();
  std::int64_t num_steps = 0;
  for (const auto position : batch.sequence_ids) {
    rows.push_back(&body.row(split, position));
    batch.lengths.push_back(rows.back()->length);
    num_steps += rows.back()->length;
  }
  if (num_steps > std::numeric_limits<int>::max())
    throw DataError("a batch has more than 2^31 steps; lower data.batch_size or cut the sequences", body.path);
  pack_lengths(batch);
  gather_steps(body.features, rows, batch, batch.features);
  gather_steps(body.tokens, rows, batch, batch.tokens);
  if (body.is_per_step()) {
    gather_steps(body.targets, rows, batch, batch.targets);
    gather_steps(body.classes, rows, batch, batch.classes);
  } else {
    gather_sequences(body.targets, rows, body.sequences.data(), batch, batch.targets);
    gather_sequences(body.classes, rows, body.sequences.data(), batch, batch.classes);
  }
  if (body.features) normalise(batch.features, body.header.feature_mean, body.header.feature_sd);
  if (body.header.target_kind == TargetKind::real)
    normalise(batch.targets, body.header.target_mean, body.header.target_sd);
}

}  // namespace seqsweep::data
