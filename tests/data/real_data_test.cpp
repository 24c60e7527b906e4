// SPDX-License-Identifier: Apache-2.0
// Public data sets, where they are there: the folder is named by SEQSWEEP_TEST_DATA. Expected numbers were computed
// from the same files by independent scripts.
#include <cstdlib>

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;

class RealData : public testing::Test {
 protected:
  void SetUp() override {
    const char* named = std::getenv("SEQSWEEP_TEST_DATA");
    folder_ = named != nullptr ? named : SEQSWEEP_DEFAULT_TEST_DATA;
    if (!std::filesystem::is_directory(folder_))
      GTEST_SKIP() << "no folder " << folder_ << "; set SEQSWEEP_TEST_DATA to the folder of the public data sets";
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }
  static const Floor& test_floor(const SequenceTable& table) { return table.header.floors[2]; }

  std::filesystem::path folder_;
};

TEST_F(RealData, etth1_persistence_is_the_published_protocol) {
  const auto table = import_files("csv", {file("etth1/ETTh1.csv")},
                                  {{"target", {"all-features"}},
                                   {"window", {"96"}},
                                   {"horizon", {"1..24"}},
                                   {"difference", {}},
                                   {"split-rows", {"8640,11520,14400"}}});
  EXPECT_EQ(table.num_sequences(Split::test), 2880U - 23U);
  EXPECT_NEAR(test_floor(table).loss, 1.222, 0.0005);
  double absolute = 0;  // standardised, as the field reports it
  const std::size_t K = 7 * 24, first = table.sequences.size() - 2857;
  for (std::size_t i = first * K; i < table.targets.size(); ++i)
    absolute += std::abs(table.targets[i] / table.header.target_sd[i % K]);
  EXPECT_NEAR(absolute / (2857.0 * K), 0.671, 0.0005);
}

TEST_F(RealData, etth1_oil_temperature_alone) {
  const auto table = import_files("csv", {file("etth1/ETTh1.csv")},
                                  {{"features", {"OT"}},
                                   {"target", {"OT"}},
                                   {"window", {"48"}},
                                   {"horizon", {"1..24"}},
                                   {"split-rows", {"8640,11520,14400"}}});
  EXPECT_EQ(table.header.floor_rule, "persistence (nothing changes)");
  EXPECT_NEAR(test_floor(table).loss, 0.034, 0.0005);
}

TEST_F(RealData, metro_traffic_hour_by_hour) {
  const auto table = import_files("csv", {file("metro_traffic/Metro_Interstate_Traffic_Volume.csv")},
                                  {{"features", {"traffic_volume"}},
                                   {"target", {"traffic_volume"}},
                                   {"window", {"1"}},
                                   {"drop-duplicates", {"date_time"}},
                                   {"split-dates", {"2017-04-01,2017-10-01"}},
                                   {"gaps", {"break"}}});
  EXPECT_NEAR(test_floor(table).mae, 589.1, 0.05);
  EXPECT_NEAR(test_floor(table).rmse, 816.8, 0.05);
}

TEST_F(RealData, beijing_air_an_hour_ahead) {
  const auto table = import_files("csv", {file("beijing_pm25/pollution.csv")},
                                  {{"features", {"pm2.5,TEMP"}},
                                   {"categorical", {"cbwd"}},
                                   {"target", {"pm2.5"}},
                                   {"window", {"1"}},
                                   {"missing", {"zero"}},
                                   {"skip-rows", {"24"}},
                                   {"split-rows", {"8760,8760"}}});
  EXPECT_NEAR(test_floor(table).rmse, 26.559, 0.001);
  EXPECT_NEAR(test_floor(table).mae, 13.021, 0.001);
}

TEST_F(RealData, japanese_vowels) {
  const auto table =
      import_files("ts", {file("japanese_vowels/JapaneseVowels_TRAIN.ts")},
                   {{"test", {file("japanese_vowels/JapaneseVowels_TEST.ts")}}, {"validation", {"0.2"}}});
  EXPECT_EQ(table.num_sequences(Split::train), 216U);
  EXPECT_EQ(table.num_sequences(Split::validation), 54U);
  EXPECT_EQ(table.num_sequences(Split::test), 370U);
  EXPECT_EQ(table.header.num_features, 12);
  EXPECT_EQ(table.header.num_outputs, 9);
  EXPECT_NEAR(test_floor(table).accuracy, 0.084, 0.0005);
}

// The published floor, 0.515, is the share of the test part's own majority; ours knows the training part alone.
TEST_F(RealData, sentiment_sentences) {
  std::vector<std::string> files;
  for (const char* name : {"amazon_cells", "imdb", "yelp"})
    files.push_back(file(std::string("sentiment_sentences/") + name + "_labelled.txt"));
  const auto table = import_files("text", files, {{"test-every", {"5"}}});
  EXPECT_EQ(table.num_sequences(Split::test), 600U);
  EXPECT_EQ(table.sequences.size(), 3000U);
  EXPECT_NEAR(test_floor(table).accuracy, 1 - 0.515, 0.0005);
}

TEST_F(RealData, tiny_shakespeare_characters) {
  const auto table = import_files("text", {file("tiny_shakespeare/input.txt")},
                                  {{"language-model", {}}, {"tokens", {"characters"}}, {"split", {"0.9,0.1"}}});
  EXPECT_EQ(table.header.vocabulary, 2 + 65);
  std::size_t training = 0;
  for (const auto& row : table.sequences) training += row.split == 0 ? static_cast<std::size_t>(row.length) : 0;
  EXPECT_EQ(training, 1003854U - 1U);
  EXPECT_NEAR(table.header.floors[1].loss, 3.347, 0.0005);
}

TEST_F(RealData, mnist_by_rows) {
  const auto table =
      import_files("idx", {file("mnist10k/train-images-idx3-ubyte.gz"), file("mnist10k/train-labels-idx1-ubyte")},
                   {{"test", {file("mnist10k/test-images-idx3-ubyte.gz"), file("mnist10k/test-labels-idx1-ubyte")}}});
  EXPECT_EQ(table.num_sequences(Split::train) + table.num_sequences(Split::validation), 8004U);
  EXPECT_EQ(table.num_sequences(Split::test), 1996U);
  EXPECT_NEAR(table.header.feature_mean[0], 0.1307, 0.001);  // of the whole of MNIST
  EXPECT_NEAR(table.header.feature_sd[0], 0.3081, 0.001);
}

TEST_F(RealData, indoor_movement_with_an_unseen_environment) {
  const auto table = import_files("csv", {file("indoor_movement/all_sequences.csv")},
                                  {{"features", {"rss1,rss2,rss3,rss4"}},
                                   {"sequence-column", {"sequence_id"}},
                                   {"class-column", {"label"}},
                                   {"test-where", {"group=3"}}});
  EXPECT_EQ(table.num_sequences(Split::test), 104U);
  EXPECT_EQ(table.num_steps(), 13197U);
}

TEST_F(RealData, jsb_chorales_with_each_key_on_its_own) {
  const auto table =
      import_files("piano_roll", {file("jsb_chorales/train.txt")},
                   {{"validation-file", {file("jsb_chorales/valid.txt")}}, {"test", {file("jsb_chorales/test.txt")}}});
  EXPECT_EQ(table.num_sequences(Split::test), 77U);
  EXPECT_NEAR(test_floor(table).loss, 11.091, 0.005);
}

}  // namespace
}  // namespace seqsweep::data
