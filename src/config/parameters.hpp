// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ini.hpp"
#include "keys.hpp"

namespace seqsweep::config {

/// Throws ConfigError where a key of [parameters] would hide behind another name that a command is given.
void check_parameter_names(const Entries& entries);

/// Throws ConfigError where a name, a value or their number is more than messages between ranks and a results file can
/// hold: what a config may say works to the end.
void check_sizes(const SweepConfig& config);

/// Decides which parameters {settings} has as texts, all values of one alike: where the number would not be what is
/// written (007, 1.10, nan). Warns of those that look like numbers.
void choose_texts(SweepConfig& config);

/// Searched parameters that the command names nowhere, {settings} and its variable neither: the program may read them
/// there by itself, or a {lr} was forgotten.
[[nodiscard]] std::vector<std::string> unnamed_parameters(const SweepConfig& config);

/// Says what a command does not get by itself, or gets by default.
void remark_on_command(const Entries& entries, SweepConfig& config);

/// Whether this is how the number is written, in decimals or with an exponent, so that the number gives it back: 64,
/// 0.5, 1.0, 1e-3; not 007, 0.50, 10e-4, nan, or an integer beyond 64 bits.
[[nodiscard]] bool is_written_as_number(std::string_view text);

}  // namespace seqsweep::config
