// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/h5/file.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::store {

/// Writes what kind of file it is. `kind` is results_kind or checkpoint_kind.
void write_kind(h5::File& file, const char* kind);
/// Throws StoreError where it is a file of another kind or format version.
void check_kind(const h5::File& file, const char* kind);

/// The root attributes of a results file and /dimensions.
void write_header(h5::File& file, const ResultsHeader& header, bool is_sealed);
[[nodiscard]] ResultsHeader read_header(const h5::File& file);
[[nodiscard]] bool is_sealed(const h5::File& file);

}  // namespace seqsweep::store
