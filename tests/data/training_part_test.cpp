// SPDX-License-Identifier: Apache-2.0
// What is learned from the data (statistics, vocabulary, the trivial rule) is learned from the training part alone, in
// every importer and task but csv (csv_test.cpp). The other parts differ here so much that they would show.
#include <cmath>

#include <fmt/format.h>

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::Each;

bool is_training(const schema::SequenceRow& row) {
  return row.split == static_cast<std::int32_t>(Split::train);
}

struct MeanAndSd {
  double mean = 0, sd = 0;
};

MeanAndSd of(const std::vector<double>& values) {
  MeanAndSd found;
  for (const double value : values) found.mean += value / static_cast<double>(values.size());
  for (const double value : values)
    found.sd += (value - found.mean) * (value - found.mean) / static_cast<double>(values.size());
  found.sd = std::sqrt(found.sd);
  return found;
}

// Of feature d at the steps of the training sequences; d < 0: of all features.
MeanAndSd training_feature(const SequenceTable& table, int d) {
  std::vector<double> values;
  for (const auto& row : table.sequences)
    for (auto t = row.start; t < row.start + row.length && is_training(row); ++t)
      for (int i = 0; i < table.header.num_features; ++i)
        if (d < 0 || i == d)
          values.push_back(table.features[static_cast<std::size_t>(t * table.header.num_features + i)]);
  return of(values);
}

void expect_near(const MeanAndSd& expected, float mean, float sd) {
  EXPECT_NEAR(mean, expected.mean, 1e-5 * (1 + std::abs(expected.mean)));
  EXPECT_NEAR(sd, expected.sd, 1e-5 * (1 + expected.sd));
}

TEST(TrainingPart, the_vocabulary_of_sentences_comes_from_it) {
  const TemporaryDirectory dir;
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += fmt::format("word{} again{}\t{}\n", i, i, i % 2);
  for (const auto& given : {Given{}, Given{{"test-every", {"4"}}, {"validation", {"0.3"}}}}) {
    const auto table = import_files("text", {dir.write("a.tsv", lines)}, given);
    EXPECT_EQ(table.header.token_names.size(), 2 + 2 * table.num_sequences(Split::train));
    EXPECT_GT(table.num_sequences(Split::validation), 0U);
    EXPECT_GT(table.num_sequences(Split::test), 0U);
    for (const auto& row : table.sequences) {
      const std::span<const std::int32_t> tokens(&table.tokens[static_cast<std::size_t>(row.start)], 2);
      if (is_training(row))
        EXPECT_THAT(tokens, Each(testing::Ge(2)));
      else
        EXPECT_THAT(tokens, Each(1));
    }
  }
}

TEST(TrainingPart, the_vocabulary_and_the_rule_of_a_language_model_come_from_it) {
  const TemporaryDirectory dir;
  const auto table = import_files("text", {dir.write("a.txt", std::string(30, 'a') + "b" + std::string(69, 'c'))},
                                  {{"language-model", {}}, {"tokens", {"characters"}}, {"split", {"0.31,0.3,0.39"}}});
  EXPECT_THAT(table.header.token_names, testing::ElementsAre("<padding>", "<unknown>", "a", "b"));
  EXPECT_EQ(table.header.floors[0].accuracy, 29.0 / 30);  // an a, 29 times of 30
  EXPECT_EQ(table.header.floors[1].accuracy, 0);
  EXPECT_EQ(table.header.floors[2].accuracy, 0);
}

TEST(TrainingPart, the_majority_class_of_sentences_is_its_own) {
  const TemporaryDirectory dir;
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += fmt::format("x\t{}\ny\trare\n", i < 8 ? "often" : "rare");
  const auto table = import_files("text", {dir.write("a.tsv", lines)}, {{"test-every", {"2"}}, {"validation", {"0"}}});
  EXPECT_EQ(table.header.floors[0].accuracy, 0.8);
  EXPECT_EQ(table.header.floors[2].accuracy, 0);  // over all, the rare class is the most frequent
  EXPECT_NEAR(table.header.floors[2].loss, -std::log(3.0 / 12), 1e-12);
}

