// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "formats.hpp"

namespace seqsweep::report {

std::span<const CatalogueEntry<NetworkFormat>> network_export_catalogue() {
  static const std::array catalogue = {
      CatalogueEntry<NetworkFormat>{"onnx", "the whole network, from raw inputs to what predict gives", onnx_format},
      CatalogueEntry<NetworkFormat>{"torch", "weights and normalisation, a state_dict for torch.load", torch_format},
      CatalogueEntry<NetworkFormat>{"keras", "weights for load_weights of Keras, normalisation beside", keras_format},
  };
  return catalogue;
}

}  // namespace seqsweep::report
