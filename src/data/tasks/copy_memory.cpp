// SPDX-License-Identifier: Apache-2.0
// The copy memory problem (Hochreiter and Schmidhuber 1997; this form: Arjovsky, Shah and Bengio 2016, "Unitary
// evolution recurrent neural networks", section 5.1), with n symbols to remember over a delay of T steps:
//
//   input   s_1 … s_n  blank × (T - 1)  marker  blank × n        T + 2n steps
//   output  blank × (T + n)             s_1 … s_n
//
// A network without memory can at best put out blanks, then guess: its loss is n ln(symbols) / (T + 2n).
#include <cmath>

#include <fmt/format.h>

#include "data/tasks/tasks.hpp"

namespace seqsweep::data::tasks {
namespace {

constexpr std::array options = {
    sequences_option,
    OptionSpec{"delay", "T", "50", "steps over which the symbols must be remembered"},
    OptionSpec{"remember", "N", "10", "symbols to remember"},
    OptionSpec{"symbols", "M", "8", "different symbols"},
    OptionSpec{"score", "WHAT", "all", "steps that are scored: all, or recall (the last N)"},
    seed_option,
    split_option,
};

constexpr std::int32_t first_symbol = 2;  // tokens 0 and 1 are padding and unknown

void describe(DatasetHeader& header, int symbols) {
  header.vocabulary = first_symbol + symbols + 2;
  header.token_names = {"<padding>", "<unknown>"};
  for (int s = 0; s < symbols; ++s) header.output_names.push_back(fmt::format("s{}", s));
  header.token_names.insert(header.token_names.end(), header.output_names.begin(), header.output_names.end());
  header.token_names.insert(header.token_names.end(), {"blank", "marker"});
  header.output_names.emplace_back("blank");
  header.num_outputs = symbols + 1;
  header.target_kind = TargetKind::classes;
  header.target_position = TargetPosition::per_step;
}

SequenceTable make(const Options& given) {
  const auto T = static_cast<int>(given.integer("delay", 1, 1 << 20));
  const auto n = static_cast<int>(given.integer("remember", 1, 1 << 16));
  const auto symbols = static_cast<int>(given.integer("symbols", 2, 1 << 16));
  const bool scores_all = given.choice("score", {"all", "recall"}) == "all";
  const std::int32_t blank = symbols, marker = symbols + 1;
  SequenceTable table;
  describe(table.header, symbols);
  generate_sequences(table, given, [&](RandomStream random) {
    std::vector<std::int32_t> remembered(static_cast<std::size_t>(n));
    for (auto& s : remembered) s = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(symbols)));
    for (int t = 0; t < T + 2 * n; ++t) {
      const auto shown = t < n ? remembered[static_cast<std::size_t>(t)] : t == n + T - 1 ? marker : blank;
      table.tokens.push_back(first_symbol + shown);
      const bool is_recall = t >= T + n;
      table.classes.push_back(is_recall ? remembered[static_cast<std::size_t>(t - T - n)] : scores_all ? blank : -1);
    }
  });
  const double scored = scores_all ? T + 2 * n : n, guesses = n;
  Floor floor;
  floor.loss = guesses * std::log(symbols) / scored;
  floor.accuracy = (scored - guesses + guesses / symbols) / scored;
  for (const Split split : all_splits)
    if (table.num_sequences(split) > 0) table.header.floors[static_cast<std::size_t>(split)] = floor;
  table.header.floor_rule = "without memory: blanks, then a guess";
  return table;
}

}  // namespace

Task copy_memory() {
  return {options, make};
}

}  // namespace seqsweep::data::tasks
