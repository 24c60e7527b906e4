// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/data/dataset.hpp"

namespace seqsweep::fuzz {

/// Describes the data set, loads it, and gathers its sequences as training does.
void use(const std::string& path, const data::LoadOptions& options);

}  // namespace seqsweep::fuzz
