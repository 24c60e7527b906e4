// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::report {

/// How a trained network becomes a file for other tools.
struct NetworkFormat {
  std::string_view ending;  ///< of the file's name, ".onnx"
  /// The whole file, with the best epoch's weights; a function of the checkpoint alone. Throws ConfigError where the
  /// format cannot hold the network.
  std::string (*bytes)(const store::Checkpoint& checkpoint);
};

/// Every format, in the order of the help text.
[[nodiscard]] std::span<const CatalogueEntry<NetworkFormat>> network_export_catalogue();

}  // namespace seqsweep::report
