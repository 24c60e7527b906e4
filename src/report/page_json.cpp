// SPDX-License-Identifier: Apache-2.0
// The words of the page: the answer, the space, the definition, what failed.
#include "page_json.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"
#include "seqsweep/report/lineage.hpp"
#include "seqsweep/report/progress.hpp"
#include "seqsweep/report/records_json.hpp"

namespace seqsweep::report {
namespace {

Json point_json(const TrialLine& line, const store::ResultsHeader& header) {
  Json point = Json::array();
  for (std::size_t d = 0; d < header.dimensions.size(); ++d)
    if (line.point.at(d)) point.push_back({header.dimensions[d].name, search::text_of(*line.point[d])});
  return point;
}

Json spread_json(const SeedSpread& spread) {
  return {{"trial", spread.trial.value},
          {"chosen_by", spread.chosen_by},
          {"num_replicates", spread.num_replicates},
          {"num_lost", spread.num_lost},
          {"mean", spread.value.mean},
          {"standard_error", spread.value.standard_error},
          {"test_mean", spread.test.mean},
          {"test_standard_error", spread.test.standard_error}};
}

Json lineage_json(const SweepSummary& summary, const TrialLine& best) {
  Json stages = Json::array();
  for (const auto& stage : lineage(summary.ranking, best))
    stages.push_back({{"trial", stage.trial->trial.value},
                      {"from_epoch", stage.from_epoch},
                      {"to_epoch", stage.to_epoch},
                      {"point", point_json(*stage.trial, summary.header)}});
  return stages;
}

// What a shell takes for one word.
std::string quoted(const std::string& word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string training_command(const TrialLine& best, const std::string& results_path) {
  const auto stem = std::filesystem::path(results_path).stem().string();
  return fmt::format("seqsweep train {} --data.path=DATASET.h5 --trial {} -o {}", quoted(stem + ".ini"),
                     quoted(fmt::format("{}:{}", results_path, best.trial.value)), quoted(stem + ".best.h5"));
}

Json best_json(const SweepSummary& summary, const PageContext& context) {
  const auto* best = summary.best();
  if (best == nullptr) return nullptr;
  Json metrics = Json::array();
  for (const auto& [name, value] : best->metrics) metrics.push_back({name, value});
  const bool is_command = !summary.command().empty();
  return {{"trial", best->trial.value},
          {"epochs", best->epochs},
          {"best_epoch", best->best_epoch},
          {"value", best->value},
          {"validation", to_json(best->validation)},
          {"test", to_json(best->test)},
          {"metrics", std::move(metrics)},
          {"point", point_json(*best, summary.header)},
          {"command", is_command ? Json(nullptr) : Json(training_command(*best, context.results_path))},
          {"lineage", lineage_json(summary, *best)}};
}

double noise_of(const SweepSummary& summary) {
  for (const auto& spread : summary.seed_spreads)
    if (summary.best() != nullptr && spread.trial == summary.best()->trial) return spread.value.standard_error;
  return store::not_applicable;
}

std::string name_of(Outlook::Kind kind) {
  return kind == Outlook::Kind::improving      ? "improving"
         : kind == Outlook::Kind::levelled_off ? "levelled off"
                                               : "unknown";
}

// The definition as a config that reads as the same sweep. Dimensions come first and in their order: a condition looks
// back, and points are recorded in it.
std::string config_text(const store::ResultsHeader& header) {
  std::vector<std::pair<std::string, std::string>> sections;  // each with its lines
  const auto add = [&](const std::string& key, const std::string& value) {
    const auto dot = key.find('.');
    if (dot == std::string::npos) return;
    const auto name = key.substr(0, dot);
    auto section = std::find_if(sections.begin(), sections.end(), [&](const auto& one) { return one.first == name; });
    if (section == sections.end()) section = sections.insert(section, {name, ""});
    section->second += fmt::format("{} = {}\n", key.substr(dot + 1), value);
  };
  std::set<std::string> done = {"data.fingerprint"};  // follows from the data set
  for (const auto& dimension : header.dimensions)
    if (const auto found = header.definition.find(dimension.name); found != header.definition.end()) {
      add(found->first, found->second);
      done.insert(found->first);
    }
  for (const auto& [key, value] : header.definition)
    if (!done.contains(key)) add(key, value);
  std::string text;
  for (const auto& [name, lines] : sections) text += fmt::format("{}[{}]\n{}", text.empty() ? "" : "\n", name, lines);
  return text;
}

// How an axis of the dimension is drawn.
Json scale_json(const search::Distribution& distribution) {
  struct Visitor {
    Json operator()(const search::Uniform& d) const { return {{"kind", "linear"}, {"low", d.low}, {"high", d.high}}; }
    Json operator()(const search::LogUniform& d) const { return {{"kind", "log"}, {"low", d.low}, {"high", d.high}}; }
    Json operator()(const search::Integer& d) const {
      return {{"kind", d.is_log && d.low > 0 ? "log" : "linear"}, {"low", d.low}, {"high", d.high}, {"is_whole", true}};
    }
    Json operator()(const search::Normal&) const { return {{"kind", "linear"}}; }
    Json operator()(const search::LogNormal&) const { return {{"kind", "log"}}; }
    Json operator()(const search::Choice& d) const { return {{"kind", "choice"}, {"choices", d.values}}; }
  };
  return std::visit(Visitor{}, distribution);
}

}  // namespace

double six_digits(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, 5 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(unit) && unit > 0 ? std::round(value * unit) / unit : value;
}

Json answer_json(const store::Results& results, const SweepSummary& summary, const PageContext& context) {
  const auto& header = summary.header;
  Json states = Json::object();
  for (const auto& [state, number] : summary.trials_by_state) states[std::string(search::name_of(state))] = number;
  Json further = Json::array();
  for (const auto& metric : header.further_metrics)
    further.push_back({{"name", metric.name}, {"goal", search::name_of(metric.goal)}});
  Json spreads = Json::array();
  for (const auto& spread : summary.seed_spreads) spreads.push_back(spread_json(spread));
  const auto score = summary.score_name();
  const auto found = outlook(measured_in_order(results), header.goal, noise_of(summary));
  return {{"results", context.results_path},
          {"made_at", context.made_at},
          {"reload_s", context.reload_s},
          {"budget", context.budget},
          {"why_no_best", summary.why_no_best()},
          {"is_sealed", summary.is_sealed},
          {"command", summary.command()},
          {"dataset", header.dataset_name},
          {"metric", header.metric},
          {"goal", search::name_of(header.goal)},
          {"further", std::move(further)},
          {"score", score},
          {"floor_rule", header.floor_rule},
          {"floor", score.empty() ? store::not_applicable : header.validation_floor.by_name(score)},
          {"loss_floor", header.validation_floor.loss},
          {"validation_floor", to_json(header.validation_floor)},
          {"test_floor", to_json(header.test_floor)},
          {"num_planned", header.trials},
          {"num_begun", summary.num_trials},
          {"num_offspring", summary.num_offspring},
          {"num_replicates", summary.num_replicates},
          {"states", std::move(states)},
          {"num_epochs", summary.num_epochs},
          {"working_s", summary.time.working_s},
          {"best", best_json(summary, context)},
          {"spreads", std::move(spreads)},
          {"outlook", {{"kind", name_of(found.kind)}, {"sentence", found.sentence}}}};
}

Json dimensions_json(const SweepSummary& summary) {
  Json dimensions = Json::array();
  for (const auto& dimension : summary.header.dimensions) {
    std::string condition;
    if (dimension.condition)
      condition = fmt::format("if {} in ({})", dimension.condition->key, join(dimension.condition->values, ", "));
    dimensions.push_back({{"name", dimension.name},
                          {"text", search::text_of(dimension.distribution)},
                          {"condition", condition},
                          {"scale", scale_json(dimension.distribution)}});
  }
  return dimensions;
}

Json record_json(const SweepSummary& summary) {
  const auto& header = summary.header;
  return {{"definition", header.definition},
          {"config", config_text(header)},
          {"program_version", header.program_version},
          {"git_revision", header.git_revision},
          {"instruction_set", header.instruction_set},
          {"dataset", header.dataset_name},
          {"fingerprint", header.dataset_fingerprint},
          {"dataset_provenance", header.dataset_provenance},
          {"dataset_description", header.dataset_description}};
}

Json failures_json(const SweepSummary& summary) {
  struct Failure {
    search::TrialState state{};
    std::vector<int> trials;
  };
  std::map<std::string, Failure> failures;  // by message
  for (const auto& line : summary.ranking) {
    if (line.state != search::TrialState::diverged && line.state != search::TrialState::failed) continue;
    auto& failure = failures[line.message];
    failure.state = line.state;
    failure.trials.push_back(line.trial.value);
  }
  Json json = Json::array();
  for (const auto& [message, failure] : failures)
    json.push_back({{"message", message}, {"state", search::name_of(failure.state)}, {"trials", failure.trials}});
  std::stable_sort(json.begin(), json.end(),
                   [](const Json& a, const Json& b) { return a["trials"].size() > b["trials"].size(); });
  return json;
}

}  // namespace seqsweep::report
