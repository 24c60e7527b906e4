// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/search/study.hpp"

namespace seqsweep::store {

constexpr double not_applicable = std::numeric_limits<double>::quiet_NaN();

/// The scores of one split of the data set under some weights. What does not apply to the task is NaN.
struct Scores {
  double loss = not_applicable;      ///< mean loss, of normalised targets
  double accuracy = not_applicable;  ///< share of scored rows (or keys) that are right
  double mae = not_applicable;       ///< mean absolute error, in the target's own unit
  double rmse = not_applicable;      ///< root mean squared error, in the target's own unit
  double r2 = not_applicable;        ///< 1 - residual / total sum of squares

  /// loss, accuracy, mae, rmse or r2.
  [[nodiscard]] static bool is_score(const std::string& name);
  /// One of them by name; throws ContractViolation for others.
  [[nodiscard]] double by_name(const std::string& name) const;
};

/// A number that a command printed.
struct Metric {
  std::string name;
  double value = not_applicable;
};

/// What one epoch of one trial came to. A pure function of the definition.
struct EpochRecord {
  TrialId trial;
  int epoch = 0;                       ///< 1-based: after so many epochs
  double value = not_applicable;       ///< sweep.metric of this epoch
  double train_loss = not_applicable;  ///< mean over the epoch's batches, dropout on, without penalties
  Scores validation;
  double learning_rate = not_applicable;
  double gradient_norm_mean = not_applicable;  ///< before clipping, over the epoch's steps
  double gradient_norm_max = not_applicable;
  double clipped_fraction = not_applicable;        ///< of steps
  std::vector<nn::GradientFlowBin> gradient_flow;  ///< measured once at the end of the epoch
  std::vector<Metric> metrics;                     ///< all that a command printed, by name
};

/// What a sweep measures trials by besides its metric, where it has several objectives.
struct FurtherMetric {
  std::string name;
  search::Goal goal = search::Goal::minimize;
  bool operator==(const FurtherMetric&) const = default;
};

/// What one segment of one trial came to. A pure function of the definition.
struct SegmentRecord {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;    ///< as decided
  int last_epoch = 0;  ///< where training stood when it ended
  search::Ending ending = search::Ending::reached;
  double value = 0;    ///< sweep.metric, best so far
  int best_epoch = 0;  ///< the epoch of that value; its weights are kept
  std::vector<double>
      further;          ///< the sweep's further metrics, in their order, at that epoch; empty: no epoch, or none
  Scores test;          ///< of the best epoch's weights on the test split; never used to choose
  std::string message;  ///< failed or diverged: why, one line
};

/// Where and when a leg of a segment ran: what one team of ranks trained of it without change. No part of the promise.
struct TimingRecord {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  int num_ranks = 1;
  int first_rank = 0;      ///< the leader
  std::string host;        ///< of the leader
  std::string ranks;       ///< all of them, in the order of the team: "4,5,0,1"
  std::int64_t steps = 0;  ///< of the optimizer
  double started_s = 0;    ///< [s] since the epoch of Unix
  double seconds = 0;      ///< [s] wall time, all told
  double move_s = 0;       ///< [s] of it, until the ranks were ready to train: loading, or taking over the state
  double data_s = 0;       ///< [s] of it, gathering batches
  double reduce_s = 0;     ///< [s] of it, in all-reduces
};

/// Ranks that train a segment together now.
struct LiveTeam {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  double epochs = 0;  ///< that the trial has behind it, with the part of the current one
  int num_ranks = 1;
  std::string ranks;   ///< as in TimingRecord
  double seconds = 0;  ///< [s] since these ranks began
};

/// Who works on what at the moment. For those who look at a running sweep; no part of the promise.
struct LiveState {
  double written_s = 0;  ///< [s] since the epoch of Unix
  double started_s = 0;  ///< [s] since the epoch of Unix: when this run of the sweep began
  int num_ranks = 0;     ///< that train, or could
  int num_idle = 0;
  int num_lost = 0;
  int num_waiting = 0;      ///< segments that are decided and wait for ranks
  int silent_rank = -1;     ///< the one not heard of for longest, if that is suspicious
  double silent_s = 0;      ///< [s] how long
  std::string stop_reason;  ///< why the run stops, or stopped; empty: it goes on
  std::vector<LiveTeam> teams;
};

}  // namespace seqsweep::store
