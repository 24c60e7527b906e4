// SPDX-License-Identifier: Apache-2.0
// The network as a graph of ONNX operators, from raw inputs to what `seqsweep predict` gives. B sequences of up to T
// steps, each of its own length:
//
//   features [B × T × D]   (features - mean) / sd  ┐
//   tokens   [B × T]       a row of the embedding  ┴→ [T × B × D] → RNN | LSTM | GRU, layer by layer → [T × B × dirs·H]
//   lengths  [B]
//
//   of the last layer the final states, or the states of every step → · head.weightᵀ + head.bias → softmax | sigmoid
//   | · sd + mean → probabilities or values [B × K] or [B × T × K]
//
// Operators: https://github.com/onnx/onnx/blob/main/docs/Changelog.md, version 14. They differ from PyTorch's in the
// order of gates: W, R [dirs × G·H × …] and B [dirs × 2·G·H] (both biases) are packed i, o, f, c (LSTM); z, r, h (GRU).
#include <array>
#include <cctype>
#include <limits>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/version.hpp"

#include "formats.hpp"
#include "onnx_graph.hpp"
#include "weights.hpp"

namespace seqsweep::report {
namespace {

constexpr int ir_version = 7, operator_version = 14;  // ONNX 1.9 (2021)

struct Operator {
  const char* name;
  std::vector<int> gate_order;  // of PyTorch's gates
};

const Operator& operator_of(std::string_view cell) {
  static const std::array catalogue = {
      CatalogueEntry<Operator>{"rnn", "one gate", {"RNN", {0}}},
      CatalogueEntry<Operator>{"lstm", "i, o, f, g of i, f, g, o", {"LSTM", {0, 3, 1, 2}}},
      CatalogueEntry<Operator>{"gru", "z, r, n of r, z, n", {"GRU", {1, 0, 2}}},
  };
  return find_in<Operator>(catalogue, "cell for --to onnx", cell).make;
}

// ONNX's names are ours, capitalised: Tanh, Relu, Sigmoid.
std::string activation_of(std::string activation) {
  activation[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(activation[0])));
  return activation;
}

void append(std::vector<float>& values, const std::vector<float>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

/// Writes the graph of one network.
class NetworkGraph {
 public:
  NetworkGraph(const store::Checkpoint& checkpoint, onnx::GraphProto& graph)
      : checkpoint_(checkpoint), spec_(checkpoint.network), weights_(checkpoint), graph_(graph), build_(graph) {}

  void write() {
    std::string x = add_inputs();  // [T × B × D]
    for (int layer = 0; layer < spec_.num_layers - 1; ++layer) x = states_of_steps(layer, x);
    const int last = spec_.num_layers - 1;
    if (is_per_step())
      x = build_.transposed(states_of_steps(last, x), {1, 0, 2}, "head.input");  // [B × T × dirs·H]
    else
      x = final_states(last, x);  // [B × dirs·H]
    add_output(linear_head(x));
  }

 private:
  [[nodiscard]] bool is_per_step() const { return spec_.head == nn::HeadPosition::every_step; }
  [[nodiscard]] std::int64_t num_directions() const { return spec_.bidirectional ? 2 : 1; }
  [[nodiscard]] std::int64_t width() const { return num_directions() * spec_.hidden_size; }  // dirs·H

  std::string add_inputs() {
    const std::string x = spec_.vocabulary > 0 ? embedded_tokens() : normalised_features();
    describe(
        *graph_.add_input(),
        {"lengths", onnx::TensorProto::INT32, {"batch"}, "steps of each sequence; what lies behind them is not read"});
    return build_.transposed(x, {1, 0, 2}, "input_of_l0");
  }

  std::string embedded_tokens() {
    describe(*graph_.add_input(), {"tokens",
                                   onnx::TensorProto::INT64,
                                   {"batch", "steps"},
                                   fmt::format("0 to {}; any behind the length of a sequence", spec_.vocabulary - 1)});
    const auto table = build_.constant("embedding.weight", {spec_.vocabulary, spec_.embedding_size},
                                       weights_.tensor("embedding.weight"));
    return build_.value("Gather", {table, "tokens"}, "embedded");
  }

  std::string normalised_features() {
    describe(*graph_.add_input(), {"features",
                                   onnx::TensorProto::FLOAT,
                                   {"batch", "steps"},
                                   "raw, in the units of the data set; any number behind the length of a sequence",
                                   spec_.num_features});
    const auto mean = build_.constant("feature_mean", {spec_.num_features}, checkpoint_.feature_mean);
    const auto sd = build_.constant("feature_sd", {spec_.num_features}, checkpoint_.feature_sd);
    return build_.value("Div", {build_.value("Sub", {"features", mean}, "centred"), sd}, "normalised");
  }

  /// `x` [T × B × D] → outputs "states_l0" [T × dirs × B × H] and "final_l0" [dirs × B × H].
  void add_layer(int layer, const std::string& x) {
    const auto& operation = operator_of(spec_.cell);
    std::vector<float> W, R, B;
    for (const auto& direction : weights_.layer(layer)) {
      append(W, reordered_gates(direction.weight_ih, operation.gate_order));
      append(R, reordered_gates(direction.weight_hh, operation.gate_order));
      append(B, reordered_gates(direction.bias_ih, operation.gate_order));
      append(B, reordered_gates(direction.bias_hh, operation.gate_order));
    }
    const std::int64_t dirs = num_directions(), H = spec_.hidden_size;
    const auto GH = static_cast<std::int64_t>(operation.gate_order.size()) * H;
    const auto D = static_cast<std::int64_t>(W.size()) / (dirs * GH);
    auto& node = build_.node(operation.name,
                             {x, build_.constant(fmt::format("W_l{}", layer), {dirs, GH, D}, W),
                              build_.constant(fmt::format("R_l{}", layer), {dirs, GH, H}, R),
                              build_.constant(fmt::format("B_l{}", layer), {dirs, 2 * GH}, B), "lengths"},
                             {fmt::format("states_l{}", layer), fmt::format("final_l{}", layer)});
    set_attribute(node, "hidden_size", H);
    set_attribute(node, "direction", std::string(spec_.bidirectional ? "bidirectional" : "forward"));
    if (spec_.cell == "gru") set_attribute(node, "linear_before_reset", 1);
    if (spec_.cell == "rnn")
      set_attribute(node, "activations",
                    std::vector<std::string>(static_cast<std::size_t>(dirs), activation_of(spec_.activation)));
  }

  std::string states_of_steps(int layer, const std::string& x) {  // [T × B × dirs·H]
    add_layer(layer, x);
    const auto rows = build_.transposed(fmt::format("states_l{}", layer), {0, 2, 1, 3}, fmt::format("rows_l{}", layer));
    return build_.reshaped(rows, {0, 0, width()}, fmt::format("output_of_l{}", layer));
  }

  /// The forward state after a sequence's last step beside the reverse state after its first: [B × dirs·H].
  std::string final_states(int layer, const std::string& x) {
    add_layer(layer, x);
    const auto rows = build_.transposed(fmt::format("final_l{}", layer), {1, 0, 2}, "final_rows");
    return build_.reshaped(rows, {0, width()}, "head.input");
  }

  std::string linear_head(const std::string& x) {
    const auto W = build_.constant("head.weight_transposed", {width(), spec_.num_outputs},
                                   transposed(weights_.tensor("head.weight"), static_cast<std::size_t>(width())));
    const auto b = build_.constant("head.bias", {spec_.num_outputs}, weights_.tensor("head.bias"));
    return build_.value("Add", {build_.value("MatMul", {x, W}, "head.product"), b}, "head.output");
  }

  void add_output(const std::string& y) {
    const bool is_value = spec_.loss == "mse";
    const std::string name = is_value ? "values" : "probabilities";
    if (is_value) {
      const auto sd = build_.constant("target_sd", {spec_.num_outputs}, checkpoint_.target_sd);
      const auto mean = build_.constant("target_mean", {spec_.num_outputs}, checkpoint_.target_mean);
      build_.value("Add", {build_.value("Mul", {y, sd}, "scaled"), mean}, name);
    } else if (spec_.loss == "bernoulli") {
      build_.value("Sigmoid", {y}, name);
    } else {
      set_attribute(build_.node("Softmax", {y}, {name}), "axis", -1);
    }
    std::vector<std::string> axes = {"batch"};
    if (is_per_step()) axes.emplace_back("steps");
    const std::string meaning = is_value                    ? "in the target's own unit"
                                : spec_.loss == "bernoulli" ? "of each output by itself"
                                                            : "of the classes; a row adds up to 1";
    describe(
        *graph_.add_output(),
        {name, onnx::TensorProto::FLOAT, axes,
         meaning + (is_per_step() ? "; rows behind the length of a sequence mean nothing" : ""), spec_.num_outputs});
  }

  const store::Checkpoint& checkpoint_;
  const nn::NetworkSpec& spec_;
  TrainedWeights weights_;
  onnx::GraphProto& graph_;
  GraphBuilder build_;
};

void describe_model(const store::Checkpoint& checkpoint, onnx::ModelProto& model) {
  model.set_ir_version(ir_version);
  auto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(operator_version);
  model.set_producer_name("seqsweep");
  model.set_producer_version(std::string(program_version));
  model.set_doc_string(fmt::format("Trial {} after its epoch {}, trained on '{}'. Inputs are raw, as in the data set.",
                                   checkpoint.trial.value, checkpoint.state.best_epoch, checkpoint.dataset_name));
  for (const auto& [key, text] : provenance(checkpoint)) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(text);
  }
}

std::string onnx_bytes(const store::Checkpoint& checkpoint) {
  onnx::ModelProto model;
  describe_model(checkpoint, model);
  model.mutable_graph()->set_name("seqsweep");
  NetworkGraph(checkpoint, *model.mutable_graph()).write();
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    throw ConfigError(fmt::format("--to onnx: the network has {} parameters, and an ONNX file has at most 2 GB; "
                                  "export --to torch or keras",
                                  checkpoint.state.best_weights.size()),
                      "command line");
  return model.SerializeAsString();
}

}  // namespace

const NetworkFormat onnx_format{".onnx", onnx_bytes};

}  // namespace seqsweep::report
