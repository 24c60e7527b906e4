// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::unique_ptr<Scheduler> make_asha(SchedulerOptions options) {
  options.name = "asha";
  return find_in(scheduler_catalogue(), "scheduler", options.name).make(options);
}

TrialRecord measured(int trial, int epoch, double value) {
  return {.id = TrialId(trial), .point = {}, .state = TrialState::running, .curve = {{epoch, value}}, .reason = {}};
}
TrialRecord diverged(int trial, int epoch) {
  return {.id = TrialId(trial), .point = {}, .state = TrialState::diverged, .curve = {{epoch, infinity}}, .reason = {}};
}

// ASHA written plainly: rungs are lists, sorted anew for every question.
struct Reference {
  struct Entry {
    double value;
    int trial;
    bool may_go_on;
  };
  std::vector<int> epochs;
  std::size_t eta;
  std::vector<std::vector<Entry>> rungs{epochs.size()};

  // The entries among the best 1/eta, best first.
  std::vector<Entry*> top(std::size_t rung) {
    std::vector<Entry*> all;
    for (auto& entry : rungs[rung]) all.push_back(&entry);
    std::sort(all.begin(), all.end(),
              [](auto* a, auto* b) { return std::tie(a->value, a->trial) < std::tie(b->value, b->trial); });
    all.resize(all.size() / eta);
    return all;
  }
  bool committed(int trial, std::size_t rung, double value) {  // whether it goes on at once
    const bool is_last = rung + 1 == epochs.size();
    rungs[rung].push_back({value, trial, !is_last});
    for (auto* entry : top(rung))
      if (entry->trial == trial) return std::exchange(entry->may_go_on, false);
    return false;
  }
  void ended(int trial, std::size_t rung, double value) { rungs[rung].push_back({value, trial, false}); }
  std::optional<std::pair<int, int>> promote() {  // (trial, to epoch)
    for (auto rung = epochs.size() - 1; rung-- > 0;)
      for (auto* entry : top(rung))
        if (std::exchange(entry->may_go_on, false)) return std::pair(entry->trial, epochs[rung + 1]);
    return std::nullopt;
  }
};

TEST(Asha, decides_as_a_plain_reference_whatever_happens) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    auto stream = RandomKey(seed).fold(Purpose::test).stream();
    const int eta = 2 + static_cast<int>(seed % 3);
    const int max_epochs = seed % 2 == 0 ? 16 : 21;
    const auto asha = make_asha({.max_epochs = max_epochs, .grace_period = 2, .reduction_factor = eta});
    Reference reference{{}, static_cast<std::size_t>(eta)};
    for (int e = 2; e < max_epochs; e *= eta) reference.epochs.push_back(e);
    reference.epochs.push_back(max_epochs);
    reference.rungs.resize(reference.epochs.size());

    std::vector<std::pair<int, std::size_t>> running;  // (trial, rung ahead)
    const auto rung_of = [&](int epoch) {
      return static_cast<std::size_t>(std::find(reference.epochs.begin(), reference.epochs.end(), epoch) -
                                      reference.epochs.begin());
    };
    int num_promoted = 0;
    for (int step = 0, begun = 0; step < 500; ++step) {
      const double luck = stream.uniform();
      if (running.empty() || luck < 0.3) {
        running.emplace_back(begun++, 0);
        continue;
      }
      if (luck < 0.5) {
        const auto promotion = asha->promote();
        const auto expected = reference.promote();
        ASSERT_EQ(promotion.has_value(), expected.has_value());
        if (!promotion) continue;
        ASSERT_EQ(std::pair(promotion->trial.value, promotion->to_epoch), *expected);
        running.emplace_back(promotion->trial.value, rung_of(promotion->to_epoch));
        ++num_promoted;
        continue;
      }
      std::swap(running[stream.below(static_cast<std::uint32_t>(running.size()))], running.back());
      const auto [trial, rung] = running.back();
      running.pop_back();
      const int epoch = reference.epochs[rung];
      const double value = stream.below(20);  // many ties
      if (luck < 0.6) {
        asha->ended(diverged(trial, epoch - 1));
        reference.ended(trial, rung, infinity);
      } else if (luck < 0.7) {
        asha->ended(measured(trial, epoch - 1, value));
        reference.ended(trial, rung, value);
      } else {
        const auto verdict = asha->committed(measured(trial, epoch, value));
        const bool goes_on = reference.committed(trial, rung, value);
        const bool is_last = rung + 1 == reference.epochs.size();
        ASSERT_EQ(verdict.kind, is_last   ? Verdict::Kind::complete
                                : goes_on ? Verdict::Kind::proceed
                                          : Verdict::Kind::pause);
        if (!goes_on) continue;
        ASSERT_EQ(verdict.to_epoch, reference.epochs[rung + 1]);
        running.emplace_back(trial, rung + 1);
        ++num_promoted;
      }
    }
    EXPECT_GT(num_promoted, 10);
  }
}

