// SPDX-License-Identifier: Apache-2.0
// kill -9 at any moment loses no committed record. The writer says through a pipe what it has committed.
#include <cstdio>
#include <random>

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include "h5/scratch.hpp"
#include "store/sample.hpp"

namespace seqsweep::store {
namespace {

using test::Scratch;

/// Resumes and appends epochs of trial 0, one after another, until killed.
[[noreturn]] void append_for_ever(const std::string& path, int pipe) {
  try {
    Results so_far;
    auto writer = ResultsWriter::resume(path, so_far);
    for (int next = static_cast<int>(so_far.epochs.size()) + 1;; ++next) {
      writer.append(test::sample_epoch(0, next));
      writer.append(test::sample_segment(0, next - 1, next));
      writer.put_trial(test::sample_trial(next % 4 == 0 ? 1 : 0), nullptr);
      writer.commit();
      if (write(pipe, &next, sizeof next) != sizeof next) break;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  _exit(1);
}

/// The last number that came through a pipe before it closed; `otherwise` if none did.
int last_number(int pipe, int otherwise) {
  for (int number; read(pipe, &number, sizeof number) == sizeof number;) otherwise = number;
  return otherwise;
}

void expect_whole(const Results& found, int committed) {
  const int num_epochs = static_cast<int>(found.epochs.size());
  EXPECT_GE(num_epochs, committed);
  EXPECT_LE(num_epochs, committed + 1);  // killed between the commit and its message
  EXPECT_EQ(found.segments.size(), found.epochs.size());
  Results expected;
  expected.header = test::sample_header();
  expected.trials = found.trials;  // overwritten in place: no record of the journal
  for (int e = 1; e <= num_epochs; ++e) {
    expected.epochs.push_back(test::sample_epoch(0, e));
    expected.segments.push_back(test::sample_segment(0, e - 1, e));
  }
  EXPECT_THAT(differences(found, expected), testing::IsEmpty());
}

TEST(Kill, no_committed_record_is_lost_in_30_kills) {
  const Scratch scratch;
  const auto path = scratch / "r.h5";
  {
    auto writer = ResultsWriter::create(path, test::sample_header());
    for (const int trial : {0, 1}) writer.put_trial(test::sample_trial(trial), nullptr);
    writer.commit();
  }
  constexpr int enough = 30;
  std::mt19937 random(1);  // a seed of its own: the moments vary anyhow
  int committed = 0;
  for (unsigned kills = 0; kills < 30; ++kills) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) append_for_ever(path, ends[1]);
    close(ends[1]);
    const unsigned longest_us = committed > enough ? 40'000 : 40'000 * (kills + 1);  // a busy machine needs its time
    usleep(500 + random() % longest_us);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    committed = last_number(ends[0], committed);
    close(ends[0]);
    const auto found = read_results(path);
    expect_whole(found, committed);
    committed = static_cast<int>(found.epochs.size());
  }
  EXPECT_GT(committed, enough);
  Results so_far;
  ResultsWriter::resume(path, so_far).seal(so_far);
  const auto sealed = read_results(path);
  EXPECT_TRUE(sealed.is_sealed);
  expect_whole(sealed, committed);
}

}  // namespace
}  // namespace seqsweep::store
