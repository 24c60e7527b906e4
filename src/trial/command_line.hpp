// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "seqsweep/trial/settings.hpp"

namespace seqsweep::trial {

/// What stands for a placeholder, by its name.
using Substitutions = std::map<std::string, std::string>;

/// The names of all placeholders, {name}, in order. "{{" and "}}" are braces; ${name} and what else stands between
/// braces is text. Throws ConfigError (key trial.command) where a quote does not end.
[[nodiscard]] std::vector<std::string> placeholders_in(const CommandSpec& command);

/// The arguments to start: words as a shell would cut them ('…', "…" and \ quote), placeholders filled in. A word with
/// a placeholder that stands for nothing (its dimension does not exist in this point) is left out. For a shell:
/// /bin/sh -c and the text, values quoted.
[[nodiscard]] std::vector<std::string> arguments_of(const CommandSpec& command, const Substitutions& values);

}  // namespace seqsweep::trial
