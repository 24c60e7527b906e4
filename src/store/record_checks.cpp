// SPDX-License-Identifier: Apache-2.0
#include "record_checks.hpp"

#include <cmath>

namespace seqsweep::store {
namespace {

[[noreturn]] void refuse(TrialId trial, const std::string& what, const std::string& path) {
  throw StoreError(fmt::format("trial {} {}; the file is damaged", trial.value, what), path);
}

void check_trial(TrialId trial, const std::string& path) {
  if (trial.value < 0 || trial.value >= most_trials) refuse(trial, "is the number of no trial", path);
}

void check_epoch(TrialId trial, int epoch, int first, const std::string& path) {
  if (epoch < first || epoch > most_epochs) refuse(trial, fmt::format("has a record of epoch {}", epoch), path);
}

template <class Segment>
void check_segment(const Segment& s, const std::string& path) {
  check_trial(s.trial, path);
  if (s.from_epoch < 0 || s.to_epoch <= s.from_epoch || s.to_epoch > most_epochs)
    refuse(s.trial, fmt::format("has a segment from epoch {} to {}", s.from_epoch, s.to_epoch), path);
}

}  // namespace

void check_records(const Results& results, std::span<const TrialRow> trials, const std::string& path) {
  for (const auto& row : trials) {
    check_trial(row.trial, path);
    const auto parent = row.parent.trial.value;
    if (parent < -1 || parent >= row.trial.value) refuse(row.trial, fmt::format("comes from trial {}", parent), path);
  }
  for (const auto& decision : results.decisions) check_segment(decision, path);
  for (const auto& segment : results.segments) {
    check_segment(segment, path);
    check_epoch(segment.trial, segment.last_epoch, 0, path);
    check_epoch(segment.trial, segment.best_epoch, 0, path);
  }
  for (const auto& epoch : results.epochs) {
    check_trial(epoch.trial, path);
    check_epoch(epoch.trial, epoch.epoch, 1, path);
  }
  for (const auto& leg : results.timing) {
    check_trial(leg.trial, path);
    if (!std::isfinite(leg.started_s) || !std::isfinite(leg.seconds)) refuse(leg.trial, "ran at no time", path);
  }
}

}  // namespace seqsweep::store
