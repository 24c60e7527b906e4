// SPDX-License-Identifier: Apache-2.0
// What `seqsweep status --json` prints for programs. Keys are never renamed; new ones may come.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "seqsweep/report/lineage.hpp"
#include "seqsweep/report/records_json.hpp"

#include "status_text.hpp"

namespace seqsweep::jobs {
namespace {

using Json = nlohmann::ordered_json;
using report::GradientReport;
using report::SeedSpread;
using report::Spread;
using report::SweepSummary;
using report::to_json;
using report::TrialLine;

Json to_json(const std::optional<search::Value>& value) {
  if (!value) return nullptr;
  return std::visit([](const auto& held) { return Json(held); }, *value);
}

Json point_json(const std::vector<std::optional<search::Value>>& point,
                const std::vector<search::Dimension>& dimensions) {
  Json json = Json::object();
  for (std::size_t d = 0; d < dimensions.size(); ++d) json[dimensions[d].name] = to_json(point.at(d));
  return json;
}

Json to_json(const TrialLine& line, const std::vector<search::Dimension>& dimensions) {
  return {{"trial", line.trial.value},
          {"state", search::name_of(line.state)},
          {"epochs", line.epochs},
          {"best_epoch", line.best_epoch},
          {"value", line.value},
          {"further_values", line.further},
          {"validation", to_json(line.validation)},
          {"test", to_json(line.test)},
          {"point", point_json(line.point, dimensions)},
          {"message", line.message}};
}

Json to_json(const GradientReport& report) {
  Json layers = Json::array();
  for (const auto& layer : report.layers)
    layers.push_back({{"layer", layer.layer},
                      {"health", name_of(layer.health)},
                      {"ratio", layer.ratio},
                      {"distance_from", layer.distance_from},
                      {"distance_to", layer.distance_to},
                      {"halving_steps", layer.halving_steps ? Json(*layer.halving_steps) : Json(nullptr)},
                      {"sentence", layer.sentence}});
  return {{"trial", report.trial.value},   {"epoch", report.epoch},
          {"layers", std::move(layers)},   {"clipped_fraction", report.clipped_fraction},
          {"norm_mean", report.norm_mean}, {"norm_max", report.norm_max}};
}

Json to_json(const Spread& spread) {
  return {{"mean", spread.mean}, {"standard_error", spread.standard_error}};
}

Json to_json(const SeedSpread& spread) {
  return {{"trial", spread.trial.value}, {"chosen_by", spread.chosen_by},  {"num_replicates", spread.num_replicates},
          {"num_lost", spread.num_lost}, {"value", to_json(spread.value)}, {"test", to_json(spread.test)}};
}

Json further_metrics_of(const store::ResultsHeader& header) {
  Json metrics = Json::array();
  for (const auto& metric : header.further_metrics)
    metrics.push_back({{"name", metric.name}, {"goal", search::name_of(metric.goal)}});
  return metrics;
}

Json front_of(const SweepSummary& summary) {
  if (!summary.front) return nullptr;
  Json trials = Json::array();
  for (const auto place : summary.front->places)
    trials.push_back(to_json(summary.ranking[place], summary.header.dimensions));
  return {{"trials", std::move(trials)},
          {"reference", summary.front->reference},
          {"hypervolume", summary.front->hypervolume},
          {"share", summary.front->share}};
}

Json lineage_of_best(const SweepSummary& summary) {
  Json stages = Json::array();
  if (summary.best() == nullptr) return stages;
  for (const auto& stage : lineage(summary.ranking, *summary.best()))
    stages.push_back({{"trial", stage.trial->trial.value},
                      {"from_epoch", stage.from_epoch},
                      {"to_epoch", stage.to_epoch},
                      {"point", point_json(stage.trial->point, summary.header.dimensions)}});
  return stages;
}

Json activity_json(const Status& status) {
  Json json = {{"kind", name_of(status.activity.kind)},
               {"sentence", status.activity.sentence},
               {"reasons", status.activity.reasons},
               {"utilisation", status.activity.utilisation},
               {"now", nullptr}};
  if (!status.live) return json;
  Json teams = Json::array();
  for (const auto& team : status.live->teams)
    teams.push_back({{"trial", team.trial.value},
                     {"from_epoch", team.from_epoch},
                     {"to_epoch", team.to_epoch},
                     {"epochs", team.epochs},
                     {"num_ranks", team.num_ranks},
                     {"seconds", team.seconds}});
  json["now"] = {{"written_s", status.live->written_s},     {"started_s", status.live->started_s},
                 {"num_ranks", status.live->num_ranks},     {"num_idle", status.live->num_idle},
                 {"num_lost", status.live->num_lost},       {"num_waiting", status.live->num_waiting},
                 {"stop_reason", status.live->stop_reason}, {"teams", std::move(teams)}};
  return json;
}

Json node_hours_json(const report::Ledger& ledger) {
  using report::Use;
  const auto of = [&](Use use) { return ledger.node_hours[static_cast<std::size_t>(use)]; };
  return {
      {"total", ledger.total_node_hours()}, {"completed", of(Use::completed)}, {"in_progress", of(Use::in_progress)},
      {"stopped", of(Use::stopped)},        {"lost", of(Use::lost)},           {"replicates", of(Use::replicate)},
      {"moving", ledger.moving_node_hours}, {"idle", ledger.idle_node_hours}};
}

Json budget_json(const search::Reach& reach) {
  Json rungs = Json::array();
  for (const auto& rung : reach.rungs)
    rungs.push_back({{"epoch", rung.epoch}, {"num_trials", rung.trials}, {"most_trials", rung.most}});
  return {{"rungs", std::move(rungs)}, {"is_enough", reach.is_enough}, {"sentence", reach.sentence}};
}

Json best_so_far_json(const BestSoFar& best) {
  Json epochs = Json::array(), trials = Json::array(), values = Json::array();
  for (const auto& one : best.improvements) {
    epochs.push_back(one.num_epochs);
    trials.push_back(one.trial.value);
    values.push_back(one.value);
  }
  return {{"epochs", std::move(epochs)}, {"trials", std::move(trials)}, {"values", std::move(values)}};
}

}  // namespace

std::string to_json(const Status& status, std::size_t num_best) {
  const auto& summary = status.summary;
  const auto& header = summary.header;
  Json states = Json::object();
  for (const auto state : {search::TrialState::running, search::TrialState::paused, search::TrialState::completed,
                           search::TrialState::stopped, search::TrialState::diverged, search::TrialState::failed}) {
    const auto found = summary.trials_by_state.find(state);
    states[std::string(search::name_of(state))] = found == summary.trials_by_state.end() ? 0 : found->second;
  }
  Json dimensions = Json::array();
  for (const auto& dimension : header.dimensions) dimensions.push_back(to_json(dimension));
  Json trials = Json::array();
  for (std::size_t i = 0; i < std::min(num_best, summary.ranking.size()); ++i)
    trials.push_back(to_json(summary.ranking[i], header.dimensions));

  Json json;
  json["is_sealed"] = summary.is_sealed;
  json["activity"] = activity_json(status);
  json["dataset"] = {{"name", header.dataset_name}, {"fingerprint", header.dataset_fingerprint}};
  json["metric"] = header.metric;
  json["goal"] = search::name_of(header.goal);
  json["further_metrics"] = further_metrics_of(header);
  json["num_trials_planned"] = header.trials;
  json["num_trials_begun"] = summary.num_trials;
  json["trials_by_state"] = std::move(states);
  json["num_epochs"] = summary.num_epochs;
  json["num_segments"] = summary.num_segments;
  json["budget"] = budget_json(status.reach);
  json["floor"] = {{"rule", header.floor_rule},
                   {"validation", to_json(header.validation_floor)},
                   {"test", to_json(header.test_floor)}};
  json["best"] = summary.best() != nullptr ? to_json(*summary.best(), header.dimensions) : Json(nullptr);
  json["trials"] = std::move(trials);
  json["front"] = front_of(summary);
  json["lineage"] = lineage_of_best(summary);
  json["replicates"] = Json::array();
  for (const auto& spread : summary.seed_spreads) json["replicates"].push_back(to_json(spread));
  json["dimensions"] = std::move(dimensions);
  json["definition"] = header.definition;
  json["time"] = {{"working_s", summary.time.working_s},      {"rank_s", summary.time.rank_s},
                  {"data_share", summary.time.data_share},    {"reduce_share", summary.time.reduce_share},
                  {"move_share", summary.time.move_share},    {"first_started_s", summary.time.first_started_s},
                  {"last_ended_s", summary.time.last_ended_s}};
  json["node_hours"] = node_hours_json(status.ledger);
  json["best_so_far"] = best_so_far_json(status.best_so_far);
  json["gradients"] = summary.gradients ? to_json(*summary.gradients) : Json(nullptr);
  json["program_version"] = header.program_version;
  json["git_revision"] = header.git_revision;
  json["instruction_set"] = header.instruction_set;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace seqsweep::jobs
