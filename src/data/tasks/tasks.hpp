// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/data/catalogues.hpp"

#include "data/splits.hpp"

namespace seqsweep::data::tasks {

[[nodiscard]] Task adding();
[[nodiscard]] Task copy_memory();
[[nodiscard]] Task mackey_glass();
[[nodiscard]] Task sine();

inline constexpr OptionSpec sequences_option = {"sequences", "N", "4000", "number of sequences, all parts together"};

/// Generates `--sequences` independent sequences, split by `--split` in the order they are made, each from its own
/// random stream (so the first sequences are the same whatever their number). `add` appends the steps and targets of
/// one.
template <class Add>
void generate_sequences(SequenceTable& table, const Options& options, Add&& add) {
  const auto count = static_cast<std::size_t>(options.integer("sequences", 1));
  const auto ends = split_ends(count, split_fractions(options));
  const auto key = seed_of(options).fold(Purpose::task);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = table.num_steps();
    add(key.fold(i).stream());
    table.close_sequence(start, i < ends[0] ? Split::train : i < ends[1] ? Split::validation : Split::test);
  }
}

}  // namespace seqsweep::data::tasks
