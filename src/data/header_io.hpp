// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/h5/file.hpp"

namespace seqsweep::data {

/// Writes attributes and the small tables; the bulk arrays are not touched.
void write_header(h5::File& file, const DatasetHeader& header);
/// Reads and checks them. Throws DataError with `path`.
[[nodiscard]] DatasetHeader read_header(const h5::File& file, const std::string& path);

/// Opens a data set file for reading; DataError where it is missing or something else.
[[nodiscard]] h5::File open_dataset_file(const std::string& path);

/// Fingerprints of the three bulk arrays, in this order: sequences, steps, targets.
struct ContentFingerprints {
  std::string sequences, steps, targets;
};
/// The fingerprint of a data set: of its arrays and of all of the header that gives them meaning.
[[nodiscard]] std::string fingerprint_of(const DatasetHeader& header, const ContentFingerprints& content);

/// Throws DataError where shape, names and statistics of a header do not fit together.
void check_header(const DatasetHeader& header, const std::string& path);

[[nodiscard]] std::string_view name_of(TargetKind kind);
[[nodiscard]] std::string_view name_of(TargetPosition position);

/// At most schema::name_bytes of `text`; names that begin alike stay apart (core/shortened.hpp).
[[nodiscard]] std::string cut_name(std::string_view text);

}  // namespace seqsweep::data
