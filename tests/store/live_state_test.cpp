// SPDX-License-Identifier: Apache-2.0
// What a running sweep shows of itself: a view that may be torn, but never an error.
#include <functional>

#include <gmock/gmock.h>
#include <unistd.h>

#include "seqsweep/h5/file.hpp"

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::Scratch;

// In all places of a file; what is inserted moves what follows.
void replace_text(const std::string& path, const std::string& from, const std::string& to) {
  auto bytes = test::bytes_of(path);
  ASSERT_NE(bytes.find(from), std::string::npos);
  for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size()))
    bytes.replace(at, from.size(), to);
  test::write_bytes(path, bytes);
}

LiveTeam team_of(int trial) {
  LiveTeam team;
  team.trial = TrialId(trial);
  team.from_epoch = 1;
  team.to_epoch = 5;
  team.epochs = 2.5;
  team.num_ranks = 2;
  team.ranks = "3,4";
  team.seconds = 7;
  return team;
}

LiveState state_of(std::initializer_list<int> trials) {
  LiveState state;
  state.written_s = 1000.5 + static_cast<double>(trials.size());
  state.started_s = 900;
  state.num_ranks = 6;
  state.num_idle = 1;
  for (const int trial : trials) state.teams.push_back(team_of(trial));
  return state;
}

std::vector<int> shown_trials(const std::string& path) {
  std::vector<int> trials;
  const auto live = read_results(path).live;
  if (live)
    for (const auto& team : live->teams) trials.push_back(team.trial.value);
  return trials;
}

class LiveStateTest : public testing::Test {
 protected:
  const Scratch scratch;
  const std::string path = scratch / "r.h5";
  ResultsWriter writer = ResultsWriter::create(path, test::sample_header());
};

TEST_F(LiveStateTest, shows_what_was_put_last) {
  EXPECT_FALSE(read_results(path).live) << "nothing was shown yet";
  writer.show(state_of({1, 2, 3}));
  EXPECT_EQ(shown_trials(path), (std::vector{1, 2, 3}));
  writer.show(state_of({7}));
  EXPECT_EQ(shown_trials(path), std::vector{7}) << "the rows of former teams do not count";
  writer.show(state_of({4, 5, 6, 7, 8}));
  EXPECT_EQ(shown_trials(path), (std::vector{4, 5, 6, 7, 8}));
  const auto live = *read_results(path).live;
  EXPECT_EQ(live.num_ranks, 6);
  EXPECT_EQ(live.written_s, 1005.5);
  EXPECT_EQ(live.teams[0].epochs, 2.5);
  EXPECT_EQ(live.teams[0].ranks, "3,4");
}

TEST_F(LiveStateTest, is_no_result) {
  test::append_sample(writer, {0, 1});
  writer.show(state_of({1}));
  auto results = read_results(path);
  EXPECT_THAT(differences(results, test::sample_results(2)), testing::IsEmpty());
  writer.seal(results);
  EXPECT_FALSE(read_results(path).live);
  EXPECT_FALSE(h5::File::open(path, h5::Access::read).exists("/now"));
}

TEST_F(LiveStateTest, goes_with_the_run_that_showed_it) {
  writer.show(state_of({1}));
  { const auto gone = std::move(writer); }
  Results so_far;
  writer = ResultsWriter::resume(path, so_far);
  EXPECT_FALSE(read_results(path).live);
}

// What a reader may see while the writer is between the two tables, or after it was killed there.
TEST_F(LiveStateTest, half_of_it_is_not_shown) {
  writer.show(state_of({1, 2}));
  { const auto gone = std::move(writer); }
  EXPECT_TRUE(read_results(path).live);
  replace_text(path, "3,4", "3,9");  // both rows: their checksums tell
  EXPECT_FALSE(read_results(path).live);
  EXPECT_EQ(read_results(path).header.metric, "val_loss") << "the results are none the worse";
}

TEST_F(LiveStateTest, what_no_sweep_does_is_not_shown) {
  const auto is_shown = [&](const std::function<void(LiveState&)>& damage) {
    auto state = state_of({1});
    damage(state);
    writer.show(state);
    return read_results(path).live.has_value();
  };
  EXPECT_TRUE(is_shown([](LiveState&) {}));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.written_s = not_applicable; }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.num_ranks = -1; }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.num_idle = 2'000'000'000; }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.teams[0].trial = TrialId(-1); }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.teams[0].to_epoch = 1; }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.teams[0].epochs = 6; }));
  EXPECT_FALSE(is_shown([](LiveState& s) { s.teams[0].seconds = -1; }));
}

TEST(WriterOf, tells_a_running_process_from_one_that_has_ended) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  EXPECT_FALSE(writer_of(path));
  {
    const auto writer = ResultsWriter::create(path, test::sample_header());
    ASSERT_TRUE(writer_of(path));
    EXPECT_EQ(writer_of(path)->life, WriterProcess::Life::runs);
    EXPECT_EQ(writer_of(path)->pid, std::to_string(getpid()));
    replace_text(path + ".lock", " started=", " started=9");  // another life of that process id
    EXPECT_EQ(writer_of(path)->life, WriterProcess::Life::ended);
    replace_text(path + ".lock", "host=", "host=far-");
    EXPECT_EQ(writer_of(path)->life, WriterProcess::Life::unknown);
  }
}

}  // namespace
}  // namespace seqsweep::store
