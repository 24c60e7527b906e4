// SPDX-License-Identifier: Apache-2.0
#include "nn/cells/cell.hpp"

namespace seqsweep::nn {

template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_rnn(const NetworkSpec& spec);
template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_lstm(const NetworkSpec& spec);
template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_gru(const NetworkSpec& spec);

template <class Scalar>
std::span<const CatalogueEntry<MakeCell<Scalar>>> cell_catalogue() {
  static constexpr CatalogueEntry<MakeCell<Scalar>> catalogue[] = {
      {"rnn", "simple recurrent network (Elman 1990)", make_rnn<Scalar>},
      {"lstm", "long short-term memory (Hochreiter & Schmidhuber 1997; Gers et al. 2000)", make_lstm<Scalar>},
      {"gru", "gated recurrent unit (Cho et al. 2014)", make_gru<Scalar>},
  };
  return catalogue;
}

template std::span<const CatalogueEntry<MakeCell<float>>> cell_catalogue<float>();
template std::span<const CatalogueEntry<MakeCell<double>>> cell_catalogue<double>();

}  // namespace seqsweep::nn
