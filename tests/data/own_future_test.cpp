// SPDX-License-Identifier: Apache-2.0
// Which data sets ask at each step for what is fed in later.
#include "seqsweep/data/own_future.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;

std::optional<int> found_in(const SequenceTable& table) {
  const TemporaryDirectory dir;
  write_dataset(table, dir.file("set.h5"), IfExists::refuse);
  return steps_to_own_answer(dir.file("set.h5"));
}

constexpr int num_sequences = 6, num_steps = 20;

// Two features, which wander; the target is the second one `ahead` steps later, beside one of noise.
SequenceTable series(int ahead) {
  SequenceTable table;
  auto& header = table.header;
  header.num_features = 2;
  header.feature_names = {"a", "b"};
  header.num_outputs = 2;
  header.target_kind = TargetKind::real;
  header.target_position = TargetPosition::per_step;
  header.feature_mean = {0.25F, 3};  // statistics that differ: what is compared is raw
  header.feature_sd = {2, 0.5F};
  header.target_mean = {-1, 7};
  header.target_sd = {1.5F, 3};
  auto random = RandomKey(1).fold(Purpose::test).stream();
  for (int s = 0; s < num_sequences; ++s) {
    const auto start = table.num_steps();
    std::vector<float> b;
    for (int t = 0; t < num_steps + ahead; ++t) b.push_back(static_cast<float>(random.normal()));
    for (int t = 0; t < num_steps; ++t) {
      table.features.push_back(static_cast<float>(random.normal()));
      table.features.push_back(b[static_cast<std::size_t>(t)]);
      table.targets.push_back(static_cast<float>(random.normal()));
      table.targets.push_back(b[static_cast<std::size_t>(t + ahead)]);
    }
    table.close_sequence(start, all_splits[static_cast<std::size_t>(s) / 2]);
  }
  return table;
}

TEST(OwnAnswer, is_the_next_token_of_a_language_model) {
  const TemporaryDirectory dir;
  std::string text;
  for (int i = 0; i < 200; ++i) text += "the cat sat on the mat " + std::to_string(i % 7) + " ";
  const auto path = dir.write("text.txt", text);
  for (const std::string tokens : {"words", "characters"})
    EXPECT_EQ(
        found_in(import_files("text", {path}, {{"language-model", {}}, {"tokens", {tokens}}, {"window", {"16"}}})), 1)
        << tokens;
}

TEST(OwnAnswer, is_the_next_step_of_a_piano_roll) {
  const TemporaryDirectory dir;
  std::string pieces;
  for (int piece = 0; piece < 20; ++piece) {
    for (int t = 0; t < 12; ++t) pieces += std::to_string((t * t + piece) % 5) + (t % 3 == 0 ? ",7 " : " ");
    pieces += "\n";
  }
  EXPECT_EQ(found_in(import_files("piano_roll", {dir.write("pieces.txt", pieces)}, {{"keys", {"10"}}})), 1);
}

TEST(OwnAnswer, is_one_column_of_numbers_however_far_ahead_and_with_statistics_of_its_own) {
  for (const int ahead : {1, 2, 7}) EXPECT_EQ(found_in(series(ahead)), ahead);
  EXPECT_EQ(found_in(series(0)), std::nullopt) << "what is seen at the same step is no future";
}

TEST(OwnAnswer, is_refuted_by_the_last_sequence_alone) {
  auto table = series(1);
  table.targets[table.targets.size() - 3] += 1;  // the last target but one, of the column that is the future
  EXPECT_EQ(found_in(table), std::nullopt);
}

TEST(OwnAnswer, is_not_seen_in_what_never_changes) {
  auto table = series(1);
  std::fill(table.features.begin(), table.features.end(), 1.0F);
  std::fill(table.targets.begin(), table.targets.end(), 1.0F);
  EXPECT_EQ(found_in(table), std::nullopt);
}

TEST(OwnAnswer, is_not_in_tasks_that_ask_for_what_was_before) {
  for (const auto& task : task_catalogue())
    EXPECT_EQ(found_in(make_task(std::string(task.name), {{"sequences", {"60"}}})), std::nullopt) << task.name;
  EXPECT_EQ(found_in(make_task("copy_memory", {{"sequences", {"60"}}, {"score", {"recall"}}})), std::nullopt);
}

TEST(OwnAnswer, passes_over_steps_that_are_not_scored) {
  SequenceTable table;
  auto& header = table.header;
  header.vocabulary = header.num_outputs = 8;
  header.target_kind = TargetKind::classes;
  header.target_position = TargetPosition::per_step;
  auto random = RandomKey(2).fold(Purpose::test).stream();
  for (int s = 0; s < num_sequences; ++s) {
    const auto start = table.num_steps();
    for (int t = 0; t < num_steps; ++t) table.tokens.push_back(static_cast<std::int32_t>(1 + random.below(7)));
    for (int t = 0; t < num_steps; ++t)
      table.classes.push_back(t + 1 == num_steps || t % 4 == 0 ? -1
                                                               : table.tokens[start + static_cast<std::size_t>(t) + 1]);
    table.close_sequence(start, all_splits[static_cast<std::size_t>(s) / 2]);
  }
  EXPECT_EQ(found_in(table), 1);
}

}  // namespace
}  // namespace seqsweep::data
