// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fuzz.hpp"

namespace seqsweep::fuzz {

/// Damages a copy of a whole HDF5 file and returns its path. The next byte of `input` says how; the rest is a list of
/// damages, so that small inputs bite:
///   even: bytes of the file are overwritten (offset of 3 bytes, value), or it is cut short: what disks do. HDF5's
///         checksums are not repaired.
///   odd:  by HDF5's own calls (tests/h5/edits.hpp), so that its checksums are right: what a forger does.
[[nodiscard]] std::string damaged_file(const std::string& name, const std::string& whole, Input& input);

}  // namespace seqsweep::fuzz
