// SPDX-License-Identifier: Apache-2.0
#include "nn/layout.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::nn {
namespace {

enum class TensorKind { weight, bias };

void append(ParameterLayout& layout, std::string name, TensorKind kind, int rows, int columns) {
  layout.tensors.push_back({std::move(name), rows, columns, layout.size, kind == TensorKind::bias});
  layout.size += layout.tensors.back().size();
}

}  // namespace

int input_width(const NetworkSpec& spec, int layer) {
  if (layer > 0) return spec.hidden_size * num_directions(spec);
  return spec.vocabulary > 0 ? spec.embedding_size : spec.num_features;
}

std::string recurrent_tensor_name(std::string_view which, int layer, Direction direction) {
  return fmt::format("rnn.{}_l{}{}", which, layer, direction == Direction::reverse ? "_reverse" : "");
}

ParameterLayout make_layout(const NetworkSpec& spec, int num_gates) {
  ParameterLayout layout;
  const int H = spec.hidden_size;
  const int GH = num_gates * H;
  if (spec.vocabulary > 0) append(layout, "embedding.weight", TensorKind::weight, spec.vocabulary, spec.embedding_size);
  for (int layer = 0; layer < spec.num_layers; ++layer) {
    for (const Direction direction : {Direction::forward, Direction::reverse}) {
      if (direction == Direction::reverse && !spec.bidirectional) continue;
      const auto name = [&](std::string_view which) { return recurrent_tensor_name(which, layer, direction); };
      append(layout, name("weight_ih"), TensorKind::weight, GH, input_width(spec, layer));
      append(layout, name("weight_hh"), TensorKind::weight, GH, H);
      append(layout, name("bias_ih"), TensorKind::bias, GH, 1);
      append(layout, name("bias_hh"), TensorKind::bias, GH, 1);
    }
  }
  append(layout, "head.weight", TensorKind::weight, spec.num_outputs, H * num_directions(spec));
  append(layout, "head.bias", TensorKind::bias, spec.num_outputs, 1);
  return layout;
}

const Tensor& tensor_named(const ParameterLayout& layout, std::string_view name) {
  for (const Tensor& tensor : layout.tensors)
    if (tensor.name == name) return tensor;
  SEQSWEEP_EXPECT(false, fmt::format("no tensor is called '{}'", name));
}

}  // namespace seqsweep::nn