TEST(TrainingPart, statistics_of_ts_files_come_from_it) {
  const TemporaryDirectory dir;
  std::string text = "@targetLabel true\n@data\n";
  for (int i = 0; i < 20; ++i) text += fmt::format("{},{}:{},{}:{}\n", i * i, 3 * i, i, -i * i * i, 100.0 * i * i);
  const auto file = dir.write("a.ts", text),
             far = dir.write("t.ts", "@targetLabel true\n@data\n1000000,2000000:5000000,-9000000:123456789\n");
  for (const auto& given : {Given{}, Given{{"test", {far}}, {"validation", {"0.3"}}}}) {
    const auto table = import_files("ts", {file}, given);
    EXPECT_GT(table.num_sequences(Split::validation), 0U);
    EXPECT_GT(table.num_sequences(Split::test), 0U);
    for (int d = 0; d < 2; ++d)
      expect_near(training_feature(table, d), table.header.feature_mean[static_cast<std::size_t>(d)],
                  table.header.feature_sd[static_cast<std::size_t>(d)]);
    std::vector<double> targets;
    for (std::size_t i = 0; i < table.num_sequences(Split::train); ++i) targets.push_back(table.targets[i]);
    expect_near(of(targets), table.header.target_mean[0], table.header.target_sd[0]);
    double absolute = 0;  // the rule: the mean of the training part
    for (std::size_t i = 0; i < table.sequences.size(); ++i)
      if (table.sequences[i].split == static_cast<std::int32_t>(Split::test))
        absolute +=
            std::abs(table.targets[i] - of(targets).mean) / static_cast<double>(table.num_sequences(Split::test));
    EXPECT_NEAR(table.header.floors[2].mae, absolute, 1e-3 * absolute);
  }
}

TEST(TrainingPart, statistics_of_images_come_from_it) {
  const TemporaryDirectory dir;
  std::string pixels("\0\0\x08\x03\0\0\0\x0A\0\0\0\x02\0\0\0\x02", 16), labels("\0\0\x08\x01\0\0\0\x0A", 8);
  for (int i = 0; i < 10; ++i) {
    for (int p = 0; p < 4; ++p) pixels += static_cast<char>(20 * i + 10 * p);
    labels += static_cast<char>(i % 2);
  }
  const auto images = dir.write("i", pixels), classes = dir.write("l", labels);
  for (const bool is_global : {true, false}) {
    const auto table = import_files("idx", {images, classes},
                                    {{"split", {"0.4,0.2,0.4"}}, {"normalize", {is_global ? "global" : "standard"}}});
    for (int d = 0; d < 2; ++d)
      expect_near(training_feature(table, is_global ? -1 : d), table.header.feature_mean[static_cast<std::size_t>(d)],
                  table.header.feature_sd[static_cast<std::size_t>(d)]);
  }
}

TEST(TrainingPart, how_often_a_key_sounds_comes_from_it) {
  const TemporaryDirectory dir;
  const auto train = dir.write("a.txt", "0 0 0 0 1\n"), others = dir.write("b.txt", "1 1 1 1 1\n");
  const auto table =
      import_files("piano_roll", {train}, {{"keys", {"2"}}, {"validation-file", {others}}, {"test", {others}}});
  const double key_0 = 4.0 / 6, key_1 = 2.0 / 6;  // of 4 steps, with one more of each
  EXPECT_NEAR(table.header.floors[2].loss, -std::log(1 - key_0) - std::log(key_1), 1e-12);
  EXPECT_EQ(table.header.floors[1].loss, table.header.floors[2].loss);
}

TEST(TrainingPart, statistics_of_the_mackey_glass_series_come_from_it) {
  const auto table = make_task("mackey_glass", {{"sequences", {"60"}}, {"length", {"5"}}, {"horizon", {"3"}}});
  const auto last = table.sequences[table.num_sequences(Split::train) - 1];
  const auto end = table.features.begin() + last.start + last.length + 3;  // after the last target
  expect_near(of({table.features.begin(), end}), table.header.feature_mean[0], table.header.feature_sd[0]);
  EXPECT_GT(std::abs(of({table.features.begin(), table.features.end()}).mean - table.header.feature_mean[0]), 1e-3);
}

TEST(TrainingPart, the_rule_of_tasks_knows_its_targets_alone) {
  for (const char* task : {"adding", "sine"}) {
    const auto table = make_task(task, {{"sequences", {"40"}}, {"length", {"6"}}});
    double mean = 0;
    const auto count = table.num_sequences(Split::train);
    for (std::size_t i = 0; i < count; ++i) mean += table.targets[i] / static_cast<double>(count);
    double absolute = 0;
    for (std::size_t i = 34; i < 40; ++i) absolute += std::abs(table.targets[i] - mean) / 6;
    if (table.header.floor_rule == "mean of the training part")
      EXPECT_NEAR(table.header.floors[2].mae, absolute, 1e-6) << task;
    else
      EXPECT_THAT(table.header.floor_rule, testing::StartsWith("persistence")) << task;
  }
}

}  // namespace
}  // namespace seqsweep::data
