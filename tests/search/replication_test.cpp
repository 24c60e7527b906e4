// SPDX-License-Identifier: Apache-2.0
//
// The best trials are trained again when all is done.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repetitions.hpp"
#include "simulation.hpp"

namespace seqsweep::search {
namespace {

StudyOptions options_with(const Replication& replication) {
  StudyOptions options{.ends = {.trials = 40}, .concurrency = 6, .sampler = "random", .scheduler = {}};
  options.scheduler.name = "asha";
  options.scheduler.max_epochs = 9;
  options.scheduler.reduction_factor = 3;
  options.replication = replication;
  return options;
}

Study run(const StudyOptions& options, std::uint64_t order = 1) {
  Study study(options, simulated_space(), simulated_cost);
  run_in_random_order(study, World{}, order);
  return study;
}

std::vector<TrialRecord> replicates_of(const Study& study) {
  std::vector<TrialRecord> found;
  std::copy_if(study.trials().begin(), study.trials().end(), std::back_inserter(found),
               [](const TrialRecord& trial) { return trial.is_replicate(); });
  return found;
}

TEST(Replication, trains_the_best_trials_again_as_long_as_they_were_trained) {
  const auto study = run(options_with({.best = 3, .times = 4}));
  std::vector<const TrialRecord*> ranking;
  for (const auto& trial : study.trials().first(40)) ranking.push_back(&trial);
  std::stable_sort(ranking.begin(), ranking.end(), [](auto* a, auto* b) { return a->value() < b->value(); });
  const auto replicates = replicates_of(study);
  ASSERT_EQ(replicates.size(), 12u);
  ASSERT_EQ(study.trials().size(), 52u) << "they are no part of the sweep's ends";
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(replicates[i].parent, (Parent{ranking[i % 3]->id, 0})) << "in rounds, best first";
    EXPECT_EQ(replicates[i].point, ranking[i % 3]->point);
  }
  for (const auto& segment : study.decisions())
    if (segment.trial.value >= 40) {
      EXPECT_EQ(segment.from_epoch, 0);
      EXPECT_EQ(segment.to_epoch, ranking[static_cast<std::size_t>(segment.trial.value - 40) % 3]->epochs());
    }
}

TEST(Replication, begins_when_the_last_segment_of_the_search_is_over) {
  const auto study = run(options_with({.best = 2, .times = 2}));
  double search_end = 0;
  for (const auto& segment : study.decisions()) {
    if (segment.trial.value < 40)
      search_end = std::max(search_end, segment.virtual_finish);
    else
      EXPECT_GE(segment.virtual_start, search_end);
  }
}

TEST(Replication, changes_nothing_before_and_never_makes_a_replicate_the_best) {
  const auto plain = run(options_with({}));
  const auto replicated = run(options_with({.best = 8, .times = 3}));
  const auto before = decisions_of(plain), all = decisions_of(replicated);
  ASSERT_LT(before.size(), all.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), all.begin()));
  EXPECT_EQ(replicated.best()->id, plain.best()->id);
}

TEST(Replication, is_the_same_in_whatever_order_results_arrive) {
  const auto first = run(options_with({.best = 5, .times = 3}), 0);
  for (std::uint64_t order = 1; order < test::repetitions(100); ++order) {
    const auto study = run(options_with({.best = 5, .times = 3}), order);
    ASSERT_EQ(decisions_of(study), decisions_of(first));
    ASSERT_EQ(outcomes_of(study), outcomes_of(first));
  }
}

TEST(Replication, takes_what_there_is_where_fewer_trials_have_a_value) {
  auto options = options_with({.best = 30, .times = 1});
  options.ends.trials = 10;
  const auto study = run(options);
  const auto usable = std::count_if(study.trials().begin(), study.trials().begin() + 10,
                                    [](const TrialRecord& trial) { return std::isfinite(trial.value()); });
  EXPECT_EQ(replicates_of(study).size(), static_cast<std::size_t>(usable));
}

}  // namespace
}  // namespace seqsweep::search
