// SPDX-License-Identifier: Apache-2.0
#include "comparison.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

using report::SeedSpread;

void check_comparable(const ComparedSweep& a, const ComparedSweep& b) {
  const auto refuse = [&](const std::string& what, const std::string& of_a, const std::string& of_b) {
    throw ConfigError(fmt::format("{} and {} have different {} ('{}' and '{}'); compare sweeps of one metric on one "
                                  "data set",
                                  a.path, b.path, what, of_a, of_b),
                      "command line");
  };
  const auto goal_of = [](const ComparedSweep& sweep) { return std::string(search::name_of(sweep.header.goal)); };
  if (a.header.metric != b.header.metric) refuse("metrics", a.header.metric, b.header.metric);
  if (a.header.goal != b.header.goal) refuse("goals", goal_of(a), goal_of(b));
  if (a.header.dataset_fingerprint != b.header.dataset_fingerprint)
    refuse("data sets", a.header.dataset_name + " " + a.header.dataset_fingerprint,
           b.header.dataset_name + " " + b.header.dataset_fingerprint);
}

int num_measured(const SeedSpread& spread) {
  return spread.num_replicates - spread.num_lost;
}

// Which of the two lacks what a test needs, and how to get it; empty: none.
std::string what_is_missing(const ComparedSweep& sweep) {
  if (sweep.spread && num_measured(*sweep.spread) >= 2) return "";
  return fmt::format("{} has no two replicates: run its command again with --sweep.replicate_best=1", sweep.path);
}

// Welch (1947): t = (m_a - m_b) / √(e_a² + e_b²), with (e_a² + e_b²)² / (e_a⁴ / (n_a - 1) + e_b⁴ / (n_b - 1)) degrees
// of freedom; m a mean, e its standard error, n how many it is of.
void apply_welch(SpreadTest& test, const SeedSpread& better, const SeedSpread& worse, search::Goal goal) {
  constexpr double upper_quantile = 0.975;  // an interval of 95 %
  const double a2 = std::pow(better.value.standard_error, 2), b2 = std::pow(worse.value.standard_error, 2);
  test.difference = search::turned(goal, worse.value.mean) - search::turned(goal, better.value.mean);
  double half_width = 0;  // equal values have no spread
  if (a2 + b2 > 0) {
    const double freedom =
        std::pow(a2 + b2, 2) / (a2 * a2 / (num_measured(better) - 1) + b2 * b2 / (num_measured(worse) - 1));
    half_width = boost::math::quantile(boost::math::students_t(freedom), upper_quantile) * std::sqrt(a2 + b2);
  }
  test.low = test.difference - half_width;
  test.high = test.difference + half_width;
  test.exceeds_spread = test.low > 0 || test.high < 0;
}

std::string verdict(const SpreadTest& test, const ComparedSweep& better, const ComparedSweep& worse) {
  if (test.low > 0) return "more than the spread over seeds";
  if (test.high < 0) return fmt::format("over seeds it is {} that is better: {} was lucky", worse.path, better.path);
  return "no more than the spread over seeds";
}

SpreadTest tested(const std::vector<ComparedSweep>& sweeps, std::size_t better, std::size_t worse) {
  SpreadTest test;
  test.better = better;
  test.worse = worse;
  const auto& a = sweeps[better];
  const auto& b = sweeps[worse];
  const auto gain = std::abs(a.value - b.value);
  if (std::isnan(gain)) {
    const auto& sweep = std::isnan(a.value) ? a : b;
    test.sentence = sweep.path + (sweep.is_sealed ? " is finished and has no usable value" : " has no value yet");
    return test;
  }
  const auto opening = gain == 0
                           ? fmt::format("{} and {} found the same value", a.path, b.path)
                           : fmt::format("{} found a better value than {}, by {}", a.path, b.path, four_digits(gain));
  for (const auto* sweep : {&a, &b})
    if (const auto missing = what_is_missing(*sweep); !missing.empty()) {
      test.sentence = fmt::format("{}; whether seeds alone make that much is not known, since {}", opening, missing);
      return test;
    }
  apply_welch(test, *a.spread, *b.spread, a.header.goal);
  test.sentence = fmt::format(
      "{}; over seeds its best configuration is better by {}, 95 % interval {} to {} (Welch's t, {} "
      "and {} replicates): {}",
      opening, four_digits(test.difference), four_digits(test.low), four_digits(test.high), num_measured(*a.spread),
      num_measured(*b.spread), verdict(test, a, b));
  return test;
}

std::map<std::string, std::vector<std::string>> differing_keys(const std::vector<ComparedSweep>& sweeps) {
  std::set<std::string> keys;
  for (const auto& sweep : sweeps)
    for (const auto& [key, value] : sweep.header.definition) keys.insert(key);
  std::map<std::string, std::vector<std::string>> differing;
  const auto add = [&](const std::string& key, const auto& value_of) {
    std::vector<std::string> values;
    for (const auto& sweep : sweeps) values.push_back(value_of(sweep));
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end())
      differing[key] = std::move(values);
  };
  for (const auto& key : keys)
    add(key, [&](const ComparedSweep& sweep) {
      const auto found = sweep.header.definition.find(key);
      return found == sweep.header.definition.end() ? std::string() : found->second;
    });
  add("sweep.trials", [](const ComparedSweep& sweep) { return std::to_string(sweep.header.trials); });
  return differing;
}

double floor_of(const report::SweepSummary& summary) {
  const auto score = summary.score_name();
  return score.empty() ? store::not_applicable : summary.header.validation_floor.by_name(score);
}

}  // namespace

ComparedSweep read_compared(const std::string& path) {
  const auto results = store::read_results(path, store::Parts::without_epochs);
  const auto summary = report::summarise(results);
  ComparedSweep sweep;
  sweep.path = path;
  sweep.header = results.header;
  sweep.is_sealed = results.is_sealed;
  sweep.floor = floor_of(summary);
  sweep.num_trials = summary.num_trials - summary.num_replicates;
  sweep.node_hours = report::ledger_of(results).total_node_hours();
  sweep.best_so_far = best_so_far(results);
  if (!summary.seed_spreads.empty()) sweep.spread = summary.seed_spreads.front();
  const auto* best = summary.best();
  if (best == nullptr) return sweep;
  sweep.trial = best->trial;
  sweep.value = best->value;
  if (const auto score = summary.score_name(); !score.empty()) sweep.test = best->test.by_name(score);
  return sweep;
}

Comparison compare(std::vector<ComparedSweep> sweeps) {
  for (const auto& sweep : sweeps) check_comparable(sweeps.front(), sweep);
  Comparison comparison;
  comparison.sweeps = std::move(sweeps);
  const auto& all = comparison.sweeps;
  comparison.differing = differing_keys(all);
  const auto place_of = [&](const ComparedSweep& sweep) {
    const double value = search::turned(sweep.header.goal, sweep.value);
    return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
  };
  const auto best = static_cast<std::size_t>(
      std::min_element(all.begin(), all.end(),
                       [&](const auto& a, const auto& b) { return place_of(a) < place_of(b); }) -
      all.begin());
  for (std::size_t other = 0; other < all.size(); ++other)
    if (other != best) comparison.tests.push_back(tested(all, best, other));
  return comparison;
}

}  // namespace seqsweep::jobs
