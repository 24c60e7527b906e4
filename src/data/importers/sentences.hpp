// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seqsweep/data/options.hpp"

namespace seqsweep::data::importers {

/// A line "sentence TAB label" of a file.
struct Sentence {
  std::string text, label;
  std::string path;
  std::int64_t line = 0;
  bool is_test = false;  ///< by --test-every
};

/// The labelled sentences of the files, one a line, by --label, --header and --test-every. A first line that looks like
/// a header is refused unless --header says what it is: taken for a sentence, its label would become a class.
[[nodiscard]] std::vector<Sentence> read_sentences(const std::vector<std::string>& files, const Options& given);

}  // namespace seqsweep::data::importers
