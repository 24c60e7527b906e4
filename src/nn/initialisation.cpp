// SPDX-License-Identifier: Apache-2.0
#include "nn/initialisation.hpp"

#include <cmath>
#include <string_view>

#include <Eigen/QR>

#include "seqsweep/core/error.hpp"

#include "nn/cells/cell.hpp"

namespace seqsweep::nn {
namespace {

void fill_uniform(Eigen::Ref<Matrix<double>> weights, double bound, RandomStream& stream) {
  for (Index i = 0; i < weights.rows(); ++i)
    for (Index j = 0; j < weights.cols(); ++j) weights(i, j) = bound * (2 * stream.uniform() - 1);
}

void fill_normal(Eigen::Ref<Matrix<double>> weights, double deviation, RandomStream& stream) {
  for (Index i = 0; i < weights.rows(); ++i)
    for (Index j = 0; j < weights.cols(); ++j) weights(i, j) = deviation * stream.normal();
}

/// U(±sqrt(6 / (fan_in + fan_out))): Glorot & Bengio, AISTATS 2010, equation 16.
void xavier(Eigen::Ref<Matrix<double>> weights, int, RandomStream& stream) {
  fill_uniform(weights, std::sqrt(6.0 / static_cast<double>(weights.rows() + weights.cols())), stream);
}

/// N(0, 2 / fan_in): He et al., ICCV 2015, equation 10.
void he(Eigen::Ref<Matrix<double>> weights, int, RandomStream& stream) {
  fill_normal(weights, std::sqrt(2.0 / static_cast<double>(weights.cols())), stream);
}

/// U(±1/sqrt(hidden units)): what PyTorch does.
void uniform(Eigen::Ref<Matrix<double>> weights, int num_hidden, RandomStream& stream) {
  fill_uniform(weights, 1 / std::sqrt(static_cast<double>(num_hidden)), stream);
}

/// A random rotation or reflection, evenly distributed: Saxe, McClelland, Ganguli, ICLR 2014. Its eigenvalues have
/// modulus 1, so a gradient neither vanishes nor explodes by the matrix alone.
void orthogonal(Eigen::Ref<Matrix<double>> weights, int, RandomStream& stream) {
  fill_normal(weights, 1, stream);
  // Eigen sums in blocks that suit the processor's caches unless told, and the bits would differ between processors.
  Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
  const Eigen::HouseholderQR<Matrix<double>> qr(weights);
  // Without the signs of R's diagonal, Q would not be evenly distributed (Mezzadri 2007).
  const Eigen::VectorXd signs = qr.matrixQR().diagonal().unaryExpr([](double r) { return r < 0 ? -1.0 : 1.0; });
  weights = qr.householderQ() * Matrix<double>::Identity(weights.rows(), weights.cols());
  weights = (weights * signs.asDiagonal()).eval();
}

/// The identity: Le, Jaitly, Hinton, "A simple way to initialize recurrent networks of rectified linear units", 2015.
void identity(Eigen::Ref<Matrix<double>> weights, int, RandomStream&) {
  weights.setIdentity();
}

/// Rare tokens are seldom updated; small values keep them from being noise. And one step of Adam of learning rate 0.001
/// is then 1 % of an element, not 0.1 % as it would be for PyTorch's N(0, 1).
constexpr double embedding_deviation = 0.1;

/// FNV-1a, 64 bits.
constexpr std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  return hash;
}

void fill_gates(Matrix<double>& weights, FillWeights fill, int num_hidden, RandomKey key) {
  for (Index gate = 0; gate * num_hidden < weights.rows(); ++gate) {
    RandomStream stream = key.fold(static_cast<std::uint64_t>(gate)).stream();
    fill(weights.middleRows(gate * num_hidden, num_hidden), num_hidden, stream);
  }
}

}  // namespace

std::span<const CatalogueEntry<FillWeights>> initialisation_catalogue() {
  static constexpr CatalogueEntry<FillWeights> catalogue[] = {
      {"xavier", "uniform, by fan in and fan out (Glorot & Bengio 2010)", xavier},
      {"he", "normal, by fan in (He et al. 2015), for ReLU", he},
      {"uniform", "uniform within 1/sqrt(hidden size), as PyTorch", uniform},
  };
  return catalogue;
}

std::span<const CatalogueEntry<FillWeights>> recurrent_init_catalogue() {
  static constexpr CatalogueEntry<FillWeights> catalogue[] = {
      {"orthogonal", "random orthogonal matrix per gate (Saxe et al. 2014)", orthogonal},
      {"identity", "identity matrix per gate (Le et al. 2015), for ReLU", identity},
      {"xavier", "uniform, by fan in and fan out (Glorot & Bengio 2010)", xavier},
      {"uniform", "uniform within 1/sqrt(hidden size), as PyTorch", uniform},
  };
  return catalogue;
}

Matrix<double> initial_values(const NetworkSpec& spec, const Tensor& tensor, int forget_gate, RandomKey key) {
  const std::string_view name = tensor.name;
  const RandomKey tensor_key = key.fold(Purpose::initialisation).fold(hash_of(name));
  const int H = spec.hidden_size;
  Matrix<double> values = Matrix<double>::Zero(tensor.rows, tensor.columns);
  if (name.starts_with("rnn.weight_hh")) {
    const auto& entry = find_in(recurrent_init_catalogue(), "recurrent_init", spec.recurrent_init);
    fill_gates(values, entry.make, H, tensor_key);
  } else if (name.starts_with("rnn.weight_ih")) {
    const auto& entry = find_in(initialisation_catalogue(), "initialisation", spec.initialisation);
    fill_gates(values, entry.make, H, tensor_key);
  } else if (name.starts_with("rnn.bias_ih") && forget_gate >= 0) {
    values.middleRows(forget_gate * H, H).setConstant(spec.forget_bias);
  } else if (name == "head.weight") {
    RandomStream stream = tensor_key.stream();
    find_in(initialisation_catalogue(), "initialisation", spec.initialisation).make(values, tensor.columns, stream);
  } else if (name == "embedding.weight") {
    RandomStream stream = tensor_key.stream();
    fill_normal(values, embedding_deviation, stream);
  }
  return values;
}

template <class Scalar>
void initialise_parameters(const NetworkSpec& spec, const ParameterLayout& layout, RandomKey key,
                           std::span<Scalar> parameters) {
  SEQSWEEP_EXPECT(parameters.size() == layout.size, "the parameter block does not fit the network");
  const int forget_gate = make_cell<float>(spec)->forget_gate();
  for (const Tensor& tensor : layout.tensors) {
    const Matrix<double> values = initial_values(spec, tensor, forget_gate, key);
    View<Scalar>(parameters.data() + tensor.offset, tensor.rows, tensor.columns) = values.template cast<Scalar>();
  }
}

template void initialise_parameters(const NetworkSpec&, const ParameterLayout&, RandomKey, std::span<float>);
template void initialise_parameters(const NetworkSpec&, const ParameterLayout&, RandomKey, std::span<double>);

}  // namespace seqsweep::nn
