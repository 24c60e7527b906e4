// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/checkpoint_space.hpp"

#include <cstring>
#include <filesystem>
#include <limits>

#include <gmock/gmock.h>

#include "seqsweep/store/checkpoint.hpp"

#include "h5/scratch.hpp"

namespace seqsweep::store {
namespace {

using search::Goal;
using search::TrialState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr double infinity = std::numeric_limits<double>::infinity();

search::TrialRecord trial_in(TrialState state, int number, double value) {
  search::TrialRecord trial;
  trial.id = TrialId(number);
  trial.state = state;
  trial.curve.push_back({4, value});
  return trial;
}

search::TrialRecord offspring_of(int parent, int number) {
  search::TrialRecord trial;
  trial.id = TrialId(number);
  trial.parent = {TrialId(parent), 2};
  return trial;
}

TEST(CheckpointSpace, keeps_the_best_that_have_ended) {
  CheckpointSpace space({.ended = 2}, Goal::minimize);
  for (const auto& [number, value] : {std::pair{0, 0.5}, {1, 0.3}, {2, 0.4}, {3, 0.6}})
    space.observe(trial_in(TrialState::completed, number, value));
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0), TrialId(3)));
  space.observe(trial_in(TrialState::stopped, 4, 0.1));
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(2)));
}

TEST(CheckpointSpace, knows_the_goal) {
  CheckpointSpace space({.ended = 1}, Goal::maximize);
  space.observe(trial_in(TrialState::completed, 0, 0.5));
  space.observe(trial_in(TrialState::completed, 1, 0.9));
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0)));
}

TEST(CheckpointSpace, names_each_trial_once_however_often_it_is_observed) {
  CheckpointSpace space({.ended = 1}, Goal::minimize);
  for (int times = 0; times < 3; ++times) {
    space.observe(trial_in(TrialState::completed, 0, 0.5));
    space.observe(trial_in(TrialState::completed, 1, 0.3));
  }
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0)));
  space.observe(trial_in(TrialState::completed, 0, 0.5));
  EXPECT_THAT(space.take_spare(), IsEmpty());
}

TEST(CheckpointSpace, leaves_trials_alone_that_may_go_on) {
  CheckpointSpace space({.ended = 1}, Goal::minimize);
  for (int number = 0; number < 10; ++number)
    space.observe(trial_in(number % 2 == 0 ? TrialState::running : TrialState::paused, number, number));
  EXPECT_THAT(space.take_spare(), IsEmpty());
}

TEST(CheckpointSpace, gives_those_of_diverged_and_failed_trials_away) {
  for (const auto goal : {Goal::minimize, Goal::maximize}) {
    CheckpointSpace space({.ended = 5}, goal);
    space.observe(trial_in(TrialState::diverged, 0, search::turned(goal, infinity)));
    space.observe(trial_in(TrialState::failed, 1, search::turned(goal, infinity)));
    EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0), TrialId(1)));
  }
}

TEST(CheckpointSpace, waits_for_offspring_that_has_yet_to_begin_from_a_trial) {
  CheckpointSpace space({.ended = 1}, Goal::minimize);
  auto child = offspring_of(0, 2);
  space.observe(child);
  space.observe(trial_in(TrialState::diverged, 0, infinity));
  EXPECT_THAT(space.take_spare(), IsEmpty());
  child.curve.push_back({4, 0.1});
  space.observe(child);
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0)));
}

TEST(CheckpointSpace, keeps_all_replicates) {
  CheckpointSpace space({.ended = 1}, Goal::minimize);
  for (int number = 1; number < 4; ++number) {
    auto replicate = trial_in(TrialState::completed, number, number);
    replicate.parent = {TrialId(0), 0};
    space.observe(replicate);
  }
  EXPECT_THAT(space.take_spare(), IsEmpty());
}

TEST(CheckpointSpace, without_bounds_keeps_all) {
  CheckpointSpace space({}, Goal::minimize);
  for (int number = 0; number < 100; ++number) space.observe(trial_in(TrialState::diverged, number, infinity));
  EXPECT_THAT(space.take_spare(), IsEmpty());
}

TEST(CheckpointSpace, keeps_the_best_that_fit_into_its_bytes) {
  CheckpointSpace space({.bytes = 100}, Goal::minimize);
  for (const auto& [number, value] : {std::pair{0, 0.5}, {1, 0.3}, {2, 0.4}})
    space.observe(trial_in(TrialState::completed, number, value), 40);
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(0)));
  space.observe(trial_in(TrialState::completed, 0, 0.5));  // what has gone counts no more
  EXPECT_EQ(space.bytes(), 80U);
  space.observe(trial_in(TrialState::running, 3, 0.9), 10);
  space.observe(trial_in(TrialState::running, 3, 0.8), 60);  // grows as it trains
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(2)));
  EXPECT_EQ(space.bytes(), 100U);
  EXPECT_FALSE(space.is_exceeded());
}

TEST(CheckpointSpace, keeps_the_best_and_those_that_may_go_on_at_any_size) {
  CheckpointSpace space({.bytes = 100}, Goal::minimize);
  space.observe(trial_in(TrialState::paused, 0, 0.9), 70);
  space.observe(trial_in(TrialState::completed, 1, 0.1), 70);
  space.observe(trial_in(TrialState::completed, 2, 0.2), 70);
  EXPECT_THAT(space.take_spare(), ElementsAre(TrialId(2)));
  EXPECT_TRUE(space.is_exceeded());
  EXPECT_EQ(space.bytes(), 140U);
}

TEST(CheckpointSpace, what_goes_is_the_file_and_the_snapshots_of_that_trial_alone) {
  const test::Scratch scratch;
  const auto results = scratch / "r.h5";
  for (const int number : {1, 2}) {
    std::filesystem::create_directories(snapshot_folder(results, TrialId(number)));
    test::write_bytes(checkpoint_path(results, TrialId(number)), "weights");
    test::write_bytes(snapshot_folder(results, TrialId(number)) + "/" + snapshot_name(4) + ".h5", "weights");
  }
  EXPECT_EQ(checkpoint_bytes(results, TrialId(1)), 2 * std::strlen("weights"));
  remove_checkpoint(results, TrialId(1));
  remove_checkpoint(results, TrialId(3));  // there is none
  EXPECT_EQ(checkpoint_bytes(results, TrialId(1)), 0U);
  EXPECT_FALSE(std::filesystem::exists(checkpoint_path(results, TrialId(1))));
  EXPECT_FALSE(std::filesystem::exists(snapshot_folder(results, TrialId(1))));
  EXPECT_TRUE(std::filesystem::exists(checkpoint_path(results, TrialId(2))));
  EXPECT_TRUE(std::filesystem::exists(snapshot_folder(results, TrialId(2))));
}

}  // namespace
}  // namespace seqsweep::store
