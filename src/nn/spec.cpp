// SPDX-License-Identifier: Apache-2.0
#include "nn/spec.hpp"

#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "nn/activations.hpp"
#include "nn/cells/cell.hpp"
#include "nn/initialisation.hpp"
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {
namespace {

void check_at_least_one(std::string_view key, int value) {
  if (value < 1)
    throw ConfigError(fmt::format("{} is {}, and a network cannot be that small; choose 1 or more", key, value), {},
                      std::string(key));
}

void check_names(const NetworkSpec& spec) {
  std::ignore = find_in(cell_catalogue<float>(), "cell", spec.cell);
  std::ignore = find_in(activation_catalogue<float>(), "activation", spec.activation);
  std::ignore = find_in(loss_catalogue<float>(), "loss", spec.loss);
  std::ignore = find_in(initialisation_catalogue(), "initialisation", spec.initialisation);
  std::ignore = find_in(recurrent_init_catalogue(), "recurrent_init", spec.recurrent_init);
}

}  // namespace

void check_spec(const NetworkSpec& spec) {
  check_names(spec);
  if ((spec.num_features > 0) == (spec.vocabulary > 0))
    throw ConfigError(
        fmt::format("the data set has {} features and a vocabulary of {}; a network reads either "
                    "features or tokens, so exactly one of them must be positive",
                    spec.num_features, spec.vocabulary));
  if (spec.vocabulary > 0) check_at_least_one("model.embedding_size", spec.embedding_size);
  check_at_least_one("model.hidden_size", spec.hidden_size);
  check_at_least_one("model.num_layers", spec.num_layers);
  check_at_least_one("num_outputs", spec.num_outputs);
  if (!(spec.dropout >= 0 && spec.dropout < 1))
    throw ConfigError(fmt::format("model.dropout is {}, and a probability of dropping is at least 0 and below 1; "
                                  "choose one, 0 for none",
                                  spec.dropout),
                      {}, "model.dropout");
}

}  // namespace seqsweep::nn
