// SPDX-License-Identifier: Apache-2.0
// The journal of an Optuna study: one JSON object per line, as optuna.storages.JournalFileStorage of 3.1 and later
// reads it. The numbers of operations, states and directions are those of optuna/storages/_journal/storage.py,
// trial/_state.py and study/_study_direction.py.
//
// Differs from the results file:
//   - paused is "running" while the sweep goes on, then "pruned"; diverged is "failed". The user attribute "state" has
//     our word. A completed trial without a finite value is "failed", since Optuna's completed trials have values.
//   - Replicates are left out: they are no trials of the search, and the luckiest of them would be Optuna's best trial.
//     They come last, so that all others keep their numbers.
//   - Epochs without a finite value have no intermediate value.
//   - Optuna knows no normal distributions: 3 standard deviations to each side, widened to what was tried.
//   - Optuna's times have no zone: they are UTC.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/log.hpp"

#include "formats.hpp"

namespace seqsweep::report {
namespace {

using Json = nlohmann::ordered_json;
using search::Goal;
using search::TrialState;

constexpr int create_study = 0, set_study_user_attribute = 2, create_trial = 4;  // operations
constexpr int minimize = 1, maximize = 2;                                        // directions
enum class OptunaState { running = 0, complete = 1, pruned = 2, fail = 3 };

// What Optuna shows as one line of its journal.
std::string line(int operation, Json fields) {
  Json json = {{"op_code", operation}, {"worker_id", "seqsweep"}};
  json.update(fields);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

int direction(Goal goal) {
  return goal == Goal::maximize ? maximize : minimize;
}

struct Range {
  double low, high;
};

// Of the values that trials have in dimension `d`, and `range`.
Range widened(Range range, const store::Results& results, std::size_t d) {
  for (const auto& trial : results.trials)
    if (const auto& value = trial.point.values.at(d)) {
      range.low = std::min(range.low, std::get<double>(*value));
      range.high = std::max(range.high, std::get<double>(*value));
    }
  return range;
}

Json float_json(Range range, bool is_log, double step = 0) {
  return {
      {"name", "FloatDistribution"},
      {"attributes",
       {{"step", step > 0 ? Json(step) : Json(nullptr)}, {"low", range.low}, {"high", range.high}, {"log", is_log}}}};
}

// Of dimension `d`, as optuna.distributions.distribution_to_json has it.
Json distribution_json(const store::Results& results, std::size_t d) {
  struct Visitor {
    const store::Results& results;
    std::size_t d;
    Json operator()(const search::Uniform& u) const { return float_json({u.low, u.high}, false, u.step); }
    Json operator()(const search::LogUniform& u) const { return float_json({u.low, u.high}, true); }
    Json operator()(const search::Normal& n) const {
      return float_json(widened({n.mean - 3 * n.sd, n.mean + 3 * n.sd}, results, d), false);
    }
    Json operator()(const search::LogNormal& n) const {
      return float_json(widened({std::exp(n.mean - 3 * n.sd), std::exp(n.mean + 3 * n.sd)}, results, d), true);
    }
    Json operator()(const search::Integer& i) const {
      return {{"name", "IntDistribution"},
              {"attributes", {{"log", i.is_log}, {"step", i.step}, {"low", i.low}, {"high", i.high}}}};
    }
    Json operator()(const search::Choice& c) const {
      return {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", c.values}}}};
    }
  };
  return std::visit(Visitor{results, d}, results.header.dimensions[d].distribution);
}

// Optuna's internal form: the place of a choice, the number of all else.
Json internal_json(const search::Distribution& distribution, const search::Value& value) {
  if (const auto* choice = std::get_if<search::Choice>(&distribution))
    return std::find(choice->values.begin(), choice->values.end(), std::get<std::string>(value)) -
           choice->values.begin();
  return std::visit([](const auto& held) { return Json(held); }, value);
}

// What Optuna wants to know of all epochs and legs of one trial.
struct Course {
  Json intermediate_values = Json::object();               // by epoch
  double started_s = std::numeric_limits<double>::max();   // [s] since the epoch of Unix
  double ended_s = std::numeric_limits<double>::lowest();  // [s] since the epoch of Unix
  [[nodiscard]] bool is_timed() const { return started_s <= ended_s; }
};

std::map<TrialId, Course> courses_of(const store::Results& results) {
  std::map<TrialId, Course> courses;
  for (const auto& epoch : results.epochs)
    if (std::isfinite(epoch.value)) courses[epoch.trial].intermediate_values[std::to_string(epoch.epoch)] = epoch.value;
  for (const auto& leg : results.timing) {
    auto& course = courses[leg.trial];
    course.started_s = std::min(course.started_s, leg.started_s);
    course.ended_s = std::max(course.ended_s, leg.started_s + leg.seconds);
  }
  return courses;
}

// "2024-05-01T12:34:56.123456", UTC.
std::string time_text(double unix_s) {
  const auto microseconds = std::llround(unix_s * 1e6);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}", fmt::gmtime(static_cast<std::time_t>(microseconds / 1'000'000)),
                     microseconds % 1'000'000);
}

// The objectives, or nothing while one of them is not known.
std::vector<double> values_of(const ExportedTrial& trial) {
  std::vector<double> values = {trial.last.value};
  values.insert(values.end(), trial.last.further.begin(), trial.last.further.end());
  const bool is_known = std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  return is_known ? values : std::vector<double>();
}

OptunaState optuna_state(TrialState state, bool is_sealed, bool has_values) {
  switch (state) {
    case TrialState::running:
      return OptunaState::running;
    case TrialState::paused:
      return is_sealed ? OptunaState::pruned : OptunaState::running;
    case TrialState::completed:
      return has_values ? OptunaState::complete : OptunaState::fail;
    case TrialState::stopped:
      return OptunaState::pruned;
    case TrialState::diverged:
    case TrialState::failed:
      return OptunaState::fail;
  }
  throw ContractViolation("optuna: a state without a name");
}

Json user_attributes(const ExportedTrial& trial) {
  const auto& [record, last] = trial;
  Json json = {{"state", search::name_of(record->state)},
               {"reason", record->reason},
               {"message", last.message},
               {"epochs", last.last_epoch},
               {"best_epoch", last.best_epoch},
               {"parent", record->parent.trial.value},
               {"parent_epoch", record->parent.epoch}};
  for (const std::string name : {"loss", "accuracy", "mae", "rmse", "r2"})
    if (const double score = last.test.by_name(name); std::isfinite(score)) json["test_" + name] = score;
  return json;
}

Json trial_json(const ExportedTrial& trial, const Course& course, const store::Results& results,
                const std::vector<std::string>& distributions) {
  const auto values = values_of(trial);
  const auto state = optuna_state(trial.record->state, results.is_sealed, !values.empty());
  const bool is_finished = state != OptunaState::running;
  const bool has_values = state == OptunaState::complete || (state == OptunaState::pruned && !values.empty());
  const bool is_single = results.header.further_metrics.empty();

  Json json = {{"study_id", 0}, {"state", static_cast<int>(state)}};
  json["value"] = has_values && is_single ? Json(values[0]) : Json(nullptr);
  json["values"] = has_values && !is_single ? Json(values) : Json(nullptr);
  json["datetime_start"] = course.is_timed() ? Json(time_text(course.started_s)) : Json(nullptr);
  if (course.is_timed() && is_finished) json["datetime_complete"] = time_text(course.ended_s);
  json["distributions"] = json["params"] = Json::object();
  for (std::size_t d = 0; d < distributions.size(); ++d) {
    const auto& [name, distribution, condition] = results.header.dimensions[d];
    const auto& value = trial.record->point.values.at(d);
    if (!value) continue;
    json["distributions"][name] = distributions[d];
    json["params"][name] = internal_json(distribution, *value);
  }
  json["user_attrs"] = user_attributes(trial);
  json["system_attrs"] = Json::object();
  // Optuna's studies of several objectives have no intermediate values.
  json["intermediate_values"] = is_single ? course.intermediate_values : Json::object();
  return json;
}

std::string study_lines(const store::ResultsHeader& header) {
  Json directions = {direction(header.goal)}, metrics = {header.metric};
  for (const auto& metric : header.further_metrics) {
    directions.push_back(direction(metric.goal));
    metrics.push_back(metric.name);
  }
  std::string text = line(create_study, {{"study_name", "seqsweep"}, {"directions", directions}});
  const Json attributes = {{"metrics", metrics},
                           {"definition", header.definition},
                           {"dataset", header.dataset_name},
                           {"dataset_fingerprint", header.dataset_fingerprint},
                           {"program_version", header.program_version}};
  for (const auto& [key, value] : attributes.items())
    text += line(set_study_user_attribute, {{"study_id", 0}, {"user_attr", {{key, value}}}});
  return text;
}

std::string optuna(const store::Results& results, std::string_view) {
  std::vector<std::string> distributions;
  for (std::size_t d = 0; d < results.header.dimensions.size(); ++d)
    distributions.push_back(distribution_json(results, d).dump(-1, ' ', false, Json::error_handler_t::replace));
  auto courses = courses_of(results);
  auto text = study_lines(results.header);
  std::size_t num_replicates = 0;
  for (const auto& trial : exported_trials(results)) {
    if (trial.record->is_replicate()) {
      ++num_replicates;
      continue;
    }
    text += line(create_trial, trial_json(trial, courses[trial.record->id], results, distributions));
  }
  if (num_replicates > 0)
    log::info(fmt::format("{} replicate{} left out: Optuna would take the luckiest of them for the best trial",
                          num_replicates, num_replicates == 1 ? " is" : "s are"));
  return text;
}

}  // namespace

const ExportFormat optuna_format{".journal", {}, optuna};

}  // namespace seqsweep::report
