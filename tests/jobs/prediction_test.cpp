// SPDX-License-Identifier: Apache-2.0
#include "prediction.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/data/writer.hpp"
#include "seqsweep/trial/training.hpp"

namespace seqsweep::jobs {
namespace {

using ::testing::HasSubstr;

constexpr std::array lengths = {2, 5, 1, 4, 3};  // not in falling order: packing has to reorder them

float feature_at(std::size_t step) {
  return 10.0F + 3.0F * static_cast<float>(step % 7);
}
float target_at(std::size_t row) {
  return 100.0F + static_cast<float>(row);
}

// Sequences of `lengths` in the test split, and one of each other split, normalised with the statistics given.
data::SequenceTable table_of(data::TargetKind kind, data::TargetPosition position, float mean, float sd) {
  data::SequenceTable table;
  auto& header = table.header;
  header.name = "made up";
  header.num_features = 1;
  header.feature_names = {"x"};
  header.target_kind = kind;
  header.target_position = position;
  header.num_outputs = kind == data::TargetKind::real ? 1 : 3;
  header.feature_mean = {mean};
  header.feature_sd = {sd};
  const bool is_real = kind == data::TargetKind::real;
  header.target_mean.assign(is_real ? 1 : 0, 10 * mean);
  header.target_sd.assign(is_real ? 1 : 0, 2 * sd);
  const auto add = [&](int length, data::Split split) {
    const std::size_t start = table.num_steps();
    for (int t = 0; t < length; ++t) table.features.push_back(feature_at(table.features.size()));
    table.close_sequence(start, split);
    const int rows = position == data::TargetPosition::per_step ? length : 1;
    for (int r = 0; r < rows; ++r) {
      if (is_real) table.targets.push_back(target_at(table.targets.size()));
      if (kind == data::TargetKind::classes) table.classes.push_back(static_cast<int>(table.classes.size() % 3));
    }
  };
  add(3, data::Split::train);
  add(3, data::Split::validation);
  for (const int length : lengths) add(length, data::Split::test);
  data::set_floors(table);
  return table;
}

class PredictSplit : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("prediction_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  data::Dataset dataset(const data::SequenceTable& table, const std::string& name) {
    const auto path = (folder_ / name).string();
    data::write_dataset(table, path, data::IfExists::refuse);
    return data::Dataset::load(path);
  }

  // A network with initial weights, as if it had been trained on the data set.
  static store::Checkpoint checkpoint_for(const data::DatasetHeader& header) {
    store::Checkpoint checkpoint;
    nn::NetworkSpec spec;
    spec.loss = "auto";
    spec.cell = "gru";
    spec.hidden_size = 5;
    checkpoint.network = trial::fit_to_data(spec, header);
    const nn::Network network(checkpoint.network);
    checkpoint.state.best_weights.resize(network.layout().size);
    network.initialise(checkpoint.state.best_weights, RandomKey(3));
    checkpoint.dataset_name = header.name;
    checkpoint.feature_mean = header.feature_mean;
    checkpoint.feature_sd = header.feature_sd;
    checkpoint.target_mean = header.target_mean;
    checkpoint.target_sd = header.target_sd;
    return checkpoint;
  }

  static PredictedRows all_rows(const store::Checkpoint& checkpoint, const data::Dataset& dataset) {
    PredictedRows all;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    (void)predict_split(checkpoint, "c.h5", dataset, data::Split::test, [&](const PredictedRows& rows) {
      append(all.rows_of_sequence, rows.rows_of_sequence);
      append(all.outputs, rows.outputs);
      append(all.targets, rows.targets);
      append(all.classes, rows.classes);
    });
    return all;
  }

  std::filesystem::path folder_;
};

TEST_F(PredictSplit, gives_steps_in_the_order_of_the_data_set_and_targets_in_their_own_unit) {
  const auto set = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_step, 12, 4), "a.h5");
  const auto rows = all_rows(checkpoint_for(set.header()), set);
  EXPECT_THAT(rows.rows_of_sequence, ::testing::ElementsAreArray(lengths));
  ASSERT_EQ(rows.targets.size(), 15U);
  for (std::size_t r = 0; r < rows.targets.size(); ++r) EXPECT_NEAR(rows.targets[r], target_at(6 + r), 1e-4);
}

