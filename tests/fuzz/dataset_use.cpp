// SPDX-License-Identifier: Apache-2.0
#include "dataset_use.hpp"

#include <algorithm>

namespace seqsweep::fuzz {

void use(const std::string& path, const data::LoadOptions& options) {
  constexpr std::size_t most_sequences = 16;
  static_cast<void>(data::describe(path));
  const auto dataset = data::Dataset::load(path, allocate_private, options);
  SequenceBatch batch;
  for (const auto split : data::all_splits) {
    const auto count = std::min(dataset.num_sequences(split), most_sequences);
    for (std::uint32_t position = 0; position < count; ++position)
      dataset.gather(split, std::vector<std::uint32_t>{position}, batch);
  }
}

}  // namespace seqsweep::fuzz
