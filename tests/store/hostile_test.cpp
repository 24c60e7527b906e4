// SPDX-License-Identifier: Apache-2.0
// Files that are whole, and speak of what no sweep has: they are refused before anybody counts up to it.
#include <functional>

#include <gmock/gmock.h>

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::error_of;
using test::Scratch;
using testing::HasSubstr;

void write_and_read(const Results& results) {
  const Scratch scratch;
  auto writer = ResultsWriter::create(scratch / "r.h5", results.header);
  writer.seal(results);
  (void)read_results(scratch / "r.h5");
}

std::string error_of_results(const std::function<void(Results&)>& damage) {
  auto results = test::sample_results(3);
  damage(results);
  return error_of([&] { write_and_read(results); });
}

TEST(Hostile, records_of_impossible_trials_epochs_and_times_are_refused) {
  write_and_read(test::sample_results(3));
  EXPECT_THAT(error_of_results([](Results& r) { r.epochs[0].epoch = 0; }), HasSubstr("has a record of epoch 0"));
  EXPECT_THAT(error_of_results([](Results& r) { r.epochs[0].trial = TrialId(-1); }), HasSubstr("number of no trial"));
  EXPECT_THAT(error_of_results([](Results& r) { r.timing[0].trial = TrialId(1 << 30); }),
              HasSubstr("number of no trial"));
  EXPECT_THAT(error_of_results([](Results& r) { r.decisions[0].to_epoch = r.decisions[0].from_epoch; }),
              HasSubstr("has a segment from epoch 0 to 0"));
  EXPECT_THAT(error_of_results([](Results& r) { r.segments[0].last_epoch = 2'000'000'000; }),
              HasSubstr("has a record of epoch 2000000000"));
  EXPECT_THAT(error_of_results([](Results& r) { r.timing[0].started_s = not_applicable; }), HasSubstr("at no time"));
}

// Whoever follows parents would never come to an end.
TEST(Hostile, a_trial_that_comes_from_a_later_one_is_refused) {
  EXPECT_THAT(error_of_results([](Results& r) {
                r.trials[1].parent = {TrialId(1), 1};
              }),
              HasSubstr("trial 1 comes from trial 1"));
}

TEST(Hostile, a_search_space_that_makes_no_sense_is_refused) {
  EXPECT_THAT(error_of_results([](Results& r) {
                r.header.dimensions[2].distribution = search::Integer{1, 9, 0};
              }),
              HasSubstr("its search space makes no sense"));
}

TEST(Hostile, a_budget_below_zero_is_refused) {
  EXPECT_THAT(error_of_results([](Results& r) { r.header.trials = -1; }), HasSubstr("speaks of -1 trials"));
}

TEST(Hostile, a_checkpoint_of_a_network_larger_than_any_is_refused) {
  const Scratch scratch;
  auto checkpoint = test::sample_checkpoint();
  checkpoint.network.hidden_size = 1 << 30;
  write_checkpoint(scratch / "c.h5", checkpoint);
  EXPECT_THAT(error_of([&] { (void)read_checkpoint(scratch / "c.h5"); }), HasSubstr("larger than any can be"));
}

}  // namespace
}  // namespace seqsweep::store
