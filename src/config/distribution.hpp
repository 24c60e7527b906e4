// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/search/space.hpp"

#include "keys.hpp"

namespace seqsweep::config {

// What may stand in place of a value:
//
//   value     = NAME '(' WORD { ',' WORD } ')' [ 'if' condition ]
//   condition = WORD '==' WORD  |  WORD 'in' '(' WORD { ',' WORD } ')'

struct Word {
  std::string text;
  int column = 0;  ///< in the line, from 1
};

struct ConditionSyntax {
  Word key;
  std::vector<Word> values;
};

struct DistributionSyntax {
  Word name;
  std::vector<Word> arguments;
  std::optional<ConditionSyntax> condition;
};

/// Whether the text is meant to be a distribution, rightly written or not.
[[nodiscard]] bool is_distribution(std::string_view value);

/// `column` is that of the value's first character. Throws ConfigError without a place, with the column in its text.
[[nodiscard]] DistributionSyntax parse_distribution(std::string_view value, int column);

/// The distribution that the syntax stands for, if it suits the key: kind, range, known names.
[[nodiscard]] search::Distribution make_distribution(const Key& key, const DistributionSyntax& syntax);

/// "uniform(a, b[, step])" … of every distribution, for help and errors.
[[nodiscard]] std::vector<std::string> distribution_usages();

}  // namespace seqsweep::config
