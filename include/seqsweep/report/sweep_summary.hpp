// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/report/gradient_verdict.hpp"
#include "seqsweep/report/pareto_front.hpp"
#include "seqsweep/report/seed_spread.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// One trial as a reader wants to see it.
struct TrialLine {
  TrialId trial;
  search::TrialState state = search::TrialState::running;
  int epochs = 0;                                   ///< trained so far
  int best_epoch = 0;                               ///< 0: nothing measured yet
  double value = store::not_applicable;             ///< the sweep's metric, best so far, in its own sense
  std::vector<double> further;                      ///< the sweep's further metrics, at the best epoch
  store::Scores validation;                         ///< at the best epoch
  store::Scores test;                               ///< at the best epoch
  std::vector<store::Metric> metrics;               ///< at the best epoch, of a command; of the best trial alone
  std::vector<std::optional<search::Value>> point;  ///< by dimension of the header
  std::string message;    ///< why it failed or diverged; else what of a command's output is not counted
  search::Parent parent;  ///< from whose state it went on
};

/// Wall time, from /timing.
struct TimeSpent {
  double working_s = 0;                            ///< [s] during which at least one segment ran
  double rank_s = 0;                               ///< [s] summed over ranks
  double move_share = 0;                           ///< of rank_s: until the ranks of a leg were ready to train
  double data_share = 0;                           ///< of rank_s: gathering batches
  double reduce_share = 0;                         ///< of rank_s: all-reduces
  double first_started_s = store::not_applicable;  ///< [s] since the epoch of Unix
  double last_ended_s = store::not_applicable;     ///< [s] since the epoch of Unix
};

/// How the training of one trial went, for the paragraph on gradients.
struct GradientReport {
  TrialId trial;
  int epoch = 0;  ///< of the measurement
  std::vector<GradientVerdict> layers;
  double clipped_fraction = 0;  ///< of the steps of all its epochs
  double norm_mean = 0;         ///< over the steps of all its epochs
  double norm_max = 0;
};

/// Where a sweep stands: what `status` says, and what a report opens with.
struct SweepSummary {
  store::ResultsHeader header;
  bool is_sealed = false;
  std::map<search::TrialState, int> trials_by_state;
  int num_trials = 0;     ///< begun, replicates and offspring among them
  int num_offspring = 0;  ///< that went on from others
  int num_replicates = 0;
  std::int64_t num_epochs = 0;       ///< trained, all trials
  std::int64_t num_segments = 0;     ///< finished
  std::vector<TrialLine> ranking;    ///< best first; trials without a value last; without replicates
  std::optional<ParetoFront> front;  ///< of a sweep with several objectives
  std::vector<SeedSpread> seed_spreads;
  TimeSpent time;
  std::optional<GradientReport> gradients;  ///< of the best trial

  /// The best trial, or nothing while none has a value.
  [[nodiscard]] const TrialLine* best() const;
  /// Why there is no best one, one clause; empty where there is.
  [[nodiscard]] std::string why_no_best() const;
  /// The command that the trials are; empty where they train networks.
  [[nodiscard]] std::string command() const;
  /// "loss" of "val_loss"; empty for "train_loss" and for a command.
  [[nodiscard]] std::string score_name() const;
};

[[nodiscard]] SweepSummary summarise(const store::Results& results);
/// Adds what the details of the best trial's epochs say, where `results` had none when they were summarised.
void describe_best(SweepSummary& summary, const store::Results& results);

}  // namespace seqsweep::report
