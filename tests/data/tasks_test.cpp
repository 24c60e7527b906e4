// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;

TEST(Tasks, every_task_makes_a_data_set_that_loads_and_repeats) {
  for (const auto& task : task_catalogue()) {
    const TemporaryDirectory dir;
    const Given given = {{"sequences", {"60"}}, {"split", {"0.4,0.3,0.3"}}};
    const auto name = std::string(task.name);
    const auto fingerprint = write_dataset(make_task(name, given), dir.file("a.h5"), IfExists::refuse);
    EXPECT_EQ(write_dataset(make_task(name, given), dir.file("b.h5"), IfExists::refuse), fingerprint) << name;
    auto other = given;
    other.push_back({"seed", {"2"}});
    EXPECT_NE(write_dataset(make_task(name, other), dir.file("c.h5"), IfExists::refuse), fingerprint) << name;
    const auto dataset = Dataset::load(dir.file("a.h5"));
    for (const Split split : all_splits) {
      EXPECT_GT(dataset.num_sequences(split), 0U) << name;
      EXPECT_TRUE(std::isfinite(dataset.header().floors[static_cast<std::size_t>(split)].loss)) << name;
    }
    EXPECT_THAT(describe(dir.file("a.h5")), testing::HasSubstr(fingerprint));
    EXPECT_THAT(describe(dir.file("a.h5")), testing::EndsWith(describe_contents(dataset))) << name;
  }
}

TEST(Tasks, adding_targets_are_the_sums_of_the_two_marked_values) {
  const auto table = make_task("adding", {{"sequences", {"200"}}, {"length", {"11"}}});
  for (std::size_t i = 0; i < 200; ++i) {
    std::vector<std::size_t> marked;
    double sum = 0;
    for (std::size_t t = 0; t < 11; ++t) {
      const float* step = &table.features[(i * 11 + t) * 2];
      if (step[1] == 0) continue;
      marked.push_back(t);
      sum += step[0];
    }
    ASSERT_EQ(marked.size(), 2U);
    EXPECT_LT(marked[0], 5U);
    EXPECT_GE(marked[1], 5U);
    EXPECT_FLOAT_EQ(table.targets[i], static_cast<float>(sum));
  }
}

TEST(Tasks, adding_has_the_floor_of_the_literature) {
  const auto table = make_task("adding", {{"sequences", {"40000"}}, {"length", {"4"}}});
  EXPECT_NEAR(table.header.floors[0].loss, 1.0 / 6, 0.003);
}

TEST(Tasks, more_sequences_do_not_change_the_first) {
  const auto few = make_task("adding", {{"sequences", {"10"}}}), many = make_task("adding", {{"sequences", {"20"}}});
  EXPECT_TRUE(std::equal(few.features.begin(), few.features.end(), many.features.begin()));
}

TEST(Tasks, copy_memory_asks_for_the_first_symbols_after_the_marker) {
  const auto table = make_task("copy_memory", {{"sequences", {"30"}}, {"delay", {"5"}}, {"remember", {"3"}}});
  ASSERT_EQ(table.tokens.size(), 30U * 11U);
  std::set<std::int32_t> symbols;
  for (std::size_t i = 0; i < 30; ++i) {
    const auto* x = &table.tokens[i * 11];
    const auto* y = &table.classes[i * 11];
    for (int t = 0; t < 8; ++t) EXPECT_EQ(y[t], 8);
    for (int t = 0; t < 3; ++t) EXPECT_EQ(y[8 + t], x[t] - 2);
    EXPECT_EQ(x[7], 11);  // the marker, followed by as many blanks as there are symbols to put out
    for (const int t : {3, 4, 5, 6, 8, 9, 10}) EXPECT_EQ(x[t], 10);
    symbols.insert(x, x + 3);
  }
  EXPECT_EQ(symbols.size(), 8U);
  EXPECT_NEAR(table.header.floors[0].loss, 3 * std::log(8) / 11, 1e-12);
}

TEST(Tasks, copy_memory_can_score_the_recall_alone) {
  const auto table = make_task("copy_memory", {{"sequences", {"10"}}, {"score", {"recall"}}});
  EXPECT_EQ(std::count_if(table.classes.begin(), table.classes.end(), [](int c) { return c >= 0; }), 10 * 10);
  EXPECT_NEAR(table.header.floors[0].loss, std::log(8), 1e-12);
}

// Reference values: the attractor for τ = 17 stays within 0.2 … 1.4 and has mean 0.93 and standard deviation 0.23.
TEST(Tasks, mackey_glass_stays_on_its_attractor) {
  const auto table = make_task("mackey_glass", {{"sequences", {"6000"}}});
  const auto [low, high] = std::minmax_element(table.features.begin(), table.features.end());
  EXPECT_GT(*low, 0.2F);
  EXPECT_LT(*high, 1.4F);
  EXPECT_NEAR(table.header.feature_mean[0], 0.93, 0.01);
  EXPECT_NEAR(table.header.feature_sd[0], 0.23, 0.01);
  const auto& last = table.sequences.front();
  EXPECT_EQ(table.targets[0], table.features[static_cast<std::size_t>(last.start + last.length - 1 + 84)]);
}

TEST(Tasks, sine_targets_are_free_of_noise) {
  const auto table = make_task("sine", {{"sequences", {"100"}}, {"noise", {"5"}}, {"horizon", {"3"}}});
  for (const float y : table.targets) EXPECT_LE(std::abs(y), 1.0F);
  EXPECT_GT(*std::max_element(table.features.begin(), table.features.end()), 3.0F);
}

TEST(Tasks, wrong_options_are_named) {
  EXPECT_THAT(error_of<ConfigError>([] { make_task("addding"); }), testing::HasSubstr("did you mean 'adding'?"));
  EXPECT_THAT(error_of<ConfigError>([] {
                make_task("adding", {{"lenght", {"3"}}});
              }),
              testing::HasSubstr("did you mean 'length'?"));
  EXPECT_THAT(error_of<ConfigError>([] {
                make_task("adding", {{"length", {"1"}}});
              }),
              testing::HasSubstr("--length: takes a whole number from 2"));
}

}  // namespace
}  // namespace seqsweep::data
