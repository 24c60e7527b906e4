// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace seqsweep {

// Set when the build is configured.
extern const std::string_view program_version;
extern const std::string_view git_revision;     ///< "unknown" outside a checkout
extern const std::string_view instruction_set;  ///< -march of the build: part of what makes the bits

/// Throws ClusterError where this processor lacks the build's instruction set.
void check_processor();

}  // namespace seqsweep
