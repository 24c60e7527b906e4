// SPDX-License-Identifier: Apache-2.0
// How often the coordinator has a segment run that fails, or whose ranks run out of memory: exactly.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/cluster/coordinator.hpp"

namespace seqsweep::cluster {
namespace {

struct Kept final : Recorder {
  void append(const search::Segment& decision) override { decisions.push_back(decision); }
  void append(const store::EpochRecord&) override {}
  void append(const store::SegmentRecord& record) override { segments.push_back(record); }
  void append(const store::TimingRecord& timing) override { ++legs[timing.trial.value]; }
  void put_trial(const search::TrialRecord& trial, const store::SegmentRecord*) override {
    states[trial.id.value] = trial.state;
  }
  void commit() override {}

  std::vector<search::Segment> decisions;
  std::vector<store::SegmentRecord> segments;
  std::map<int, int> legs;
  std::map<int, search::TrialState> states;
};

// Three trials of one segment each, handed to one rank after the other.
class RetriesTest : public testing::Test {
 protected:
  RetriesTest() {
    search::StudyOptions options;
    options.ends.trials = 3;
    options.concurrency = 1;
    options.sampler = "random";
    options.scheduler.name = "none";
    options.scheduler.max_epochs = 2;
    const search::SearchSpace space({{"x", search::Uniform{0, 1, 0}, std::nullopt}});
    study = std::make_unique<search::Study>(options, space, [](const search::Point&) { return 1e9; });
  }

  // `answer` to each order, until the sweep ends. Gives how often each trial was handed out.
  template <class Answer>
  std::map<int, int> run(int retries, Answer answer) {
    CoordinatorOptions options;
    options.ranks.worker_ranks = {1};
    options.most_ranks = [](const search::Point&) { return 1; };
    options.retries = retries;
    Coordinator coordinator(*study, recorder, wires.coordinator_end(), options, {});
    std::map<int, int> orders;
    for (int turns = 0; !coordinator.is_done() && turns < 100; ++turns) {
      coordinator.turn();
      while (const auto message = wires.worker_end(1).receive())
        if (const auto* order = std::get_if<RunSegment>(&*message))
          wires.worker_end(1).send(answer(*order, ++orders[order->trial.value]));
    }
    EXPECT_TRUE(coordinator.is_done());
    coordinator.turn();
    return orders;
  }

  static ToCoordinator done(const RunSegment& order) {
    SegmentDone done;
    done.leg = order.leg;
    done.record.trial = done.timing.trial = order.trial;
    done.record.to_epoch = done.record.last_epoch = order.to_epoch;
    done.record.value = 0.5;
    return done;
  }
  static ToCoordinator failed(const RunSegment& order, int attempt) {
    SegmentDone done;
    done.leg = order.leg;
    done.record = failed_record(order, "attempt " + std::to_string(attempt));
    done.timing.trial = order.trial;
    return done;
  }

  InMemoryWires wires;
  Kept recorder;
  std::unique_ptr<search::Study> study;
};

TEST_F(RetriesTest, a_segment_that_always_fails_is_run_once_more_for_each_retry) {
  const auto orders = run(2, [](const RunSegment& order, int attempt) {
    return order.trial == TrialId(1) ? failed(order, attempt) : done(order);
  });
  EXPECT_EQ(orders, (std::map<int, int>{{0, 1}, {1, 3}, {2, 1}}));
  EXPECT_EQ(recorder.legs, orders) << "what it cost is recorded each time";
  ASSERT_EQ(recorder.segments.size(), 3U);
  EXPECT_EQ(recorder.segments[1].ending, search::Ending::failed);
  EXPECT_EQ(recorder.segments[1].message, "attempt 3");
  EXPECT_EQ(recorder.states, (std::map<int, search::TrialState>{{0, search::TrialState::completed},
                                                                {1, search::TrialState::failed},
                                                                {2, search::TrialState::completed}}));
}

TEST_F(RetriesTest, without_retries_a_segment_that_fails_is_run_once) {
  const auto orders = run(0, [](const RunSegment& order, int attempt) { return failed(order, attempt); });
  EXPECT_EQ(orders, (std::map<int, int>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(recorder.segments.size(), 3U);
}

TEST_F(RetriesTest, each_segment_has_its_own) {
  const auto orders =
      run(1, [](const RunSegment& order, int attempt) { return attempt == 1 ? failed(order, attempt) : done(order); });
  EXPECT_EQ(orders, (std::map<int, int>{{0, 2}, {1, 2}, {2, 2}}));
  for (const auto& segment : recorder.segments) EXPECT_EQ(segment.ending, search::Ending::reached);
}

TEST_F(RetriesTest, a_segment_that_runs_out_of_memory_is_tried_five_times_and_fails_with_the_reason) {
  const auto orders = run(0, [](const RunSegment& order, int) {
    return order.trial == TrialId(0) ? ToCoordinator(OutOfMemory{1, order.leg}) : done(order);
  });
  EXPECT_EQ(orders, (std::map<int, int>{{0, 5}, {1, 1}, {2, 1}}));
  ASSERT_EQ(recorder.segments.size(), 3U);
  EXPECT_EQ(recorder.segments[0].trial, TrialId(0));
  EXPECT_EQ(recorder.segments[0].ending, search::Ending::failed);
  EXPECT_THAT(recorder.segments[0].message, testing::HasSubstr("limits.memory leaves out points"));
  EXPECT_EQ(recorder.states.at(0), search::TrialState::failed);
}

TEST_F(RetriesTest, a_segment_that_ran_out_of_memory_four_times_may_succeed_at_the_fifth) {
  const auto orders = run(0, [](const RunSegment& order, int attempt) {
    return attempt < 5 ? ToCoordinator(OutOfMemory{1, order.leg}) : done(order);
  });
  EXPECT_EQ(orders, (std::map<int, int>{{0, 5}, {1, 5}, {2, 5}}));
  for (const auto& segment : recorder.segments) EXPECT_EQ(segment.ending, search::Ending::reached);
}

}  // namespace
}  // namespace seqsweep::cluster
