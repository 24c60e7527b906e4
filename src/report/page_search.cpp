// SPDX-License-Identifier: Apache-2.0
// The numbers of the page: what the search made of its space, its rungs and its nodes.
#include <algorithm>

#include "seqsweep/report/importance_report.hpp"
#include "seqsweep/report/rungs.hpp"

#include "page_json.hpp"

namespace seqsweep::report {
namespace {

constexpr std::size_t most_pairs = 5;
constexpr std::size_t most_bars = 40000;
constexpr std::size_t most_lanes = 128;
constexpr std::size_t num_bins = 200;
constexpr double most_pixels = 2000;  // that a timeline is wide

}  // namespace

Json importance_json(const store::Results& results) {
  if (results.header.dimensions.empty()) return nullptr;
  const auto report = importance_of(results);
  if (!report.has_shares()) return nullptr;
  Json dimensions = Json::array();
  for (const auto& share : report.importance.dimensions)
    dimensions.push_back({{"share", share.mean}, {"sd", share.sd}});
  Json pairs = Json::array();
  for (std::size_t i = 0; i < std::min(most_pairs, report.importance.pairs.size()); ++i) {
    const auto& pair = report.importance.pairs[i];
    pairs.push_back(
        {{"first", pair.first}, {"second", pair.second}, {"share", pair.share.mean}, {"sd", pair.share.sd}});
  }
  return {{"num_trials", report.importance.num_trials},
          {"is_enough", report.importance.num_trials >= search::enough_for_importance},
          {"epoch", report.importance.epoch},
          {"predicted_share", report.importance.predicted_share},
          {"rest", report.rest()},
          {"dimensions", std::move(dimensions)},
          {"pairs", std::move(pairs)}};
}

Json rungs_json(const store::Results& results, const SweepSummary& summary) {
  const auto* best = summary.best();
  Json json = Json::array();
  for (const auto& rung : rungs_of(results, best == nullptr ? std::nullopt : std::optional(best->trial)))
    json.push_back({{"group", rung.group},
                    {"epoch", rung.epoch},
                    {"measured", rung.num_measured},
                    {"went_on", rung.num_went_on},
                    {"completed", rung.num_completed},
                    {"stopped", rung.num_stopped},
                    {"waiting", rung.num_waiting},
                    {"lost", rung.num_lost},
                    {"worst_gone_on", rung.worst_gone_on},
                    {"best_left", rung.best_left},
                    {"place_of_winner", rung.place_of_winner ? Json(*rung.place_of_winner) : Json(nullptr)}});
  return json;
}

Json front_json(const SweepSummary& summary) {
  if (!summary.front) return nullptr;
  return {{"places", summary.front->places},
          {"reference", summary.front->reference},
          {"hypervolume", summary.front->hypervolume},
          {"share", summary.front->share}};
}

Json ledger_json(const Ledger& ledger) {
  if (ledger.sessions.empty()) return nullptr;
  const double end_s = ledger.sessions.back().to_s;
  Json hours = Json::array();
  for (const auto use : uses)
    hours.push_back({std::string(name_of(use)), ledger.node_hours[static_cast<std::size_t>(use)]});
  hours.push_back({"moving", ledger.moving_node_hours});
  hours.push_back({"idle", ledger.idle_node_hours});
  Json sessions = Json::array();
  for (const auto& session : ledger.sessions)
    sessions.push_back({{"from_s", six_digits(session.from_s)},
                        {"to_s", six_digits(session.to_s)},
                        {"started_s", session.started_s},
                        {"num_hosts", session.num_hosts},
                        {"num_ranks", session.num_ranks}});
  Json lanes = Json::array(), bars = Json::array();
  const auto joint = joined(ledger.busy, end_s / most_pixels);
  if (ledger.lanes.size() <= most_lanes && joint.size() <= most_bars) {
    for (const auto& lane : ledger.lanes) lanes.push_back({lane.host, lane.rank});
    for (const auto& bar : joint)
      bars.push_back(
          {bar.lane, six_digits(bar.from_s), six_digits(bar.to_s), static_cast<int>(bar.use), bar.trial.value});
  }
  Json utilisation = Json::array();
  for (const double share : ledger.utilisation(num_bins)) utilisation.push_back(six_digits(share));
  return {{"end_s", end_s},
          {"node_hours", std::move(hours)},
          {"total", ledger.total_node_hours()},
          {"sessions", std::move(sessions)},
          {"num_lanes", ledger.lanes.size()},
          {"lanes", std::move(lanes)},
          {"bars", std::move(bars)},
          {"utilisation", std::move(utilisation)}};
}

}  // namespace seqsweep::report
