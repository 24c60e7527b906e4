// SPDX-License-Identifier: Apache-2.0
// One object for people's own scripts. Its keys are listed in `seqsweep export --help`; they are never renamed. Numbers
// that are not finite are null.
#include <nlohmann/json.hpp>

#include "seqsweep/report/records_json.hpp"

#include "formats.hpp"

namespace seqsweep::report {
namespace {

using Json = nlohmann::ordered_json;

using report::to_json;

Json to_json(const store::EpochRecord& epoch) {
  Json metrics = Json::object();
  for (const auto& metric : epoch.metrics) metrics[metric.name] = metric.value;
  return {{"epoch", epoch.epoch},
          {"value", epoch.value},
          {"train_loss", epoch.train_loss},
          {"validation", to_json(epoch.validation)},
          {"learning_rate", epoch.learning_rate},
          {"gradient_norm_mean", epoch.gradient_norm_mean},
          {"gradient_norm_max", epoch.gradient_norm_max},
          {"clipped_fraction", epoch.clipped_fraction},
          {"metrics", std::move(metrics)}};
}

Json to_json(const search::Segment& decision) {
  return {{"from_epoch", decision.from_epoch},
          {"to_epoch", decision.to_epoch},
          {"virtual_start", decision.virtual_start},
          {"virtual_finish", decision.virtual_finish},
          {"reason", decision.reason}};
}

Json point_json(const search::Point& point, const std::vector<search::Dimension>& dimensions) {
  Json json = Json::object();
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const auto& value = point.values.at(d);
    json[dimensions[d].name] = value ? std::visit([](const auto& held) { return Json(held); }, *value) : Json(nullptr);
  }
  return json;
}

Json to_json(const ExportedTrial& trial, const store::ResultsHeader& header) {
  const auto& [record, last] = trial;
  const auto& parent = record->parent;
  return {
      {"trial", record->id.value},     {"state", search::name_of(record->state)},
      {"reason", record->reason},      {"epochs", last.last_epoch},
      {"value", last.value},           {"further_values", last.further},
      {"best_epoch", last.best_epoch}, {"test", to_json(last.test)},
      {"message", last.message},       {"parent", parent.trial == TrialId{} ? Json(nullptr) : Json(parent.trial.value)},
      {"parent_epoch", parent.epoch},  {"point", point_json(record->point, header.dimensions)},
      {"curve", Json::array()},        {"segments", Json::array()}};
}

Json trials_json(const store::Results& results) {
  std::map<TrialId, Json> by_id;
  for (const auto& trial : exported_trials(results)) by_id[trial.record->id] = to_json(trial, results.header);
  // Records of trials that /trials does not have yet (of a live file) are left out.
  const auto add = [&by_id](TrialId id, const char* key, Json row) {
    if (const auto trial = by_id.find(id); trial != by_id.end()) trial->second[key].push_back(std::move(row));
  };
  for (const auto& epoch : results.epochs) add(epoch.trial, "curve", to_json(epoch));
  for (const auto& decision : results.decisions) add(decision.trial, "segments", to_json(decision));
  Json trials = Json::array();
  for (auto& [id, trial] : by_id) trials.push_back(std::move(trial));
  return trials;
}

std::string json(const store::Results& results, std::string_view) {
  const auto& header = results.header;
  Json metrics = Json::array({{{"name", header.metric}, {"goal", name_of(header.goal)}}});
  for (const auto& metric : header.further_metrics)
    metrics.push_back({{"name", metric.name}, {"goal", name_of(metric.goal)}});
  Json dimensions = Json::array();
  for (const auto& dimension : header.dimensions) dimensions.push_back(to_json(dimension));
  const Json whole = {{"is_sealed", results.is_sealed},
                      {"metrics", std::move(metrics)},
                      {"num_trials_planned", header.trials},
                      {"dataset", {{"name", header.dataset_name}, {"fingerprint", header.dataset_fingerprint}}},
                      {"floor",
                       {{"rule", header.floor_rule},
                        {"validation", to_json(header.validation_floor)},
                        {"test", to_json(header.test_floor)}}},
                      {"definition", header.definition},
                      {"dimensions", std::move(dimensions)},
                      {"trials", trials_json(results)},
                      {"program_version", header.program_version},
                      {"git_revision", header.git_revision},
                      {"instruction_set", header.instruction_set}};
  return whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

const ExportFormat json_format{".json", {}, json};

}  // namespace seqsweep::report
