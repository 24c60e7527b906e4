// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/search/pareto.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

enum class TrialState {
  running,    ///< a segment is decided and not yet committed
  paused,     ///< waits at a rung; may be promoted
  completed,  ///< reached its last epoch, or stopped improving
  stopped,    ///< ended early by the scheduler
  diverged,   ///< loss or gradient became NaN or infinite
  failed,     ///< its training reported an error
};
[[nodiscard]] std::string_view name_of(TrialState state);

enum class Goal { minimize, maximize };
[[nodiscard]] constexpr std::string_view name_of(Goal goal) {
  return goal == Goal::maximize ? "maximize" : "minimize";
}

/// The same number in the other sense, both ways: as the user has it, and as samplers and schedulers have it, to be
/// minimised.
[[nodiscard]] constexpr double turned(Goal goal, double value) {
  return goal == Goal::maximize ? -value : value;
}

/// The objective of a trial when it had trained for `epoch` epochs: its best so far. Always to be minimised:
/// the Study turns the sign where the goal is to maximise.
struct Measurement {
  int epoch = 0;
  double value = std::numeric_limits<double>::infinity();
};

/// The trial from which another one comes, and after how many of its epochs.
struct Parent {
  TrialId trial = {};  ///< none: it comes from no other
  int epoch = 0;
  TrialId replaced = {};  ///< in whose place it trains (population-based training); not recorded
  bool operator==(const Parent& other) const { return trial == other.trial && epoch == other.epoch; }
};

/// What the search knows of a trial at some virtual time. Samplers and schedulers see nothing else.
struct TrialRecord {
  TrialId id;
  Point point;
  TrialState state = TrialState::running;
  /// One per committed segment, epochs never falling; ends in infinity if the trial diverged or failed.
  std::vector<Measurement> curve;
  std::string reason;  ///< why it is in this state, one phrase for `explain`
  /// As of the last measurement; the first is its value. Empty while nothing is measured.
  Objectives objectives = {};
  /// Where its training began, if not at epoch 0 with random weights of its own.
  Parent parent = {};

  /// It trains the point of `parent.trial` once more, with other random numbers.
  [[nodiscard]] bool is_replicate() const { return parent.trial != TrialId{} && parent.epoch == 0; }
  /// It went on from the state of `parent.trial`, with an explored point.
  [[nodiscard]] bool is_offspring() const { return parent.trial != TrialId{} && parent.epoch > 0; }
  /// How far it was trained, as committed.
  [[nodiscard]] int epochs() const { return curve.empty() ? parent.epoch : curve.back().epoch; }
  /// +infinity while nothing is known and for diverged and failed trials.
  [[nodiscard]] double value() const;
};

}  // namespace seqsweep::search
