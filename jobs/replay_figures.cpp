// SPDX-License-Identifier: Apache-2.0
#include "replay_figures.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "bench_search.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

using Json = nlohmann::ordered_json;
using Figure = std::function<double(const SweepFigures&)>;

constexpr std::size_t most_rungs_shown = 16;  // the scheduler median has one at each interval; JSON has them all

std::string count_text(double count) {
  return fmt::format("{}", std::llround(count));
}

// One figure as it is, of several the median and the quartiles.
std::string cell_text(std::span<const SweepFigures> replays, const Figure& figure, std::string (*text)(double)) {
  if (replays.size() == 1) return text(figure(replays[0]));
  std::vector<double> figures;
  for (const auto& replay : replays) figures.push_back(figure(replay));
  const auto quartiles = quartiles_of(std::move(figures));
  return fmt::format("{} ({}–{})", text(quartiles.median), text(quartiles.lower), text(quartiles.upper));
}

struct Row {
  std::string name;
  Figure figure;
  std::string (*text)(double);
};

int trials_at(const SweepFigures& figures, int epoch) {
  const auto found = figures.trials_per_rung.find(epoch);
  return found == figures.trials_per_rung.end() ? 0 : found->second;
}

std::vector<Row> rows_of(const SweepFigures& recorded, std::span<const SweepFigures> replays,
                         const store::ResultsHeader& header) {
  std::vector<Row> rows = {{"trials", [](const auto& f) { return f.num_trials; }, count_text},
                           {"epochs", [](const auto& f) { return f.num_epochs; }, count_text}};
  if (!header.definition.contains("trial.command"))  // what a command costs is not known
    rows.push_back({"multiply-adds", [](const auto& f) { return f.multiply_adds; }, four_digits});
  rows.push_back({"best " + header.metric, [](const auto& f) { return f.best; }, four_digits});
  if (replays.size() == 1 && !std::isnan(recorded.best) && !std::isnan(replays[0].best))
    rows.push_back({"  of trial", [](const auto& f) { return f.best_trial.value; }, count_text});
  rows.push_back({"  found after epochs", [](const auto& f) { return f.epochs_to_best; }, count_text});

  std::set<int> rungs;
  for (const auto& [epoch, trials] : recorded.trials_per_rung) rungs.insert(epoch);
  for (const auto& replay : replays)
    for (const auto& [epoch, trials] : replay.trials_per_rung) rungs.insert(epoch);
  if (rungs.size() > most_rungs_shown) return rows;
  for (const int epoch : rungs)
    rows.push_back({fmt::format("trials measured at epoch {}", epoch),
                    [epoch](const auto& f) { return trials_at(f, epoch); }, count_text});
  return rows;
}

}  // namespace

SweepFigures figures_of(const search::RecordedSweep& sweep, search::Goal goal) {
  SweepFigures figures;
  std::set<TrialId> trials;
  double best = std::numeric_limits<double>::infinity();
  for (const auto& commit : sweep.commits()) {
    trials.insert(commit.result.trial);
    figures.num_epochs += commit.result.last_epoch - commit.result.from_epoch;
    figures.multiply_adds += commit.multiply_adds;
    ++figures.trials_per_rung[commit.result.to_epoch];
    if (commit.value >= best) continue;
    best = commit.value;
    figures.best = search::turned(goal, best);
    figures.best_trial = commit.result.trial;
    figures.epochs_to_best = figures.num_epochs;
  }
  figures.num_trials = static_cast<int>(trials.size());
  return figures;
}

Json to_json(const SweepFigures& figures) {
  Json rungs = Json::array();
  for (const auto& [epoch, trials] : figures.trials_per_rung) rungs.push_back({{"epoch", epoch}, {"trials", trials}});
  const bool has_best = !std::isnan(figures.best);
  return {{"trials", figures.num_trials},
          {"epochs", figures.num_epochs},
          {"multiply_adds", figures.multiply_adds},
          {"best", has_best ? Json(figures.best) : Json(nullptr)},
          {"best_trial", has_best ? Json(figures.best_trial.value) : Json(nullptr)},
          {"epochs_to_best", has_best ? Json(figures.epochs_to_best) : Json(nullptr)},
          {"rungs", std::move(rungs)},
          {"trials_cut_short", figures.num_cut_short},
          {"epochs_missing", figures.num_epochs_missing}};
}

std::string to_text(const SweepFigures& recorded, std::span<const SweepFigures> replays,
                    const store::ResultsHeader& header) {
  TextTable table{{{"", true}, {"recorded"}, {replays.size() == 1 ? "replay" : "median (quartiles)"}}, {}};
  for (const auto& row : rows_of(recorded, replays, header))
    table.rows.push_back({row.name, row.text(row.figure(recorded)), cell_text(replays, row.figure, row.text)});
  return table.text();
}

}  // namespace seqsweep::jobs
