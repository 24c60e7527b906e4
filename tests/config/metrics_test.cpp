// SPDX-License-Identifier: Apache-2.0
//
// Several objectives: sweep.metric and sweep.goal as lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/config/plan.hpp"
#include "seqsweep/config/recorded_study.hpp"

#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using search::Goal;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string front = "[sweep]\nmetric = val_accuracy,parameters , val_loss\n[model]\nhidden_size = int(8, 64)\n";

TEST(Metrics, each_has_the_goal_of_its_own_sense) {
  const auto config = read_with_data(front);
  EXPECT_EQ(config.objective.metric, "val_accuracy");
  EXPECT_THAT(config.objective.further_metrics, ElementsAre("parameters", "val_loss"));
  EXPECT_TRUE(config.objective.is_maximised);
  EXPECT_EQ(config.study.goal, Goal::maximize);
  EXPECT_THAT(config.study.further_goals, ElementsAre(Goal::minimize, Goal::minimize));
  EXPECT_EQ(config.definition().at("sweep.metric"), "val_accuracy, parameters, val_loss");
  EXPECT_EQ(config.definition().at("sweep.goal"), "maximize, minimize, minimize");
}

TEST(Metrics, one_leaves_the_definition_as_it_was) {
  const auto config = read_with_data("[sweep]\nmetric = val_r2\n");
  EXPECT_THAT(config.objective.further_metrics, IsEmpty());
  EXPECT_THAT(config.study.further_goals, IsEmpty());
  EXPECT_EQ(config.definition().at("sweep.metric"), "val_r2");
  EXPECT_EQ(config.definition().at("sweep.goal"), "maximize");
  EXPECT_EQ(config.study.scheduler.name, search::SchedulerOptions{}.name);
}

TEST(Metrics, goals_may_be_written_one_for_each_or_one_for_all_where_it_fits_all) {
  const auto goals_of = [](const std::string& text) { return read_with_data("[sweep]\n" + text).goals; };
  EXPECT_THAT(goals_of("metric = val_loss, val_accuracy\ngoal = maximize, minimize\n"),
              ElementsAre(Goal::maximize, Goal::minimize));
  EXPECT_THAT(goals_of("metric = val_loss, multiply_adds\ngoal = minimize\n"),
              ElementsAre(Goal::minimize, Goal::minimize));
  const auto of_command =
      read_text("[trial]\nobjective = command\ncommand = ./a\n[sweep]\nmetric = gain, speed\ngoal = maximize\n");
  EXPECT_THAT(of_command.goals, ElementsAre(Goal::maximize, Goal::maximize));
  EXPECT_EQ(of_command.definition().at("sweep.goal"), "maximize, maximize");
}

TEST(Metrics, several_are_searched_without_a_scheduler_by_motpe) {
  const auto config = read_with_data(front);
  EXPECT_EQ(config.study.scheduler.name, "none");
  EXPECT_EQ(config.definition().at("search.scheduler"), "none");
  DataFacts facts;
  facts.num_features = 2;
  facts.train_sequences = facts.validation_sequences = facts.train_steps = facts.validation_steps = 10;
  facts.max_length = 1;
  const auto text = text_of(make_plan(config, facts));
  EXPECT_THAT(text, HasSubstr("maximize val_accuracy, minimize parameters"));
  EXPECT_THAT(text, HasSubstr("auto: motpe"));
  EXPECT_THAT(text_of(make_plan(read_with_data("[model]\nhidden_size = int(8, 64)\n"), facts)),
              testing::Not(HasSubstr("objectives")));
}

TEST(Metrics, a_recorded_study_has_all_of_them) {
  const auto study = recorded_study(read_with_data(front).definition(), {});
  EXPECT_EQ(study.goal, Goal::maximize);
  EXPECT_THAT(study.further_goals, ElementsAre(Goal::minimize, Goal::minimize));
  EXPECT_EQ(study.scheduler.name, "none");
}

TEST(Metrics, mistakes_get_one_line) {
  const std::string both = "[sweep]\nmetric = val_loss, parameters\n";
  expect_errors(
      {{both + "[search]\nscheduler = asha\n",
        "a.ini:6: search.scheduler = asha compares trials by one objective, and sweep.metric names 2; write none, or "
        "leave it out"},
       {both + "[search]\nsampler = tpe\n",
        "a.ini:6: search.sampler = tpe has one objective, and sweep.metric names 2; write motpe or nsga2, or auto, "
        "which takes motpe"},
       {both + "target = 1\n",
        "a.ini:5: sweep.target is of one objective, and sweep.metric names 2; leave it out, and end the sweep by its "
        "trials"},
       {both + "goal = maximize\n",
        "a.ini:5: sweep.goal = maximize stands for all 2 metrics and would maximize val_loss; write a goal for each: "
        "minimize, minimize"},
       {both + "goal = minimize, maximize, minimize\n",
        "a.ini:5: sweep.goal names 3 goals for 2 metrics; write one for each: minimize, minimize"},
       {both + "goal = minimize, up\n", "a.ini:5: unknown sweep.goal 'up' (known: minimize, maximize)"},
       {"[sweep]\nmetric = parameters, val_loss\n",
        "a.ini:4: sweep.metric begins with parameters, which training does not change; put what is learned first, such "
        "as val_loss, parameters"},
       {"[sweep]\nmetric = val_loss, val_mae, val_loss\n", "a.ini:4: sweep.metric names val_loss twice; leave one out"},
       {"[sweep]\nmetric = val_loss,\n",
        "a.ini:4: sweep.metric lacks a name in 'val_loss,'; write one, or leave out the comma"},
       {"[sweep]\nmetric = val_loss, val_mae, val_rmse, parameters, multiply_adds\n",
        "a.ini:4: sweep.metric names 5 objectives; name at most 4"},
       {"[sweep]\nmetric = val_loss, parameter\n",
        "a.ini:4: unknown sweep.metric 'parameter' (known: val_loss, val_accuracy, val_mae, val_rmse, val_r2, "
        "train_loss, "
        "parameters, multiply_adds); did you mean 'parameters'?"}},
      with_data);
}

}  // namespace
}  // namespace seqsweep::config
