// SPDX-License-Identifier: Apache-2.0
// A metric that is maximised, and trials that are at their best before their last epoch: every view of a sweep has the
// same best trial, the same order and the same best epoch.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/text.hpp"
#include "seqsweep/report/exports.hpp"
#include "seqsweep/report/importance_report.hpp"
#include "seqsweep/report/page.hpp"
#include "seqsweep/report/progress.hpp"
#include "seqsweep/report/rungs.hpp"
#include "seqsweep/report/sweep_summary.hpp"

#include "report/sweeps.hpp"

namespace seqsweep::report {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

std::string exported(const store::Results& results, const char* format, std::string_view table = "") {
  return find_in(export_catalogue(), "format", format).make.text(results, table);
}

TEST(Maximised, trials_are_ranked_from_the_highest_value_with_the_scores_of_their_best_epoch) {
  const auto summary = summarise(test::maximised_sweep());
  std::vector<int> order, best_epochs;
  for (const auto& line : summary.ranking) {
    order.push_back(line.trial.value);
    best_epochs.push_back(line.best_epoch);
    EXPECT_EQ(line.validation.accuracy, line.value) << "the validation scores are those of the best epoch";
  }
  EXPECT_THAT(order, ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(best_epochs, ElementsAre(3, 1, 2, 1));
  EXPECT_EQ(summary.best()->value, 0.9);
  EXPECT_EQ(summary.best()->epochs, 4);
  EXPECT_EQ(summary.best()->test.accuracy, 0.9 - 0.05);
  EXPECT_EQ(summary.best()->validation.loss, 1 - 0.9);
}

TEST(Maximised, values_improve_by_rising) {
  const auto measured = measured_in_order(test::maximised_sweep());
  std::vector<double> values;
  for (const auto place : improvements(measured, search::Goal::maximize)) values.push_back(measured[place].value);
  EXPECT_THAT(values, ElementsAre(0.6, 0.7, 0.8, 0.9));
}

TEST(Maximised, rungs_compare_from_the_highest_value) {
  const auto rungs = rungs_of(test::maximised_sweep(), TrialId(1));
  ASSERT_EQ(rungs.size(), 2U);
  EXPECT_EQ(rungs[0].worst_gone_on, 0.7);
  EXPECT_EQ(rungs[0].best_left, 0.6);
  EXPECT_EQ(rungs[0].place_of_winner, 2);
  EXPECT_EQ(rungs[1].place_of_winner, 1);
}

TEST(Maximised, the_best_region_is_where_values_are_high) {
  const auto report = importance_of(test::maximised_sweep());
  ASSERT_EQ(report.importance.epoch, 2);
  ASSERT_EQ(report.num_best, 1U);
  EXPECT_EQ(report.best.at(0).low, search::Value(0.8)) << "of trial 2, the best of all four at epoch 2";
}

TEST(Maximised, the_page_has_the_best_and_the_order) {
  constexpr std::string_view opening = R"(<script type="application/json" id="data">)";
  const auto html = page(test::maximised_sweep(), {});
  const auto begin = html.find(opening) + opening.size();
  const auto data = json::parse(html.substr(begin, html.find("</script", begin) - begin));
  const auto& best = data["sweep"]["best"];
  EXPECT_EQ(data["sweep"]["goal"], "maximize");
  EXPECT_EQ(best["trial"], 1);
  EXPECT_EQ(best["best_epoch"], 3);
  EXPECT_EQ(best["value"], 0.9);
  EXPECT_EQ(best["validation"]["accuracy"], 0.9);
  EXPECT_EQ(data["trials"]["number"], (json{1, 2, 0, 3}));
  EXPECT_EQ(data["trials"]["value"], (json{0.9, 0.8, 0.6, 0.4}));
  EXPECT_EQ(data["progress"]["best"].back()[4], 0.9);
}

TEST(Maximised, exports_have_the_best_epoch_and_the_direction) {
  const auto results = test::maximised_sweep();
  const auto row = split(split(exported(results, "csv", "trials"), '\n')[2], ',');
  const auto title = split(split(exported(results, "csv", "trials"), '\n')[0], ',');
  const auto cell = [&](const std::string& name) {
    return row.at(static_cast<std::size_t>(std::find(title.begin(), title.end(), name) - title.begin()));
  };
  EXPECT_EQ(cell("trial"), "1");
  EXPECT_EQ(cell("epochs"), "4");
  EXPECT_EQ(cell("value"), "0.9");
  EXPECT_EQ(cell("best_epoch"), "3");
  const auto trial = json::parse(exported(results, "json"))["trials"][1];
  EXPECT_EQ(trial["value"], 0.9);
  EXPECT_EQ(trial["best_epoch"], 3);
  EXPECT_EQ(trial["curve"][3]["value"], 0.8) << "the curve is as it was measured";
  const auto journal = split(exported(results, "optuna"), '\n');
  EXPECT_EQ(json::parse(journal[0])["directions"], (json{2})) << "2: maximize";
}

}  // namespace
}  // namespace seqsweep::report
