// SPDX-License-Identifier: Apache-2.0
// The adding problem (Hochreiter and Schmidhuber 1997, "Long short-term memory", section 5.4):
//
//   x_t = (u_t, m_t),  u_t uniform in [0, 1),  m_t = 1 at two steps, else 0;  y = u at the first marker + u at the
//   second
//
// One marker lies in each half of the sequence, so the shortest memory that helps is about T / 2 steps. Predicting the
// mean, 1, has an expected squared error of 1/6 = 0.167.
// Differs from the paper: u is in [0, 1), not [-1, 1]; the target is not rescaled; all sequences are equally long; as
// in Le, Jaitly and Hinton 2015.
#include "data/tasks/tasks.hpp"

namespace seqsweep::data::tasks {
namespace {

constexpr std::array options = {
    sequences_option,
    OptionSpec{"length", "T", "100", "steps of a sequence"},
    seed_option,
    split_option,
};

SequenceTable make(const Options& given) {
  const auto T = static_cast<std::uint32_t>(given.integer("length", 2, 1 << 20));
  SequenceTable table;
  auto& header = table.header;
  header.num_features = 2;
  header.feature_names = {"value", "marker"};
  header.feature_mean = {0, 0};
  header.feature_sd = {1, 1};
  header.output_names = {"sum"};
  header.target_mean = {0};
  header.target_sd = {1};
  generate_sequences(table, given, [&](RandomStream random) {
    const std::uint32_t first = random.below(T / 2), second = T / 2 + random.below(T - T / 2);
    float sum = 0;
    for (std::uint32_t t = 0; t < T; ++t) {
      const bool is_marked = t == first || t == second;
      const auto value = static_cast<float>(random.uniform());
      table.features.insert(table.features.end(), {value, is_marked ? 1.0F : 0.0F});
      if (is_marked) sum += value;
    }
    table.targets.push_back(sum);
  });
  set_floors(table);
  return table;
}

}  // namespace

Task adding() {
  return {options, make};
}

}  // namespace seqsweep::data::tasks
