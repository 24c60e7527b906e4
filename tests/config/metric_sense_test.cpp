// SPDX-License-Identifier: Apache-2.0
//
// Where a metric should go: known names go their way, and of others nobody guesses.
#include "../../src/config/metric_sense.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/config/plan.hpp"
#include "seqsweep/config/recorded_study.hpp"
#include "seqsweep/core/text.hpp"

#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using search::Goal;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SweepConfig command_with(const std::string& sweep, const std::vector<std::string>& overrides = {}) {
  return read_text(
      "[trial]\nobjective = command\ncommand = ./a {x}\n[parameters]\nx = uniform(0, 1)\n[sweep]\n" + sweep, overrides);
}

TEST(MetricSense, accuracy_and_its_like_go_up) {
  for (const auto& name :
       split("accuracy|Accuracy|acc|val_acc|valAcc|val/accuracy|test-accuracy|accuracy_val|r2|R2|R^2|r2_score|"
             "val_r2|f1|F1|f1_macro|macro-F1|f1-score|precision|recall@10|auc|AUC|roc_auc|val_auroc|pr-auc|"
             "mAP|map_50|ndcg@10|BLEU|bleu4|sacrebleu|rougeL|rouge-1|rouge1|chrF|mIoU|dice|mcc|kappa|"
             "mean_reward|episode_reward_mean|return|top5_accuracy|top-1 acc|balanced_accuracy|accuracy_score|"
             "log_likelihood|spearman",
             '|')) {
    EXPECT_EQ(sense_of(name), Goal::maximize) << name;
  }
}

TEST(MetricSense, losses_errors_and_costs_go_down) {
  for (const auto& name :
       split("loss|val_loss|valLoss|Loss/val|train_loss|loss_ce|logloss|dice_loss|accuracy_loss|error|"
             "top5_error|error_rate|word_error_rate|mean_squared_error|val_err|mse|RMSE|mae|MAPE|sMAPE|"
             "perplexity|val_ppl|nll|negative_log_likelihood|cross-entropy|WER|cer|bits|bpc|bits_per_char|"
             "value|objective|cost|total_cost|time|epoch_time|seconds|latency|distance|regret|energy|memory|"
             "parameters|multiply_adds|val_mae|val_rmse",
             '|'))
    EXPECT_EQ(sense_of(name), Goal::minimize) << name;
}

TEST(MetricSense, other_names_and_those_that_say_two_things_have_none) {
  for (const auto& name :
       split("score|fitness|speed|throughput|tokens_per_second|samples_per_seconds|x||_|val|metric|"
             "time_to_failure|map_size|neg_mean_squared_error|neg_loss|negative_loss|loss_reduction|"
             "cost_saved|reward_cost|accuracy_time|accurate|glossary|uptime|memory_efficiency|bits_ok",
             '|'))
    EXPECT_EQ(sense_of(name), std::nullopt) << name;
}

TEST(MetricSense, of_a_command_is_that_of_its_name) {
  EXPECT_EQ(command_with("metric = accuracy\n").study.goal, Goal::maximize);
  EXPECT_TRUE(command_with("metric = test_R2\n").objective.is_maximised);
  EXPECT_EQ(command_with("metric = value\n").study.goal, Goal::minimize);
  EXPECT_THAT(command_with("metric = loss, f1, seconds\n").goals,
              ElementsAre(Goal::minimize, Goal::maximize, Goal::minimize));
  EXPECT_EQ(command_with("metric = accuracy\n").definition().at("sweep.goal"), "maximize");
  EXPECT_EQ(recorded_study(command_with("metric = accuracy\n").definition(), {}).goal, Goal::maximize);
}

TEST(MetricSense, unknown_never_starts_without_a_goal) {
  const std::string head =
      "[trial]\nobjective = command\ncommand = ./a {x}\n[parameters]\nx = uniform(0, 1)\n[sweep]\n";
  expect_errors(
      {{"metric = score\n",
        "a.ini:7: sweep.goal is missing, and the name score does not say whether higher or lower is better; write goal "
        "= minimize or goal = maximize"},
       {"metric = loss, score, accuracy\n",
        "a.ini:7: sweep.goal is missing, and the name score does not say whether higher or lower is better; write goal "
        "= minimize, minimize or maximize (score), maximize"},
       {"metric = loss\n",
        "command line: sweep.goal is missing, and the name score does not say whether higher or lower is better; write "
        "goal = minimize or goal = maximize",
        {"sweep.metric=score"}},
       {"metric = score, loss\ngoal = maximize\n",
        "a.ini:8: sweep.goal = maximize stands for all 2 metrics and would maximize loss; write a goal for each: "
        "minimize or maximize (score), minimize"}},
      head);
  EXPECT_EQ(command_with("metric = score\ngoal = maximize\n").study.goal, Goal::maximize);
}

TEST(MetricSense, that_a_goal_contradicts_is_allowed_and_said) {
  const auto config = command_with("metric = accuracy\ngoal = minimize\n");
  EXPECT_EQ(config.study.goal, Goal::minimize);
  EXPECT_THAT(config.warnings, ElementsAre("sweep.goal = minimize: going by its name, accuracy is to maximize"));
  EXPECT_THAT(read_with_data("[sweep]\nmetric = val_loss\ngoal = maximize\n").warnings,
              ElementsAre("sweep.goal = maximize: going by its name, val_loss is to minimize"));
  EXPECT_THAT(command_with("metric = accuracy\ngoal = maximize\n").warnings, IsEmpty());
}

TEST(MetricSense, that_was_chosen_by_default_is_told_at_the_start_and_by_the_plan) {
  const auto config = command_with("metric = accuracy\n");
  EXPECT_THAT(config.defaults, Contains("maximize accuracy, going by the name (sweep.goal)"));
  const auto text = text_of(make_plan(config, {}));
  EXPECT_THAT(text, HasSubstr("maximize accuracy"));
  EXPECT_THAT(text, HasSubstr("going by the name"));
  EXPECT_THAT(command_with("metric = accuracy\ngoal = maximize\n[train]\nmax_epochs = 1\n").defaults, IsEmpty());
}

TEST(MetricSense, is_what_help_says) {
  const auto help = config_help(10'000);
  EXPECT_THAT(help, HasSubstr(known_senses()));
  EXPECT_THAT(known_senses(), HasSubstr("maximized are accuracy, r2,"));
}

// Every key of the table that a network may be measured by is known.
TEST(MetricSense, of_every_metric_of_networks_is_known) {
  for (const auto& key : keys()) {
    if (key.name != "sweep.metric") continue;
    for (const auto& name : {"val_loss", "val_accuracy", "val_mae", "val_rmse", "val_r2", "train_loss"}) {
      EXPECT_THAT(key.type, HasSubstr(name));
      EXPECT_NE(sense_of(name), std::nullopt) << name;
    }
  }
}

TEST(MaxEpochs, of_a_command_is_1_where_nothing_is_written_and_that_is_said) {
  const auto config = command_with("metric = loss\n");
  EXPECT_EQ(config.base.max_epochs, 1);
  EXPECT_THAT(config.defaults, Contains(HasSubstr("1 epoch a trial")));
  EXPECT_THAT(text_of(make_plan(config, {})), HasSubstr("1 epoch a"));
  EXPECT_THAT(config_help(10'000), HasSubstr("With trial.objective = command: 1 where it is not written."));
  EXPECT_THAT(command_with("metric = loss\n[train]\nmax_epochs = 3\n").defaults, Not(Contains(HasSubstr("epoch a"))));
}

}  // namespace
}  // namespace seqsweep::config
