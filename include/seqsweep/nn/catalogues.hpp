// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace seqsweep::nn {

// Names for help texts and config checks, each in the order of its catalogue.
[[nodiscard]] std::vector<std::string> cell_names();
[[nodiscard]] std::vector<std::string> activation_names();
[[nodiscard]] std::vector<std::string> loss_names();
[[nodiscard]] std::vector<std::string> initialisation_names();
[[nodiscard]] std::vector<std::string> recurrent_init_names();

}  // namespace seqsweep::nn
