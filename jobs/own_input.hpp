// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace seqsweep::jobs {

/// Throws ConfigError where a job would write over what it reads: where `output`, or a name that the file has until it
/// is whole, is one of the inputs, by whatever path, symbolic or hard link. No --force allows that. Empty names stand
/// for no file.
void refuse_own_input(const std::string& output, std::span<const std::string> inputs);

/// Throws ConfigError where two outputs of a job are one file.
void refuse_same_output(const std::string& first, const std::string& second);

}  // namespace seqsweep::jobs
