// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "seqsweep/report/exports.hpp"

#include "report/sweeps.hpp"

namespace seqsweep::report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string exported(const store::Results& results, const char* format, std::string_view table = "") {
  return find_in(export_catalogue(), "format", format).make.text(results, table);
}

// Every trial of an Optuna journal.
std::vector<json> trials_of(const std::string& journal) {
  std::vector<json> trials;
  for (const auto& line : split(journal, '\n'))
    if (!line.empty() && json::parse(line)["op_code"] == 4) trials.push_back(json::parse(line));
  return trials;
}

TEST(Export, every_format_takes_every_sweep) {
  for (const auto& entry : export_catalogue())
    for (const auto& results : {test::hostile_sweep(), test::empty_sweep(), test::sweep_of_one_trial(),
                                test::failed_sweep(), test::large_sweep(100)}) {
      const std::vector<std::string_view> one_for_all = {""};
      for (const auto table : entry.make.tables.empty() ? std::span(one_for_all) : entry.make.tables) {
        const auto text = exported(results, std::string(entry.name).c_str(), table);
        EXPECT_FALSE(text.empty()) << entry.name << " " << table;
        EXPECT_EQ(text.back(), '\n') << entry.name << " " << table;
      }
    }
}

TEST(CsvExport, quotes_what_would_break_a_line) {
  auto results = test::sweep_of_one_trial();
  results.segments.back().message = "a \"word\", and\na line";
  EXPECT_THAT(exported(results, "csv", "segment_results"), HasSubstr(",\"a \"\"word\"\", and\na line\"\n"));
}

TEST(CsvExport, of_an_empty_sweep_is_its_header) {
  EXPECT_EQ(exported(test::empty_sweep(), "csv", "segments"),
            "trial,from_epoch,to_epoch,virtual_start,virtual_finish,reason\n");
}

TEST(CsvExport, leaves_cells_empty_where_nothing_was_measured) {
  auto results = test::sweep_of_one_trial();
  results.segments.clear();
  results.trials[0].state = search::TrialState::running;
  const auto row = split(exported(results, "csv", "trials"), '\n')[1];
  EXPECT_THAT(row, StartsWith("0,running,3rd of 7 at epoch 1,0,,0,,,,,,,-1,0,"));
}

TEST(JsonExport, has_null_for_what_is_not_finite) {
  auto results = test::sweep_of_one_trial();
  results.segments.back().value = std::numeric_limits<double>::infinity();
  const auto trial = json::parse(exported(results, "json"))["trials"][0];
  EXPECT_TRUE(trial["value"].is_null());
  EXPECT_TRUE(trial["test"]["accuracy"].is_null());
  EXPECT_TRUE(trial["curve"][0]["gradient_norm_max"].is_null());
  EXPECT_EQ(trial["curve"].size(), 3u);
}

TEST(OptunaExport, keeps_paused_trials_running_until_the_sweep_is_finished) {
  auto results = test::sweep_of_one_trial();
  results.trials[0].state = search::TrialState::paused;
  EXPECT_EQ(trials_of(exported(results, "optuna"))[0]["state"], 2);
  results.is_sealed = false;
  const auto trial = trials_of(exported(results, "optuna"))[0];
  EXPECT_EQ(trial["state"], 0);
  EXPECT_TRUE(trial["value"].is_null());
  EXPECT_FALSE(trial.contains("datetime_complete"));
}

TEST(OptunaExport, a_replicate_is_no_trial_that_could_be_the_best) {
  auto results = test::sweep_of_one_trial();
  auto replicate = results.trials[0];
  replicate.id = TrialId(1);
  replicate.parent = {.trial = TrialId(0)};
  results.trials.push_back(replicate);
  auto luckier = results.segments.back();
  luckier.trial = TrialId(1);
  luckier.value = -1e9;
  results.segments.push_back(luckier);
  testing::internal::CaptureStderr();
  const auto trials = trials_of(exported(results, "optuna"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("1 replicate is left out"));
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_NE(trials[0]["value"], -1e9);
  EXPECT_EQ(json::parse(exported(results, "json"))["trials"].size(), 2u) << "everything is there";
}

TEST(OptunaExport, has_no_completed_trial_without_a_value) {
  auto results = test::sweep_of_one_trial();
  results.segments.back().value = store::not_applicable;
  EXPECT_EQ(trials_of(exported(results, "optuna"))[0]["state"], 3);
}

TEST(OptunaExport, widens_normal_distributions_to_what_was_tried) {
  auto results = test::sweep_of_one_trial();
  results.trials[0].point.values[7] = 9.5;  // of normal(1, 0.5)
  const auto trial = trials_of(exported(results, "optuna"))[0];
  const auto clip_norm = json::parse(trial["distributions"]["train.clip_norm"].get<std::string>());
  EXPECT_EQ(clip_norm["attributes"]["high"], 9.5);
  EXPECT_EQ(clip_norm["attributes"]["low"], -0.5);
}

TEST(OptunaExport, writes_times_in_utc) {
  const auto trial = trials_of(exported(test::sweep_of_one_trial(), "optuna"))[0];
  EXPECT_EQ(trial["datetime_start"], "2001-09-09T01:46:40.000000");
  EXPECT_EQ(trial["datetime_complete"], "2001-09-09T01:46:52.500000");
}

}  // namespace
}  // namespace seqsweep::report
