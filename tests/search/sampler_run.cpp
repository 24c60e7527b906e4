// SPDX-License-Identifier: Apache-2.0
#include "sampler_run.hpp"

#include <cmath>
#include <deque>
#include <limits>

namespace seqsweep::search {

std::vector<Tried> tried_by(const SamplerRun& run, const SearchSpace& space, const Objective& objective) {
  StudyOptions options;
  options.seed = run.seed;
  options.ends.trials = run.num_trials;
  options.concurrency = run.num_in_flight;
  options.sampler = run.sampler;
  options.scheduler = {.name = "none", .max_epochs = 1};
  Study study(options, space, [](const Point&) { return 1.0; });
  std::vector<Tried> tried;
  const auto begun = study.begin();
  for (std::deque<Segment> queue(begun.begin(), begun.end()); !queue.empty(); queue.pop_front()) {
    const auto trial = queue.front().trial;
    const auto& point = study.trials()[static_cast<std::size_t>(trial.value)].point;
    const double value = objective(point);
    tried.push_back({point, value});
    const auto ending = std::isfinite(value) ? Ending::reached : Ending::diverged;
    for (auto& segment : study.report({trial, 0, 1, ending, 1, value})) queue.push_back(std::move(segment));
  }
  return tried;
}

double best_of(const std::vector<Tried>& tried) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [point, value] : tried) best = std::fmin(best, value);
  return best;
}

SearchSpace unit_box(int num_dimensions) {
  std::vector<Dimension> dimensions;
  for (int d = 0; d < num_dimensions; ++d) dimensions.push_back({"x" + std::to_string(d + 1), Uniform{0, 1}, {}});
  return SearchSpace(std::move(dimensions));
}

std::vector<double> numbers_of(const Point& point) {
  std::vector<double> numbers;
  for (const auto& value : point.values) numbers.push_back(std::get<double>(*value));
  return numbers;
}

}  // namespace seqsweep::search
