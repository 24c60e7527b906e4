// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/catalogues.hpp"

#include "nn/activations.hpp"
#include "nn/cells/cell.hpp"
#include "nn/initialisation.hpp"
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {

std::vector<std::string> cell_names() {
  return names_of(cell_catalogue<float>());
}
std::vector<std::string> activation_names() {
  return names_of(activation_catalogue<float>());
}
std::vector<std::string> loss_names() {
  return names_of(loss_catalogue<float>());
}
std::vector<std::string> initialisation_names() {
  return names_of(initialisation_catalogue());
}
std::vector<std::string> recurrent_init_names() {
  return names_of(recurrent_init_catalogue());
}

}  // namespace seqsweep::nn
