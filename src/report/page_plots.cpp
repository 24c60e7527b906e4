// SPDX-License-Identifier: Apache-2.0
// The numbers of the page: trials, progress, learning curves, gradient flow.
#include <algorithm>
#include <cmath>
#include <set>

#include "seqsweep/report/progress.hpp"

#include "page_json.hpp"

namespace seqsweep::report {
namespace {

// A page for ten thousand trials must stay small: who looks at the curve of the hundredth best?
constexpr std::size_t most_curves = 100;
constexpr std::size_t most_curve_points = 200;
constexpr std::size_t most_results = 4000;
constexpr std::size_t most_flows = 10;
constexpr std::size_t most_flow_epochs = 40;

Json value_json(const std::optional<search::Value>& value) {
  if (!value) return nullptr;
  return std::visit([](const auto& held) { return Json(held); }, *value);
}

double floor_for_curves(const SweepSummary& summary) {
  return summary.command().empty() ? summary.header.validation_floor.loss : store::not_applicable;
}

search::Goal goal_of_curves(const SweepSummary& summary) {
  return summary.command().empty() ? search::Goal::minimize : summary.header.goal;  // of networks they are losses
}

Json curve_json(const LearningCurve& curve, const CurveVerdict& verdict) {
  Json epochs = Json::array(), train = Json::array(), validation = Json::array();
  for (const auto i : thinned(curve.validation, most_curve_points)) {
    epochs.push_back(curve.epochs[i]);
    validation.push_back(curve.validation[i]);
    if (!curve.train.empty()) train.push_back(curve.train[i]);
  }
  return {{"trial", curve.trial.value},
          {"epochs", std::move(epochs)},
          {"train", std::move(train)},
          {"validation", std::move(validation)},
          {"sentence", verdict.sentence}};
}

// By layer, distance bin and epoch: norm / norm at the loss. The farthest bin ends with the longest sequence that an
// epoch looked at, so a bin is known by where it begins.
Json flow_json(TrialId trial, const std::vector<const store::EpochRecord*>& epochs) {
  std::map<int, std::map<int, int>> bins;  // by layer: from where to where
  for (const auto* epoch : epochs)
    for (const auto& bin : epoch->gradient_flow) {
      int& distance_to = bins[bin.layer][bin.distance_from];
      distance_to = std::max(distance_to, bin.distance_to);
    }
  Json layers = Json::array();
  for (const auto& [layer, distances] : bins) {
    Json cells = Json::array(), labels = Json::array(), numbers = Json::array();
    for (const auto& [from, to] : distances) labels.push_back({from, to});
    for (std::size_t e = 0; e < epochs.size(); ++e) {
      numbers.push_back(epochs[e]->epoch);
      double near = store::not_applicable;
      for (const auto& bin : epochs[e]->gradient_flow)
        if (bin.layer == layer && bin.distance_from == distances.begin()->first) near = bin.norm;
      for (const auto& bin : epochs[e]->gradient_flow)
        if (bin.layer == layer)
          cells.push_back({e, std::distance(distances.begin(), distances.find(bin.distance_from)), bin.norm / near});
    }
    layers.push_back({{"layer", layer},
                      {"distances", std::move(labels)},
                      {"epochs", std::move(numbers)},
                      {"cells", std::move(cells)}});
  }
  return {{"trial", trial.value}, {"layers", std::move(layers)}};
}

}  // namespace

Json trials_json(const SweepSummary& summary, const std::map<TrialId, LearningCurve>& curves) {
  const auto& header = summary.header;
  const auto test_score = header.metric == "train_loss" ? "loss" : summary.score_name();
  Json number = Json::array(), state = Json::array(), epochs = Json::array(), best_epoch = Json::array(),
       value = Json::array(), test = Json::array(), verdict = Json::array();
  Json further = Json::array(), point = Json::array();
  for (std::size_t m = 0; m < header.further_metrics.size(); ++m) further.push_back(Json::array());
  for (std::size_t d = 0; d < header.dimensions.size(); ++d) point.push_back(Json::array());
  for (const auto& line : summary.ranking) {
    number.push_back(line.trial.value);
    state.push_back(search::name_of(line.state));
    epochs.push_back(line.epochs);
    best_epoch.push_back(line.best_epoch);
    value.push_back(line.value);
    if (!test_score.empty()) test.push_back(line.test.by_name(test_score));
    for (std::size_t m = 0; m < further.size(); ++m)
      further[m].push_back(m < line.further.size() ? line.further[m] : store::not_applicable);
    for (std::size_t d = 0; d < point.size(); ++d) point[d].push_back(value_json(line.point.at(d)));
    const auto curve = curves.find(line.trial);
    verdict.push_back(
        curve == curves.end()
            ? Json(nullptr)
            : Json(name_of(judge(curve->second, goal_of_curves(summary), floor_for_curves(summary)).kind)));
  }
  return {{"number", std::move(number)},         {"state", std::move(state)}, {"epochs", std::move(epochs)},
          {"best_epoch", std::move(best_epoch)}, {"value", std::move(value)}, {"test", std::move(test)},
          {"further", std::move(further)},       {"point", std::move(point)}, {"verdict", std::move(verdict)}};
}

Json curves_json(const SweepSummary& summary, const std::map<TrialId, LearningCurve>& curves) {
  Json json = Json::array();
  for (std::size_t i = 0; i < std::min(most_curves, summary.ranking.size()); ++i) {
    const auto curve = curves.find(summary.ranking[i].trial);
    if (curve == curves.end()) continue;
    json.push_back(curve_json(curve->second, judge(curve->second, goal_of_curves(summary), floor_for_curves(summary))));
  }
  return json;
}

Json progress_json(const store::Results& results, const Ledger& ledger) {
  auto measured = measured_in_order(results);
  const auto goal = results.header.goal;
  const auto steps = [&] {
    Json json = Json::array();
    for (const auto place : improvements(measured, goal)) {
      const auto& one = measured[place];
      json.push_back(
          {one.trial.value, one.num_trials, one.num_epochs, six_digits(ledger.node_hours_at(one.ended_s)), one.value});
    }
    return json;
  };
  Json points = Json::array();
  const std::size_t every = measured.size() / most_results + 1;
  for (std::size_t i = 0; i < measured.size(); i += every)
    if (!std::isnan(measured[i].value))
      points.push_back({measured[i].trial.value, measured[i].num_trials, measured[i].num_epochs,
                        six_digits(ledger.node_hours_at(measured[i].ended_s)), measured[i].value});
  Json end = measured.empty() ? Json(nullptr)
                              : Json::array({nullptr, measured.back().num_trials, measured.back().num_epochs,
                                             six_digits(ledger.total_node_hours()), nullptr});
  Json in_virtual_order = steps();
  std::erase_if(measured, [](const Measured& one) { return std::isnan(one.ended_s); });
  std::stable_sort(measured.begin(), measured.end(),
                   [](const Measured& a, const Measured& b) { return a.ended_s < b.ended_s; });
  return {{"best", std::move(in_virtual_order)},
          {"best_by_time", steps()},
          {"results", std::move(points)},
          {"end", std::move(end)}};
}

Json gradients_json(const store::Results& results, const SweepSummary& summary) {
  std::map<TrialId, std::vector<const store::EpochRecord*>> flows;
  for (std::size_t i = 0; i < std::min(most_flows, summary.ranking.size()); ++i) flows[summary.ranking[i].trial] = {};
  for (const auto& record : results.epochs)
    if (const auto flow = flows.find(record.trial); flow != flows.end() && !record.gradient_flow.empty())
      flow->second.push_back(&record);
  Json trials = Json::array();
  for (std::size_t i = 0; i < std::min(most_flows, summary.ranking.size()); ++i) {
    auto& epochs = flows[summary.ranking[i].trial];
    if (epochs.empty()) continue;
    std::sort(epochs.begin(), epochs.end(), [](const auto* a, const auto* b) { return a->epoch < b->epoch; });
    const auto last = epochs.back();
    const std::size_t every = epochs.size() / most_flow_epochs + 1;
    std::vector<const store::EpochRecord*> kept;
    for (std::size_t e = 0; e < epochs.size(); e += every) kept.push_back(epochs[e]);
    Json trial = flow_json(summary.ranking[i].trial, kept);
    Json sentences = Json::array();
    for (const auto& verdict : judge_gradient_flow(last->gradient_flow))
      sentences.push_back(
          {{"layer", verdict.layer}, {"health", name_of(verdict.health)}, {"sentence", verdict.sentence}});
    trial["epoch"] = last->epoch;
    trial["verdicts"] = std::move(sentences);
    trials.push_back(std::move(trial));
  }
  std::string steps;
  if (summary.gradients)
    steps =
        describe_steps(summary.gradients->clipped_fraction, summary.gradients->norm_mean, summary.gradients->norm_max);
  return {{"trials", std::move(trials)}, {"steps", steps}};
}

}  // namespace seqsweep::report
