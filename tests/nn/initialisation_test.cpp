// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "seqsweep/nn/catalogues.hpp"
#include "seqsweep/nn/reference_network.hpp"

namespace seqsweep::nn {
namespace {

using Tensors = std::map<std::string, std::vector<double>>;

template <class Scalar = double>
Tensors initialised(const NetworkSpec& spec, RandomKey key) {
  const ReferenceNetwork<Scalar> network(spec);
  std::vector<Scalar> parameters(network.layout().size);
  network.initialise(parameters, key);
  Tensors tensors;
  for (const Tensor& tensor : network.layout().tensors) {
    const auto first = parameters.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
    tensors[tensor.name].assign(first, first + static_cast<std::ptrdiff_t>(tensor.size()));
  }
  return tensors;
}

NetworkSpec spec_with(int features, int hidden) {
  return {.num_features = features, .num_outputs = 4, .hidden_size = hidden};
}

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

double variance(const std::vector<double>& values) {
  double sum = 0, square = 0;
  for (const double v : values) sum += v, square += v * v;
  const auto n = static_cast<double>(values.size());
  return square / n - sum / n * (sum / n);
}

/// One [H × H] gate of weight_hh as a function of row and column.
auto gate_of(const std::vector<double>& W_hh, int gate, int H) {
  return [&W_hh, gate, H](int i, int j) { return W_hh[static_cast<std::size_t>((gate * H + i) * H + j)]; };
}

TEST(Initialisation, orthogonal_makes_every_gate_orthogonal_and_no_two_gates_equal) {
  constexpr int H = 24;
  const auto W_hh = initialised(spec_with(3, H), RandomKey(1))["rnn.weight_hh_l0"];
  for (int gate = 0; gate < 4; ++gate) {
    const auto W = gate_of(W_hh, gate, H);
    for (int i = 0; i < H; ++i) {
      for (int j = 0; j < H; ++j) {
        double dot = 0;
        for (int k = 0; k < H; ++k) dot += W(i, k) * W(j, k);
        ASSERT_NEAR(dot, i == j ? 1 : 0, 1e-12);
      }
    }
  }
  EXPECT_NE(gate_of(W_hh, 0, H)(0, 0), gate_of(W_hh, 1, H)(0, 0));
}

// As a QR decomposition leaves them, they would all have a negative first element.
TEST(Initialisation, orthogonal_matrices_are_drawn_with_either_sign) {
  constexpr int H = 5;
  int num_positive = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    const auto W_hh = initialised(spec_with(3, H), RandomKey(seed))["rnn.weight_hh_l0"];
    for (int gate = 0; gate < 4; ++gate) num_positive += gate_of(W_hh, gate, H)(0, 0) > 0;
  }
  EXPECT_NEAR(num_positive, 32, 16);
}

TEST(Initialisation, identity_makes_every_gate_the_identity) {
  NetworkSpec spec = spec_with(3, 5);
  spec.recurrent_init = "identity";
  const auto W_hh = initialised(spec, RandomKey(1))["rnn.weight_hh_l0"];
  for (int gate = 0; gate < 4; ++gate)
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j) EXPECT_EQ(gate_of(W_hh, gate, 5)(i, j), i == j ? 1 : 0);
}

TEST(Initialisation, xavier_uses_fan_in_and_fan_out_of_one_gate) {
  const double bound = std::sqrt(6.0 / (30 + 50));
  const auto W_ih = initialised(spec_with(30, 50), RandomKey(2))["rnn.weight_ih_l0"];
  EXPECT_LE(largest_magnitude(W_ih), bound);
  EXPECT_GT(largest_magnitude(W_ih), 0.99 * bound);
  EXPECT_NEAR(variance(W_ih), bound * bound / 3, 0.05 * bound * bound / 3);
}

TEST(Initialisation, he_has_variance_two_over_fan_in) {
  NetworkSpec spec = spec_with(40, 64);
  spec.initialisation = "he";
  EXPECT_NEAR(variance(initialised(spec, RandomKey(3))["rnn.weight_ih_l0"]), 2.0 / 40, 0.05 * 2 / 40);
}

TEST(Initialisation, uniform_is_bounded_by_the_hidden_size_as_in_pytorch) {
  NetworkSpec spec = spec_with(2, 100);
  spec.initialisation = spec.recurrent_init = "uniform";
  auto tensors = initialised(spec, RandomKey(4));
  for (const char* name : {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "head.weight"}) {
    EXPECT_LE(largest_magnitude(tensors[name]), 0.1) << name;
    EXPECT_GT(largest_magnitude(tensors[name]), 0.095) << name;
  }
}

TEST(Initialisation, biases_are_zero_but_the_forget_gate_of_an_lstm) {
  NetworkSpec spec = spec_with(2, 3);
  spec.forget_bias = 1.5;
  auto tensors = initialised(spec, RandomKey(5));
  EXPECT_EQ(tensors["rnn.bias_ih_l0"], (std::vector<double>{0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(tensors["rnn.bias_hh_l0"], std::vector<double>(12, 0.0));
  EXPECT_EQ(tensors["head.bias"], std::vector<double>(4, 0.0));
  spec.cell = "gru";
  EXPECT_EQ(initialised(spec, RandomKey(5))["rnn.bias_ih_l0"], std::vector<double>(9, 0.0));
}

TEST(Initialisation, adding_a_layer_does_not_change_the_others) {
  NetworkSpec spec = spec_with(3, 6);
  auto one = initialised(spec, RandomKey(6));
  spec.num_layers = 2;
  auto two = initialised(spec, RandomKey(6));
  for (const auto& [name, values] : one) EXPECT_EQ(values, two[name]) << name;
  EXPECT_NE(two["rnn.weight_hh_l0"], two["rnn.weight_hh_l1"]);
  EXPECT_NE(one["rnn.weight_hh_l0"], initialised(spec, RandomKey(7))["rnn.weight_hh_l0"]);
}

TEST(Initialisation, single_precision_is_double_precision_rounded) {
  for (const std::string& initialisation : initialisation_names()) {
    for (const std::string& recurrent_init : recurrent_init_names()) {
      NetworkSpec spec{.vocabulary = 7, .num_outputs = 2, .embedding_size = 3, .hidden_size = 6};
      spec.bidirectional = true;
      spec.initialisation = initialisation;
      spec.recurrent_init = recurrent_init;
      auto in_double = initialised(spec, RandomKey(8));
      for (const auto& [name, values] : initialised<float>(spec, RandomKey(8)))
        for (std::size_t i = 0; i < values.size(); ++i)
          ASSERT_EQ(values[i], static_cast<double>(static_cast<float>(in_double[name][i]))) << name;
    }
  }
}

}  // namespace
}  // namespace seqsweep::nn
