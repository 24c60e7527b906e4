// SPDX-License-Identifier: Apache-2.0
#include "nn/batches.hpp"

#include <algorithm>

#include "seqsweep/nn/catalogues.hpp"

namespace seqsweep::nn {
namespace {

bool is_per_step(const NetworkSpec& spec) {
  return spec.head == HeadPosition::every_step;
}

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

/// Appends row `row` of `from` (rows of `width`) to `to`; does nothing where the batch has no such array.
template <class T>
void append_row(const std::vector<T>& from, int row, int width, std::vector<T>& to) {
  if (from.empty()) return;
  to.insert(to.end(), from.begin() + row * width, from.begin() + (row + 1) * width);
}

std::vector<NetworkSpec> specs_of_cells() {
  std::vector<NetworkSpec> specs;
  for (const std::string& cell : cell_names()) {
    for (const std::string& activation : activation_names()) {
      if (cell != "rnn" && activation != "tanh") continue;
      NetworkSpec spec{.num_features = 2, .num_outputs = 3, .embedding_size = 2, .hidden_size = 3};
      spec.cell = cell;
      spec.activation = activation;
      specs.push_back(spec);
    }
  }
  return specs;
}

std::vector<NamedSpec> shapes_of(const NetworkSpec& base) {
  NetworkSpec two_layers = base, bidirectional = base, stacked = base, embedding = base;
  two_layers.num_layers = 2;
  bidirectional.bidirectional = true;
  stacked.num_layers = 2;
  stacked.bidirectional = true;
  embedding.num_features = 0;
  embedding.vocabulary = 5;
  return {{"one_layer", base},
          {"two_layers", two_layers},
          {"bidirectional", bidirectional},
          {"two_bidirectional_layers", stacked},
          {"embedding", embedding}};
}

}  // namespace

std::vector<NamedSpec> all_specs() {
  std::vector<NamedSpec> all;
  for (const NetworkSpec& of_cell : specs_of_cells()) {
    for (auto [shape, spec] : shapes_of(of_cell)) {
      for (const std::string& loss : loss_names()) {
        for (const HeadPosition head : {HeadPosition::last_step, HeadPosition::every_step}) {
          spec.loss = loss;
          spec.head = head;
          const std::string position = is_per_step(spec) ? "every_step" : "last_step";
          all.push_back({spec.cell + " " + spec.activation + " " + shape + " " + loss + " " + position, spec});
        }
      }
    }
  }
  return all;
}

SequenceBatch random_batch(const NetworkSpec& spec, const std::vector<int>& lengths, RandomKey key) {
  SequenceBatch batch;
  batch.lengths = lengths;
  pack_lengths(batch);
  for (int b = 0; b < batch.num_sequences; ++b) batch.sequence_ids.push_back(static_cast<std::uint32_t>(100 + b));
  auto stream = key.stream();
  const int num_rows = batch.offset_at.back();
  for (int n = 0; n < num_rows; ++n) {
    if (spec.vocabulary > 0)
      batch.tokens.push_back(static_cast<std::int32_t>(stream.below(static_cast<std::uint32_t>(spec.vocabulary))));
    for (int d = 0; d < spec.num_features; ++d) batch.features.push_back(static_cast<float>(stream.normal()));
  }
  const int num_target_rows = is_per_step(spec) ? num_rows : batch.num_sequences;
  for (int r = 0; r < num_target_rows; ++r) {
    if (spec.loss == "cross_entropy") {
      const auto drawn = stream.below(static_cast<std::uint32_t>(spec.num_outputs) + 1);
      batch.classes.push_back(static_cast<std::int32_t>(drawn) - 1);
    }
    for (int k = 0; spec.loss != "cross_entropy" && k < spec.num_outputs; ++k)
      batch.targets.push_back(spec.loss == "bernoulli" ? static_cast<float>(stream.below(2))
                                                       : static_cast<float>(stream.normal()));
  }
  return batch;
}

SequenceBatch part_of(const NetworkSpec& spec, const SequenceBatch& batch, const std::vector<int>& chosen) {
  SequenceBatch part;
  for (const int b : chosen) {
    part.lengths.push_back(batch.lengths[index(b)]);
    part.sequence_ids.push_back(batch.sequence_ids[index(b)]);
  }
  pack_lengths(part);
  const auto append_targets = [&](int row) {
    append_row(batch.targets, row, spec.num_outputs, part.targets);
    append_row(batch.classes, row, 1, part.classes);
  };
  for (int t = 0; t < part.num_steps; ++t) {
    for (int r = 0; r < part.rows_at[index(t)]; ++r) {
      const int row = batch.offset_at[index(t)] + chosen[index(r)];
      append_row(batch.features, row, spec.num_features, part.features);
      append_row(batch.tokens, row, 1, part.tokens);
      if (is_per_step(spec)) append_targets(row);
    }
  }
  if (!is_per_step(spec)) std::for_each(chosen.begin(), chosen.end(), append_targets);
  return part;
}

}  // namespace seqsweep::nn
