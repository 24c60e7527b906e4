// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/curves.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::report {
namespace {

// What counts as a change of a loss, relative to it: less is the noise of one epoch.
constexpr double worse_by = 0.05;
constexpr double better_by = 0.02;
constexpr double most_orders_lost = 0.5;  // of the orders of magnitude between the floor, or the worst, and the best

using Kind = CurveVerdict::Kind;

// How the trial came to where its own training began.
void put_before(LearningCurve& own, const LearningCurve& parent, int to_epoch) {
  const auto end = std::upper_bound(parent.epochs.begin(), parent.epochs.end(), to_epoch);
  const auto count = end - parent.epochs.begin();
  own.epochs.insert(own.epochs.begin(), parent.epochs.begin(), end);
  own.validation.insert(own.validation.begin(), parent.validation.begin(), parent.validation.begin() + count);
  if (!parent.train.empty()) own.train.insert(own.train.begin(), parent.train.begin(), parent.train.begin() + count);
}

// The mean over the last quarter of a curve, at least one epoch.
double late_mean(std::span<const double> values) {
  const std::size_t count = std::max<std::size_t>(1, values.size() / 4);
  const auto late = values.last(count);
  return std::accumulate(late.begin(), late.end(), 0.0) / static_cast<double>(count);
}

// "by 12 %", "by a factor of 430"; the rise is relative to what there was before.
std::string rise_text(double rise) {
  constexpr double many = 3;
  return rise < many ? fmt::format("by {:.0f} %", 100 * rise) : fmt::format("by a factor of {:.0f}", 1 + rise);
}

CurveVerdict after_the_best(const LearningCurve& curve, std::size_t best, double rise) {
  CurveVerdict verdict;
  verdict.from_epoch = curve.epochs[best + 1];
  const auto risen = fmt::format("after epoch {} it got worse {}", curve.epochs[best], rise_text(rise));
  if (curve.train.empty()) {
    verdict.kind = Kind::unstable;
    verdict.sentence = risen;
  } else if (curve.train.back() < curve.train[best]) {
    verdict.kind = Kind::overfits;
    verdict.sentence =
        fmt::format("overfits from epoch {}: the validation loss rose {} while the training loss fell on",
                    verdict.from_epoch, rise_text(rise));
  } else {
    verdict.kind = Kind::unstable;
    verdict.sentence =
        fmt::format("unstable: {}, and the training loss rose, too; a lower learning rate may help", risen);
  }
  return verdict;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::too_short:
      return "too short";
    case Kind::underfits:
      return "underfits";
    case Kind::overfits:
      return "overfits";
    case Kind::unstable:
      return "unstable";
    case Kind::still_learning:
      return "still learning";
    case Kind::healthy:
      return "healthy";
  }
  return "unknown";
}

std::map<TrialId, LearningCurve> learning_curves(const store::Results& results) {
  const bool is_command = results.header.definition.contains("trial.command");
  std::vector<const store::EpochRecord*> records;
  for (const auto& record : results.epochs) records.push_back(&record);
  std::sort(records.begin(), records.end(), [](const auto* a, const auto* b) { return a->epoch < b->epoch; });
  std::map<TrialId, LearningCurve> curves;
  for (const auto* record : records) {
    auto& curve = curves[record->trial];
    curve.trial = record->trial;
    curve.epochs.push_back(record->epoch);
    curve.validation.push_back(is_command ? record->value : record->validation.loss);
    if (!is_command) curve.train.push_back(record->train_loss);
  }
  for (const auto& trial : results.trials) {  // parents come before their offspring
    const auto own = curves.find(trial.id), parent = curves.find(trial.parent.trial);
    if (trial.is_offspring() && own != curves.end() && parent != curves.end())
      put_before(own->second, parent->second, trial.parent.epoch);
  }
  return curves;
}

CurveVerdict judge(const LearningCurve& curve, search::Goal goal, double floor) {
  constexpr std::size_t enough = 3;
  if (curve.epochs.size() < enough) return {Kind::too_short, 0, "too few epochs to judge"};
  std::vector<double> losses;  // to be minimised
  for (const double value : curve.validation)
    losses.push_back(std::isfinite(value) ? search::turned(goal, value) : std::numeric_limits<double>::infinity());
  const auto best = static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
  const double lowest = losses[best];
  if (!std::isfinite(lowest)) return {Kind::unstable, curve.epochs[0], "no epoch has a finite validation loss"};
  const double clearly_below = (1 - worse_by) * floor;
  if (lowest >= clearly_below && !curve.train.empty() && curve.train[best] >= clearly_below)
    return {Kind::underfits, 0, "underfits: neither training nor validation loss gets clearly below the floor"};
  // A change counts where it is large beside the loss itself and beside all that was learned: after a fall from 0.2 to
  // 0.0001, a rise to 0.0004 is neither overfitting nor instability. One to 0.02 is: it gives back most of the orders
  // of magnitude that were won.
  const double highest = *std::max_element(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  const double learned = std::fmax(std::isfinite(highest) ? highest : lowest, floor) - lowest;
  const auto is_change = [&](double change, double share) {
    return change > share * std::abs(lowest) && change > share * learned;
  };
  const double rise = late_mean(losses) - lowest;
  const bool loses_orders =
      lowest > 0 && std::log1p(rise / lowest) > most_orders_lost * std::log1p(learned / lowest) && rise > lowest;
  if (best + 1 < losses.size() && (is_change(rise, worse_by) || loses_orders))
    return after_the_best(curve, best, rise / std::abs(lowest));
  const std::size_t late_from = losses.size() - std::max<std::size_t>(1, losses.size() / 4);
  const double before = *std::min_element(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(late_from));
  const auto score = curve.train.empty() ? "its value" : "the validation loss";
  if (best >= late_from && is_change(before - lowest, better_by))
    return {Kind::still_learning, 0,
            fmt::format("still learning: {} improved by {:.0f} % in its last quarter; more epochs may help", score,
                        100 * (before - lowest) / std::abs(before))};
  return {Kind::healthy, 0, fmt::format("healthy: {} levelled off and stayed there", score)};
}

std::vector<std::size_t> thinned(std::span<const double> values, std::size_t most) {
  SEQSWEEP_EXPECT(most >= 4, "first, last, a lowest and a highest");
  std::set<std::size_t> kept;
  if (values.size() <= most) {
    std::vector<std::size_t> all(values.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  const std::size_t num_stretches = (most - 2) / 2;
  kept.insert({0, values.size() - 1});
  for (std::size_t s = 0; s < num_stretches; ++s) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(s * values.size() / num_stretches);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>((s + 1) * values.size() / num_stretches);
    const auto [low, high] = std::minmax_element(begin, end);
    kept.insert({static_cast<std::size_t>(low - values.begin()), static_cast<std::size_t>(high - values.begin())});
  }
  return {kept.begin(), kept.end()};
}

}  // namespace seqsweep::report
