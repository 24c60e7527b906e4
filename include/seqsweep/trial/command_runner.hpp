// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::trial {

/// Runs the user's own program as the trial (trial.objective = command).
///
/// The program is started once for each segment, without a shell unless asked, in a process group of its own and in the
/// working directory of the run. It learns what to do from placeholders in its command line and from the environment:
///
///   {x}, {parameters.x}, {model.hidden_size} …   values of the trial's point and of constants, by their keys; a key of
///                         [parameters] without its section
///   {trial}, {seed}       number of the trial; a seed for it, from sweep.seed and the trial
///   {from_epoch}, {to_epoch}   train from here (0: from scratch) to there
///   {fidelity}            how much of its data, window or whatever it makes cheap: r_k / R of the rung that it trains
///   to,
///                         in (0, 1]; 1 where search.fidelity = epochs
///   {checkpoint_dir}      a directory of the trial's own, kept between its segments; to resume from
///   {settings}            path of a JSON file with all of the above by name
///   SEQSWEEP_TRIAL, _SEED, _FROM_EPOCH, _TO_EPOCH, _FIDELITY, _CHECKPOINT_DIR, _SETTINGS   the same in the environment
///
/// Each line of its standard output that is a JSON object with the sweep's metric is an epoch: {"epoch": 3, "val_loss":
/// 0.12, …}; without "epoch" it is the one after the last. Epochs count from 1, or from `first_epoch`. The first line
/// of an epoch counts, and its numbers are recorded, the first 24 by name. Epochs up to from_epoch are passed over, so
/// that a program which cannot resume may start over. A program that goes on after to_epoch is ended. It may end
/// earlier, with exit code 0: then the trial is complete. NaN diverges. Any other exit code, a signal, or the timeout
/// makes the trial failed, with the last line that it wrote to standard error; so does an epoch that is no number from
/// the first on, or a metric that is none.
///
/// No line that speaks of the metric is passed over in silence: of a trial that goes well the record's message says
/// what was not counted (a line that is no JSON object, an epoch again with another value, one behind the last).
///
/// Ending a program: SIGTERM to its process group, after `grace_s` SIGKILL. When the sweep itself is stopped, a program
/// that answers SIGTERM with exit code 0 has saved and printed all that it did, and goes on from there; any other
/// segment begins again as it began.
class CommandRunner final : public SegmentRunner {
 public:
  explicit CommandRunner(const Objective& objective) : objective_(objective) {}

  /// The group's leader runs the program; the others wait. Throws ClusterError where no process can be started at all.
  SegmentOutcome run(const SegmentTask& task, Group& group, const SegmentHooks& hooks) override;

 private:
  Objective objective_;
};

/// Throws ConfigError (key trial.command) where the command line cannot be understood: an unknown placeholder, a quote
/// that does not end. `names`: the keys that it may name.
void check_command(const CommandSpec& command, const std::vector<std::string>& names);

/// Of the values that every command is given: trial, seed …
[[nodiscard]] const std::vector<std::string>& names_given_to_commands();
/// The names of the placeholders in the command, in their order.
[[nodiscard]] std::vector<std::string> placeholders_of(const CommandSpec& command);

/// What the name of a metric may take in a results file. [bytes]
constexpr std::size_t longest_metric = 64;

}  // namespace seqsweep::trial
