// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

#include "bench_search.hpp"
#include "report_text.hpp"
#include "test_functions.hpp"

namespace seqsweep::jobs {
namespace {

using Json = nlohmann::ordered_json;

// Searches that differ in their seed alone.
struct Setting {
  const TestFunction* function;
  std::string sampler;
  int concurrency;
  int budget;  // [trials]
};

struct Outcome {
  std::vector<double> regrets;  // by seed
  double ms_per_proposal = 0;
};

search::StudyOptions study_options(const Setting& setting, int seed) {
  search::StudyOptions options;
  options.seed = static_cast<std::uint64_t>(seed);
  options.ends.trials = setting.budget;
  options.concurrency = setting.concurrency;
  options.sampler = setting.sampler;
  options.scheduler.name = "none";
  options.scheduler.max_epochs = 1;
  return options;
}

// Simple regret: the least value of all points that were tried, without noise, minus the optimum.
double regret_of(const Setting& setting, int seed) {
  const auto& function = *setting.function;
  search::Study study(study_options(setting, seed), function.space(), [](const auto&) { return 1.0; });
  double least = std::numeric_limits<double>::infinity();
  run_study(study, [&](const search::Segment& segment, const search::Point& point) {
    const double value = function.value(point);
    least = std::min(least, value);
    return search::SegmentResult{.trial = segment.trial,
                                 .from_epoch = segment.from_epoch,
                                 .to_epoch = segment.to_epoch,
                                 .ending = std::isfinite(value) ? search::Ending::reached : search::Ending::diverged,
                                 .last_epoch = segment.to_epoch,
                                 .value = measured(function, value, static_cast<std::uint64_t>(seed), segment.trial)};
  });
  return least - function.optimum;
}

Outcome run(const Setting& setting, int num_seeds) {
  std::vector<double> regrets;
  const auto start = std::chrono::steady_clock::now();
  for (int seed = 1; seed <= num_seeds; ++seed) regrets.push_back(regret_of(setting, seed));
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  return {std::move(regrets), elapsed.count() / num_seeds / setting.budget};
}

// A line of the table: one sampler on one function, with all budgets.
void measure(Setting setting, const SearchBenchOptions& options, TextTable& table, Json& results) {
  std::vector<std::string> row{std::string(setting.function->name), setting.sampler};
  double ms_per_proposal = 0;
  for (const int budget : options.budgets) {
    setting.budget = budget;
    const auto outcome = run(setting, options.num_seeds);
    ms_per_proposal = outcome.ms_per_proposal;
    row.push_back(text_of(quartiles_of(outcome.regrets)));
    results.push_back({{"function", setting.function->name},
                       {"sampler", setting.sampler},
                       {"in_flight", setting.concurrency},
                       {"trials", budget},
                       {"regret", to_json(quartiles_of(outcome.regrets))},
                       {"regrets", outcome.regrets},
                       {"ms_per_proposal", ms_per_proposal}});
  }
  row.push_back(fmt::format("{:.3f}", ms_per_proposal));
  table.rows.push_back(std::move(row));
}

TextTable empty_table(const SearchBenchOptions& options) {
  TextTable table;
  table.columns = {{"function", true}, {"sampler", true}};
  for (const int budget : options.budgets) table.columns.push_back({fmt::format("{} trials", budget)});
  table.columns.push_back({"ms/proposal"});
  return table;
}

Json to_json(const search::SearchSpace& space, const search::Point& point) {
  Json json = Json::object();
  for (std::size_t d = 0; d < space.size(); ++d)
    if (const auto& value = point.values[d])
      std::visit([&](const auto& v) { json[space.dimensions()[d].name] = v; }, *value);
  return json;
}

}  // namespace

SearchFigures measure_regret(const SearchBenchOptions& options) {
  SearchFigures figures;
  Json results = Json::array();
  Json refusals = Json::array();
  for (const int concurrency : options.concurrencies) {
    auto table = empty_table(options);
    std::string notes;
    for (const auto& name : options.functions)
      for (const auto& sampler : options.samplers) try {
          measure({&find_test_function(name), sampler, concurrency, 0}, options, table, results);
        } catch (const ConfigError& refusal) {
          notes += fmt::format("  {} on {}: {}\n", sampler, name, refusal.what());
          refusals.push_back({{"function", name}, {"sampler", sampler}, {"reason", refusal.what()}});
        }
    figures.text += fmt::format("Simple regret with {} in flight, median (quartiles) of {} seeds\n{}{}\n", concurrency,
                                options.num_seeds, table.text(), notes);
  }
  figures.json = {{"seeds", options.num_seeds}, {"results", std::move(results)}, {"refusals", std::move(refusals)}};
  return figures;
}

SearchFigures random_points(const SearchBenchOptions& options, int num_points) {
  SearchFigures figures;
  figures.json = Json::array();
  for (const auto& name : options.functions) {
    const auto& function = find_test_function(name);
    Json points = Json::array();
    search::StudyOptions study_of_points = study_options({&function, "random", num_points, num_points}, 1);
    search::Study study(study_of_points, function.space(), [](const auto&) { return 1.0; });
    (void)study.begin();
    for (const auto& trial : study.trials()) {
      const double value = function.value(trial.point);
      points.push_back(
          {{"point", to_json(study.space(), trial.point)}, {"value", std::isfinite(value) ? Json(value) : Json()}});
    }
    figures.json.push_back({{"function", name},
                            {"optimum", function.optimum},
                            {"noise_sd", function.noise_sd},
                            {"points", std::move(points)}});
  }
  figures.text = figures.json.dump(2) + '\n';
  return figures;
}

}  // namespace seqsweep::jobs
