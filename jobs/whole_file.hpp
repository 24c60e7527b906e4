// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seqsweep::jobs {

/// Writes a file at once: who reads it meanwhile finds the old one or the new one, never half of one. Throws Error
/// (bad_file).
void write_whole_file(const std::string& path, const std::string& text);

}  // namespace seqsweep::jobs
