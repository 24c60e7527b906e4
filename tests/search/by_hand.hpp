// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>
#include <vector>

#include "seqsweep/search/study.hpp"

// Small sweeps whose results are written down, so that what follows can be worked out on paper.
namespace seqsweep::search {

/// The value of each trial, by number, in the user's sense; infinite: it diverges.
using Values = std::vector<double>;

/// Runs a study to its end, first decided first reported. The last value is that of all later trials, too.
void run_with(Study& study, const Values& values);

/// A sweep over x in [0, 1], proposed at random, with 2.5 multiply-adds an epoch, run with these values.
[[nodiscard]] Study swept(const StudyOptions& options, const Values& values);

/// (trial, from_epoch, to_epoch) of each decision.
using Trained = std::tuple<int, int, int>;
[[nodiscard]] std::vector<Trained> trained_by_study(const Study& study);

/// The same results in the sense of the other goal.
[[nodiscard]] Values negated(Values values);

}  // namespace seqsweep::search
