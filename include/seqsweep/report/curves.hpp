// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// The epochs of one trial, in order; before those of an offspring stand its ancestors'. Both curves are losses where
/// it trained a network; of a command `train` is empty and `validation` the sweep's metric in its own sense.
struct LearningCurve {
  TrialId trial;
  std::vector<int> epochs;
  std::vector<double> train;
  std::vector<double> validation;
};

/// Of every trial that has epochs.
[[nodiscard]] std::map<TrialId, LearningCurve> learning_curves(const store::Results& results);

/// What a learning curve says about the training.
struct CurveVerdict {
  enum class Kind {
    too_short,       ///< less than three epochs
    underfits,       ///< neither loss gets clearly below the floor
    overfits,        ///< validation gets worse while training goes on improving
    unstable,        ///< validation gets worse, and training with it
    still_learning,  ///< better to the end: more epochs would help
    healthy,         ///< validation levelled off and stayed there
  };
  Kind kind = Kind::too_short;
  int from_epoch = 0;  ///< overfits, unstable: the first epoch after the best one
  std::string sentence;
};
[[nodiscard]] std::string_view name_of(CurveVerdict::Kind kind);

/// `goal` is that of `curve.validation`, `floor` the validation loss of the trivial rule (NaN: none).
[[nodiscard]] CurveVerdict judge(const LearningCurve& curve, search::Goal goal, double floor);

/// At most `most` places of a curve that look like all of it: first, last, and the lowest and highest of each stretch
/// between. `most` is at least 4.
[[nodiscard]] std::vector<std::size_t> thinned(std::span<const double> values, std::size_t most);

}  // namespace seqsweep::report
