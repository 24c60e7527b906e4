// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "seqsweep/search/study.hpp"

namespace seqsweep::jobs {

/// What `bench search` takes from the command line.
struct SearchBenchOptions {
  std::vector<std::string> functions;
  std::vector<std::string> samplers;
  std::vector<std::string> schedulers;  ///< of searches over recorded curves
  std::vector<int> budgets;             ///< [trials]
  std::vector<int> concurrencies;       ///< trials in flight
  int num_seeds = 50;
};

/// One part of `bench search`: its figures, as JSON and as the text of a table.
struct SearchFigures {
  nlohmann::ordered_json json;
  std::string text;
};

/// Searches on test functions: how near they came to the optimum.
[[nodiscard]] SearchFigures measure_regret(const SearchBenchOptions& options);
/// So many random points of each test function and their values.
[[nodiscard]] SearchFigures random_points(const SearchBenchOptions& options, int num_points);

/// Whole searches over the recorded curves of an exhaustive sweep: epochs of training until a trial is as good as the
/// best 1 % of all points. Throws StoreError where the results file does not hold every point, trained to its end.
[[nodiscard]] SearchFigures measure_epochs(const SearchBenchOptions& options, const std::string& path);
/// How long proposals take, and how many trials without work go through in a second.
[[nodiscard]] SearchFigures measure_speed(const SearchBenchOptions& options);

/// Of figures over seeds; between two of them linear, as numpy.percentile.
struct Quartiles {
  double lower = 0, median = 0, upper = 0;
};
[[nodiscard]] Quartiles quartiles_of(std::vector<double> figures);
/// "0.012 (0.0034–0.056)".
[[nodiscard]] std::string text_of(const Quartiles& quartiles);
[[nodiscard]] nlohmann::ordered_json to_json(const Quartiles& quartiles);

/// What a worker does: what comes of a segment of the trial of this point.
using RunSegment = std::function<search::SegmentResult(const search::Segment&, const search::Point&)>;
/// Runs a study to its end, reporting in the order of virtual time, so that each report is committed at once;
/// `committed` sees it afterwards.
void run_study(search::Study& study, const RunSegment& run,
               const std::function<void(const search::SegmentResult&)>& committed = {});

}  // namespace seqsweep::jobs
