// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/config/recorded_study.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

using testing::HasSubstr;

constexpr const char* sweep = R"([sweep]
trials = 64
seed = 7
metric = val_accuracy
max_total_epochs = 500
target = 0.9
[search]
sampler = tpe
scheduler = hyperband
grace_period = 2
reduction_factor = 3
[data]
path = weather.h5
[model]
hidden_size = int(16, 256, log)
[train]
max_epochs = 27
)";

std::string refusal_of(const std::vector<std::string>& overrides) {
  try {
    (void)recorded_study(read_text(sweep).definition(), overrides);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(RecordedStudy, is_the_study_of_the_config) {
  const auto config = read_text(sweep);
  const auto study = recorded_study(config.definition(), {});
  EXPECT_EQ(study.seed, 7u);
  EXPECT_EQ(study.ends.trials, 64);
  EXPECT_EQ(study.ends.epochs, 500);
  EXPECT_EQ(study.ends.target, 0.9);
  EXPECT_EQ(study.concurrency, config.study.concurrency);
  EXPECT_EQ(study.goal, search::Goal::maximize);
  EXPECT_EQ(study.sampler, "tpe");
  EXPECT_EQ(study.scheduler.name, "hyperband");
  EXPECT_EQ(study.scheduler.max_epochs, 27);
  EXPECT_EQ(study.scheduler.grace_period, 2);
  EXPECT_EQ(study.scheduler.reduction_factor, 3);
}

TEST(RecordedStudy, takes_overrides_of_the_search) {
  const std::vector<std::string> overrides = {"search.scheduler=asha", "train.max_epochs=9", "sweep.target=none"};
  const auto study = recorded_study(read_text(sweep).definition(), overrides);
  EXPECT_EQ(study.scheduler.name, "asha");
  EXPECT_EQ(study.scheduler.max_epochs, 9);
  EXPECT_EQ(study.ends.target, std::nullopt);
}

TEST(RecordedStudy, has_the_default_concurrency_of_its_scheduler) {
  const auto concurrency_with = [](const std::vector<std::string>& overrides) {
    return recorded_study(read_text(sweep).definition(), overrides).concurrency;
  };
  EXPECT_EQ(concurrency_with({"sweep.concurrency=auto"}), 8);
  EXPECT_EQ(concurrency_with({"sweep.concurrency=auto", "search.scheduler=pbt"}), 64);
}

TEST(RecordedStudy, refuses_to_change_what_was_recorded) {
  EXPECT_THAT(refusal_of({"model.hidden_size=8"}), HasSubstr("model.hidden_size cannot be changed"));
  EXPECT_THAT(refusal_of({"sweep.metric=val_loss"}), HasSubstr("sweep.metric"));
  EXPECT_THAT(refusal_of({"sweep.time_limit=2h"}), HasSubstr("sweep.time_limit"));
  EXPECT_THAT(refusal_of({"search.reduction_factor=1"}), HasSubstr("command line"));
}

}  // namespace
}  // namespace seqsweep::config
