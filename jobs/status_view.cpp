// SPDX-License-Identifier: Apache-2.0
#include "status_view.hpp"

#include <algorithm>
#include <chrono>

#include "recorded_reach.hpp"

namespace seqsweep::jobs {

using report::TrialLine;

std::vector<double> BestSoFar::sampled(std::size_t count) const {
  std::vector<double> values;
  auto next = improvements.begin();
  double best = store::not_applicable;
  for (std::size_t i = 1; i <= count; ++i) {
    const double until = static_cast<double>(num_epochs) * static_cast<double>(i) / static_cast<double>(count);
    for (; next != improvements.end() && static_cast<double>(next->num_epochs) <= until; ++next) best = next->value;
    values.push_back(best);
  }
  return values;
}

BestSoFar best_so_far(const store::Results& results) {
  const auto measured = report::measured_in_order(results);
  BestSoFar best;
  for (const auto place : report::improvements(measured, results.header.goal))
    best.improvements.push_back(measured[place]);
  if (!measured.empty()) best.num_epochs = measured.back().num_epochs;
  return best;
}

std::size_t Status::num_trials_to_show() const {
  return summary.front ? summary.front->places.size() : summary.ranking.size();
}

std::vector<const TrialLine*> Status::trials_to_show(std::size_t num_best) const {
  std::vector<const TrialLine*> lines;
  for (std::size_t i = 0; i < std::min(num_best, num_trials_to_show()); ++i)
    lines.push_back(&summary.ranking[summary.front ? summary.front->places[i] : i]);
  return lines;
}

Status status_of(const store::Results& results, const StatusContext& context) {
  Status status;
  status.summary = report::summarise(results);
  status.activity = report::activity_of(results, context.writer, context.now_s);
  status.live = results.live;
  status.ledger = report::ledger_of(results);
  status.best_so_far = best_so_far(results);
  status.reach = recorded_reach(results.header);
  for (const auto* line : status.trials_to_show(context.num_best)) status.curves[line->trial] = {};
  for (const auto& epoch : results.epochs) {
    const auto curve = status.curves.find(epoch.trial);
    if (curve == status.curves.end()) continue;
    const auto count = static_cast<std::size_t>(epoch.epoch);
    curve->second.resize(std::max(curve->second.size(), count), store::not_applicable);
    curve->second[count - 1] = epoch.value;
  }
  return status;
}

Status read_status(const std::string& path, std::size_t num_best) {
  StatusContext context{.num_best = num_best, .writer = store::writer_of(path)};
  auto results = store::read_results(path, store::Parts::without_details);
  context.now_s = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  auto status = status_of(results, context);
  if (const auto* best = status.summary.best(); best != nullptr) {
    store::read_details(path, best->trial, results);
    report::describe_best(status.summary, results);
  }
  return status;
}

}  // namespace seqsweep::jobs
