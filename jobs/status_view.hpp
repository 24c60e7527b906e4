// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/report/activity.hpp"
#include "seqsweep/report/ledger.hpp"
#include "seqsweep/report/progress.hpp"
#include "seqsweep/report/sweep_summary.hpp"
#include "seqsweep/search/reach.hpp"

namespace seqsweep::jobs {

/// How the best value came down (or up), by epochs trained in all trials.
struct BestSoFar {
  std::vector<report::Measured> improvements;
  std::int64_t num_epochs = 0;
  /// At so many moments, evenly spread over the epochs; NaN before the first value.
  [[nodiscard]] std::vector<double> sampled(std::size_t count) const;
};
[[nodiscard]] BestSoFar best_so_far(const store::Results& results);

/// All that `status` shows of a results file.
struct Status {
  report::SweepSummary summary;
  report::Activity activity;
  std::optional<store::LiveState> live;
  report::Ledger ledger;
  BestSoFar best_so_far;
  search::Reach reach;
  std::map<TrialId, std::vector<double>> curves;  ///< the sweep's metric by epoch, of the trials that are shown

  /// The best `num_best`; with several metrics those of the front.
  [[nodiscard]] std::vector<const report::TrialLine*> trials_to_show(std::size_t num_best) const;
  [[nodiscard]] std::size_t num_trials_to_show() const;  ///< that there are
};

/// What there is to know besides the results.
struct StatusContext {
  std::size_t num_best = 10;
  std::optional<store::WriterProcess> writer;
  double now_s = 0;  ///< [s] since the epoch of Unix
};
[[nodiscard]] Status status_of(const store::Results& results, const StatusContext& context);
/// Of a file, of which no more is read than is shown.
[[nodiscard]] Status read_status(const std::string& path, std::size_t num_best);

}  // namespace seqsweep::jobs
