// SPDX-License-Identifier: Apache-2.0
#include "nn/spec_pairs.hpp"

#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "seqsweep/nn/catalogues.hpp"

namespace seqsweep::nn {
namespace {

/// One setting of a spec or of the lengths.
struct Level {
  std::string name;
  std::function<void(PairCase&)> apply;
};
using Factor = std::vector<Level>;

/// A level for each of some numbers.
Factor numbers(const std::string& name, const std::vector<int>& values, int NetworkSpec::*field) {
  Factor factor;
  for (const int value : values)
    factor.push_back({name + std::to_string(value), [=](PairCase& of) { of.spec.*field = value; }});
  return factor;
}

Factor cells() {
  Factor factor;
  for (const std::string& cell : cell_names())
    for (const std::string& activation : activation_names())
      if (cell == "rnn" || activation == "tanh")
        factor.push_back({cell == "rnn" ? cell + "_" + activation : cell, [=](PairCase& of) {
                            of.spec.cell = cell;
                            of.spec.activation = activation;
                          }});
  return factor;
}

Factor losses() {
  Factor factor;
  for (const std::string& loss : loss_names()) factor.push_back({loss, [=](PairCase& of) { of.spec.loss = loss; }});
  return factor;
}

Factor inputs() {
  Factor factor;
  for (const int width : {1, 3, 16, 17, 33}) {
    factor.push_back({"D" + std::to_string(width), [=](PairCase& of) { of.spec.num_features = width; }});
    factor.push_back({"E" + std::to_string(width), [=](PairCase& of) {
                        of.spec.vocabulary = 23;
                        of.spec.embedding_size = width;
                      }});
  }
  return factor;
}

Factor lengths() {
  std::vector<int> many;
  for (int b = 0; b < 37; ++b) many.push_back(1 + (36 - b) / 5);  // three pieces of a batch
  const std::vector<std::pair<std::string, std::vector<int>>> choices = {
      {"falling", {11, 10, 7, 7, 7, 4, 2, 1, 1}},
      {"equal", std::vector<int>(13, 6)},
      {"length_one", std::vector<int>(5, 1)},
      {"single", {9}},
      {"many", many},
      {"full_chunks", {40, 40, 40, 39, 39, 30, 30, 30, 2, 1}},  // more rows than one chunk of a weight gradient
      {"long_and_short", {60, 1, 1}}};
  Factor factor;
  for (const auto& [name, values] : choices)
    factor.push_back({name, [values = values](PairCase& of) { of.lengths = values; }});
  return factor;
}

std::vector<Factor> factors() {
  const Factor directions = {{"one_way", [](PairCase&) {}},
                             {"two_way", [](PairCase& of) { of.spec.bidirectional = true; }}};
  const Factor heads = {{"last_step", [](PairCase&) {}},
                        {"every_step", [](PairCase& of) { of.spec.head = HeadPosition::every_step; }}};
  const Factor dropout = {{"no_dropout", [](PairCase&) {}}, {"dropout", [](PairCase& of) { of.spec.dropout = 0.3; }}};
  return {numbers("H", {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65}, &NetworkSpec::hidden_size),
          inputs(),
          lengths(),
          cells(),
          numbers("K", {1, 5, 16, 17, 33}, &NetworkSpec::num_outputs),
          numbers("layers", {1, 2, 3}, &NetworkSpec::num_layers),
          losses(),
          directions,
          heads,
          dropout};
}

/// Two levels of two factors, the first factor the lower one.
struct Pair {
  std::size_t factor, level, other_factor, other_level;
  auto operator<=>(const Pair&) const = default;
};

Pair pair_of(std::size_t f, std::size_t level, std::size_t g, std::size_t other) {
  return f < g ? Pair{f, level, g, other} : Pair{g, other, f, level};
}

}  // namespace

std::vector<std::vector<std::size_t>> all_pairs(const std::vector<std::size_t>& num_levels) {
  std::set<Pair> open;
  for (std::size_t g = 0; g < num_levels.size(); ++g)
    for (std::size_t f = 0; f < g; ++f)
      for (std::size_t i = 0; i < num_levels[f]; ++i)
        for (std::size_t j = 0; j < num_levels[g]; ++j) open.insert({f, i, g, j});

  std::vector<std::vector<std::size_t>> rows;
  while (!open.empty()) {
    std::vector<std::size_t> row(num_levels.size());
    std::vector<std::size_t> chosen = {open.begin()->factor, open.begin()->other_factor};
    row[chosen[0]] = open.begin()->level;
    row[chosen[1]] = open.begin()->other_level;
    for (std::size_t f = 0; f < num_levels.size(); ++f) {
      if (f == chosen[0] || f == chosen[1]) continue;
      std::size_t best = rows.size() % num_levels[f];  // where none covers anything new, take turns
      std::size_t best_covered = 0;
      for (std::size_t level = 0; level < num_levels[f]; ++level) {
        std::size_t covered = 0;
        for (const std::size_t g : chosen) covered += open.count(pair_of(f, level, g, row[g]));
        if (covered > best_covered) best = level, best_covered = covered;
      }
      row[f] = best;
      chosen.push_back(f);
    }
    for (std::size_t g = 0; g < row.size(); ++g)
      for (std::size_t f = 0; f < g; ++f) open.erase({f, row[f], g, row[g]});
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<PairCase> engine_cases() {
  const std::vector<Factor> all = factors();
  std::vector<std::size_t> num_levels;
  for (const Factor& factor : all) num_levels.push_back(factor.size());
  std::vector<PairCase> cases;
  for (const auto& row : all_pairs(num_levels)) {
    PairCase& made = cases.emplace_back();
    for (std::size_t f = 0; f < all.size(); ++f) {
      all[f][row[f]].apply(made);
      made.name += (f == 0 ? "" : " ") + all[f][row[f]].name;
    }
  }
  return cases;
}

std::vector<float> lively_parameters(const ParameterLayout& layout, RandomKey key) {
  auto stream = key.stream();
  std::vector<float> parameters(layout.size);
  for (const Tensor& tensor : layout.tensors) {
    const bool is_recurrent = tensor.name.find("weight_hh") != std::string::npos;
    const double fan_in = tensor.is_bias || tensor.name == "embedding.weight" ? 1 : tensor.columns;
    const double bound = (is_recurrent ? 1.7 : tensor.is_bias ? 0.3 : 1.2) / std::sqrt(fan_in);
    for (std::size_t i = 0; i < tensor.size(); ++i)
      parameters[tensor.offset + i] = static_cast<float>(bound * (2 * stream.uniform() - 1));
  }
  return parameters;
}

}  // namespace seqsweep::nn
