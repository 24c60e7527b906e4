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

#include "repetitions.hpp"

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

// ASHA and one Reference per bracket, side by side through the same events.
class SideBySide {
 public:
  explicit SideBySide(const SchedulerOptions& options) : last_epoch_(options.max_epochs), asha_(make_asha(options)) {
    std::vector<int> rungs;
    for (int e = options.grace_period; e < options.max_epochs; e *= options.reduction_factor) rungs.push_back(e);
    rungs.push_back(options.max_epochs);
    for (int s = 0; s < options.brackets; ++s)
      brackets_.push_back({{rungs.begin() + s, rungs.end()}, static_cast<std::size_t>(options.reduction_factor)});
  }

  struct Running {
    int trial;
    int epoch;  // that it is on the way to
  };
  std::vector<Running> running;
  int num_promoted = 0;

  void begin() {
    const int trial = static_cast<int>(bracket_of_.size());
    const int epoch = asha_->begin(TrialId(trial));
    for (auto& bracket : brackets_)  // known by where it begins
      if (bracket.epochs.front() == epoch) bracket_of_.push_back(&bracket);
    running.push_back({trial, epoch});
  }
  void promote() {
    const auto promotion = asha_->promote();
    std::optional<std::pair<int, int>> expected;
    for (auto& bracket : brackets_)
      if (!expected) expected = bracket.promote();
    ASSERT_EQ(promotion.has_value(), expected.has_value());
    if (!promotion) return;
    ASSERT_EQ(std::pair(promotion->trial.value, promotion->to_epoch), *expected);
    go_on(promotion->trial.value, promotion->to_epoch);
  }
  void end(Running at, double value) {
    auto trial = measured(at.trial, at.epoch - 1, value);
    if (value == infinity) trial.state = TrialState::diverged;
    asha_->ended(trial);
    bracket_of(at).ended(at.trial, rung_of(at), value);
  }
  void commit(Running at, double value) {
    const auto verdict = asha_->committed(measured(at.trial, at.epoch, value));
    const bool goes_on = bracket_of(at).committed(at.trial, rung_of(at), value);
    ASSERT_EQ(verdict.kind, at.epoch == last_epoch_ ? Verdict::Kind::complete
                            : goes_on               ? Verdict::Kind::proceed
                                                    : Verdict::Kind::pause);
    if (!goes_on) return;
    ASSERT_EQ(verdict.to_epoch, bracket_of(at).epochs[rung_of(at) + 1]);
    go_on(at.trial, verdict.to_epoch);
  }

 private:
  void go_on(int trial, int to_epoch) {
    running.push_back({trial, to_epoch});
    ++num_promoted;
  }
  Reference& bracket_of(Running at) { return *bracket_of_[static_cast<std::size_t>(at.trial)]; }
  std::size_t rung_of(Running at) {
    const auto& epochs = bracket_of(at).epochs;
    return static_cast<std::size_t>(std::find(epochs.begin(), epochs.end(), at.epoch) - epochs.begin());
  }

  const int last_epoch_;
  const std::unique_ptr<Scheduler> asha_;
  std::vector<Reference> brackets_;
  std::vector<Reference*> bracket_of_;  // by trial
};

void expect_decisions_of_reference(const SchedulerOptions& options, std::uint64_t seed) {
  auto stream = RandomKey(seed).fold(Purpose::test).stream();
  SideBySide both(options);
  for (int step = 0; step < 500; ++step) {
    const double luck = stream.uniform();
    if (both.running.empty() || luck < 0.3) {
      both.begin();
    } else if (luck < 0.5) {
      both.promote();
    } else {
      std::swap(both.running[stream.below(static_cast<std::uint32_t>(both.running.size()))], both.running.back());
      const auto at = both.running.back();
      both.running.pop_back();
      const double value = stream.below(20);  // many ties
      if (luck < 0.7)
        both.end(at, luck < 0.6 ? infinity : value);
      else
        both.commit(at, value);
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(both.num_promoted, 10);
}

TEST(Asha, decides_as_a_plain_reference_whatever_happens) {
  for (std::uint64_t seed = 0; seed < test::repetitions(60); ++seed)
    for (const int brackets : {1, 2, 3})
      expect_decisions_of_reference({.max_epochs = seed % 2 == 0 ? 16 : 21,
                                     .grace_period = 2,
                                     .reduction_factor = 2 + static_cast<int>(seed % 3),
                                     .brackets = brackets},
                                    seed);
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

TEST(Asha, gives_each_bracket_the_same_budget_at_all_times) {
  // Rungs 1, 4, 16: what a trial is expected to take where one in four goes on. [epochs]
  const std::map<int, double> expected = {{1, 1 + 3 / 4.0 + 12 / 16.0}, {4, 4 + 12 / 4.0}, {16, 16}};
  double share_of_all = 0;  // Σ 1 / expected
  for (const auto& [first, epochs] : expected) share_of_all += 1 / epochs;
  const auto asha = make_asha({.max_epochs = 16, .reduction_factor = 4, .brackets = 3});
  std::map<int, int> num_begun;  // by the first rung
  for (int trial = 0; trial < 2000; ++trial) {
    ++num_begun[asha->begin(TrialId(trial))];
    for (const auto& [first, epochs] : expected)
      ASSERT_NEAR(num_begun[first], (trial + 1) / epochs / share_of_all, 1) << "after trial " << trial;
  }
}

TEST(Asha, begins_bracket_s_at_rung_s_and_compares_within_brackets) {
  const auto asha = make_asha({.max_epochs = 4, .reduction_factor = 2, .brackets = 2});
  std::vector<int> first_rungs;
  for (int trial = 0; trial < 5; ++trial) first_rungs.push_back(asha->begin(TrialId(trial)));
  EXPECT_THAT(first_rungs,
              testing::ElementsAre(1, 2, 1, 2, 1));  // a trial of bracket 0 takes 2 epochs, one of 1 takes 3
  asha->committed(measured(0, 1, 0.4));
  asha->committed(measured(1, 2, 0.1));
  EXPECT_EQ(asha->committed(measured(2, 1, 0.5)).reason, "bracket 0, rung 1: 0.5 is 2nd of 2, top 1 go on");
  const auto promotion = asha->promote();
  ASSERT_TRUE(promotion);
  EXPECT_EQ(promotion->trial, TrialId(0));
  EXPECT_EQ(promotion->to_epoch, 2);
  EXPECT_FALSE(asha->promote()) << "trial 1 is the only one at its rung of bracket 1";
  EXPECT_EQ(asha->committed(measured(0, 2, 0.4)).reason, "bracket 0, rung 2: 0.4 is 1st of 1, top 0 go on");
}

}  // namespace
}  // namespace seqsweep::search
