// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::store {

/// Writes a new sealed file, brings it to the disk, and reads every byte back. Throws StoreError where they differ.
void write_sealed(const std::string& path, const Results& results);

}  // namespace seqsweep::store
