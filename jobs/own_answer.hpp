// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/config/config.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::jobs {

/// Throws ConfigError where a network of the config may read its sequences in both directions, and the data set asks
/// at each step for the input of a later one: it would have read the answers. Looks into the data set's file, so one
/// rank does it.
void refuse_own_answer(const config::SweepConfig& config);

/// The same of a network that was trained elsewhere: a warning.
void warn_of_own_answer(const store::Checkpoint& checkpoint, const std::string& dataset_path);

}  // namespace seqsweep::jobs
