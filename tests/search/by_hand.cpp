// SPDX-License-Identifier: Apache-2.0
#include "by_hand.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace seqsweep::search {

void run_with(Study& study, const Values& values) {
  const auto begun = study.begin();
  for (std::deque<Segment> queue(begun.begin(), begun.end()); !queue.empty(); queue.pop_front()) {
    const auto& segment = queue.front();
    const auto number = std::min(static_cast<std::size_t>(segment.trial.value), values.size() - 1);
    const auto ending = std::isfinite(values[number]) ? Ending::reached : Ending::diverged;
    const SegmentResult result{segment.trial, segment.from_epoch, segment.to_epoch,
                               ending,        segment.to_epoch,   values[number]};
    for (auto& next : study.report(result)) queue.push_back(std::move(next));
  }
}

Study swept(const StudyOptions& options, const Values& values) {
  constexpr double multiply_adds_an_epoch = 2.5;
  Study study(options, SearchSpace({{"x", Uniform{0, 1}, {}}}), [](const Point&) { return multiply_adds_an_epoch; });
  run_with(study, values);
  return study;
}

std::vector<Trained> trained_by_study(const Study& study) {
  std::vector<Trained> trained;
  for (const auto& segment : study.decisions())
    trained.emplace_back(segment.trial.value, segment.from_epoch, segment.to_epoch);
  return trained;
}

Values negated(Values values) {
  for (double& value : values)
    if (std::isfinite(value)) value = -value;
  return values;
}

}  // namespace seqsweep::search
