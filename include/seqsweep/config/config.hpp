// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/search/study.hpp"
#include "seqsweep/trial/settings.hpp"

namespace seqsweep::config {

/// Where and how fast a sweep runs: never a part of its results.
struct Placement {
  std::string data_path;
  std::size_t data_memory_limit_bytes = 0;  ///< 0: half of the node's memory
  double time_limit_s = 0;                  ///< 0: none
  int ranks_per_trial = 0;                  ///< a power of two; 0: as it pays
  std::string policy = "elastic";           ///< which ranks train which trial
  double lost_after_s = 30;                 ///< [s] of silence after which a rank is taken for lost; 0: never
  double checkpoint_interval_s = 60;        ///< [s] between checkpoints inside a segment
  int keep_checkpoints = 100;               ///< of trials that have ended, those of the best; 0: all
  std::size_t checkpoint_space_bytes = 0;   ///< of all checkpoints; 0: no bound
  std::string isa = "auto";                 ///< vector instructions of the kernels
};

/// What a point must keep to be trained. 0: no limit.
struct PointLimits {
  std::int64_t parameters = 0;
  std::uint64_t memory_bytes = 0;  ///< of a rank, data set apart
  double epoch_multiply_adds = 0;
};

/// A sweep, read and checked: what makes its results, and where it runs.
struct SweepConfig {
  search::StudyOptions study;
  std::vector<std::string> metrics = {"val_loss"};             ///< of sweep.metric: `objective` has them, too
  std::vector<search::Goal> goals = {search::Goal::minimize};  ///< one for each metric: `study` has them, too
  bool is_concurrency_given = false;                           ///< else it follows from `trials`
  search::SearchSpace space;
  trial::Objective objective;
  PointLimits limits;
  std::map<std::string, std::string> first_points;  ///< of [start], as written; `study` has them read
  std::string warm_start;                           ///< an earlier results file to learn from; empty: none
  std::set<std::string> written;                    ///< keys that stand in the file or on the command line
  trial::TrialSettings base;                        ///< settings that are constant; dimensions hold their defaults here
  Placement placement;
  std::string path;                   ///< of the config file, for messages
  std::vector<std::string> warnings;  ///< what a user should know of a config that is accepted, a line each
  std::vector<std::string> defaults;  ///< what was chosen where nothing is written, and users may not expect

  [[nodiscard]] bool is_command() const { return base.objective == "command"; }
  /// Every definition key in canonical text: constants and distributions, defaults included. (The data set's
  /// fingerprint is added by whoever knows the data set.)
  [[nodiscard]] std::map<std::string, std::string> definition() const;
};

/// Reads an INI file; `overrides` are "section.key=value" texts from the command line, which win. Checks everything
/// that can be checked without the data set. Throws ConfigError with file:line (or "command line"), key, why, known
/// names.
[[nodiscard]] SweepConfig read_config(const std::string& path, std::span<const std::string> overrides);

/// The settings of the trial at a point of the config's space. Throws ConfigError where they make no sense together.
[[nodiscard]] trial::TrialSettings settings_at(const SweepConfig& config, const search::Point& point);

/// One config key: help, checks and completion all come from the table of these.
struct KeyDescription {
  std::string name;           ///< "train.learning_rate"
  std::string type;           ///< "real", "integer", "one of …", "duration", "size", "path", "yes/no"
  std::string default_value;  ///< as written
  std::string unit;
  std::string help;
  bool is_placement = false;
  bool may_be_searched = false;
};
[[nodiscard]] std::vector<KeyDescription> keys();

/// The config reference for --help, 80 columns or `width`.
[[nodiscard]] std::string config_help(int width = 100);

}  // namespace seqsweep::config
