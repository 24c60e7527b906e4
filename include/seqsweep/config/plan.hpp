// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {

/// What a plan needs to know of a data set.
struct DataFacts {
  int num_features = 0;  ///< D; 0 for tokens
  int vocabulary = 0;    ///< 0 for features
  int num_outputs = 1;   ///< K
  nn::HeadPosition head = nn::HeadPosition::last_step;
  std::string loss = "mse";  ///< what model.loss = auto stands for
  double train_sequences = 0, validation_sequences = 0, test_sequences = 0;
  double train_steps = 0, validation_steps = 0, test_steps = 0;  ///< summed over sequences
  std::map<int, double> train_lengths = {};                      ///< how many training sequences have so many steps
  int max_length = 0;                                            ///< [steps] of the longest sequence
  double dataset_bytes = 0;                                      ///< in memory
  bool is_private = false;  ///< every rank holds the data by itself; else the ranks of a node share it
};

/// What a sweep will be at most, told before anything starts (`sweep --dry-run`).
struct Plan {
  struct Dimension {
    std::string name;
    std::string text;  ///< distribution and condition
  };
  std::vector<Dimension> dimensions;
  std::vector<std::string> objectives;  ///< "minimize val_loss"
  std::string sampler, scheduler;
  std::string sampler_description;        ///< what it will do, where its name does not say that
  std::int64_t trials = 0;                ///< no more than there are grid points, where the sampler is grid
  std::optional<std::int64_t> grid_size;  ///< points, where no dimension is continuous
  int logical_workers = 0;
  bool is_concurrency_given = true;  ///< else the number of logical workers follows from that of the trials
  std::string budget;                ///< how far it carries, one sentence; empty: every trial to its end
  int max_epochs = 0;                ///< of one trial
  trial::Fidelity fidelity;
  std::vector<std::string> defaults;  ///< what was chosen where nothing is written, and users may not expect
  std::string command;                ///< the trials are commands: what follows is not known

  std::size_t parameters = 0;        ///< of the largest model
  std::string largest_point;         ///< "model.cell = lstm, model.hidden_size = 256"; empty: all models are alike
  double memory_per_rank_bytes = 0;  ///< of the point that needs most, private data included
  std::string hungriest_point;       ///< the point that needs most
  double shared_data_bytes = 0;      ///< once per node
  double epoch_multiply_adds = 0;    ///< of the costliest point: training with all data, and validation
  double trial_multiply_adds = 0;    ///< of the costliest point, to its last epoch
  bool is_exhaustive = true;         ///< else only the first of very many extreme points were looked at

  [[nodiscard]] double max_trial_epochs() const { return static_cast<double>(trials) * max_epochs; }
  [[nodiscard]] double max_multiply_adds() const { return static_cast<double>(trials) * trial_multiply_adds; }
};

/// Looks at every extreme of the space that matters for size or cost. Throws ConfigError where a network is impossible.
[[nodiscard]] Plan make_plan(const SweepConfig& config, const DataFacts& data);

/// What the epochs from_epoch + 1 … to_epoch of a trial cost: of a network the multiply-adds of training and
/// validation, of a command an epoch each, or the share of it that search.fidelity says.
[[nodiscard]] double segment_cost(const SweepConfig& config, const DataFacts& data, const search::Point& point,
                                  int from_epoch, int to_epoch);

/// Why a point is not to be trained: what of [limits] it exceeds; nothing where it may be.
[[nodiscard]] std::optional<std::string> objection_to(const SweepConfig& config, const DataFacts& data,
                                                      const search::Point& point);

/// Throws ConfigError where a whole point of [start] is beyond [limits]. (Of others the rest is drawn within them.)
void check_first_points(const SweepConfig& config, const DataFacts& data);

/// For people, within 80 columns.
[[nodiscard]] std::string text_of(const Plan& plan);

/// Throws ConfigError where `ranks_on_node` ranks of the largest model cannot fit in the node's memory.
void check_memory(const Plan& plan, double node_memory_bytes, int ranks_on_node);

}  // namespace seqsweep::config
