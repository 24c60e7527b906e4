// SPDX-License-Identifier: Apache-2.0
// The layout of Keras' own HDF5 weights, which model.load_weights("FILE.h5") reads in Keras 2 and 3: a group per layer
// with weights, in the order of attribute layer_names; in it arrays in the order of its attribute weight_names.
//
//   embedding                embeddings [vocabulary × E]
//   simple_rnn, lstm, gru    kernel [D × G·H], recurrent_kernel [H × G·H], bias [G·H], of GRU (reset_after) [2 × G·H]
//     or bidirectional       those of forward_…, then those of backward_…
//   dense                    kernel [H·directions × K], bias [K]
//
// Gates are packed i, f, c, o (LSTM); z, r, h (GRU). Where Keras has one bias it is bias_ih + bias_hh. What Keras does
// not look at: group normalisation as in a checkpoint (normalised = (raw - mean) / sd), attributes that say
// what the network is (network.cell …) and where it is from.
//
// Format: keras/src/legacy/saving/legacy_h5_format.py (load_weights_from_hdf5_group).
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/h5/file.hpp"

#include "formats.hpp"
#include "weights.hpp"

namespace seqsweep::report {
namespace {

constexpr const char* keras_version = "2.13.0";  // whose layout it is; without it Keras expects that of version 1
constexpr h5::ArrayOptions uncompressed{.is_compressed = false};

struct Layer {
  const char* name;
  std::vector<int> gate_order;  // of PyTorch's gates
};

const Layer& layer_of(std::string_view cell) {
  static const std::array catalogue = {
      CatalogueEntry<Layer>{"rnn", "one gate", {"simple_rnn", {0}}},
      CatalogueEntry<Layer>{"lstm", "i, f, g, o, as PyTorch", {"lstm", {0, 1, 2, 3}}},
      CatalogueEntry<Layer>{"gru", "z, r, n of r, z, n", {"gru", {1, 0, 2}}},
  };
  return find_in<Layer>(catalogue, "cell for --to keras", cell).make;
}

struct Array {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

/// The weights of one layer and direction as its Keras cell has them.
std::vector<Array> cell_arrays(const DirectionWeights& weights, const Layer& layer, const std::string& prefix) {
  const std::size_t GH = weights.bias_ih.size();
  const std::size_t D = weights.num_inputs(), H = weights.weight_hh.size() / GH;
  const auto ordered = [&](std::span<const float> packed) { return reordered_gates(packed, layer.gate_order); };
  auto bias = ordered(weights.bias_ih);
  const auto bias_hh = ordered(weights.bias_hh);
  std::vector<std::size_t> bias_shape = {GH};
  if (std::string_view(layer.name) == "gru") {
    bias.insert(bias.end(), bias_hh.begin(), bias_hh.end());
    bias_shape = {2, GH};
  } else {
    for (std::size_t i = 0; i < GH; ++i) bias[i] += bias_hh[i];
  }
  return {{prefix + "/kernel:0", {D, GH}, transposed(ordered(weights.weight_ih), D)},
          {prefix + "/recurrent_kernel:0", {H, GH}, transposed(ordered(weights.weight_hh), H)},
          {prefix + "/bias:0", bias_shape, bias}};
}

/// The arrays of a recurrent layer that Keras calls `name`.
std::vector<Array> recurrent_arrays(const std::vector<DirectionWeights>& directions, const Layer& layer,
                                    const std::string& name) {
  const auto cell = fmt::format("{}_cell", layer.name);
  if (directions.size() == 1) return cell_arrays(directions[0], layer, name + "/" + cell);
  auto arrays = cell_arrays(directions[0], layer, fmt::format("{}/forward_{}/{}", name, layer.name, cell));
  for (auto& array : cell_arrays(directions[1], layer, fmt::format("{}/backward_{}/{}", name, layer.name, cell)))
    arrays.push_back(std::move(array));
  return arrays;
}

std::vector<float> copy(std::span<const float> values) {
  return {values.begin(), values.end()};
}

/// Writes layers in Keras' order.
class WeightsFile {
 public:
  explicit WeightsFile(h5::File& file) : file_(file) {}

  void add(const std::string& layer, const std::vector<Array>& arrays) {
    std::vector<std::string> names;
    file_.create_group("/" + layer);
    for (const auto& array : arrays) {
      names.push_back(array.name);
      const std::string path = "/" + layer + "/" + array.name;
      for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (!file_.exists(path.substr(0, slash))) file_.create_group(path.substr(0, slash));
      file_.write_array<float>(path, array.values, array.shape, uncompressed);
    }
    file_.write_attribute("/" + layer, "weight_names", names);
    layers_.push_back(layer);
  }

  void finish() {
    file_.write_attribute("/", "layer_names", layers_);
    file_.write_attribute("/", "backend", std::string("tensorflow"));
    file_.write_attribute("/", "keras_version", std::string(keras_version));
  }

 private:
  h5::File& file_;
  std::vector<std::string> layers_;
};

void write_layers(const store::Checkpoint& checkpoint, h5::File& file) {
  const auto& spec = checkpoint.network;
  const TrainedWeights weights(checkpoint);
  const auto& layer = layer_of(spec.cell);
  WeightsFile keras(file);
  const auto extent = [](int number) { return static_cast<std::size_t>(number); };
  if (spec.vocabulary > 0)
    keras.add("embedding", {{"embedding/embeddings:0",
                             {extent(spec.vocabulary), extent(spec.embedding_size)},
                             copy(weights.tensor("embedding.weight"))}});
  for (int number = 0; number < spec.num_layers; ++number) {
    std::string name = spec.bidirectional ? "bidirectional" : layer.name;
    if (number > 0) name += fmt::format("_{}", number);
    keras.add(name, recurrent_arrays(weights.layer(number), layer, name));
  }
  const std::size_t width = extent(spec.hidden_size) * (spec.bidirectional ? 2 : 1), K = extent(spec.num_outputs);
  keras.add("dense", {{"dense/kernel:0", {width, K}, transposed(weights.tensor("head.weight"), width)},
                      {"dense/bias:0", {K}, copy(weights.tensor("head.bias"))}});
  keras.finish();
}

void write_beside(const store::Checkpoint& checkpoint, h5::File& file) {
  const auto& spec = checkpoint.network;
  file.write_attribute("/", "network.cell", spec.cell);
  file.write_attribute("/", "network.activation", spec.activation);
  file.write_attribute("/", "network.head",
                       std::string(spec.head == nn::HeadPosition::every_step ? "every_step" : "last_step"));
  file.write_attribute("/", "network.loss", spec.loss);
  for (const auto& [key, text] : provenance(checkpoint)) file.write_attribute("/", key, text);
  const auto write = [&](const std::string& name, const std::vector<float>& values) {
    if (!values.empty()) file.write_array<float>("/normalisation/" + name, values, {values.size()}, uncompressed);
  };
  file.create_group("/normalisation");
  write("feature_mean", checkpoint.feature_mean);
  write("feature_sd", checkpoint.feature_sd);
  write("target_mean", checkpoint.target_mean);
  write("target_sd", checkpoint.target_sd);
}

std::string keras(const store::Checkpoint& checkpoint) {
  auto file = h5::File::create_in_memory();
  write_layers(checkpoint, file);
  write_beside(checkpoint, file);
  return file.image();
}

}  // namespace

const NetworkFormat keras_format{".keras.h5", keras};

}  // namespace seqsweep::report
