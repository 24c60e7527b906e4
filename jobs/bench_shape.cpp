// SPDX-License-Identifier: Apache-2.0
#include "bench_shape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/network.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::uint64_t data_seed = 1;

int num_outputs_of(const BenchShape& shape) {
  if (shape.num_outputs > 0) return shape.num_outputs;
  if (shape.vocabulary == 0) return 1;
  return shape.has_step_head ? shape.vocabulary : 2;
}

data::DatasetHeader header_of(const BenchShape& shape) {
  const auto K = static_cast<std::size_t>(num_outputs_of(shape));
  data::DatasetHeader header;
  header.name = "bench";
  header.provenance = "seqsweep bench engine";
  header.num_outputs = num_outputs_of(shape);
  header.target_position = shape.has_step_head ? data::TargetPosition::per_step : data::TargetPosition::per_sequence;
  if (shape.vocabulary > 0) {
    header.vocabulary = shape.vocabulary;
    header.target_kind = data::TargetKind::classes;
    return header;
  }
  const auto D = static_cast<std::size_t>(shape.num_features);
  header.num_features = shape.num_features;
  header.feature_mean.assign(D, 0.0F);
  header.feature_sd.assign(D, 1.0F);
  header.target_mean.assign(K, 0.0F);
  header.target_sd.assign(K, 1.0F);
  return header;
}

void add_random_sequence(data::SequenceTable& table, const BenchShape& shape, data::Split split, RandomStream stream) {
  const int spread = shape.min_steps > 0 ? shape.num_steps - shape.min_steps : 0;
  const int length = shape.num_steps - static_cast<int>(stream.below(static_cast<std::uint32_t>(spread) + 1));
  const auto start = table.num_steps();
  const int num_targets = shape.has_step_head ? length : 1;
  const auto K = static_cast<std::uint32_t>(table.header.num_outputs);
  const auto random_real = [&] { return static_cast<float>(2 * stream.uniform() - 1); };
  if (shape.vocabulary > 0) {
    for (int t = 0; t < length; ++t)
      table.tokens.push_back(static_cast<std::int32_t>(stream.below(static_cast<std::uint32_t>(shape.vocabulary))));
    for (int r = 0; r < num_targets; ++r) table.classes.push_back(static_cast<std::int32_t>(stream.below(K)));
  } else {
    for (int i = 0; i < length * shape.num_features; ++i) table.features.push_back(random_real());
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(num_targets) * K; ++i)
      table.targets.push_back(random_real());
  }
  table.close_sequence(start, split);
}

}  // namespace

std::vector<BenchShape> default_shapes() {
  std::vector<BenchShape> shapes;
  for (const auto* cell : {"rnn", "lstm", "gru"})
    for (const int hidden_size : {32, 64, 128, 256, 512}) {
      BenchShape shape;
      shape.cell = cell;
      shape.hidden_size = hidden_size;
      shapes.push_back(shape);
    }
  return shapes;
}

std::string text_of(const BenchShape& shape) {
  std::string text = shape.cell;
  if (shape.cell == "rnn") text += " " + shape.activation;
  if (shape.bidirectional) text += " both ways";
  text += shape.num_layers > 1 ? fmt::format(" {}×H={}", shape.num_layers, shape.hidden_size)
                               : fmt::format(" H={}", shape.hidden_size);
  text += shape.vocabulary > 0 ? fmt::format(", embedding {}×{}", shape.vocabulary, shape.embedding_size)
                               : fmt::format(", I={}", shape.num_features);
  text += fmt::format(
      ", B={}, T={}", shape.batch_size,
      shape.min_steps > 0 ? fmt::format("{}–{}", shape.min_steps, shape.num_steps) : std::to_string(shape.num_steps));
  if (shape.has_step_head) text += ", head at every step";
  return text;
}

nn::NetworkSpec network_of(const BenchShape& shape) {
  nn::NetworkSpec spec;
  spec.num_features = shape.vocabulary > 0 ? 0 : shape.num_features;
  spec.vocabulary = shape.vocabulary;
  spec.num_outputs = num_outputs_of(shape);
  spec.head = shape.has_step_head ? nn::HeadPosition::every_step : nn::HeadPosition::last_step;
  spec.loss = shape.vocabulary > 0 ? "cross_entropy" : "mse";
  spec.embedding_size = shape.embedding_size;
  spec.cell = shape.cell;
  spec.activation = shape.activation;
  spec.hidden_size = shape.hidden_size;
  spec.num_layers = shape.num_layers;
  spec.bidirectional = shape.bidirectional;
  return spec;
}

data::SequenceTable random_table(const BenchShape& shape, int num_batches) {
  data::SequenceTable table;
  table.header = header_of(shape);
  const auto key = RandomKey(data_seed).fold(Purpose::task);
  const int num_sequences = shape.batch_size * num_batches;
  for (int s = 0; s <= num_sequences; ++s)
    add_random_sequence(table, shape, s < num_sequences ? data::Split::train : data::Split::validation,
                        key.fold(static_cast<std::uint64_t>(s)).stream());
  return table;
}

double training_flops(const nn::NetworkSpec& spec, const nn::ParameterLayout& layout, double num_steps,
                      double num_sequences) {
  double multiply_adds = 3 * nn::forward_multiply_adds(spec, num_steps, num_sequences);
  if (spec.vocabulary == 0)
    for (const auto& tensor : layout.tensors)
      if (tensor.name.starts_with("rnn.weight_ih_l0")) multiply_adds -= num_steps * static_cast<double>(tensor.size());
  return 2 * multiply_adds;
}

}  // namespace seqsweep::jobs
