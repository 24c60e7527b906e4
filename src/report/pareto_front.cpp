// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/pareto_front.hpp"

#include <algorithm>

#include "seqsweep/report/sweep_summary.hpp"
#include "seqsweep/search/pareto.hpp"

namespace seqsweep::report {
namespace {

using search::Objectives;

// To be minimised.
Objectives objectives_of(const TrialLine& line, const store::ResultsHeader& header) {
  Objectives objectives = {search::turned(header.goal, line.value)};
  for (std::size_t m = 0; m < header.further_metrics.size(); ++m)
    objectives.push_back(search::turned(header.further_metrics[m].goal, line.further.at(m)));
  return objectives;
}

// In the metrics' own sense, and back.
Objectives turned(Objectives objectives, const store::ResultsHeader& header) {
  objectives[0] = search::turned(header.goal, objectives[0]);
  for (std::size_t m = 0; m < header.further_metrics.size(); ++m)
    objectives[m + 1] = search::turned(header.further_metrics[m].goal, objectives[m + 1]);
  return objectives;
}

}  // namespace

ParetoFront pareto_front(const std::vector<TrialLine>& ranking, std::size_t num_usable,
                         const store::ResultsHeader& header) {
  std::vector<Objectives> points;
  for (std::size_t i = 0; i < num_usable; ++i) points.push_back(objectives_of(ranking[i], header));
  ParetoFront front;
  if (points.empty()) return front;
  const auto ranks = search::front_ranks(points);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (ranks[i] == 0) front.places.push_back(i);
  auto best = points.front(), worst = best;
  for (const auto& point : points)
    for (std::size_t m = 0; m < point.size(); ++m) {
      best[m] = std::min(best[m], point[m]);
      worst[m] = std::max(worst[m], point[m]);
    }
  front.hypervolume = search::hypervolume(points, worst);
  const std::vector<Objectives> corner = {best};
  const double box = search::hypervolume(corner, worst);
  front.share = box > 0 ? front.hypervolume / box : store::not_applicable;
  front.reference = turned(std::move(worst), header);
  return front;
}

}  // namespace seqsweep::report
