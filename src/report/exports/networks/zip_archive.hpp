// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seqsweep::report {

struct ZipEntry {
  std::string name;
  std::string_view content;
};

/// A zip archive of these entries in this order, not compressed. The same entries give the same bytes.
[[nodiscard]] std::string zip_archive(std::span<const ZipEntry> entries);

}  // namespace seqsweep::report
