// SPDX-License-Identifier: Apache-2.0
#include "report/sweeps.hpp"

#include <algorithm>
#include <cmath>

#include "store/sample.hpp"

namespace seqsweep::test {
namespace {

store::Results of_sample(int num_trials) {
  auto results = sample_results(num_trials);
  results.header = sample_header();
  results.is_sealed = true;
  for (auto& trial : results.trials) trial.point.values[9] = 0.05 * (trial.id.value % 3);  // a value of its grid
  return results;
}

// A bowl in two dimensions, deeper with more epochs.
double value_at(double x, double y, int epochs) {
  return (x - 0.3) * (x - 0.3) + std::pow(std::log10(y) + 3, 2) / 9 + 0.5 / epochs;
}

void add_segment(store::Results& results, TrialId trial, int from_epoch, int to_epoch) {
  const auto& point = results.trials[static_cast<std::size_t>(trial.value)].point;
  const double x = std::get<double>(*point.values[0]), y = std::get<double>(*point.values[1]);
  const double start = static_cast<double>(results.decisions.size());
  results.decisions.push_back({trial, from_epoch, to_epoch, start, start + 1, "begins"});
  for (int epoch = from_epoch + 1; epoch <= to_epoch; ++epoch) {
    store::EpochRecord record;
    record.trial = trial;
    record.epoch = epoch;
    record.value = record.validation.loss = value_at(x, y, epoch);
    record.train_loss = 0.9 * record.value;
    results.epochs.push_back(record);
  }
  store::SegmentRecord segment;
  segment.trial = trial;
  segment.from_epoch = from_epoch;
  segment.to_epoch = segment.last_epoch = segment.best_epoch = to_epoch;
  segment.value = value_at(x, y, to_epoch);
  results.segments.push_back(segment);
  store::TimingRecord timing;
  timing.trial = trial;
  timing.from_epoch = from_epoch;
  timing.to_epoch = to_epoch;
  timing.first_rank = trial.value % 64;
  timing.ranks = std::to_string(timing.first_rank);
  timing.host = "node" + std::to_string(timing.first_rank / 16);
  timing.started_s = 1.7e9 + 10.0 * (trial.value / 64) + 5.0 * (from_epoch > 0);
  timing.seconds = 4;
  results.timing.push_back(timing);
}

}  // namespace

store::Results hostile_sweep() {
  auto results = of_sample(6);
  results.header.dataset_name = results.header.metric = results.header.floor_rule = hostile_text;
  results.header.dataset_description = hostile_text;
  results.header.dataset_provenance = hostile_text + std::string(200, '/');  // a path that breaks nowhere
  results.header.definition["data.name"] = hostile_text;
  results.header.definition[hostile_text] = "a key";
  const auto hostile_name = [](const std::string& name) { return std::string("x.") + hostile_text + name; };
  const auto hostile_choice = [](const std::string& choice) { return choice == "lstm" ? hostile_text : choice; };
  for (auto& dimension : results.header.dimensions) {
    dimension.name = hostile_name(dimension.name);
    if (auto* choice = std::get_if<search::Choice>(&dimension.distribution))
      for (auto& text : choice->values) text = hostile_choice(text);
    if (!dimension.condition) continue;
    dimension.condition->key = hostile_name(dimension.condition->key);
    for (auto& text : dimension.condition->values) text = hostile_choice(text);
  }
  for (auto& trial : results.trials)
    for (auto& value : trial.point.values)
      if (value && std::holds_alternative<std::string>(*value)) value = hostile_choice(std::get<std::string>(*value));
  results.trials[1].state = search::TrialState::failed;
  for (auto& segment : results.segments) segment.message = hostile_text;
  for (auto& timing : results.timing) timing.host = hostile_text;
  return results;
}

store::Results empty_sweep() {
  store::Results results;
  results.header = sample_header();
  return results;
}

store::Results sweep_of_one_trial() {
  return of_sample(1);
}

store::Results failed_sweep() {
  auto results = of_sample(8);
  for (auto& trial : results.trials) trial.state = search::TrialState::failed;
  for (auto& segment : results.segments) {
    segment.ending = search::Ending::failed;
    segment.message = "no such file";
  }
  return results;
}

store::Results large_sweep(int num_trials, int rung, int max_epochs) {
  store::Results results;
  results.is_sealed = true;
  results.header.metric = "val_loss";
  results.header.trials = num_trials;
  results.header.validation_floor.loss = 1;
  results.header.floor_rule = "mean";
  results.header.dimensions = {{"model.x", search::Uniform{0, 1}, {}}, {"train.y", search::LogUniform{1e-5, 1}, {}}};
  for (int i = 0; i < num_trials; ++i) {
    search::TrialRecord trial;
    trial.id = TrialId(i);
    const bool is_promoted = i % 3 == 0;
    trial.state = is_promoted ? search::TrialState::completed : search::TrialState::paused;
    const double x = std::fmod(0.618034 * i, 1), y = std::pow(10, -5 * std::fmod(0.754878 * i, 1));
    trial.point.values = {search::Value(x), search::Value(y)};
    trial.curve = {{rung, value_at(x, y, rung)}};
    if (is_promoted) trial.curve.push_back({max_epochs, value_at(x, y, max_epochs)});
    results.trials.push_back(trial);
  }
  for (int i = 0; i < num_trials; ++i) {
    add_segment(results, TrialId(i), 0, rung);
    if (i % 3 == 0) add_segment(results, TrialId(i), rung, max_epochs);
  }
  return results;
}

store::Results maximised_sweep() {
  store::Results results;
  results.is_sealed = true;
  auto& header = results.header;
  header.metric = "val_accuracy";
  header.goal = search::Goal::maximize;
  header.trials = 4;
  header.validation_floor.accuracy = header.test_floor.accuracy = 0.5;
  header.floor_rule = "majority class";
  header.dimensions = {{"model.x", search::Uniform{0, 1}, {}}};
  const std::vector<std::vector<double>> accuracies = {
      {0.5, 0.6}, {0.55, 0.7, 0.9, 0.8}, {0.8, 0.65, 0.6, 0.7}, {0.4, 0.3}};
  const std::vector<double> points = {0.1, 0.9, 0.8, 0.2};
  const auto best_until = [&](int trial, int epoch) {
    const auto& curve = accuracies[static_cast<std::size_t>(trial)];
    return std::max_element(curve.begin(), curve.begin() + epoch) - curve.begin();
  };
  for (int i = 0; i < 4; ++i) {
    const auto& curve = accuracies[static_cast<std::size_t>(i)];
    search::TrialRecord trial;
    trial.id = TrialId(i);
    trial.state = curve.size() == 4 ? search::TrialState::completed
                  : i == 0          ? search::TrialState::paused
                                    : search::TrialState::stopped;
    trial.point.values = {search::Value(points[static_cast<std::size_t>(i)])};
    results.trials.push_back(trial);
    for (std::size_t e = 0; e < curve.size(); ++e) {
      store::EpochRecord record;
      record.trial = trial.id;
      record.epoch = static_cast<int>(e) + 1;
      record.value = record.validation.accuracy = curve[e];
      record.train_loss = record.validation.loss = 1 - curve[e];
      results.epochs.push_back(record);
    }
  }
  const auto add = [&](int trial, int from_epoch, int to_epoch) {
    const double start = static_cast<double>(results.decisions.size());
    results.decisions.push_back({TrialId(trial), from_epoch, to_epoch, start, start + 1, "decided"});
    store::SegmentRecord segment;
    segment.trial = TrialId(trial);
    segment.from_epoch = from_epoch;
    segment.to_epoch = segment.last_epoch = to_epoch;
    const auto best = best_until(trial, to_epoch);
    segment.best_epoch = static_cast<int>(best) + 1;
    segment.value = accuracies[static_cast<std::size_t>(trial)][static_cast<std::size_t>(best)];
    segment.test.accuracy = segment.value - 0.05;
    results.segments.push_back(segment);
    results.trials[static_cast<std::size_t>(trial)].curve.push_back({to_epoch, segment.value});
  };
  for (int i = 0; i < 4; ++i) add(i, 0, 2);
  add(2, 2, 4);
  add(1, 2, 4);
  return results;
}

}  // namespace seqsweep::test