TEST(Asha, has_rungs_at_powers_of_the_reduction_factor_and_at_the_last_epoch) {
  const auto asha = make_asha({.max_epochs = 10, .grace_period = 2, .reduction_factor = 2});
  std::vector<std::pair<int, int>> running;  // (trial, to epoch)
  for (int trial = 0; trial < 64; ++trial) running.emplace_back(trial, asha->begin(TrialId(0)));
  std::map<int, int> num_measured;  // by epoch
  while (!running.empty()) {
    const auto [trial, epoch] = running.back();
    running.pop_back();
    ++num_measured[epoch];
    const auto verdict = asha->committed(measured(trial, epoch, trial));
    if (verdict.kind == Verdict::Kind::proceed) running.emplace_back(trial, verdict.to_epoch);
    if (const auto promotion = asha->promote()) running.emplace_back(promotion->trial.value, promotion->to_epoch);
  }
  std::vector<int> rungs;
  for (const auto& [epoch, count] : num_measured) rungs.push_back(epoch);
  EXPECT_THAT(rungs, testing::ElementsAre(2, 4, 8, 10));
  EXPECT_EQ(num_measured[2], 64);
}

TEST(Asha, gives_its_reasons_in_numbers) {
  const auto asha = make_asha({.max_epochs = 16, .grace_period = 4, .reduction_factor = 4});
  EXPECT_EQ(asha->committed(measured(0, 4, 0.5)).reason, "rung 4: 0.5 is 1st of 1, top 0 go on");
  asha->committed(measured(1, 4, 0.25));
  asha->ended(diverged(2, 3));
  EXPECT_FALSE(asha->promote());
  const auto verdict = asha->committed(measured(3, 4, 0.3));
  EXPECT_EQ(verdict.kind, Verdict::Kind::pause);
  EXPECT_EQ(verdict.reason, "rung 4: 0.3 is 2nd of 4, top 1 go on");
  const auto promotion = asha->promote();
  ASSERT_TRUE(promotion);
  EXPECT_EQ(promotion->trial, TrialId(1));
  EXPECT_EQ(promotion->to_epoch, 16);
  EXPECT_EQ(promotion->reason, "rung 4: 0.25 is 1st of 4, top 1 go on");
  EXPECT_EQ(asha->committed(measured(1, 16, 0.03125)).reason, "rung 16: 0.03125 is 1st of 1, the last rung");
  EXPECT_THAT(asha->committed(measured(4, 4, 0.9)).reason, testing::HasSubstr("4th of 5"));
}

TEST(Asha, a_trial_that_improves_no_more_takes_its_place_and_goes_on_no_further) {
  const auto asha = make_asha({.max_epochs = 4, .grace_period = 1, .reduction_factor = 2});
  asha->ended(measured(0, 1, 0.1));
  asha->committed(measured(1, 1, 0.2));
  EXPECT_FALSE(asha->promote()) << "the one place belongs to trial 0";
  asha->committed(measured(2, 1, 0.3));
  asha->ended(diverged(3, 1));
  const auto promotion = asha->promote();
  ASSERT_TRUE(promotion);
  EXPECT_EQ(promotion->trial, TrialId(1));
  EXPECT_FALSE(asha->promote());
}

}  // namespace
}  // namespace seqsweep::search
