// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/nn/spec.hpp"

namespace seqsweep::nn {

/// Throws ConfigError for unknown names and impossible sizes.
void check_spec(const NetworkSpec& spec);

}  // namespace seqsweep::nn