TEST_F(PredictSplit, puts_each_prediction_beside_its_own_sequence) {
  const auto set = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_sequence, 12, 4), "a.h5");
  const auto checkpoint = checkpoint_for(set.header());
  const auto rows = all_rows(checkpoint, set);
  nn::Network network(checkpoint.network);
  network.load(checkpoint.state.best_weights);
  ASSERT_EQ(rows.outputs.size(), lengths.size());
  for (std::uint32_t b = 0; b < lengths.size(); ++b) {
    SequenceBatch alone;
    std::vector<float> output;
    set.gather(data::Split::test, std::vector{b}, alone);
    network.predict(alone, output);
    EXPECT_NEAR(rows.outputs[b], output[0] * 8 + 120, 1e-4) << "sequence " << b;
  }
}

TEST_F(PredictSplit, uses_the_statistics_of_the_training_and_not_those_of_the_data_set) {
  const auto trained_on = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_step, 12, 4), "a.h5");
  const auto other = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_step, 20, 9), "b.h5");
  const auto checkpoint = checkpoint_for(trained_on.header());
  EXPECT_TRUE(Renormalisation(checkpoint, trained_on.header()).keeps_targets());
  EXPECT_FALSE(Renormalisation(checkpoint, other.header()).keeps_targets());
  const auto expected = all_rows(checkpoint, trained_on);
  const auto found = all_rows(checkpoint, other);
  ASSERT_EQ(found.outputs.size(), expected.outputs.size());
  for (std::size_t i = 0; i < found.outputs.size(); ++i) {
    EXPECT_NEAR(found.outputs[i], expected.outputs[i], 1e-3) << i;
    EXPECT_NEAR(found.targets[i], expected.targets[i], 1e-3) << i;
  }
}

TEST_F(PredictSplit, gives_the_scores_of_the_sweep_bit_for_bit) {
  const auto set = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_step, 12, 4), "a.h5");
  const auto checkpoint = checkpoint_for(set.header());
  nn::Network network(checkpoint.network);
  trial::SoloGroup alone;
  const auto expected =
      trial::evaluate_split(network, checkpoint.state.best_weights, set, data::Split::test, alone, {});
  const auto found = predict_split(checkpoint, "c.h5", set, data::Split::test, [](const PredictedRows&) {});
  EXPECT_EQ(found.loss, expected.loss);
  EXPECT_EQ(found.rmse, expected.rmse);
  EXPECT_EQ(found.mae, expected.mae);
}

TEST_F(PredictSplit, gives_probabilities_for_classes) {
  const auto set = dataset(table_of(data::TargetKind::classes, data::TargetPosition::per_sequence, 12, 4), "a.h5");
  const auto rows = all_rows(checkpoint_for(set.header()), set);
  EXPECT_THAT(rows.classes, ::testing::ElementsAre(2, 0, 1, 2, 0));
  ASSERT_EQ(rows.outputs.size(), 15U);
  for (std::size_t r = 0; r < 5; ++r) {
    EXPECT_NEAR(rows.outputs[3 * r] + rows.outputs[3 * r + 1] + rows.outputs[3 * r + 2], 1, 1e-6);
    EXPECT_GT(rows.outputs[3 * r], 0);
  }
}

TEST_F(PredictSplit, refuses_a_checkpoint_without_a_finished_epoch) {
  const auto set = dataset(table_of(data::TargetKind::real, data::TargetPosition::per_step, 12, 4), "a.h5");
  auto checkpoint = checkpoint_for(set.header());
  checkpoint.state.best_weights.clear();
  EXPECT_THROW((void)all_rows(checkpoint, set), StoreError);
}

TEST_F(PredictSplit, refuses_data_that_do_not_fit_and_says_why) {
  const auto checkpoint =
      checkpoint_for(table_of(data::TargetKind::real, data::TargetPosition::per_step, 12, 4).header);
  const auto refusal = [&](const data::DatasetHeader& header) -> std::string {
    try {
      check_fits(checkpoint, header, "b.h5");
    } catch (const DataError& error) {
      return error.what();
    }
    return "accepted";
  };
  auto header = table_of(data::TargetKind::real, data::TargetPosition::per_step, 20, 9).header;
  EXPECT_EQ(refusal(header), "accepted");
  header.num_features = 4;
  EXPECT_THAT(refusal(header), HasSubstr("b.h5: data set 'made up' has 4 features, but the checkpoint"));
  header.num_features = 1;
  header.num_outputs = 2;
  EXPECT_THAT(refusal(header), HasSubstr("has 2 outputs"));
  EXPECT_THAT(refusal(table_of(data::TargetKind::real, data::TargetPosition::per_sequence, 12, 4).header),
              HasSubstr("one target per sequence"));
  EXPECT_THAT(refusal(table_of(data::TargetKind::classes, data::TargetPosition::per_step, 12, 4).header),
              HasSubstr("targets for loss cross_entropy"));
}

}  // namespace
}  // namespace seqsweep::jobs
