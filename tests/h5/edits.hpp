// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fuzz/fuzz.hpp"

namespace seqsweep::test {

/// Changes an HDF5 file by HDF5's own calls, so that it stays a whole HDF5 file whose checksums are right: other bytes
/// in data sets and attributes, other types, shapes, chunks and links. `input` says what, byte by byte, up to
/// `most_edits` of them. A change that HDF5 refuses is left out.
void edit_hdf5(const std::string& path, fuzz::Input& input, int most_edits);

/// Has HDF5 give memory back at once, so that the sanitizers see what it does with it.
void keep_no_free_lists();

}  // namespace seqsweep::test
