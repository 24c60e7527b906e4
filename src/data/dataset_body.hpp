// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/core/error.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/schema.hpp"
#include "seqsweep/h5/file.hpp"

namespace seqsweep::data {

/// The rows of one bulk array, in memory or read from disk as they are needed; normalised.
template <class T>
struct RowSource {
  std::size_t num_rows = 0, row_size = 0;  ///< row_size 0: the data set has no such array
  std::size_t offset = 0;                  ///< [bytes] in the block of memory
  std::span<const T> in_memory;
  std::optional<h5::Array> on_disk;
  std::function<void(std::span<const T>)> check;  ///< of what was read
  std::function<void(std::span<T>)> normalise;    ///< what was checked; empty: it stays as it is
  mutable std::vector<T> slab;

  explicit operator bool() const { return row_size > 0; }
  [[nodiscard]] std::size_t size() const { return num_rows * row_size; }

  /// Valid until the next call.
  [[nodiscard]] const T* rows(std::size_t first, std::size_t count) const {
    if (!on_disk) return in_memory.data() + first * row_size;
    slab.resize(count * row_size);
    on_disk->read(first, std::span<T>(slab));
    check(slab);
    if (normalise) normalise(slab);
    return slab.data();
  }
};

struct Dataset::Body {
  std::string path;
  DatasetHeader header;
  SharedBytes memory;  // of the sequences and, below the memory limit, of the bulk arrays
  std::size_t num_steps = 0, num_sequences = 0;
  std::size_t num_bytes = 0;  // of the sequences and all bulk arrays
  std::span<const schema::SequenceRow> sequences;
  std::array<std::size_t, 4> first_of_split{};  // sequences of split s: first_of_split[s] … first_of_split[s + 1] - 1
  std::array<std::size_t, 3> steps_of_split{};
  std::array<int, 3> max_length{};
  h5::File file;
  RowSource<float> features, targets;       // tokens or features,
  RowSource<std::int32_t> tokens, classes;  // targets or classes

  [[nodiscard]] bool is_per_step() const { return header.target_position == TargetPosition::per_step; }
  [[nodiscard]] const schema::SequenceRow& row(Split split, std::uint32_t position) const {
    const auto s = static_cast<std::size_t>(split);
    SEQSWEEP_EXPECT(position < first_of_split[s + 1] - first_of_split[s], "no such sequence in this split");
    return sequences[first_of_split[s] + position];
  }
  template <class Visit>
  void for_each_array(Visit&& visit) {
    if (features) visit(features);
    if (tokens) visit(tokens);
    if (targets) visit(targets);
    if (classes) visit(classes);
  }
};

}  // namespace seqsweep::data
