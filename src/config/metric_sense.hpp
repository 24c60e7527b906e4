// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seqsweep/search/study.hpp"

namespace seqsweep::config {

/// Where a metric of this name should go, as everybody reads it: accuracy up, loss down. Upper and lower case, "-",
/// "/",
/// "." and "_", and words around it that change nothing (val_accuracy, test/F1_macro, mean_reward) make no difference.
/// Nothing for a name that is not known, or that says two things (accuracy_loss): nobody guesses then.
[[nodiscard]] std::optional<search::Goal> sense_of(std::string_view metric);

/// "maximized: accuracy, …; minimized: …", for help.
[[nodiscard]] std::string known_senses();

}  // namespace seqsweep::config
